"""The fourteen jobs of the guide, each done as its text tells."""

from tests.e2e.window import Window
from tests.journeys.town import BORN, Town
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)


def test_opret_nye_brugere(window: Window, town: Town) -> None:
    window.goes_to("Brugere")
    window.press("Opret bruger")
    window.looks_like("tom")
    window.press("Opret bruger")
    window.sees("Der er 4 fejl")
    window.looks_like("fejl")
    window.fill("Fornavn", "Anne")
    window.fill("Efternavn", "Hansen")
    window.fill("CPR-nummer", CPR)
    window.fill("E-mailadresse", "anne@by.test")
    window.tick("Særskilt: MitID app")
    window.press("Opret bruger")
    window.sees("Anne Hansen", "modtager en aktiveringsmail")
    window.looks_like("oprettet")
    assert town.names(search="anne") == ["Anne"]


def test_opret_bruger_med_foedselsdato(window: Window) -> None:
    window.press("Opret bruger")
    window.fill("Fornavn", "Anne")
    window.fill("Efternavn", "Hansen")
    window.fill("Fødselsdato", "7.9.1961")
    window.fill("E-mailadresse", "anne@by.test")
    window.press("Opret bruger")
    window.sees("Midlertidig aktiveringskode", "Husk at gemme koden")
    window.looks_like("kode")


def test_deaktiver_bruger(window: Window, town: Town) -> None:
    user_id = town.create_active("Bo", "Mørk")
    window.goes_to("Brugere", "Bo Mørk")
    window.looks_like("profil")
    window.press("Deaktivér")
    window.fill("Til dato", "3.6.2099")
    window.looks_like("vindue")
    window.press("Deaktivér")
    window.sees("Bo Mørk er deaktiveret", "Brugeren er aktiv igen torsdag den 4. juni 2099", "Deaktiveret")
    window.looks_like("listen")
    assert town.show(user_id).deactivated_to == "2099-06-03"
