"""Parsing of typed data of users into domain values, with all objections at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from brugerbog.domain.kernel.refusals import Objection, Refusal, refuse_if
from brugerbog.domain.user.details import KEEP, Details, Edits, Keep, objections
from brugerbog.domain.user.directory_account import account
from brugerbog.domain.user.refusals import CprAndBirthDateDisagree, CprOrBirthDateMissing
from brugerbog.domain.values import numbers, personal_data
from brugerbog.domain.values.means import Ial, Means, SharedMeans

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.domain.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewUser:
    """The typed data of a new user: names, e-mail and CPR number or birth date; the rest is optional.

    A CPR number may have a hyphen, a phone number blanks or +45. Empty text counts as not given.
    """

    first_name: str
    surname: str
    email: str
    cpr: str | None = None
    date_of_birth: date | None = None
    phone: str | None = None
    anonymous: bool = False
    reference_text: str | None = None
    target_ial: Ial | None = None
    ean: str | None = None
    p_number: str | None = None
    se_number: str | None = None
    means: tuple[Means, ...] = ()
    shared_means: NamedShared | None = None
    rights: tuple[str, ...] = ()
    can_sign: bool = False
    sealing_profiles: tuple[str, ...] = ()
    user_name: str | None = None
    external_id: str | None = None

    @property
    def entitles(self) -> bool:
        """Whether the user gets entitlements that only a rights administrator may grant."""
        return bool(self.rights or self.can_sign or self.sealing_profiles)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NamedShared:
    """A shared means as typed: its owner's CVR number, and its user id."""

    owner_cvr: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UserEdits:
    """The typed changes of a user; KEEP leaves a value, None or empty text removes it."""

    first_name: str | Keep = KEEP
    surname: str | Keep = KEEP
    email: str | Keep = KEEP
    cpr: str | Keep = KEEP
    target_ial: Ial | Keep = KEEP
    phone: str | Keep | None = KEEP
    reference_text: str | Keep | None = KEEP
    ean: str | Keep | None = KEEP
    p_number: str | Keep | None = KEEP
    se_number: str | Keep | None = KEEP
    user_name: str | Keep | None = KEEP
    external_id: str | Keep | None = KEEP


class FieldReader:
    """Parses typed values one by one and collects the objections."""

    def __init__(self) -> None:
        self.objections: list[Objection] = []

    def read(self, field: str, text: Any, parse: Callable[[Any], T]) -> T | None:  # noqa: ANN401
        """Return the parsed value; None if it is not given or not valid."""
        if text is None or (isinstance(text, str) and not text.strip()):
            return None
        try:
            return parse(text)
        except Refusal as refusal:
            self.objections.append(Objection(field, refusal))
            return None

    def read_required(self, field: str, text: str, parse: Callable[[str], T]) -> T | None:
        """Return the parsed value of a required field; None if it is not valid."""
        try:
            return parse(text)
        except Refusal as refusal:
            self.objections.append(Objection(field, refusal))
            return None

    def add_objection(self, field: str, refusal: Refusal) -> None:
        self.objections.append(Objection(field, refusal))


def read_new_user(
    typed: NewUser, settings: Settings, today: date, *, allow_fictitious_cvr: bool = True
) -> Details:
    """Return the details of a new user. Raises: the one `Refusal`, or all of them as `Refusals`."""
    reader = FieldReader()
    first_name = reader.read_required("first_name", typed.first_name, personal_data.name)
    surname = reader.read_required("surname", typed.surname, personal_data.name)
    email = reader.read_required("email", typed.email, personal_data.email)
    cpr = reader.read("cpr", typed.cpr, lambda text: numbers.cpr_loose(text, today=today))
    born = date_of_birth_of(
        reader, cpr, typed.date_of_birth, today, cpr_was_given=bool(typed.cpr and typed.cpr.strip())
    )
    details = Details(
        first_name=first_name or "",
        surname=surname or "",
        email=email or "",
        date_of_birth=born or today,
        target_ial=typed.target_ial or settings.ial,
        cpr=cpr,
        phone=reader.read("phone", typed.phone, numbers.phone_loose),
        anonymous=typed.anonymous,
        reference_text=reader.read("reference_text", typed.reference_text, personal_data.reference_text),
        ean=reader.read("ean", typed.ean, numbers.ean),
        p_number=reader.read("p_number", typed.p_number, numbers.p_number),
        se_number=reader.read("se_number", typed.se_number, numbers.se_number),
        means=tuple(dict.fromkeys(typed.means)),
        shared_means=reader.read(
            "means",
            typed.shared_means,
            lambda shared: read_shared_means(shared, allow_fictitious=allow_fictitious_cvr),
        ),
        user_name=reader.read("user_name", typed.user_name, account),
        external_id=reader.read("external_id", typed.external_id, account),
    )
    refuse_if([*reader.objections, *objections(details, settings)])
    return details


def read_shared_means(typed: NamedShared, *, allow_fictitious: bool) -> SharedMeans:
    """Parse a shared means. Raises: CvrInvalid, CvrCheckDigitWrong, SharedMeansIdInvalid."""
    return SharedMeans(
        numbers.cvr(typed.owner_cvr, allow_fictitious=allow_fictitious),
        personal_data.shared_means_id(typed.identifier),
    )


def date_of_birth_of(
    reader: FieldReader, cpr: str | None, given: date | None, today: date, *, cpr_was_given: bool
) -> date | None:
    """Return the birth date by CPR number or as given; object if both are missing or disagree."""
    born = given if cpr is None else numbers.birth_date_of(cpr)
    if born is None:
        if not cpr_was_given:
            reader.add_objection("cpr", CprOrBirthDateMissing())
        return None
    if given is not None and given != born:
        reader.add_objection("date_of_birth", CprAndBirthDateDisagree())
    if born < personal_data.EARLIEST_BIRTH_DATE:
        reader.add_objection("date_of_birth", personal_data.BirthDateImpossible())
    elif born > today:
        reader.add_objection("date_of_birth", personal_data.BirthDateInTheFuture())
    elif not personal_data.old_enough(born, today=today):
        reader.add_objection("cpr" if cpr else "date_of_birth", personal_data.TooYoung())
    return born


def read_edits(typed: UserEdits, today: date) -> tuple[Edits, list[Objection]]:
    """Parse edits; return them with the objections."""
    reader = FieldReader()

    def optional(field: str, parse: Callable[[str], str]) -> Any:  # noqa: ANN401 - str, None or KEEP
        text = getattr(typed, field)
        if text is KEEP:
            return KEEP
        before = len(reader.objections)
        value = reader.read(field, text, parse)
        return value if len(reader.objections) == before else KEEP

    def needed(field: str, parse: Callable[[str], str]) -> Any:  # noqa: ANN401 - str or KEEP
        text = getattr(typed, field)
        if text is KEEP:
            return KEEP
        value = reader.read_required(field, text or "", parse)
        return KEEP if value is None else value

    edits = Edits(
        first_name=needed("first_name", personal_data.name),
        surname=needed("surname", personal_data.name),
        email=needed("email", personal_data.email),
        cpr=needed("cpr", lambda text: numbers.cpr_loose(text, today=today)),
        target_ial=typed.target_ial,
        phone=optional("phone", numbers.phone_loose),
        reference_text=optional("reference_text", personal_data.reference_text),
        ean=optional("ean", numbers.ean),
        p_number=optional("p_number", numbers.p_number),
        se_number=optional("se_number", numbers.se_number),
        user_name=optional("user_name", account),
        external_id=optional("external_id", account),
    )
    return edits, reader.objections
