"""Settings, roles, reports, the log, notices, one's own profile, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.actors import Actor
from brugerbog.entrypoints.web.organisation.reports import KINDS
from brugerbog.entrypoints.web.organisation.setting_sections import SECTIONS
from tests.e2e.stops import Steps, Stop, chain, fills, presses, ticks, unfolds, unfolds_all
from tests.journeys.town import BORN

if TYPE_CHECKING:
    from tests.e2e.place import Place
    from tests.e2e.window import Window

SECTION = "/indstillinger/{key}"
REPORT = "/rapporter/{slug}"
LOG = "/haendelseslog"
NOTICE = "/notifikationer/{user_id}"


def asks(then: Steps) -> Steps:
    """Somebody new, known by his birth date, asks to become anonymous."""

    def steps(window: Window, place: Place) -> None:
        administration = place.stage.service.administration
        user_id = place.create("Ulla", "Vest", date_of_birth=BORN)
        administration.activate_user(place.actor, user_id)
        administration.request_anonymity(
            Actor(user_id, place.actor.organisation_id), accepts_losing_rights=True
        )
        window.open(f"/notifikationer/{user_id}")
        then(window, place)

    return steps


def somebody_else_changed_it(window: Window, place: Place) -> None:
    administration = place.stage.service.administration
    administration.change_settings(place.actor, {"use_reference_text": False})
    window.open("/indstillinger/referencetekst")
    administration.change_settings(place.actor, {"use_reference_text": True})
    window.page.locator("label", has_text="Brug referencetekst").click()
    window.page.locator("label", has_text="Brug referencetekst").click()
    window.press("Gem")


SETTINGS = (
    Stop("indstillinger", "/indstillinger", "organisation", "Opbevaring"),
    *(Stop(f"indstilling-{key}", SECTION, "organisation", "Gem",
         f"/indstillinger/{key}") for key in SECTIONS),
    Stop("indstilling-fejl", SECTION, "organisation", "fejl", "/indstillinger/p-numre",
         fills("Gem", {"P-numre": "12\nabc"})),
    Stop("indstilling-priser-fejl", SECTION, "organisation", "Beløbet kan ikke læses",
         "/indstillinger/priser",
         fills("Gem", {"Pris for en bruger": "mange penge"})),
    Stop("indstilling-rettigheder-fejl", SECTION, "organisation", "fejl", "/indstillinger/rettigheder",
         chain(presses("Tilføj række"), fills("Gem", {"Navn": ""}))),
    Stop("indstilling-berører", SECTION, "organisation", "ændringen berører brugere",
         "/indstillinger/segldannelse",
         ticks("Tillad segldannelse", press="Gem")),
    Stop("indstilling-samtidig", SECTION, "organisation", "ændret af en anden", "/indstillinger",
         somebody_else_changed_it),
    Stop("indstilling-ukendt", SECTION, "organisation", "Siden findes ikke", "/indstillinger/vejret",
         status=404),
    Stop("roller", "/indstillinger/roller", "organisation", "Betroet medarbejder"),
    Stop("logget-ind", "/indstillinger/logget-ind", "organisation", "er logget ind på disse sider"),
    Stop("roller-læst", "/indstillinger/roller", "brugere", "tildeles af en organisationsadministrator"),
)  # fmt: skip

REPORTS = (
    Stop("rapporter", "/rapporter", "brugere", "Omkostninger"),
    *(Stop(f"rapport-{slug}", REPORT, "brugere", "Opgjort", f"/rapporter/{slug}") for slug in KINDS),
    *(Stop(f"rapport-{slug}-tom", REPORT, "brugere", kind.empty, f"/rapporter/{slug}?dato=1.1.2020")
      for slug, kind in KINDS.items()),
    Stop("rapport-kommende", REPORT, "brugere", "ud fra det, der er registreret nu",
         "/rapporter/status?dato=1.5.2026"),
    Stop("rapport-fejl", REPORT, "brugere", "Datoen kan ikke læses", "/rapporter/status?dato=i+morgen",
         status=422),
)  # fmt: skip

LOGS = (
    Stop("log", LOG, "organisation", "Hændelser, de nyeste først"),
    Stop("log-før-og-efter", LOG, "organisation", "Før og efter", "/haendelseslog?art=user.deactivated",
         unfolds_all),
    Stop("log-tom", LOG, "organisation", "Ingen hændelser passer",
         steps=fills("Vis", {"Ord i navn": "zzz"})),
    Stop("log-fejl", LOG, "organisation", "Der er 3 fejl",
         steps=fills("Vis", {"Fra dato": "i går", "Til og med dato": "i dag", "Hvem der gjorde det": "Ida"})),
    Stop("tidspunkt", "/haendelseslog/tidspunkt", "organisation", "Organisationen på et tidspunkt"),
    Stop("tidspunkt-vist", "/haendelseslog/tidspunkt", "organisation", "Brugere efter status",
         "/haendelseslog/tidspunkt?dato=10.3.2026", unfolds("Indstillinger")),
    Stop("tidspunkt-fejl", "/haendelseslog/tidspunkt", "organisation", "fejl",
         "/haendelseslog/tidspunkt?dato=1.1.2020&kl=25", status=422),
    Stop("forskel", "/haendelseslog/forskel", "organisation", "Forskel mellem to tidspunkter"),
    Stop("forskel-vist", "/haendelseslog/forskel", "organisation", "Kommet til",
         "/haendelseslog/forskel?fra=1.2.2026&til=15.3.2026",
         unfolds_all),
    Stop("forskel-ingen", "/haendelseslog/forskel", "organisation", "Intet er anderledes",
         "/haendelseslog/forskel?fra=14.3.2026&fra_kl=10&til=14.3.2026&til_kl=11"),
    Stop("forskel-fejl", "/haendelseslog/forskel", "organisation", "fejl",
         "/haendelseslog/forskel?fra=i+går&til=i+dag", status=422),
    Stop("eksport", "/haendelseslog/eksport", "organisation", "Sådan kontrolleres eksporten"),
    Stop("eksport-fejl", "/haendelseslog/eksport", "organisation", "Der er en fejl",
         steps=fills("Hent eksport", {"Fra dato": "2.2.2026", "Til og med dato": "1.2.2026"})),
    Stop("eksport-bruger", "/brugere/{user_id}/eksport", "organisation", "artikel 15",
         "/brugere/{long}/eksport"),
    Stop("eksport-slettet", "/brugere/{user_id}/eksport", "organisation", "den slettede bruger",
         "/brugere/{gone}/eksport"),
)  # fmt: skip

PERSONAL = (
    Stop("notifikationer", "/notifikationer", "brugere", "Sofie Kruse"),
    Stop("notifikationer-ingen", "/notifikationer", "bager", "Der er ingen notifikationer"),
    Stop("notifikation", NOTICE, "brugere", "ønsker at være anonym", "/notifikationer/{asking}"),
    Stop("notifikation-fejl", NOTICE, "brugere", "Der er en fejl", "/notifikationer/{asking}",
         presses("Afvis")),
    Stop("notifikation-kode", NOTICE, "brugere", "er oprettet på ny som anonym",
         steps=asks(presses("Godkend"))),
    Stop("notifikation-afvist", NOTICE, "brugere", "Anmodningen er afvist",
         steps=asks(fills("Afvis", {"Begrundelse": "Du skal være administrator."}))),
    Stop("notifikation-væk", NOTICE, "brugere", "Notifikationer", "/notifikationer/{active}"),
    Stop("min-profil", "/min-profil", "ingen", "Træk samtykke tilbage"),
    Stop("min-profil-roller", "/min-profil", "alt", "Brugeradministrator"),
    Stop("min-profil-betroet", "/min-profil", "betroet", "må ikke være anonyme"),
    Stop("samtykke", "/min-profil/samtykke", "ingen", "Dit private MitID virker som før"),
    Stop("anonym", "/min-profil/anonym", "ingen", "Du mister disse rettigheder"),
    Stop("anonym-fejl", "/min-profil/anonym", "ingen", "Der er en fejl", steps=presses("Send anmodning")),
)  # fmt: skip

REFUSED = (
    Stop("uden-rolle", "/indstillinger", "ingen", "ikke", status=403),
    Stop("forkert-rolle", "/brugere/opret", "rettigheder", "ikke", status=403),
    Stop("fremmed-bruger", "/brugere/{user_id}", "bager", "findes ikke", "/brugere/{active}", status=404),
    Stop("findes-ikke", "/", "brugere", "Siden findes ikke", "/vejret", status=404),
    Stop("misforstået", "/brugere", "brugere", "Begynd forfra", "/brugere?status=glad", status=400),
)

STOPS = (*SETTINGS, *REPORTS, *LOGS, *PERSONAL, *REFUSED)
