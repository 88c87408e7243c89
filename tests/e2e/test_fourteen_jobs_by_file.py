"""The guide's jobs that a file does to many users at once, and what follows after an import."""

import pytest

from brugerbog.application.commands.imports.sources import InMemory
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.application.commands.imports.csv_rows import by_birth_date, create, delete, file_of, update
from tests.application.mail.captured_mails import CapturedMails
from tests.e2e.browser_page import CREATE_ARROW, BrowserPage
from tests.given import P_NUMBER
from tests.org_driver import OrgDriver

WAYS = ["Opret bruger", "Opret brugere via .csv-fil", "Redigér brugere via .csv-fil"]


def choose_file(page: BrowserPage, *rows: str) -> None:
    """Vælg fil, and Næste."""
    page.sees("Opret og redigér flere brugere")
    page.pick_file("Vælg fil", "brugere.csv", file_of(*rows))
    page.press("Næste")


def bring_in(org: OrgDriver, *rows: str) -> None:
    """An import that happened before."""
    assert org.administration.import_users(org.actor, InMemory(file_of(*rows))).refused == 0


def test_opret_flere_brugere_paa_en_gang(page: BrowserPage, org: OrgDriver) -> None:
    page.open("/")
    assert "Importerede brugere" not in page.menu()
    assert page.is_above(page.driver.locator("table.users"), page.dropdown(CREATE_ARROW))
    assert page.choices() == WAYS
    page.opens("Opret brugere via .csv-fil")
    page.sees("Brugeradministration CSV skabelon (.csv)")
    page.looks_like("vælg-fil")
    choose_file(
        page, create(1, first_name="Bo"), by_birth_date(2, first_name="Åse"), create(3, email="ingen")
    )
    page.sees("Filen er kontrolleret", "Nogle rækker har fejl", "E-mail")
    page.looks_like("kontrolleret")
    assert org.names(imported=True) == []
    page.press("Importér")
    page.sees("Kvittering", "Oprettet 2", "Afvist 1")
    page.looks_like("kvittering")
    page.press("Gå til importerede brugere")
    page.reads("Importerede brugere", "Bo Hansen", "Åse Hansen")
    assert "Importerede brugere" in page.menu()
    assert org.names(imported=True) == ["Bo", "Åse"]
    assert not [letter for letter in CapturedMails(org).dispatch() if letter.to_address == "anne1@firma.test"]


def test_send_flere_brugere_til_aktivering_paa_en_gang(page: BrowserPage, org: OrgDriver) -> None:
    bring_in(org, create(1, first_name="Bo"), create(2, first_name="Ea"), by_birth_date(3, first_name="Åse"))
    page.open("/")
    page.follow("Importerede brugere")
    for name in ("Bo Hansen", "Ea Hansen", "Åse Hansen"):
        page.tick(f"Vælg {name}")
    page.looks_like("valgt")
    page.press("Send valgte til aktivering")
    page.sees("Oprettet uden CPR-nummer: Åse Hansen. Fluebenet er fjernet.", "sende 2 brugere til aktivering")
    page.looks_like("identifikationsmidler")
    page.tick("Brugerens private MitID")
    page.fill("MitID kodeviser", "1")
    page.press("Næste")
    page.reads("Opsummering", "67,00 kr.", "Bo Hansen", "Ea Hansen")
    page.looks_like("opsummering")
    assert org.names(status=Status.PENDING) == []
    page.press("Aktivér brugere")
    page.sees("2 brugere er sendt til aktivering og modtager hver en aktiveringsmail fra MitID Erhverv.")
    page.looks_like("sendt")
    sent = org.users(status=Status.PENDING)
    assert [(one.first_name, one.means) for one in sent] == [
        (name, [Means.PRIVATE, Means.CODE_DISPLAY]) for name in ("Bo", "Ea")
    ]


@pytest.mark.parametrize("known", ["cpr", "foedselsdato"])
def test_send_brugere_enkeltvis_til_aktivering(page: BrowserPage, org: OrgDriver, known: str) -> None:
    bring_in(org, create(1) if known == "cpr" else by_birth_date(1))
    page.open("/")
    page.follow("Importerede brugere", "Anne Hansen")
    page.reads("Tjek oplysningerne", "Vælg identifikationsmidler")
    page.looks_like("vindue")
    page.fill("MitID app", "1")
    page.press("Aktivér")
    if known == "cpr":
        page.sees("Anne Hansen er sendt til aktivering og modtager en aktiveringsmail fra MitID Erhverv.")
    else:
        page.sees("Midlertidig aktiveringskode", "Husk at gemme koden")
        page.press("Vis")
        assert len(page.driver.locator("#kode").inner_text()) > len("XXXX-XXXX")
    page.looks_like("sendt")
    assert org.users(search="anne")[0].status is Status.PENDING


def test_rediger_flere_brugere_paa_en_gang(page: BrowserPage, org: OrgDriver) -> None:
    anne, *_ = org.create_many(8, email="gammel@by.test")
    page.open("/")
    assert page.is_above(page.dropdown(CREATE_ARROW), page.driver.locator("table.users"))
    assert page.choices() == WAYS
    page.opens("Redigér brugere via .csv-fil")
    page.looks_like("vælg-fil")
    choose_file(page, update(user_id=str(anne), email="ny@by.test", p_number=P_NUMBER))
    page.sees("Filen er kontrolleret", "Alle rækker er i orden.", "Bliver redigeret 1")
    page.press("Importér")
    page.sees("Kvittering", "Redigeret 1")
    page.looks_like("kvittering")
    assert (org.show(anne).email, org.show(anne).p_number) == ("ny@by.test", P_NUMBER)


def test_slet_flere_brugere_paa_en_gang(page: BrowserPage, org: OrgDriver) -> None:
    anne, bo = org.create_many(2)
    page.open("/")
    assert page.choices() == WAYS
    page.opens("Redigér brugere via .csv-fil")
    choose_file(page, delete(user_id=str(anne)), delete(user_id=str(bo)))
    page.sees("2 brugere bliver slettet permanent.")
    page.looks_like("kontrolleret")
    page.press("Importér")
    page.sees("Kvittering", "Slettet 2")
    page.looks_like("kvittering")
    assert not {anne, bo} & set(org.ids())
