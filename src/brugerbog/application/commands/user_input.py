"""What an administrator types about a user, read into the domain's form with every objection at once."""

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
    """A user to create, as typed: first name, surname, CPR number or birth date, e-mail; the rest optional.

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
        """Whether he is given what only a rights administrator may give."""
        return bool(self.rights or self.can_sign or self.sealing_profiles)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NamedShared:
    """A shared means as typed: whose it is, by CVR number, and its user id."""

    owner_cvr: str
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UserEdits:
    """What to change about a user, as typed; KEEP leaves a value, None or empty text removes one."""

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


class Reading:
    """Reads typed values one by one and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.found: list[Objection] = []

    def read(self, field: str, text: Any, parse: Callable[[Any], T]) -> T | None:  # noqa: ANN401
        """The parsed value; None when not given, or when it was objected to."""
        if text is None or (isinstance(text, str) and not text.strip()):
            return None
        try:
            return parse(text)
        except Refusal as refusal:
            self.found.append(Objection(field, refusal))
            return None

    def need(self, field: str, text: str, parse: Callable[[str], T]) -> T | None:
        """The parsed value of a field that must be filled in."""
        try:
            return parse(text)
        except Refusal as refusal:
            self.found.append(Objection(field, refusal))
            return None

    def object(self, field: str, refusal: Refusal) -> None:
        self.found.append(Objection(field, refusal))


def read_new_user(
    said: NewUser, settings: Settings, today: date, *, allow_fictitious_cvr: bool = True
) -> Details:
    """The details of a new user. Raises: the one `Refusal`, or all of them as `Refusals`."""
    reading = Reading()
    first_name = reading.need("first_name", said.first_name, personal_data.name)
    surname = reading.need("surname", said.surname, personal_data.name)
    email = reading.need("email", said.email, personal_data.email)
    cpr = reading.read("cpr", said.cpr, lambda text: numbers.cpr_loose(text, today=today))
    born = birth_of(
        reading, cpr, said.date_of_birth, today, cpr_was_given=bool(said.cpr and said.cpr.strip())
    )
    details = Details(
        first_name=first_name or "",
        surname=surname or "",
        email=email or "",
        date_of_birth=born or today,
        target_ial=said.target_ial or settings.ial,
        cpr=cpr,
        phone=reading.read("phone", said.phone, numbers.phone_loose),
        anonymous=said.anonymous,
        reference_text=reading.read("reference_text", said.reference_text, personal_data.reference_text),
        ean=reading.read("ean", said.ean, numbers.ean),
        p_number=reading.read("p_number", said.p_number, numbers.p_number),
        se_number=reading.read("se_number", said.se_number, numbers.se_number),
        means=tuple(dict.fromkeys(said.means)),
        shared_means=reading.read(
            "means", said.shared_means, lambda one: read_shared(one, allow_fictitious=allow_fictitious_cvr)
        ),
        user_name=reading.read("user_name", said.user_name, account),
        external_id=reading.read("external_id", said.external_id, account),
    )
    refuse_if([*reading.found, *objections(details, settings)])
    return details


def read_shared(said: NamedShared, *, allow_fictitious: bool) -> SharedMeans:
    """A shared means from what was typed. Raises: CvrInvalid, CvrCheckDigitWrong, SharedMeansIdInvalid."""
    return SharedMeans(
        numbers.cvr(said.owner_cvr, allow_fictitious=allow_fictitious),
        personal_data.shared_means_id(said.identifier),
    )


def birth_of(
    reading: Reading, cpr: str | None, given: date | None, today: date, *, cpr_was_given: bool
) -> date | None:
    """The date of birth by CPR number or as given, with objections if both are missing or disagree."""
    born = given if cpr is None else numbers.birth_date_of(cpr)
    if born is None:
        if not cpr_was_given:
            reading.object("cpr", CprOrBirthDateMissing())
        return None
    if given is not None and given != born:
        reading.object("date_of_birth", CprAndBirthDateDisagree())
    if born < personal_data.EARLIEST_BIRTH_DATE:
        reading.object("date_of_birth", personal_data.BirthDateImpossible())
    elif born > today:
        reading.object("date_of_birth", personal_data.BirthDateInTheFuture())
    elif not personal_data.old_enough(born, today=today):
        reading.object("cpr" if cpr else "date_of_birth", personal_data.TooYoung())
    return born


def read_edits(said: UserEdits, today: date) -> tuple[Edits, list[Objection]]:
    """Edits in the domain's form, and what is wrong with them as they were typed."""
    reading = Reading()

    def optional(field: str, parse: Callable[[str], str]) -> Any:  # noqa: ANN401 - str, None or KEEP
        text = getattr(said, field)
        if text is KEEP:
            return KEEP
        before = len(reading.found)
        value = reading.read(field, text, parse)
        return value if len(reading.found) == before else KEEP

    def needed(field: str, parse: Callable[[str], str]) -> Any:  # noqa: ANN401 - str or KEEP
        text = getattr(said, field)
        if text is KEEP:
            return KEEP
        value = reading.need(field, text or "", parse)
        return KEEP if value is None else value

    edits = Edits(
        first_name=needed("first_name", personal_data.name),
        surname=needed("surname", personal_data.name),
        email=needed("email", personal_data.email),
        cpr=needed("cpr", lambda text: numbers.cpr_loose(text, today=today)),
        target_ial=said.target_ial,
        phone=optional("phone", numbers.phone_loose),
        reference_text=optional("reference_text", personal_data.reference_text),
        ean=optional("ean", numbers.ean),
        p_number=optional("p_number", numbers.p_number),
        se_number=optional("se_number", numbers.se_number),
        user_name=optional("user_name", account),
        external_id=optional("external_id", account),
    )
    return edits, reading.found
