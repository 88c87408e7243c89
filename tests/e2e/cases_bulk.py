"""Files of users, and imported users on their way to activation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.infrastructure.web.uploads import State, UploadKind
from tests.application.commands.imports.csv_rows import by_birth_date, create, file_of
from tests.e2e.cases import Case, Steps, chain, fills, presses, ticks

if TYPE_CHECKING:
    from tests.e2e.browser_page import BrowserPage
    from tests.e2e.demo_pages import DemoPages

FILE, LOOKED_AT = "/brugere/fil", "/brugere/fil/{upload_id}"
IMPORTED, SENDING = "/importerede", "/importerede/aktivering/{upload_id}"
BAD = (create(60, email="ingen"), create(61, cpr="70961111", phone="12"), by_birth_date(62, target_ial="5"))
LATER = "Alle rækker bliver afvist"


def picks(content: bytes) -> Steps:
    def steps(page: BrowserPage, _place: DemoPages) -> None:
        page.pick_file("Vælg fil", "brugere.csv", content)
        page.press("Næste")

    return steps


def lies_there(kind: UploadKind, at: str, state: State, *, far: bool = False, dead: bool = False) -> Steps:
    """Something that was handed in and is under way, but won't come any further."""

    def steps(page: BrowserPage, demo_pages: DemoPages) -> None:
        told = {"refused": "Du har ikke adgang til at gøre det her."} if state is State.REFUSED else None
        upload_id = demo_pages.hand_in("brugere", kind, state, told)
        if far:
            demo_pages.served_pages.web_context.uploads.record_progress(upload_id, 4_200, 10_000)
        if dead:
            demo_pages.served_pages.web_context.uploads.release(upload_id)
        page.open(f"{at}/{upload_id}")

    return steps


def imports_nothing_for_one_error(page: BrowserPage, demo_pages: DemoPages) -> None:
    picks(file_of(create(41, email="ny@by.test"), create(42, email="ingen")))(page, demo_pages)
    ticks("Importér kun, hvis ingen rækker bliver afvist", press="Importér")(page, demo_pages)


FILES = (
    Case("fil", FILE, "brugere", "Opret og redigér flere brugere"),
    Case("fil-rediger", FILE, "brugere", "redigere eller slette flere brugere", "/brugere/fil?goer=rediger"),
    Case("fil-ingen", FILE, "brugere", "Der er en fejl", steps=presses("Næste")),
    Case("fil-forkert", FILE, "brugere", "Der er en fejl",
         steps=picks(b"Fornavn,Efternavn\r\nAnne,Hansen\r\n")),
    Case("fil-kun-fejl", LOOKED_AT, "brugere", "Rækker med fejl", FILE, picks(file_of(*BAD))),
    Case("fil-nogle-fejl", LOOKED_AT, "brugere", "Nogle rækker har fejl", FILE, picks(file_of(create(63),
         *BAD))),
    Case("fil-intet-gennemført", LOOKED_AT, "brugere", "Intet er gennemført", FILE,
         imports_nothing_for_one_error),
    Case("fil-kontrolleres", LOOKED_AT, "brugere", "Filen bliver kontrolleret", FILE,
         lies_there(UploadKind.FILE, FILE, State.CHECKING)),
    Case("fil-fremgang", LOOKED_AT, "brugere", "4.200 af 10.000 rækker", FILE,
         lies_there(UploadKind.FILE, FILE, State.WORKING, far=True)),
    Case("fil-afbrudt", LOOKED_AT, "brugere", "Fortsæt", FILE,
         lies_there(UploadKind.FILE, FILE, State.WORKING, far=True, dead=True)),
    Case("fil-afvist", LOOKED_AT, "brugere", "Filen blev ikke importeret", FILE,
         lies_there(UploadKind.FILE, FILE, State.REFUSED)),
    Case("fil-ukendt", LOOKED_AT, "brugere", "Siden findes ikke", "/brugere/fil/{nobody}", status=404),
)  # fmt: skip

WAITING = (
    Case("importerede", IMPORTED, "brugere", "Send valgte til aktivering"),
    Case("importerede-ingen", IMPORTED, "bager", "Ingen importerede brugere venter"),
    Case("importerede-ingen-fundet", IMPORTED, "brugere", "Ingen importerede brugere passer",
         steps=fills("Søg", {"Søg efter bruger": "zzz"})),
    Case("importerede-ingen-valgt", IMPORTED, "brugere", "flueben",
         steps=presses("Send valgte til aktivering")),
    Case("importerede-uden-cpr", IMPORTED, "brugere", "Oprettet uden CPR-nummer",
         steps=ticks("Vælg Øjvind Ravn", press="Send valgte til aktivering")),
    Case("importeret-cpr", "/importerede/{user_id}", "brugere", "Tjek oplysningerne",
         "/importerede/{imported}"),
    Case("importeret-fødselsdato", "/importerede/{user_id}", "brugere", "midlertidig aktiveringskode",
         "/importerede/{by_date}"),
    Case("importeret-fejl", "/importerede/{user_id}", "brugere", "helt tal", "/importerede/{imported}",
         fills("Aktivér", {"MitID app": "mange"})),
    Case("send-midler", "/importerede/aktivering/midler", "brugere",
         "alle importerede brugere med CPR-nummer",
         IMPORTED, presses("Send alle importerede til aktivering")),
    Case("send-midler-fejl", "/importerede/aktivering/midler", "brugere", "Der er 2 fejl", IMPORTED,
         chain(presses("Send alle importerede til aktivering"),
               fills("Næste", {"MitID app": "mange", "MitID chip": "9"}))),
    Case("send-opsummering", SENDING, "brugere", "Højst", IMPORTED,
         chain(presses("Send alle importerede til aktivering"), fills("Næste", {"MitID kodeviser": "1"}))),
    Case("send-fremgang", SENDING, "brugere", "4.200 af 10.000 brugere", IMPORTED,
         lies_there(UploadKind.SENDING, "/importerede/aktivering", State.WORKING, far=True)),
    Case("send-afbrudt", SENDING, "brugere", "Fortsæt", IMPORTED,
         lies_there(UploadKind.SENDING, "/importerede/aktivering", State.WORKING, dead=True)),
    Case("send-afvist", SENDING, "brugere", "blev ikke sendt", IMPORTED,
         lies_there(UploadKind.SENDING, "/importerede/aktivering", State.REFUSED)),
)  # fmt: skip

CASES = (*FILES, *WAITING)
