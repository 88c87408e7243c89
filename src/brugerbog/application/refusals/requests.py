"""Refusals of requests: unknown or equal users and organisations, missing roles, repeats, paging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(eq=False)
class UserUnknown(Refusal):
    """No such user in this organisation; users of other organisations are unknown too."""

    code = "user_unknown"
    danish = "Brugeren findes ikke i organisationen. Kontrollér brugernummeret (UUID)."
    english = "The organisation has no user {user_id}."
    user_id: UUID


@dataclass(eq=False)
class OrganisationUnknown(Refusal):
    """No such organisation in this installation."""

    code = "organisation_unknown"
    danish = "Organisationen er ikke registreret. Kontrollér CVR-nummeret, eller registrér den først."
    english = "The organisation isn't registered here."


@dataclass(eq=False)
class OrganisationNotNamed(Refusal):
    """There are several organisations, so one must be named."""

    code = "organisation_not_named"
    danish = "Der er flere organisationer. Angiv hvilken med --organisation CVR."
    english = "There are several organisations: name one with --organisation CVR."


@dataclass(eq=False)
class OrganisationAlreadyRegistered(Refusal):
    """A CVR number is registered once in an installation."""

    code = "organisation_already_registered"
    danish = "Der er allerede registreret en organisation med det CVR-nummer."
    english = "An organisation with that CVR number is registered already."


@dataclass(eq=False)
class CprInUse(Refusal):
    """One living user per CPR number per organisation (ours)."""

    code = "cpr_in_use"
    concerns = "cpr"
    danish = (
        "Organisationen har allerede en bruger med det CPR-nummer (bruger {user_id}). "
        "Redigér den bruger, eller slet den først."
    )
    english = "User {user_id} of this organisation has that CPR number."
    user_id: UUID


@dataclass(eq=False)
class PersonInUse(Refusal):
    """Without CPR numbers, equal names, birth date and e-mail are taken to be one person."""

    code = "person_in_use"
    danish = (
        "Organisationen har allerede en bruger med samme navn, fødselsdato og e-mail (bruger {user_id}). "
        "Redigér den bruger, eller slet den først."
    )
    english = "User {user_id} of this organisation has the same names, date of birth and e-mail."
    user_id: UUID


@dataclass(eq=False)
class UserNameInUse(Refusal):
    """A user name of the organisation's directory belongs to one user of the organisation."""

    code = "user_name_in_use"
    concerns = "user_name"
    danish = (
        "Organisationen har allerede en bruger med det brugernavn (bruger {user_id}). "
        "Redigér den bruger, eller vælg et andet brugernavn."
    )
    english = "User {user_id} of this organisation has that user name."
    user_id: UUID


@dataclass(eq=False)
class NotAllowed(Refusal):
    """None of the roles that the actor holds includes this command."""

    code = "not_allowed"
    danish = "Du har ikke en rolle, der giver lov til det. Kontakt organisationens administrator."
    english = "No role of the actor allows '{command}'."
    command: str


@dataclass(eq=False)
class UserChanged(Refusal):
    """The user was changed since the version that the request names."""

    code = "user_changed"
    danish = "Brugeren er ændret i mellemtiden. Hent brugeren igen, og gentag, hvis ændringen stadig passer."
    english = "The user has changed meanwhile. Read the user again, and repeat the change if it still fits."
    user_id: UUID


@dataclass(eq=False)
class CommandIdReused(Refusal):
    """A command id identifies one command only."""

    code = "command_id_reused"
    danish = "Det kommando-id er allerede brugt til noget andet. Brug et nyt."
    english = "That command id was used for another command."
    command_id: UUID


@dataclass(eq=False)
class NotInTransaction(Refusal):
    """The command's effects must stay even if the transaction is rolled back."""

    code = "not_in_transaction"
    danish = "Det kan ikke være en del af en transaktion. Gør det før eller efter den."
    english = "This can't be part of a transaction: do it before or after."


@dataclass(eq=False)
class TooBusy(Refusal):
    """Other transactions kept committing first; nothing was done."""

    code = "too_busy"
    danish = "Andre ændrede det samme på samme tid. Intet er gennemført; prøv igen."
    english = "Others kept changing the same thing first. Nothing was done: try again."


@dataclass(eq=False)
class CursorInvalid(Refusal):
    """The page key is not from a list of this organisation in this order."""

    code = "cursor_invalid"
    danish = "Sidenøglen kan ikke bruges her. Begynd forfra uden den."
    english = "That page key isn't of this list. Start again without it."


@dataclass(eq=False)
class LimitOutOfRange(Refusal):
    """A page holds 1 to 1000 lines."""

    code = "limit_out_of_range"
    danish = "En side kan have fra 1 til 1000 linjer."
    english = "A page has 1 to 1000 lines, not {limit}."
    limit: int


@dataclass(eq=False)
class SettingsInvalid(Refusal):
    """The settings are not valid."""

    code = "settings_invalid"
    danish = "Indstillingerne kan ikke læses: {where}. {what}"
    english = "The settings can't be read: {where}."
    where: str
    what: str


@dataclass(eq=False)
class SettingsFileRefused(Refusal):
    """The settings file can't be read, or isn't TOML."""

    code = "settings_file_refused"
    danish = "Filen {path} kan ikke læses. Kontrollér stien, og at det er en gyldig TOML-fil i UTF-8."
    english = "The settings file {path} can't be read as TOML."
    path: str
