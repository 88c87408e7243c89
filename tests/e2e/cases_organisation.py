"""Settings, roles, reports, the log, notices, one's own profile, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.actors import Actor
from brugerbog.entrypoints.web.organisation.reports import KINDS
from brugerbog.entrypoints.web.organisation.setting_sections import SECTIONS
from tests.e2e.cases import Case, Steps, chain, fills, presses, ticks, unfolds, unfolds_all
from tests.org_driver import BORN

if TYPE_CHECKING:
    from tests.e2e.browser_page import BrowserPage
    from tests.e2e.demo_pages import DemoPages

SECTION = "/indstillinger/{key}"
REPORT = "/rapporter/{slug}"
LOG = "/haendelseslog"
NOTICE = "/notifikationer/{user_id}"


def asks(then: Steps) -> Steps:
    """Somebody new, known by his birth date, asks to become anonymous."""

    def steps(page: BrowserPage, demo_pages: DemoPages) -> None:
        administration = demo_pages.served_pages.service.administration
        user_id = demo_pages.create("Ulla", "Vest", date_of_birth=BORN)
        administration.activate_user(demo_pages.actor, user_id)
        administration.request_anonymity(
            Actor(user_id, demo_pages.actor.organisation_id), accepts_losing_rights=True
        )
        page.open(f"/notifikationer/{user_id}")
        then(page, demo_pages)

    return steps


def somebody_else_changed_it(page: BrowserPage, demo_pages: DemoPages) -> None:
    administration = demo_pages.served_pages.service.administration
    administration.change_settings(demo_pages.actor, {"use_reference_text": False})
    page.open("/indstillinger/referencetekst")
    administration.change_settings(demo_pages.actor, {"use_reference_text": True})
    page.driver.locator("label", has_text="Brug referencetekst").click()
    page.driver.locator("label", has_text="Brug referencetekst").click()
    page.press("Gem")


SETTINGS = (
    Case("indstillinger", "/indstillinger", "organisation", "Opbevaring"),
    *(Case(f"indstilling-{key}", SECTION, "organisation", "Gem",
         f"/indstillinger/{key}") for key in SECTIONS),
    Case("indstilling-fejl", SECTION, "organisation", "fejl", "/indstillinger/p-numre",
         fills("Gem", {"P-numre": "12\nabc"})),
    Case("indstilling-priser-fejl", SECTION, "organisation", "Beløbet kan ikke læses",
         "/indstillinger/priser",
         fills("Gem", {"Pris for en bruger": "mange penge"})),
    Case("indstilling-rettigheder-fejl", SECTION, "organisation", "fejl", "/indstillinger/rettigheder",
         chain(presses("Tilføj række"), fills("Gem", {"Navn": ""}))),
    Case("indstilling-berører", SECTION, "organisation", "ændringen berører brugere",
         "/indstillinger/segldannelse",
         ticks("Tillad segldannelse", press="Gem")),
    Case("indstilling-samtidig", SECTION, "organisation", "ændret af en anden", "/indstillinger",
         somebody_else_changed_it),
    Case("indstilling-ukendt", SECTION, "organisation", "Siden findes ikke", "/indstillinger/vejret",
         status=404),
    Case("roller", "/indstillinger/roller", "organisation", "Betroet medarbejder"),
    Case("logget-ind", "/indstillinger/logget-ind", "organisation", "er logget ind på disse sider"),
    Case("roller-læst", "/indstillinger/roller", "brugere", "tildeles af en organisationsadministrator"),
)  # fmt: skip

REPORTS = (
    Case("rapporter", "/rapporter", "brugere", "Omkostninger"),
    *(Case(f"rapport-{slug}", REPORT, "brugere", "Opgjort", f"/rapporter/{slug}") for slug in KINDS),
    *(Case(f"rapport-{slug}-tom", REPORT, "brugere", kind.empty, f"/rapporter/{slug}?dato=1.1.2020")
      for slug, kind in KINDS.items()),
    Case("rapport-kommende", REPORT, "brugere", "ud fra det, der er registreret nu",
         "/rapporter/status?dato=1.5.2026"),
    Case("rapport-fejl", REPORT, "brugere", "Datoen kan ikke læses", "/rapporter/status?dato=i+morgen",
         status=422),
)  # fmt: skip

LOGS = (
    Case("log", LOG, "organisation", "Hændelser, de nyeste først"),
    Case("log-før-og-efter", LOG, "organisation", "Før og efter", "/haendelseslog?art=user.deactivated",
         unfolds_all),
    Case("log-tom", LOG, "organisation", "Ingen hændelser passer",
         steps=fills("Vis", {"Ord i navn": "zzz"})),
    Case("log-fejl", LOG, "organisation", "Der er 3 fejl",
         steps=fills("Vis", {"Fra dato": "i går", "Til og med dato": "i dag", "Hvem der gjorde det": "Ida"})),
    Case("tidspunkt", "/haendelseslog/tidspunkt", "organisation", "Organisationen på et tidspunkt"),
    Case("tidspunkt-vist", "/haendelseslog/tidspunkt", "organisation", "Brugere efter status",
         "/haendelseslog/tidspunkt?dato=10.3.2026", unfolds("Indstillinger")),
    Case("tidspunkt-fejl", "/haendelseslog/tidspunkt", "organisation", "fejl",
         "/haendelseslog/tidspunkt?dato=1.1.2020&kl=25", status=422),
    Case("forskel", "/haendelseslog/forskel", "organisation", "Forskel mellem to tidspunkter"),
    Case("forskel-vist", "/haendelseslog/forskel", "organisation", "Kommet til",
         "/haendelseslog/forskel?fra=1.2.2026&til=15.3.2026",
         unfolds_all),
    Case("forskel-ingen", "/haendelseslog/forskel", "organisation", "Intet er anderledes",
         "/haendelseslog/forskel?fra=14.3.2026&fra_kl=10&til=14.3.2026&til_kl=11"),
    Case("forskel-fejl", "/haendelseslog/forskel", "organisation", "fejl",
         "/haendelseslog/forskel?fra=i+går&til=i+dag", status=422),
    Case("eksport", "/haendelseslog/eksport", "organisation", "Sådan kontrolleres eksporten"),
    Case("eksport-fejl", "/haendelseslog/eksport", "organisation", "Der er en fejl",
         steps=fills("Hent eksport", {"Fra dato": "2.2.2026", "Til og med dato": "1.2.2026"})),
    Case("eksport-bruger", "/brugere/{user_id}/eksport", "organisation", "artikel 15",
         "/brugere/{long}/eksport"),
    Case("eksport-slettet", "/brugere/{user_id}/eksport", "organisation", "den slettede bruger",
         "/brugere/{gone}/eksport"),
)  # fmt: skip

PERSONAL = (
    Case("notifikationer", "/notifikationer", "brugere", "Sofie Kruse"),
    Case("notifikationer-ingen", "/notifikationer", "bager", "Der er ingen notifikationer"),
    Case("notifikation", NOTICE, "brugere", "ønsker at være anonym", "/notifikationer/{asking}"),
    Case("notifikation-fejl", NOTICE, "brugere", "Der er en fejl", "/notifikationer/{asking}",
         presses("Afvis")),
    Case("notifikation-kode", NOTICE, "brugere", "er oprettet på ny som anonym",
         steps=asks(presses("Godkend"))),
    Case("notifikation-afvist", NOTICE, "brugere", "Anmodningen er afvist",
         steps=asks(fills("Afvis", {"Begrundelse": "Du skal være administrator."}))),
    Case("notifikation-væk", NOTICE, "brugere", "Notifikationer", "/notifikationer/{active}"),
    Case("min-profil", "/min-profil", "ingen", "Træk samtykke tilbage"),
    Case("min-profil-roller", "/min-profil", "alt", "Brugeradministrator"),
    Case("min-profil-betroet", "/min-profil", "betroet", "må ikke være anonyme"),
    Case("samtykke", "/min-profil/samtykke", "ingen", "Dit private MitID virker som før"),
    Case("anonym", "/min-profil/anonym", "ingen", "Du mister disse rettigheder"),
    Case("anonym-fejl", "/min-profil/anonym", "ingen", "Der er en fejl", steps=presses("Send anmodning")),
)  # fmt: skip

REFUSED = (
    Case("uden-rolle", "/indstillinger", "ingen", "ikke", status=403),
    Case("forkert-rolle", "/brugere/opret", "rettigheder", "ikke", status=403),
    Case("fremmed-bruger", "/brugere/{user_id}", "bager", "findes ikke", "/brugere/{active}", status=404),
    Case("findes-ikke", "/", "brugere", "Siden findes ikke", "/vejret", status=404),
    Case("misforstået", "/brugere", "brugere", "Begynd forfra", "/brugere?status=glad", status=400),
)

CASES = (*SETTINGS, *REPORTS, *LOGS, *PERSONAL, *REFUSED)
