"""The user: a life from creation to deletion, told in events, and the decisions that record them.

The stories of that life stand in modules of their own; here is who he is, and how he comes and goes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from eventsourcing.domain import AggregateCreated

from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.refusals import Objection, Refusal, refuse_if
from brugerbog.domain.user import (
    activation,
    anonymity,
    deactivation,
    directory_account,
    disclosure,
    entitlements,
    means_held,
    refusals,
)
from brugerbog.domain.user.activation import Activation
from brugerbog.domain.user.anonymity import Anonymity
from brugerbog.domain.user.deactivation import Deactivation
from brugerbog.domain.user.details import KEEP, Details, Keep, objections
from brugerbog.domain.user.directory_account import DirectoryAccount
from brugerbog.domain.user.disclosure import Disclosure
from brugerbog.domain.user.entitlements import Entitlements
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.status import Status
from brugerbog.domain.values.means import Ial
from brugerbog.domain.values.numbers import birth_date_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self
    from uuid import UUID

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.organisation.settings import Settings
    from brugerbog.domain.user.details import Edits


class User(Activation, Deactivation, Entitlements, Anonymity, DirectoryAccount, Disclosure):
    """A person who acts for an organisation with MitID Erhverv."""

    TOPIC = "user"
    Event = UserEvent

    class Created(UserEvent, AggregateCreated):
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

    class ContactChanged(UserEvent):
        """The user is reached at another e-mail address or phone number; both are given as they now are."""

        TOPIC = "user.contact_changed"
        email: Personal[str]
        phone: Personal[str | None]

        def apply(self, user: User) -> None:
            user.email = self.email
            user.phone = self.phone

    class NameCorrected(UserEvent):
        """The user's name was wrong or has changed; it is the same person."""

        TOPIC = "user.name_corrected"
        first_name: Personal[str]
        surname: Personal[str]

        def apply(self, user: User) -> None:
            user.first_name = self.first_name
            user.surname = self.surname

    class CprAdded(UserEvent):
        """A user known by birth date only is now known by CPR number too."""

        TOPIC = "user.cpr_added"
        cpr: Personal[str]

        def apply(self, user: User) -> None:
            user.cpr = self.cpr
            user.confirmed_at = None

    class TargetIalChanged(UserEvent):
        """The user is to be activated at another assurance level."""

        TOPIC = "user.target_ial_changed"
        target_ial: str

        def apply(self, user: User) -> None:
            user.target_ial = Ial(self.target_ial)
            user.confirmed_at = None

    class PlacementChanged(UserEvent):
        """The user belongs to this P-number and SE-number now; either may be none."""

        TOPIC = "user.placement_changed"
        p_number: str | None
        se_number: str | None

        def apply(self, user: User) -> None:
            user.p_number = self.p_number
            user.se_number = self.se_number

    class InvoiceMethodChanged(UserEvent):
        """The user is invoiced to another EAN, or to none of his own."""

        TOPIC = "user.invoice_method_changed"
        ean: str | None

        def apply(self, user: User) -> None:
            user.ean = self.ean

    class ReferenceTextChanged(UserEvent):
        """The user's reference text is another."""

        TOPIC = "user.reference_text_changed"
        reference_text: Personal[str | None]

        def apply(self, user: User) -> None:
            user.reference_text = self.reference_text

    class Deleted(UserEvent):
        """The user is gone for good; his personal data goes on `erase_on`, or at once when that is None."""

        TOPIC = "user.deleted"
        erase_on: date | None

        def apply(self, user: User) -> None:
            user.phase = Status.DELETED
            user.erase_on = self.erase_on
            user.deletion = self.originator_version

    class PersonalDataErased(UserEvent):
        """Everything personal about the user has been destroyed; the log itself stays whole."""

        TOPIC = "user.personal_data_erased"

        def apply(self, user: User) -> None:
            user.forget()
            user.erased = True

    # What the stories tell: activation,

    SentToActivation = activation.SentToActivation
    ActivationMailIssued = activation.ActivationMailIssued
    ActivationCodeIssued = activation.ActivationCodeIssued
    ActivationCodeMistyped = activation.ActivationCodeMistyped
    ActivationCodeVoided = activation.ActivationCodeVoided
    ActivationCodeAccepted = activation.ActivationCodeAccepted
    ActivationLinkExpired = activation.ActivationLinkExpired
    IdentityConfirmed = activation.IdentityConfirmed
    Activated = activation.Activated

    # means,

    MeansAssigned = means_held.MeansAssigned
    SharedMeansLinked = means_held.SharedMeansLinked
    MeansMailIssued = means_held.MeansMailIssued
    MeansOrdered = means_held.MeansOrdered
    MeansActivated = means_held.MeansActivated
    ConsentWithdrawn = means_held.ConsentWithdrawn

    # absence,

    Deactivated = deactivation.Deactivated
    Reactivated = deactivation.Reactivated

    # rights,

    RightsGranted = entitlements.RightsGranted
    RightsRevoked = entitlements.RightsRevoked
    SigningAllowed = entitlements.SigningAllowed
    SigningWithdrawn = entitlements.SigningWithdrawn
    SealingProfilesAssigned = entitlements.SealingProfilesAssigned

    # anonymity,

    Anonymized = anonymity.Anonymized
    AnonymityRequested = anonymity.AnonymityRequested
    AnonymityDeclined = anonymity.AnonymityDeclined
    ReplacedUser = anonymity.ReplacedUser

    # the organisation's own directory,

    DirectoryAccountChanged = directory_account.DirectoryAccountChanged

    # and what was looked up.

    CprShown = disclosure.CprShown

    def __init__(self) -> None:
        super().__init__()
        self.p_number: str | None = None
        self.se_number: str | None = None
        self.erase_on: date | None = None
        self.deletion = 0
        self.erased = False

    def forget(self) -> None:
        """Hold nothing personal."""
        super().forget()
        self._forget_means()
        self._forget_anonymity()
        self._forget_directory()

    # Who he is

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

    @property
    def account(self) -> Identity | None:
        """What the directory calls him, if it has said so; None once deleted or erased."""
        if self.phase is Status.DELETED or not isinstance(self.user_name, str):
            return None
        return Identity.by_account(self.user_name)

    # How he comes, changes and goes

    @classmethod
    def create(cls, context: CommandContext, user_id: UUID, details: Details, settings: Settings) -> Self:
        """Create one user, who is sent a mail and awaits activation (guide, Opret nye brugere).

        Raises: whatever the organisation's settings object to, all of it at once as `Refusals`.
        """
        user = cls._enter(context, user_id, details, settings, cls.Created)
        user.invite(context)
        return user

    @classmethod
    def import_(cls, context: CommandContext, user_id: UUID, details: Details, settings: Settings) -> Self:
        """Take in a user from a file, to be sent to activation later (guide, brugerimport).

        Raises: as `create`.
        """
        return cls._enter(context, user_id, details, settings, cls.Imported)

    @classmethod
    def create_in_place_of(
        cls, context: CommandContext, user_id: UUID, old: User, settings: Settings
    ) -> Self:
        """Create the anonymous user who takes the place of one who asked for it; he has no rights.

        The old one is to be deleted at the same time. Raises: AlreadyDeleted, NoAnonymityRequest.
        """
        old.must_ask_for_anonymity()
        user = cls._create(cls.Created, id=user_id, **entrance(old), **context.stamp())
        user.record(context, cls.Anonymized)
        user.record(context, cls.ReplacedUser, replaced=old.id)
        means = tuple(one for one in dict.fromkeys(old.means) if settings.offers(one))
        if means:
            user.assign_means(context, means, settings, old.shared_means)
        user.know_by(context, old.user_name, old.external_id)
        user.invite(context)
        return user

    @classmethod
    def _enter(
        cls,
        context: CommandContext,
        user_id: UUID,
        details: Details,
        settings: Settings,
        entered: type[Created],
    ) -> Self:
        refuse_if(list(objections(details, settings)))
        user = cls._create(entered, id=user_id, **entrance(details), **context.stamp())
        if details.anonymous:
            user.record(context, cls.Anonymized)
        if details.means:
            user.assign_means(context, dict.fromkeys(details.means), settings, details.shared_means)
        user.know_by(context, details.user_name, details.external_id)
        return user

    def edit(
        self,
        context: CommandContext,
        edits: Edits,
        settings: Settings,
        *,
        misread: Sequence[Objection] = (),
    ) -> None:
        """Change what is said about the user; what is the same already records nothing.

        A link that was mailed to another address than the user's is void, and a new one is issued (ours).
        `misread` is what was wrong with the edits as they were typed. Raises: AlreadyDeleted, and that,
        KnownByAnotherCpr, CprAndBirthDateDisagree and what the settings object to, together as `Refusals`.
        """
        self._must_live()
        found = [*misread, *objections(edits, settings, self)]
        if (refusal := self._objection_to_cpr(edits.cpr)) is not None:
            found.append(Objection("cpr", refusal))
        refuse_if(found)
        address, known_until = self.email, self.version
        self._correct_name(context, edits)
        self._change_contact(context, edits)
        self._place(context, edits)
        if edits.cpr is not KEEP and edits.cpr != self.cpr:
            self.record(context, self.CprAdded, cpr=edits.cpr)
        if edits.target_ial is not KEEP and edits.target_ial is not self.target_ial:
            self.record(context, self.TargetIalChanged, target_ial=edits.target_ial)
        if edits.ean is not KEEP and edits.ean != self.ean:
            self.record(context, self.InvoiceMethodChanged, ean=edits.ean)
        if edits.reference_text is not KEEP and edits.reference_text != self.reference_text:
            self.record(context, self.ReferenceTextChanged, reference_text=edits.reference_text)
        self._change_account(context, edits)
        if edits.means:
            self.assign_means(context, edits.means, settings)
        if self.email != address:
            self.mail_links_anew(context, known_until)

    def delete(self, context: CommandContext, *, retention_days: int) -> None:
        """Delete for good (guide, Slet bruger); with no retention the personal data goes at once too.

        Raises: AlreadyDeleted, CannotDeleteOneself.
        """
        self._must_live()
        if context.actor == self.id:
            raise refusals.CannotDeleteOneself(self.id)
        erase_on = context.today + timedelta(days=retention_days) if retention_days else None
        self.record(context, self.Deleted, erase_on=erase_on)
        if erase_on is None:
            self.record(context, self.PersonalDataErased)

    def erase(self, context: CommandContext, generation: int) -> bool:
        """Destroy what was kept of a deleted user; of no effect when that is done, or too early."""
        if self.phase is not Status.DELETED or self.erased or self.deletion != generation:
            return False
        if self.erase_on is None or context.today < self.erase_on:
            return False
        self.record(context, self.PersonalDataErased)
        return True

    def erase_again(self, context: CommandContext) -> bool:
        """Delete and destroy what a backup brought back of somebody who was erased after it was made.

        Records nothing of a user who is erased already.
        """
        if self.erased:
            return False
        if self.phase is not Status.DELETED:
            self.record(context, self.Deleted, erase_on=None)
        self.record(context, self.PersonalDataErased)
        return True

    def _objection_to_cpr(self, cpr: str | Keep) -> Refusal | None:
        if cpr is KEEP or cpr == self.cpr:
            return None
        if self.cpr:
            return refusals.KnownByAnotherCpr(self.id)
        if birth_date_of(cpr) != self.date_of_birth:
            return refusals.CprAndBirthDateDisagree()
        return None

    def _correct_name(self, context: CommandContext, edits: Edits) -> None:
        name = (_or(edits.first_name, self.first_name), _or(edits.surname, self.surname))
        if name != (self.first_name, self.surname):
            self.record(context, self.NameCorrected, first_name=name[0], surname=name[1])

    def _change_contact(self, context: CommandContext, edits: Edits) -> None:
        contact = (_or(edits.email, self.email), _or(edits.phone, self.phone))
        if contact != (self.email, self.phone):
            self.record(context, self.ContactChanged, email=contact[0], phone=contact[1])

    def _change_account(self, context: CommandContext, edits: Edits) -> None:
        user_name, external_id = (
            _or(edits.user_name, self.user_name),
            _or(edits.external_id, self.external_id),
        )
        self.know_by(context, user_name, external_id)

    def _place(self, context: CommandContext, edits: Edits) -> None:
        placement = (_or(edits.p_number, self.p_number), _or(edits.se_number, self.se_number))
        if placement != (self.p_number, self.se_number):
            self.record(context, self.PlacementChanged, p_number=placement[0], se_number=placement[1])


def entrance(known: Details | User) -> dict[str, object]:
    """The facts of `Created` and `Imported`, in the details of a new user or in what is known of one."""
    return {
        "first_name": known.first_name,
        "surname": known.surname,
        "cpr": known.cpr,
        "date_of_birth": known.date_of_birth,
        "email": known.email,
        "phone": known.phone,
        "reference_text": known.reference_text,
        "target_ial": known.target_ial,
        "ean": known.ean,
        "p_number": known.p_number,
        "se_number": known.se_number,
    }


def _or(edited: Any, known: Any) -> Any:  # noqa: ANN401 - any field of a user
    return known if edited is KEEP else edited
