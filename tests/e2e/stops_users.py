"""The list of users, one user's profile, and all that is done to him."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.place import LONG
from tests.e2e.stops import Stop, chain, fills, lets_stand_open, opens_narrow_menu, presses, ticks, unfolds
from tests.e2e.window import CREATE_ARROW
from tests.journeys.town import BORN

if TYPE_CHECKING:
    from tests.e2e.place import Place
    from tests.e2e.window import Window

LIST, PROFILE = "/brugere", "/brugere/{user_id}"
CHOSEN = "/brugere/valgte"
SECTIONS = ("Identifikationsmidler", "Roller", "Organisation", "Historik")


def _deletes_two_who_are_new(window: Window, place: Place) -> None:
    for surname in ("Aa", "Ab"):
        place.create("Aaa", surname, date_of_birth=BORN)
    window.open("/brugere?sortering=created&retning=ned")
    ticks("Vælg Aaa Aa", "Vælg Aaa Ab", press="Slet")(window, place)


LISTS = (
    Stop("liste", LIST, "alt", "Opret bruger"),
    Stop("liste-efter-status", LIST, "brugere", "Deaktiveret", "/brugere?sortering=status&retning=ned"),
    Stop("liste-venter", LIST, "brugere", "Link udløbet", "/brugere?status=pending"),
    Stop("liste-næste-side", LIST, "brugere", "Første side", steps=presses("Næste side")),
    Stop("liste-søgt", LIST, "brugere", "Maximiliane", steps=fills("Søg", {"Søg efter bruger": "maxim"})),
    Stop("liste-ingen-fundet", LIST, "brugere", "Ingen brugere passer", steps=fills("Søg",
         {"Søg efter": "zzz"})),
    Stop("liste-forsvundet", LIST, "brugere", "Listen er ændret", "/brugere?efter={nobody}"),
    Stop("liste-uden-ret", LIST, "rettigheder", "Status", "/brugere?status=deactivated"),
    Stop("liste-få", LIST, "bager", "Opret bruger"),
    Stop("liste-opret-pil", LIST, "bager", "Redigér brugere via .csv-fil",
         steps=lets_stand_open(CREATE_ARROW)),
    Stop("liste-prikker", LIST, "bager", "Slet bruger", steps=lets_stand_open("Handlinger for Viggo")),
    Stop("liste-menu", LIST, "alt", "Brugere", "/brugere?status=deactivated", opens_narrow_menu),
    Stop("ingen-valgt", CHOSEN, "brugere", "flueben ud for mindst én", "/brugere", presses("Deaktivér")),
    Stop("valgte-gensend", CHOSEN, "brugere", "Hver bruger får en ny", "/brugere?status=pending",
         ticks("Vælg Nanna Vad", "Vælg Ingrid Munk", press="Gensend aktiveringsmail")),
    Stop("valgte-deaktiver", CHOSEN, "bager", "Det gælder ikke disse brugere", LIST,
         ticks("Vælg Viggo Lind", "Vælg Alma Juul", press="Deaktivér")),
    Stop("valgte-ingen-kan", CHOSEN, "bager", "kan ikke gøres for nogen", LIST,
         ticks("Vælg Alma Juul", press="Deaktivér")),
    Stop("valgte-deaktiver-fejl", CHOSEN, "brugere", "Datoen kan ikke læses", "/brugere?status=active",
         chain(ticks("Vælg Emil Toft", press="Deaktivér"), fills("Deaktivér", {"Fra dato": "i morgen"}))),
    Stop("valgte-slet", CHOSEN, "brugere", "slettet permanent", LIST, _deletes_two_who_are_new),
    Stop("valgte-resultat", "/brugere/valgte/resultat", "brugere", "Slettet permanent: 2 brugere",
         steps=chain(_deletes_two_who_are_new, presses("Ok"))),
)  # fmt: skip

PROFILES = (
    Stop("profil-aktiv", PROFILE, "brugere", "Deaktivér", "/brugere/{active}", unfolds(*SECTIONS)),
    Stop("profil-venter", PROFILE, "brugere", "Aktiveringslinket gælder til", "/brugere/{pending}"),
    Stop("profil-kode", PROFILE, "brugere", "Ny midlertidig kode", "/brugere/{coded}"),
    Stop("profil-link-udløbet", PROFILE, "brugere", "Aktiveringslinket udløb", "/brugere/{expired}"),
    Stop("profil-importeret", PROFILE, "brugere", "er importeret", "/brugere/{imported}"),
    Stop("profil-deaktiveret", PROFILE, "brugere", "Ret deaktivering", "/brugere/{away}"),
    Stop("profil-bliver-deaktiveret", PROFILE, "brugere", "Bliver deaktiveret", "/brugere/{leaving}"),
    Stop("profil-anonym", PROFILE, "alt", "Oprettet i stedet for", "/brugere/{anonymous}", unfolds("Roller")),
    Stop("profil-langt-navn", PROFILE, "alt", LONG, "/brugere/{long}",
         unfolds("Identifikationsmidler", "Rettigheder", "Underskrift", "Segldannelse", "Roller",
         "Organisation",
                 "Historik")),
    Stop("profil-langt-navn-læst", PROFILE, "brugere", LONG, "/brugere/{long}",
         unfolds("Rettigheder, underskrift og segldannelse", "Roller", "Organisation")),
    Stop("profil-cpr", PROFILE, "brugere", "noteret i hændelsesloggen", "/brugere/{long}",
         presses("Vis hele CPR-nummeret")),
    Stop("profil-rettigheder", PROFILE, "rettigheder", "Gem rettigheder", "/brugere/{active}",
         unfolds("Rettigheder", "Underskrift", "Segldannelse")),
    Stop("profil-organisation", PROFILE, "organisation", "Gem tilknytning", "/brugere/{mads}",
         unfolds("Roller", "Organisation")),
    Stop("profil-tom-historik", PROFILE, "brugere", "Ingen aktiviteter passer",
         "/brugere/{active}?fra=1.1.2020&til=2.1.2020"),
    Stop("profil-historik-fejl", PROFILE, "brugere", "Datoen kan ikke læses",
         "/brugere/{active}?fra=i+morgen"),
    Stop("profil-slettet", PROFILE, "brugere", "slettet", "/brugere/{gone}", status=410),
    Stop("profil-ukendt", PROFILE, "brugere", "findes ikke", "/brugere/{nobody}", status=404),
)  # fmt: skip

DEEDS = (
    Stop("opret", "/brugere/opret", "alt", "Tilføj rettigheder", steps=unfolds("Rettigheder",
         "Underskrift", "Segldannelse")),
    Stop("opret-findes", "/brugere/opret", "brugere", "Se brugeren, der findes i forvejen",
         steps=fills("Opret bruger", {"Fornavn": "Nanna", "Efternavn": "Vad", "CPR-nummer": "0805990008",
                                      "E-mailadresse": "nanna@fjordkoebing.example"})),
    Stop("rediger", "/brugere/{user_id}/rediger", "brugere", "Opdatér", "/brugere/{long}/rediger"),
    Stop("rediger-fejl", "/brugere/{user_id}/rediger", "brugere", "Der er 2 fejl",
         "/brugere/{active}/rediger",
         fills("Opdatér", {"E-mailadresse": "ingen", "Telefonnummer": "12"})),
    Stop("midler", "/brugere/{user_id}/identifikationsmidler", "brugere", "Koster 33,50 kr.",
         "/brugere/{active}/identifikationsmidler"),
    Stop("midler-delt-fejl", "/brugere/{user_id}/identifikationsmidler", "brugere", "fejl",
         "/brugere/{active}/identifikationsmidler",
         ticks("Delt MitID identifikationsmiddel", press="Tilføj identifikationsmidler")),
    Stop("deaktiver", "/brugere/{user_id}/deaktiver", "brugere", "Første inaktive dag",
         "/brugere/{active}/deaktiver"),
    Stop("deaktiver-fejl", "/brugere/{user_id}/deaktiver", "brugere", "Der er en fejl",
         "/brugere/{active}/deaktiver",
         fills("Deaktivér", {"Fra dato": "1.1.2020", "Til dato": "1.1.2019"})),
    Stop("aktiver", "/brugere/{user_id}/aktiver", "brugere", "bliver aktiv igen", "/brugere/{away}/aktiver"),
    Stop("aktiver-kommende", "/brugere/{user_id}/aktiver", "brugere", "bliver annulleret",
         "/brugere/{leaving}/aktiver"),
    Stop("aktiver-fejl", "/brugere/{user_id}/aktiver", "brugere", "Der er en fejl",
         "/brugere/{active}/aktiver",
         presses("Aktivér")),
    Stop("slet", "/brugere/{user_id}/slet", "brugere", "slettet permanent", "/brugere/{long}/slet"),
    Stop("slet-sig-selv", "/brugere/{user_id}/slet", "brugere", "Der er en fejl", "/brugere/{mads}/slet",
         presses("Ok")),
    Stop("rolle-tildel", "/brugere/{user_id}/roller/{role}/{deed}", "organisation", "får rollen",
         "/brugere/{active}/roller/trusted_employee/tildel"),
    Stop("rolle-fratag-sin-egen", "/brugere/{user_id}/roller/{role}/{deed}", "organisation", "din egen rolle",
         "/brugere/{poul}/roller/organisation_administrator/fratag"),
    Stop("rolle-anonym-fejl", "/brugere/{user_id}/roller/{role}/{deed}", "alt", "Der er en fejl",
         "/brugere/{anonymous}/roller/user_administrator/tildel", presses("Tildel rolle")),
)  # fmt: skip

STOPS = (*LISTS, *PROFILES, *DEEDS)
