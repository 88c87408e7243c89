"""The Danish names of events, for all entry points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.domain.organisation.log_reading import LogRead
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.activity import ActivityReported
from brugerbog.domain.user.user import User

if TYPE_CHECKING:
    from brugerbog.domain.kernel.aggregate import Event

DANISH_EVENT_NAMES: Final[dict[type[Event], str]] = {
    User.Created: "Bruger oprettet",
    User.Imported: "Bruger importeret",
    User.Anonymized: "Bruger markeret som anonym",
    User.ReplacedUser: "Bruger oprettet i stedet for en tidligere bruger",
    User.SentToActivation: "Bruger sendt til aktivering",
    User.ActivationMailIssued: "Aktiveringsmail sendt",
    User.ActivationCodeIssued: "Midlertidig aktiveringskode dannet",
    User.ActivationCodeMistyped: "Forkert aktiveringskode indtastet",
    User.ActivationCodeVoided: "Midlertidig aktiveringskode spærret",
    User.ActivationCodeAccepted: "Midlertidig aktiveringskode godkendt",
    User.ActivationLinkExpired: "Aktiveringslink udløbet",
    User.IdentityConfirmed: "Identitet bekræftet med MitID",
    User.Activated: "Bruger aktiveret",
    User.MeansAssigned: "Identifikationsmidler tildelt",
    User.SharedMeansLinked: "Delt identifikationsmiddel tilknyttet",
    User.MeansMailIssued: "E-mail om identifikationsmidler sendt",
    User.MeansOrdered: "Identifikationsmiddel bestilt",
    User.MeansActivated: "Identifikationsmiddel aktiveret",
    User.ConsentWithdrawn: "Samtykke til privat MitID trukket tilbage",
    User.RightsGranted: "Rettigheder tildelt",
    User.RightsRevoked: "Rettigheder frataget",
    User.SigningAllowed: "Ret til at underskrive tildelt",
    User.SigningWithdrawn: "Ret til at underskrive frataget",
    User.SealingProfilesAssigned: "Certifikatprofiler til segldannelse ændret",
    User.AnonymityRequested: "Anmodning om at blive anonym",
    User.AnonymityDeclined: "Anmodning om at blive anonym afvist",
    User.ContactChanged: "Kontaktoplysninger ændret",
    User.NameCorrected: "Navn rettet",
    User.CprAdded: "CPR-nummer tilføjet",
    User.CprShown: "CPR-nummer vist",
    User.TargetIalChanged: "Sikringsniveau ændret",
    User.PlacementChanged: "P-/SE-nummer ændret",
    User.InvoiceMethodChanged: "Faktureringsmetode ændret",
    User.ReferenceTextChanged: "Referencetekst ændret",
    User.DirectoryAccountChanged: "Konto i organisationens brugerkatalog ændret",
    User.Deactivated: "Bruger deaktiveret",
    User.Reactivated: "Bruger genaktiveret",
    User.Deleted: "Bruger slettet",
    User.PersonalDataErased: "Personoplysninger slettet",
    Organisation.Registered: "Organisation oprettet",
    Organisation.SettingsChanged: "Indstillinger ændret",
    Organisation.RoleGiven: "Rolle tildelt",
    Organisation.RoleTaken: "Rolle frataget",
    Organisation.ClientCreated: "API-klient oprettet",
    Organisation.ClientRevoked: "API-klient spærret",
    Organisation.SessionsEnded: "Bruger logget af overalt",
    Organisation.CprLimitMet: "Grænsen for viste CPR-numre nået",
    ActivityReported: "Aktivitet hos en tjeneste",
    LogRead: "Loggen læst",
}

DANISH_NAMES_BY_TOPIC: Final[dict[str, str]] = {
    event.TOPIC: name  # type: ignore[attr-defined]
    for event, name in DANISH_EVENT_NAMES.items()
}
"""The Danish names by topic."""
