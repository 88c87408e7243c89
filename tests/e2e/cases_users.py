"""The list of users, one user's profile, and all that is done to him."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.browser_page import CREATE_ARROW
from tests.e2e.cases import (
    Case,
    chain,
    fills,
    opens_dropdown,
    opens_narrow_menu,
    presses,
    ticks,
    unfolds,
)
from tests.e2e.demo_pages import LONG
from tests.org_driver import BORN

if TYPE_CHECKING:
    from tests.e2e.browser_page import BrowserPage
    from tests.e2e.demo_pages import DemoPages

LIST, PROFILE = "/brugere", "/brugere/{user_id}"
CHOSEN = "/brugere/valgte"
SECTIONS = ("Identifikationsmidler", "Roller", "Organisation", "Historik")


def _deletes_two_who_are_new(page: BrowserPage, demo_pages: DemoPages) -> None:
    for surname in ("Aa", "Ab"):
        demo_pages.create("Aaa", surname, date_of_birth=BORN)
    page.open("/brugere?sortering=created&retning=ned")
    ticks("Vælg Aaa Aa", "Vælg Aaa Ab", press="Slet")(page, demo_pages)


LISTS = (
    Case("liste", LIST, "alt", "Opret bruger"),
    Case("liste-efter-status", LIST, "brugere", "Deaktiveret", "/brugere?sortering=status&retning=ned"),
    Case("liste-venter", LIST, "brugere", "Link udløbet", "/brugere?status=pending"),
    Case("liste-næste-side", LIST, "brugere", "Første side", steps=presses("Næste side")),
    Case("liste-søgt", LIST, "brugere", "Maximiliane", steps=fills("Søg", {"Søg efter bruger": "maxim"})),
    Case("liste-ingen-fundet", LIST, "brugere", "Ingen brugere passer", steps=fills("Søg",
         {"Søg efter": "zzz"})),
    Case("liste-forsvundet", LIST, "brugere", "Listen er ændret", "/brugere?efter={nobody}"),
    Case("liste-uden-ret", LIST, "rettigheder", "Status", "/brugere?status=deactivated"),
    Case("liste-få", LIST, "bager", "Opret bruger"),
    Case("liste-opret-pil", LIST, "bager", "Redigér brugere via .csv-fil",
         steps=opens_dropdown(CREATE_ARROW)),
    Case("liste-prikker", LIST, "bager", "Slet bruger", steps=opens_dropdown("Handlinger for Viggo")),
    Case("liste-menu", LIST, "alt", "Brugere", "/brugere?status=deactivated", opens_narrow_menu),
    Case("ingen-valgt", CHOSEN, "brugere", "flueben ud for mindst én", "/brugere", presses("Deaktivér")),
    Case("valgte-gensend", CHOSEN, "brugere", "Hver bruger får en ny", "/brugere?status=pending",
         ticks("Vælg Nanna Vad", "Vælg Ingrid Munk", press="Gensend aktiveringsmail")),
    Case("valgte-deaktiver", CHOSEN, "bager", "Det gælder ikke disse brugere", LIST,
         ticks("Vælg Viggo Lind", "Vælg Alma Juul", press="Deaktivér")),
    Case("valgte-ingen-kan", CHOSEN, "bager", "kan ikke gøres for nogen", LIST,
         ticks("Vælg Alma Juul", press="Deaktivér")),
    Case("valgte-deaktiver-fejl", CHOSEN, "brugere", "Datoen kan ikke læses", "/brugere?status=active",
         chain(ticks("Vælg Emil Toft", press="Deaktivér"), fills("Deaktivér", {"Fra dato": "i morgen"}))),
    Case("valgte-slet", CHOSEN, "brugere", "slettet permanent", LIST, _deletes_two_who_are_new),
    Case("valgte-resultat", "/brugere/valgte/resultat", "brugere", "Slettet permanent: 2 brugere",
         steps=chain(_deletes_two_who_are_new, presses("Ok"))),
)  # fmt: skip

PROFILES = (
    Case("profil-aktiv", PROFILE, "brugere", "Deaktivér", "/brugere/{active}", unfolds(*SECTIONS)),
    Case("profil-venter", PROFILE, "brugere", "Aktiveringslinket gælder til", "/brugere/{pending}"),
    Case("profil-kode", PROFILE, "brugere", "Ny midlertidig kode", "/brugere/{coded}"),
    Case("profil-link-udløbet", PROFILE, "brugere", "Aktiveringslinket udløb", "/brugere/{expired}"),
    Case("profil-importeret", PROFILE, "brugere", "er importeret", "/brugere/{imported}"),
    Case("profil-deaktiveret", PROFILE, "brugere", "Ret deaktivering", "/brugere/{away}"),
    Case("profil-bliver-deaktiveret", PROFILE, "brugere", "Bliver deaktiveret", "/brugere/{leaving}"),
    Case("profil-anonym", PROFILE, "alt", "Oprettet i stedet for", "/brugere/{anonymous}", unfolds("Roller")),
    Case("profil-langt-navn", PROFILE, "alt", LONG, "/brugere/{long}",
         unfolds("Identifikationsmidler", "Rettigheder", "Underskrift", "Segldannelse", "Roller",
         "Organisation",
                 "Historik")),
    Case("profil-langt-navn-læst", PROFILE, "brugere", LONG, "/brugere/{long}",
         unfolds("Rettigheder, underskrift og segldannelse", "Roller", "Organisation")),
    Case("profil-cpr", PROFILE, "brugere", "noteret i hændelsesloggen", "/brugere/{long}",
         presses("Vis hele CPR-nummeret")),
    Case("profil-rettigheder", PROFILE, "rettigheder", "Gem rettigheder", "/brugere/{active}",
         unfolds("Rettigheder", "Underskrift", "Segldannelse")),
    Case("profil-organisation", PROFILE, "organisation", "Gem tilknytning", "/brugere/{mads}",
         unfolds("Roller", "Organisation")),
    Case("profil-tom-historik", PROFILE, "brugere", "Ingen aktiviteter passer",
         "/brugere/{active}?fra=1.1.2020&til=2.1.2020"),
    Case("profil-historik-fejl", PROFILE, "brugere", "Datoen kan ikke læses",
         "/brugere/{active}?fra=i+morgen"),
    Case("profil-slettet", PROFILE, "brugere", "slettet", "/brugere/{gone}", status=410),
    Case("profil-ukendt", PROFILE, "brugere", "findes ikke", "/brugere/{nobody}", status=404),
)  # fmt: skip

DEEDS = (
    Case("opret", "/brugere/opret", "alt", "Tilføj rettigheder", steps=unfolds("Rettigheder",
         "Underskrift", "Segldannelse")),
    Case("opret-findes", "/brugere/opret", "brugere", "Se brugeren, der findes i forvejen",
         steps=fills("Opret bruger", {"Fornavn": "Nanna", "Efternavn": "Vad", "CPR-nummer": "0805990008",
                                      "E-mailadresse": "nanna@fjordkoebing.example"})),
    Case("rediger", "/brugere/{user_id}/rediger", "brugere", "Opdatér", "/brugere/{long}/rediger"),
    Case("rediger-fejl", "/brugere/{user_id}/rediger", "brugere", "Der er 2 fejl",
         "/brugere/{active}/rediger",
         fills("Opdatér", {"E-mailadresse": "ingen", "Telefonnummer": "12"})),
    Case("midler", "/brugere/{user_id}/identifikationsmidler", "brugere", "Koster 33,50 kr.",
         "/brugere/{active}/identifikationsmidler"),
    Case("midler-delt-fejl", "/brugere/{user_id}/identifikationsmidler", "brugere", "fejl",
         "/brugere/{active}/identifikationsmidler",
         ticks("Delt MitID identifikationsmiddel", press="Tilføj identifikationsmidler")),
    Case("deaktiver", "/brugere/{user_id}/deaktiver", "brugere", "Første inaktive dag",
         "/brugere/{active}/deaktiver"),
    Case("deaktiver-fejl", "/brugere/{user_id}/deaktiver", "brugere", "Der er en fejl",
         "/brugere/{active}/deaktiver",
         fills("Deaktivér", {"Fra dato": "1.1.2020", "Til dato": "1.1.2019"})),
    Case("aktiver", "/brugere/{user_id}/aktiver", "brugere", "bliver aktiv igen", "/brugere/{away}/aktiver"),
    Case("aktiver-kommende", "/brugere/{user_id}/aktiver", "brugere", "bliver annulleret",
         "/brugere/{leaving}/aktiver"),
    Case("aktiver-fejl", "/brugere/{user_id}/aktiver", "brugere", "Der er en fejl",
         "/brugere/{active}/aktiver",
         presses("Aktivér")),
    Case("slet", "/brugere/{user_id}/slet", "brugere", "slettet permanent", "/brugere/{long}/slet"),
    Case("slet-sig-selv", "/brugere/{user_id}/slet", "brugere", "Der er en fejl", "/brugere/{mads}/slet",
         presses("Ok")),
    Case("rolle-tildel", "/brugere/{user_id}/roller/{role}/{deed}", "organisation", "får rollen",
         "/brugere/{active}/roller/trusted_employee/tildel"),
    Case("rolle-fratag-sin-egen", "/brugere/{user_id}/roller/{role}/{deed}", "organisation", "din egen rolle",
         "/brugere/{poul}/roller/organisation_administrator/fratag"),
    Case("rolle-anonym-fejl", "/brugere/{user_id}/roller/{role}/{deed}", "alt", "Der er en fejl",
         "/brugere/{anonymous}/roller/user_administrator/tildel", presses("Tildel rolle")),
)  # fmt: skip

CASES = (*LISTS, *PROFILES, *DEEDS)
