"""Changes of a user's attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from brugerbog.domain.kernel.privacy import Personal
from brugerbog.domain.kernel.refusals import Objection, Refusal, refuse_if
from brugerbog.domain.user import refusals
from brugerbog.domain.user.activation import Activation
from brugerbog.domain.user.details import KEEP, Keep, objections
from brugerbog.domain.user.directory_account import DirectoryAccount
from brugerbog.domain.user.state import UserEvent, UserState
from brugerbog.domain.values.means import Ial
from brugerbog.domain.values.numbers import birth_date_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.domain.kernel.command_context import CommandContext
    from brugerbog.domain.settings import Settings
    from brugerbog.domain.user.details import Edits


class ContactChanged(UserEvent):
    """The e-mail address or the phone number changed; both new values are given."""

    TOPIC = "user.contact_changed"
    email: Personal[str]
    phone: Personal[str | None]

    def apply(self, user: UserState) -> None:
        user.email = self.email
        user.phone = self.phone


class NameCorrected(UserEvent):
    """The user's name was wrong or changed; the person is the same."""

    TOPIC = "user.name_corrected"
    first_name: Personal[str]
    surname: Personal[str]

    def apply(self, user: UserState) -> None:
        user.first_name = self.first_name
        user.surname = self.surname


class CprAdded(UserEvent):
    """The CPR number of a user known by birth date only was added."""

    TOPIC = "user.cpr_added"
    cpr: Personal[str]

    def apply(self, user: UserState) -> None:
        user.cpr = self.cpr
        user.confirmed_at = None


class TargetIalChanged(UserEvent):
    """The assurance level at which the user is to be activated changed."""

    TOPIC = "user.target_ial_changed"
    target_ial: str

    def apply(self, user: UserState) -> None:
        user.target_ial = Ial(self.target_ial)
        user.confirmed_at = None


class PlacementChanged(UserEvent):
    """The user belongs to this P-number and SE-number; either may be None."""

    TOPIC = "user.placement_changed"
    p_number: str | None
    se_number: str | None

    def apply(self, user: UserState) -> None:
        user.p_number = self.p_number
        user.se_number = self.se_number


class InvoiceMethodChanged(UserEvent):
    """The EAN that the user is invoiced to changed; None if the user has none."""

    TOPIC = "user.invoice_method_changed"
    ean: str | None

    def apply(self, user: UserState) -> None:
        user.ean = self.ean


class ReferenceTextChanged(UserEvent):
    """The user's reference text changed."""

    TOPIC = "user.reference_text_changed"
    reference_text: Personal[str | None]

    def apply(self, user: UserState) -> None:
        user.reference_text = self.reference_text


class Editing(Activation, DirectoryAccount):
    """The command that edits a user."""

    def edit(
        self,
        context: CommandContext,
        edits: Edits,
        settings: Settings,
        *,
        misread: Sequence[Objection] = (),
    ) -> None:
        """Change attributes of the user; unchanged values record nothing.

        A new e-mail address voids the links mailed to the old one, and new links are issued (ours).
        `misread` holds the objections found when the input was parsed. Raises: AlreadyDeleted; and together
        as `Refusals`: `misread`, KnownByAnotherCpr, CprAndBirthDateDisagree and those of the settings.
        """
        self._must_not_be_deleted()
        found = [*misread, *objections(edits, settings, self)]
        if (refusal := self._objection_to_cpr(edits.cpr)) is not None:
            found.append(Objection("cpr", refusal))
        refuse_if(found)
        previous_email, version = self.email, self.version
        self._correct_name(context, edits)
        self._change_contact(context, edits)
        self._place(context, edits)
        if edits.cpr is not KEEP and edits.cpr != self.cpr:
            self.record(context, CprAdded, cpr=edits.cpr)
        if edits.target_ial is not KEEP and edits.target_ial is not self.target_ial:
            self.record(context, TargetIalChanged, target_ial=edits.target_ial)
        if edits.ean is not KEEP and edits.ean != self.ean:
            self.record(context, InvoiceMethodChanged, ean=edits.ean)
        if edits.reference_text is not KEEP and edits.reference_text != self.reference_text:
            self.record(context, ReferenceTextChanged, reference_text=edits.reference_text)
        self._change_account(context, edits)
        if edits.means:
            self.assign_means(context, edits.means, settings)
        if self.email != previous_email:
            self.reissue_links(context, up_to_version=version)

    def _objection_to_cpr(self, cpr: str | Keep) -> Refusal | None:
        if cpr is KEEP or cpr == self.cpr:
            return None
        if self.cpr:
            return refusals.KnownByAnotherCpr(self.id)
        if birth_date_of(cpr) != self.date_of_birth:
            return refusals.CprAndBirthDateDisagree()
        return None

    def _correct_name(self, context: CommandContext, edits: Edits) -> None:
        name = (_edited(edits.first_name, self.first_name), _edited(edits.surname, self.surname))
        if name != (self.first_name, self.surname):
            self.record(context, NameCorrected, first_name=name[0], surname=name[1])

    def _change_contact(self, context: CommandContext, edits: Edits) -> None:
        contact = (_edited(edits.email, self.email), _edited(edits.phone, self.phone))
        if contact != (self.email, self.phone):
            self.record(context, ContactChanged, email=contact[0], phone=contact[1])

    def _change_account(self, context: CommandContext, edits: Edits) -> None:
        user_name = _edited(edits.user_name, self.user_name)
        external_id = _edited(edits.external_id, self.external_id)
        self.set_directory_account(context, user_name, external_id)

    def _place(self, context: CommandContext, edits: Edits) -> None:
        placement = (_edited(edits.p_number, self.p_number), _edited(edits.se_number, self.se_number))
        if placement != (self.p_number, self.se_number):
            self.record(context, PlacementChanged, p_number=placement[0], se_number=placement[1])


def _edited(edited: Any, current: Any) -> Any:  # noqa: ANN401 - any field of a user
    return current if edited is KEEP else edited
