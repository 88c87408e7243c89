"""The user: a life from creation to deletion, told in events, and the decisions that record them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from eventsourcing.domain import AggregateCreated

from brugerbog.domain import errors, events
from brugerbog.domain.days import Period
from brugerbog.domain.details import KEEP, Keep, objections
from brugerbog.domain.errors import refuse_if
from brugerbog.domain.identity import Identity
from brugerbog.domain.means import Ial, Means
from brugerbog.domain.numbers import birth_date_of
from brugerbog.domain.privacy import ERASED, Personal
from brugerbog.domain.status import Status, status_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Self
    from uuid import UUID

    from brugerbog.domain.act import Act
    from brugerbog.domain.details import Details, Edits
    from brugerbog.domain.settings import Settings


class User(events.ActedOn):
    """A person who acts for an organisation with MitID Erhverv."""

    TOPIC = "user"

    class Event(events.Event):
        """Something that happened to a user."""

        def apply(self, user: User) -> None:
            """Most facts only mark that they happened."""

    class Created(Event, AggregateCreated):
        """An administrator has created the user, who now awaits activation."""

        TOPIC = "user.created"
        first_name: Personal[str]
        surname: Personal[str]
        cpr: Personal[str | None]
        date_of_birth: Personal[date]
        email: Personal[str]
        phone: Personal[str | None]
        reference_text: Personal[str | None]
        target_ial: str
        ean: str | None
        p_number: str | None
        se_number: str | None

        def apply(self, user: User) -> None:
            user.organisation_id = self.organisation_id
            user.first_name = self.first_name
            user.surname = self.surname
            user.cpr = self.cpr
            user.date_of_birth = self.date_of_birth
            user.email = self.email
            user.phone = self.phone
            user.reference_text = self.reference_text
            user.target_ial = Ial(self.target_ial)
            user.ean = self.ean
            user.p_number = self.p_number
            user.se_number = self.se_number
            user.phase = Status.PENDING

    class Imported(Created):
        """The user came in by a file and waits, without any mail, to be sent to activation."""

        TOPIC = "user.imported"

        def apply(self, user: User) -> None:
            super().apply(user)
            user.phase = Status.IMPORTED

    class Anonymized(Event):
        """Services see the user's number and no name; his administrators still see the name."""

        TOPIC = "user.anonymized"

        def apply(self, user: User) -> None:
            user.anonymous = True

    class MeansAssigned(Event):
        """The user may use these means besides those he had; none is ordered or active by this."""

        TOPIC = "user.means_assigned"
        means: tuple[str, ...]

        def apply(self, user: User) -> None:
            user.means = (*user.means, *(Means(one) for one in self.means))

    class SentToActivation(Event):
        """An imported user has been asked to activate himself."""

        TOPIC = "user.sent_to_activation"

        def apply(self, user: User) -> None:
            user.phase = Status.PENDING

    class Activated(Event):
        """The user can act for the organisation. Recorded by the operator, it proves no identity."""

        TOPIC = "user.activated"
        identity_proof: str

        def apply(self, user: User) -> None:
            user.phase = Status.ACTIVE

    class ContactChanged(Event):
        """The user is reached at another e-mail address or phone number; both are given as they now are."""

        TOPIC = "user.contact_changed"
        email: Personal[str]
        phone: Personal[str | None]

        def apply(self, user: User) -> None:
            user.email = self.email
            user.phone = self.phone

    class NameCorrected(Event):
        """The user's name was wrong or has changed; it is the same person."""

        TOPIC = "user.name_corrected"
        first_name: Personal[str]
        surname: Personal[str]

        def apply(self, user: User) -> None:
            user.first_name = self.first_name
            user.surname = self.surname

    class CprAdded(Event):
        """A user known by birth date only is now known by CPR number too."""

        TOPIC = "user.cpr_added"
        cpr: Personal[str]

        def apply(self, user: User) -> None:
            user.cpr = self.cpr

    class TargetIalChanged(Event):
        """The user is to be activated at another assurance level."""

        TOPIC = "user.target_ial_changed"
        target_ial: str

        def apply(self, user: User) -> None:
            user.target_ial = Ial(self.target_ial)

    class PlacementChanged(Event):
        """The user belongs to this P-number and SE-number now; either may be none."""

        TOPIC = "user.placement_changed"
        p_number: str | None
        se_number: str | None

        def apply(self, user: User) -> None:
            user.p_number = self.p_number
            user.se_number = self.se_number

    class InvoiceMethodChanged(Event):
        """The user is invoiced to another EAN, or to none of his own."""

        TOPIC = "user.invoice_method_changed"
        ean: str | None

        def apply(self, user: User) -> None:
            user.ean = self.ean

    class ReferenceTextChanged(Event):
        """The user's reference text is another."""

        TOPIC = "user.reference_text_changed"
        reference_text: Personal[str | None]

        def apply(self, user: User) -> None:
            user.reference_text = self.reference_text

    class Deactivated(Event):
        """The user can't act from the first to the last of these days; a period it replaces is named."""

        TOPIC = "user.deactivated"
        from_date: date
        to_date: date | None
        replaced_from_date: date | None
        replaced_to_date: date | None

        def apply(self, user: User) -> None:
            user.period = Period(self.from_date, self.to_date)

    class Reactivated(Event):
        """The deactivation has ended, early or on its date, or was cancelled before it began."""

        TOPIC = "user.reactivated"

        def apply(self, user: User) -> None:
            user.period = None

    class Deleted(Event):
        """The user is gone for good; his personal data goes on `erase_on`, or at once when that is None."""

        TOPIC = "user.deleted"
        erase_on: date | None

        def apply(self, user: User) -> None:
            user.phase = Status.DELETED

    class PersonalDataErased(Event):
        """Everything personal about the user has been destroyed; the log itself stays whole."""

        TOPIC = "user.personal_data_erased"

        def apply(self, user: User) -> None:
            user.forget()

    def __init__(self) -> None:
        self.organisation_id: UUID
        self.phase = Status.PENDING
        self.period: Period | None = None
        self.anonymous = False
        self.means: tuple[Means, ...] = ()
        self.target_ial = Ial.SUBSTANTIAL
        self.ean: str | None = None
        self.p_number: str | None = None
        self.se_number: str | None = None
        self.forget()

    def forget(self) -> None:
        """Hold nothing personal."""
        self.first_name: Personal[str] = ERASED
        self.surname: Personal[str] = ERASED
        self.cpr: Personal[str | None] = ERASED
        self.date_of_birth: Personal[date] = ERASED
        self.email: Personal[str] = ERASED
        self.phone: Personal[str | None] = ERASED
        self.reference_text: Personal[str | None] = ERASED

    # What is so

    def status_at(self, instant: datetime) -> Status:
        """The status at an instant (timezone-aware), given the events so far."""
        return status_at(self.phase, self.period, instant)

    @property
    def identity(self) -> Identity | None:
        """Who this is: by CPR number if that is known, else by name; None once deleted or erased."""
        if self.phase is Status.DELETED or not isinstance(self.cpr, str):
            return self.person
        return Identity.by_cpr(self.cpr)

    @property
    def person(self) -> Identity | None:
        """Who this is by name, whether or not the CPR number is known; None once deleted or erased."""
        born = self.date_of_birth
        if self.phase is Status.DELETED or not isinstance(born, date):
            return None
        return Identity.by_name(str(self.first_name), str(self.surname), born, str(self.email))

    # What can be decided

    @classmethod
    def create(cls, act: Act, user_id: UUID, details: Details, settings: Settings) -> Self:
        """Create one user, who awaits activation (guide, Opret nye brugere).

        Raises: whatever the organisation's settings X
        """
        return cls._enter(act, user_id, details, settings, cls.Created)

    @classmethod
    def import_(cls, act: Act, user_id: UUID, details: Details, settings: Settings) -> Self:
        """Take in a user from a file, to be sent to activation later (guide, brugerimport).

        Raises: as `create`.
        """
        return cls._enter(act, user_id, details, settings, cls.Imported)

    @classmethod
    def _enter(
        cls, act: Act, user_id: UUID, details: Details, settings: Settings, entered: type[Created]
    ) -> Self:
        refuse_if(list(objections(details, settings)))
        user = cls._create(entered, id=user_id, **entrance(details), **act.stamp())
        if details.anonymous:
            user.record(act, cls.Anonymized)
        if details.means:
            user.record(act, cls.MeansAssigned, means=tuple(dict.fromkeys(details.means)))
        return user

    def send_to_activation(self, act: Act) -> None:
        """Ask an imported user to activate himself (guide, Send brugere til aktivering).

        Raises: AlreadyDeleted, NotImported.
        """
        self._must_live()
        if self.phase is not Status.IMPORTED:
            raise errors.NotImported(self.id)
        self.record(act, self.SentToActivation)

    def activate(self, act: Act) -> None:
        """Activate without identity proof, on the operator's word.

        Raises: AlreadyDeleted, NotPending.
        """
        self._must_live()
        if self.phase is not Status.PENDING:
            raise errors.NotPending(self.id)
        self.record(act, self.Activated, identity_proof="none")

    def assign_means(self, act: Act, means: tuple[Means, ...], settings: Settings) -> tuple[Means, ...]:
        """Give the user more means (guide, Tildel identifikationsmidler); those he has record nothing.

        Returns the means that are new. Raises: AlreadyDeleted, MeansNotOffered.
        """
        self._must_live()
        settings.check_means(means)
        new = tuple(dict.fromkeys(one for one in means if one not in self.means))
        if new:
            self.record(act, self.MeansAssigned, means=new)
        return new

    def edit(
        self, act: Act, edits: Edits, settings: Settings, *, misread: Sequence[errors.Objection] = ()
    ) -> None:
        """Change what is said about the user; what is the same already records nothing.

        `misread` is what was wrong with the edits as they were typed. Raises: AlreadyDeleted, and that,
        KnownByAnotherCpr, CprAndBirthDateDisagree and what the settings object to, together as `Refusals`.
        """
        self._must_live()
        found = [*misread, *objections(edits, settings, self)]
        if (refusal := self._objection_to_cpr(edits.cpr)) is not None:
            found.append(errors.Objection("cpr", refusal))
        refuse_if(found)
        self._correct_name(act, edits)
        self._change_contact(act, edits)
        self._place(act, edits)
        if edits.cpr is not KEEP and edits.cpr != self.cpr:
            self.record(act, self.CprAdded, cpr=edits.cpr)
        if edits.target_ial is not KEEP and edits.target_ial is not self.target_ial:
            self.record(act, self.TargetIalChanged, target_ial=edits.target_ial)
        if edits.ean is not KEEP and edits.ean != self.ean:
            self.record(act, self.InvoiceMethodChanged, ean=edits.ean)
        if edits.reference_text is not KEEP and edits.reference_text != self.reference_text:
            self.record(act, self.ReferenceTextChanged, reference_text=edits.reference_text)
        if edits.means:
            self.assign_means(act, edits.means, settings)

    def deactivate(self, act: Act, *, from_date: date, to_date: date | None) -> None:
        """Make the user inactive from one day to another, both included (guide, Deaktivér bruger).

        Replaces a period that runs or lies ahead; the same period again records nothing.
        Raises: AlreadyDeleted, NeverActivated, FromDateInThePast, ToDateBeforeFromDate.
        """
        self._must_live()
        if self.phase is not Status.ACTIVE:
            raise errors.NeverActivated(self.id)
        period, replaced = Period(from_date, to_date), self._standing_period(act.today)
        if period == replaced:
            return
        if to_date is not None and to_date < from_date:
            raise errors.ToDateBeforeFromDate(from_date, to_date)
        if from_date < act.today:
            raise errors.FromDateInThePast(from_date)
        self.record(
            act,
            self.Deactivated,
            from_date=from_date,
            to_date=to_date,
            replaced_from_date=replaced and replaced.from_date,
            replaced_to_date=replaced and replaced.to_date,
        )

    def reactivate(self, act: Act) -> None:
        """End a running deactivation early, or cancel one to come (guide, Genaktivér bruger).

        Raises: AlreadyDeleted, NotDeactivated.
        """
        self._must_live()
        if self._standing_period(act.today) is None:
            raise errors.NotDeactivated(self.id)
        self.record(act, self.Reactivated)

    def delete(self, act: Act, *, retention_days: int) -> None:
        """Delete for good (guide, Slet bruger); with no retention the personal data goes at once too.

        Raises: AlreadyDeleted, CannotDeleteOneself.
        """
        self._must_live()
        if act.actor == self.id:
            raise errors.CannotDeleteOneself(self.id)
        erase_on = act.today + timedelta(days=retention_days) if retention_days else None
        self.record(act, self.Deleted, erase_on=erase_on)
        if erase_on is None:
            self.record(act, self.PersonalDataErased)

    def _must_live(self) -> None:
        if self.phase is Status.DELETED:
            raise errors.AlreadyDeleted(self.id)

    def _standing_period(self, today: date) -> Period | None:
        return None if self.period is None or self.period.is_over_by(today) else self.period

    def _objection_to_cpr(self, cpr: str | Keep) -> errors.Refusal | None:
        if cpr is KEEP or cpr == self.cpr:
            return None
        if self.cpr:
            return errors.KnownByAnotherCpr(self.id)
        if birth_date_of(cpr) != self.date_of_birth:
            return errors.CprAndBirthDateDisagree()
        return None

    def _correct_name(self, act: Act, edits: Edits) -> None:
        name = (_or(edits.first_name, self.first_name), _or(edits.surname, self.surname))
        if name != (self.first_name, self.surname):
            self.record(act, self.NameCorrected, first_name=name[0], surname=name[1])

    def _change_contact(self, act: Act, edits: Edits) -> None:
        contact = (_or(edits.email, self.email), _or(edits.phone, self.phone))
        if contact != (self.email, self.phone):
            self.record(act, self.ContactChanged, email=contact[0], phone=contact[1])

    def _place(self, act: Act, edits: Edits) -> None:
        placement = (_or(edits.p_number, self.p_number), _or(edits.se_number, self.se_number))
        if placement != (self.p_number, self.se_number):
            self.record(act, self.PlacementChanged, p_number=placement[0], se_number=placement[1])


def entrance(details: Details) -> dict[str, object]:
    """The facts of `Created` and `Imported` in the details of a new user."""
    return {
        "first_name": details.first_name,
        "surname": details.surname,
        "cpr": details.cpr,
        "date_of_birth": details.date_of_birth,
        "email": details.email,
        "phone": details.phone,
        "reference_text": details.reference_text,
        "target_ial": details.target_ial,
        "ean": details.ean,
        "p_number": details.p_number,
        "se_number": details.se_number,
    }


def _or(edited: object, known: object) -> object:
    return known if edited is KEEP else edited
