"""The aggregate `User`: the names of its events, and the creation of users.

All other commands, and most events, are in the modules of the base classes, one for each subject.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from eventsourcing.domain import AggregateCreated

from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.refusals import refuse_if
from brugerbog.domain.user import (
    activation,
    activation_code,
    anonymity,
    deactivation,
    deletion,
    directory_account,
    disclosure,
    editing,
    entitlements,
    identity_confirmation,
    means_held,
)
from brugerbog.domain.user.anonymity import Anonymity
from brugerbog.domain.user.deactivation import Deactivation
from brugerbog.domain.user.deletion import Deletion
from brugerbog.domain.user.details import Details, objections
from brugerbog.domain.user.disclosure import Disclosure
from brugerbog.domain.user.editing import Editing
from brugerbog.domain.user.entitlements import Entitlements
from brugerbog.domain.user.identity import Identity
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.means import Ial
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from typing import Self
    from uuid import UUID

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.settings import Settings


class User(Editing, Deactivation, Entitlements, Anonymity, Disclosure, Deletion):
    """A person who acts for an organisation with MitID Erhverv."""

    TOPIC = "user"
    Event = UserEvent

    class Created(UserEvent, AggregateCreated):
        """The user was created, and is pending activation."""

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

        def apply(self, user: UserState) -> None:
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
        """The user was imported from a file; no mail is sent until the user is sent to activation."""

        TOPIC = "user.imported"

        def apply(self, user: UserState) -> None:
            super().apply(user)
            user.phase = Status.IMPORTED

    # Attributes

    ContactChanged = editing.ContactChanged
    NameCorrected = editing.NameCorrected
    CprAdded = editing.CprAdded
    TargetIalChanged = editing.TargetIalChanged
    PlacementChanged = editing.PlacementChanged
    InvoiceMethodChanged = editing.InvoiceMethodChanged
    ReferenceTextChanged = editing.ReferenceTextChanged
    DirectoryAccountChanged = directory_account.DirectoryAccountChanged

    # Deletion

    Deleted = deletion.Deleted
    PersonalDataErased = deletion.PersonalDataErased

    # Activation

    SentToActivation = activation.SentToActivation
    ActivationMailIssued = activation.ActivationMailIssued
    ActivationCodeIssued = activation_code.ActivationCodeIssued
    ActivationCodeMistyped = activation_code.ActivationCodeMistyped
    ActivationCodeVoided = activation_code.ActivationCodeVoided
    ActivationCodeAccepted = activation_code.ActivationCodeAccepted
    ActivationLinkExpired = activation.ActivationLinkExpired
    IdentityConfirmed = identity_confirmation.IdentityConfirmed
    Activated = activation.Activated

    # Means

    MeansAssigned = means_held.MeansAssigned
    SharedMeansLinked = means_held.SharedMeansLinked
    MeansMailIssued = means_held.MeansMailIssued
    MeansOrdered = means_held.MeansOrdered
    MeansActivated = means_held.MeansActivated
    ConsentWithdrawn = means_held.ConsentWithdrawn

    # Deactivation

    Deactivated = deactivation.Deactivated
    Reactivated = deactivation.Reactivated

    # Entitlements

    RightsGranted = entitlements.RightsGranted
    RightsRevoked = entitlements.RightsRevoked
    SigningAllowed = entitlements.SigningAllowed
    SigningWithdrawn = entitlements.SigningWithdrawn
    SealingProfilesAssigned = entitlements.SealingProfilesAssigned

    # Anonymity

    Anonymized = anonymity.Anonymized
    AnonymityRequested = anonymity.AnonymityRequested
    AnonymityDeclined = anonymity.AnonymityDeclined
    ReplacedUser = anonymity.ReplacedUser

    # Disclosure

    CprShown = disclosure.CprShown

    # Identity

    @property
    def identity(self) -> Identity | None:
        """The unique identity, by CPR number or else by name; None if the user is deleted or erased."""
        if self.phase is Status.DELETED or not isinstance(self.cpr, str):
            return self.name_identity
        return Identity.by_cpr(self.cpr)

    @property
    def name_identity(self) -> Identity | None:
        """The identity by names, birth date and e-mail; None if the user is deleted or erased."""
        born = self.date_of_birth
        if self.phase is Status.DELETED or not isinstance(born, date):
            return None
        return Identity.by_name(str(self.first_name), str(self.surname), born, str(self.email))

    @property
    def account_identity(self) -> Identity | None:
        """The identity by user name in the directory; None without one, or if deleted or erased."""
        if self.phase is Status.DELETED or not isinstance(self.user_name, str):
            return None
        return Identity.by_account(self.user_name)

    # Creation

    @classmethod
    def create(cls, context: CommandContext, user_id: UUID, details: Details, settings: Settings) -> Self:
        """Create a user who is pending activation, and issue the activation mail (guide, Opret nye brugere).

        Raises: what the organisation's settings don't allow; several objections together, as `Refusals`.
        """
        user = cls._create_from(context, user_id, details, settings, cls.Created)
        user.invite(context)
        return user

    @classmethod
    def import_(cls, context: CommandContext, user_id: UUID, details: Details, settings: Settings) -> Self:
        """Import a user from a file, to be sent to activation later (guide, brugerimport).

        Raises: as `create`.
        """
        return cls._create_from(context, user_id, details, settings, cls.Imported)

    @classmethod
    def create_in_place_of(
        cls, context: CommandContext, user_id: UUID, old: User, settings: Settings
    ) -> Self:
        """Create an anonymous user, without rights, in place of `old`, who has requested anonymity.

        Of each kind of means that `old` has and the organisation offers, one is assigned. The caller deletes
        `old` in the same transaction. Raises: AlreadyDeleted, NoAnonymityRequest.
        """
        old.must_have_anonymity_request()
        user = cls._create(cls.Created, id=user_id, **creation_facts(old), **context.stamp())
        user.record(context, cls.Anonymized)
        user.record(context, cls.ReplacedUser, replaced=old.id)
        means = tuple(kind for kind in dict.fromkeys(old.means) if settings.offers(kind))
        if means:
            user.assign_means(context, means, settings, old.shared_means)
        user.set_directory_account(context, old.user_name, old.external_id)
        user.invite(context)
        return user

    @classmethod
    def _create_from(
        cls,
        context: CommandContext,
        user_id: UUID,
        details: Details,
        settings: Settings,
        event_class: type[Created],
    ) -> Self:
        refuse_if(list(objections(details, settings)))
        user = cls._create(event_class, id=user_id, **creation_facts(details), **context.stamp())
        if details.anonymous:
            user.record(context, cls.Anonymized)
        if details.means:
            user.assign_means(context, dict.fromkeys(details.means), settings, details.shared_means)
        user.set_directory_account(context, details.user_name, details.external_id)
        return user


def creation_facts(source: Details | User) -> dict[str, object]:
    """Return the fields of `Created` or `Imported`, from the details of a new user or from another user."""
    return {
        "first_name": source.first_name,
        "surname": source.surname,
        "cpr": source.cpr,
        "date_of_birth": source.date_of_birth,
        "email": source.email,
        "phone": source.phone,
        "reference_text": source.reference_text,
        "target_ial": source.target_ial,
        "ean": source.ean,
        "p_number": source.p_number,
        "se_number": source.se_number,
    }
