"""The guide's jobs that a file does to many users at once, and what follows after an import."""

import pytest

from brugerbog.application.commands.imports.sources import InMemory
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.application.commands.imports.csv_rows import by_birth_date, create, delete, file_of, update
from tests.application.mail.captured_mails import CapturedMails
from tests.e2e.window import CREATE_ARROW, Window
from tests.given import P_NUMBER
from tests.journeys.town import Town

WAYS = ["Opret bruger", "Opret brugere via .csv-fil", "Redigér brugere via .csv-fil"]


def choose_file(window: Window, *rows: str) -> None:
    """Vælg fil, and Næste."""
    window.sees("Opret og redigér flere brugere")
    window.pick_file("Vælg fil", "brugere.csv", file_of(*rows))
    window.press("Næste")


def bring_in(town: Town, *rows: str) -> None:
    """An import that happened before."""
    assert town.administration.import_users(town.actor, InMemory(file_of(*rows))).refused == 0


def test_opret_flere_brugere_paa_en_gang(window: Window, town: Town) -> None:
    window.open("/")
    assert "Importerede brugere" not in window.menu()
    assert window.is_above(window.page.locator("table.users"), window.dropdown(CREATE_ARROW))
    assert window.choices() == WAYS
    window.opens("Opret brugere via .csv-fil")
    window.sees("Brugeradministration CSV skabelon (.csv)")
    window.looks_like("vælg-fil")
    choose_file(
        window, create(1, first_name="Bo"), by_birth_date(2, first_name="Åse"), create(3, email="ingen")
    )
    window.sees("Filen er kontrolleret", "Nogle rækker har fejl", "E-mail")
    window.looks_like("kontrolleret")
    assert town.names(imported=True) == []
    window.press("Importér")
    window.sees("Kvittering", "Oprettet 2", "Afvist 1")
    window.looks_like("kvittering")
    window.press("Gå til importerede brugere")
    window.reads("Importerede brugere", "Bo Hansen", "Åse Hansen")
    assert "Importerede brugere" in window.menu()
    assert town.names(imported=True) == ["Bo", "Åse"]
    assert not [
        letter for letter in CapturedMails(town).dispatch() if letter.to_address == "anne1@firma.test"
    ]


def test_send_flere_brugere_til_aktivering_paa_en_gang(window: Window, town: Town) -> None:
    bring_in(town, create(1, first_name="Bo"), create(2, first_name="Ea"), by_birth_date(3, first_name="Åse"))
    window.open("/")
    window.goes_to("Importerede brugere")
    for name in ("Bo Hansen", "Ea Hansen", "Åse Hansen"):
        window.tick(f"Vælg {name}")
    window.looks_like("valgt")
    window.press("Send valgte til aktivering")
    window.sees(
        "Oprettet uden CPR-nummer: Åse Hansen. Fluebenet er fjernet.", "sende 2 brugere til aktivering"
    )
    window.looks_like("identifikationsmidler")
    window.tick("Brugerens private MitID")
    window.fill("MitID kodeviser", "1")
    window.press("Næste")
    window.reads("Opsummering", "67,00 kr.", "Bo Hansen", "Ea Hansen")
    window.looks_like("opsummering")
    assert town.names(status=Status.PENDING) == []
    window.press("Aktivér brugere")
    window.sees("2 brugere er sendt til aktivering og modtager hver en aktiveringsmail fra MitID Erhverv.")
    window.looks_like("sendt")
    sent = town.users(status=Status.PENDING)
    assert [(one.first_name, one.means) for one in sent] == [
        (name, [Means.PRIVATE, Means.CODE_DISPLAY]) for name in ("Bo", "Ea")
    ]


@pytest.mark.parametrize("known", ["cpr", "foedselsdato"])
def test_send_brugere_enkeltvis_til_aktivering(window: Window, town: Town, known: str) -> None:
    bring_in(town, create(1) if known == "cpr" else by_birth_date(1))
    window.open("/")
    window.goes_to("Importerede brugere", "Anne Hansen")
    window.reads("Tjek oplysningerne", "Vælg identifikationsmidler")
    window.looks_like("vindue")
    window.fill("MitID app", "1")
    window.press("Aktivér")
    if known == "cpr":
        window.sees("Anne Hansen er sendt til aktivering og modtager en aktiveringsmail fra MitID Erhverv.")
    else:
        window.sees("Midlertidig aktiveringskode", "Husk at gemme koden")
        window.press("Vis")
        assert len(window.page.locator("#kode").inner_text()) > len("XXXX-XXXX")
    window.looks_like("sendt")
    assert town.users(search="anne")[0].status is Status.PENDING


def test_rediger_flere_brugere_paa_en_gang(window: Window, town: Town) -> None:
    anne, *_ = town.create_many(8, email="gammel@by.test")
    window.open("/")
    assert window.is_above(window.dropdown(CREATE_ARROW), window.page.locator("table.users"))
    assert window.choices() == WAYS
    window.opens("Redigér brugere via .csv-fil")
    window.looks_like("vælg-fil")
    choose_file(window, update(user_id=str(anne), email="ny@by.test", p_number=P_NUMBER))
    window.sees("Filen er kontrolleret", "Alle rækker er i orden.", "Bliver redigeret 1")
    window.press("Importér")
    window.sees("Kvittering", "Redigeret 1")
    window.looks_like("kvittering")
    assert (town.show(anne).email, town.show(anne).p_number) == ("ny@by.test", P_NUMBER)


def test_slet_flere_brugere_paa_en_gang(window: Window, town: Town) -> None:
    anne, bo = town.create_many(2)
    window.open("/")
    assert window.choices() == WAYS
    window.opens("Redigér brugere via .csv-fil")
    choose_file(window, delete(user_id=str(anne)), delete(user_id=str(bo)))
    window.sees("2 brugere bliver slettet permanent.")
    window.looks_like("kontrolleret")
    window.press("Importér")
    window.sees("Kvittering", "Slettet 2")
    window.looks_like("kvittering")
    assert not {anne, bo} & set(town.ids())
