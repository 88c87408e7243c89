"""Refusals that follow from a user's status, periods or CPR number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


@dataclass(eq=False)
class AlreadyDeleted(Refusal):
    """Deletion is final; the person must be created again (guide, Slet bruger)."""

    code = "already_deleted"
    danish = "Brugeren er slettet. Opret personen på ny, hvis vedkommende igen skal have MitID Erhverv."
    english = "The user is deleted. Deletion is final: create the person anew."
    user_id: UUID


@dataclass(eq=False)
class NotImported(Refusal):
    """Only a user listed under "Importerede brugere" can be sent to activation."""

    code = "not_imported"
    danish = "Brugeren venter ikke under Importerede brugere og kan derfor ikke sendes til aktivering."
    english = "The user does not wait among the imported users, so there is nothing to send to activation."
    user_id: UUID


@dataclass(eq=False)
class NotPending(Refusal):
    """Only a user sent to activation can be activated."""

    code = "not_pending"
    danish = "Brugeren afventer ikke aktivering og kan derfor ikke aktiveres."
    english = "The user is not pending activation."
    user_id: UUID


@dataclass(eq=False)
class NeverActivated(Refusal):
    """Only an activated user can be deactivated; a pending one is refused."""

    code = "never_activated"
    danish = "Brugeren er endnu ikke aktiveret og kan derfor ikke deaktiveres. Slet i stedet brugeren."
    english = "Only an activated user can be deactivated; this one never was. Delete the user instead."
    user_id: UUID


@dataclass(eq=False)
class NotActive(Refusal):
    """Only an activated user can activate further means."""

    code = "not_active"
    danish = "Brugeren er endnu ikke aktiveret. Gensend i stedet aktiveringsmailen."
    english = "The user isn't activated yet. Resend the activation mail instead."
    user_id: UUID


@dataclass(eq=False)
class CannotDeactivateOneself(Refusal):
    """Administrators can't deactivate their own user, as nobody might be left to reactivate them (ours)."""

    code = "cannot_deactivate_oneself"
    danish = "Du kan ikke deaktivere din egen bruger. Bed en anden administrator om det."
    english = "One can't deactivate one's own user. Ask another administrator."
    user_id: UUID


@dataclass(eq=False)
class NotDeactivated(Refusal):
    """There is no current or future deactivation to end."""

    code = "not_deactivated"
    danish = "Brugeren er ikke deaktiveret, og der er ingen kommende deaktivering at annullere."
    english = "The user is not deactivated, and no deactivation lies ahead."
    user_id: UUID


@dataclass(eq=False)
class FromDateInThePast(Refusal):
    """A deactivation begins today or later (ours)."""

    code = "from_date_in_the_past"
    concerns = "from_date"
    danish = "Fra dato {from_date:%d.%m.%Y} ligger før i dag. Vælg dags dato eller en senere dato."
    english = "The from date {from_date} lies before today. Choose today or later."
    from_date: date


@dataclass(eq=False)
class ToDateBeforeFromDate(Refusal):
    """The last inactive day can't come before the first."""

    code = "to_date_before_from_date"
    concerns = "to_date"
    danish = "Til dato {to_date:%d.%m.%Y} ligger før fra dato {from_date:%d.%m.%Y}. Ret en af datoerne."
    english = "The to date {to_date} lies before the from date {from_date}."
    from_date: date
    to_date: date


@dataclass(eq=False)
class CannotDeleteOneself(Refusal):
    """Administrators can't delete their own user."""

    code = "cannot_delete_oneself"
    danish = "Du kan ikke slette din egen bruger. Bed en anden administrator om det."
    english = "One can't delete one's own user. Ask another administrator."
    user_id: UUID


@dataclass(eq=False)
class KnownByAnotherCpr(Refusal):
    """A user's CPR number can be added once, never replaced; UUID and CPR must belong together."""

    code = "known_by_another_cpr"
    danish = (
        "Brugeren er registreret med et andet CPR-nummer. Kontrollér, at bruger og CPR-nummer hører sammen. "
        "Et CPR-nummer kan ikke ændres: slet i så fald brugeren, og opret personen på ny."
    )
    english = "The user is known by another CPR number, which can't be changed."
    user_id: UUID


@dataclass(eq=False)
class CprAndBirthDateDisagree(Refusal):
    """CPR number and birth date may both be given only if they agree."""

    code = "cpr_and_birth_date_disagree"
    danish = (
        "Fødselsdatoen passer ikke med CPR-nummeret. Ret den af dem, der er forkert, eller udelad datoen."
    )
    english = (
        "The date of birth doesn't agree with the CPR number. Correct one of them, or leave the date out."
    )


@dataclass(eq=False)
class CprOrBirthDateMissing(Refusal):
    """At least one of CPR number and birth date is needed (guide, Brugerinformation)."""

    code = "cpr_or_birth_date_missing"
    danish = "Udfyld brugerens CPR-nummer eller fødselsdato."
    english = "A CPR number or a date of birth is required."
