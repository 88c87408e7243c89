"""The guide's jobs that are done to one user at a time, each done as its text tells, in its own words.

Each test is called what the guide calls the job; those that a file does are in `test_fourteen_jobs_by_file`.
"""

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.application.mail.captured_mails import CapturedMails
from tests.e2e.conftest import Sits
from tests.e2e.window import Window
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.journeys.town import BORN, Town
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)
MANY = 8
"""With the administrator herself they are nine, from which on the list has a search."""


def mails_to(town: Town, address: str) -> list[str]:
    """The subjects of the mails that somebody has been sent."""
    return [letter.subject for letter in CapturedMails(town).dispatch() if letter.to_address == address]


def test_opret_nye_brugere(window: Window, town: Town) -> None:
    window.open("/")
    window.goes_to("Brugere")
    assert window.is_above(window.page.locator("table.users"), window.button("Opret bruger"))
    window.press("Opret bruger")
    window.reads("Opret bruger", "Brugerinformation", "MitID identifikationsmidler", "Organisation")
    window.sees_not("Rettigheder", "Underskrift", "Segldannelse")
    window.looks_like("tom")
    window.press("Opret bruger")
    window.sees("Der er 4 fejl")
    window.looks_like("fejl")
    window.fill("Fornavn", "Anne")
    window.fill("Efternavn", "Hansen")
    window.fill("CPR-nummer", CPR)
    window.fill("E-mailadresse", "anne@by.test")
    window.tick("Markér bruger som anonym")
    window.tick("Brugerens private MitID")
    window.tick("Særskilt: MitID app")
    window.tick("Særskilt: MitID kodeviser")
    window.sees("Koster 33,50 kr.", "Delt MitID identifikationsmiddel", "Prøve Kommune")
    window.choose("P-nummer", P_NUMBER)
    window.choose("SE-nummer", SE_NUMBER)
    window.choose("Faktureringsmetode", EAN)
    window.press("Opret bruger")
    window.sees("Anne Hansen er oprettet og modtager en aktiveringsmail fra MitID Erhverv.")
    window.looks_like("oprettet")
    anne = town.users(search="anne")[0]
    assert (anne.anonymous, anne.means) == (True, [Means.PRIVATE, Means.APP, Means.CODE_DISPLAY])
    assert (anne.p_number, anne.se_number, anne.ean) == (P_NUMBER, SE_NUMBER, EAN)


def test_opret_nye_brugere_med_foedselsdato(window: Window, town: Town) -> None:
    town.create_many(MANY)
    window.open("/")
    assert window.is_above(window.button("Opret bruger"), window.page.locator("table.users"))
    window.opens("Opret bruger")
    window.fill("Fornavn", "Anne")
    window.fill("Efternavn", "Hansen")
    window.fill("Fødselsdato", "7.9.1961")
    window.fill("E-mailadresse", "anne@by.test")
    window.press("Opret bruger")
    window.sees("Midlertidig aktiveringskode", "på en sikker måde")
    window.sees("Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv.")
    window.looks_like("kode")
    assert town.users(search="anne")[0].status is Status.PENDING


def test_opret_nye_brugere_som_rettighedsadministrator(sits_down: Sits, town: Town) -> None:
    window = sits_down(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)
    window.open("/brugere")
    window.press("Opret bruger")
    window.fill("Fornavn", "Anne")
    window.fill("Efternavn", "Hansen")
    window.fill("CPR-nummer", CPR)
    window.fill("E-mailadresse", "anne@by.test")
    window.unfold("Rettigheder")
    window.sees("Tilføj rettigheder", "Digital Post har sin egen rettighedsportal")
    window.tick("Læse")
    window.unfold("Underskrift")
    window.tick("Bruger kan underskrive for organisationen")
    window.unfold("Segldannelse")
    window.tick("p1")
    window.looks_like("alle-afsnit")
    window.press("Opret bruger")
    window.sees("Anne Hansen er oprettet")
    anne = town.users(search="anne")[0]
    assert (anne.rights, anne.can_sign, anne.sealing_profiles) == (["r1"], True, ["p1"])


def test_gensend_aktiveringsmail(window: Window, town: Town) -> None:
    town.create_many(MANY)
    town.create("Anne", "Hansen", cpr=made_up_cpr(BORN, 99), email="anne.gensend@by.test")
    window.open("/")
    window.fill("Søg efter bruger", "anne")
    window.press("Søg")
    window.looks_like("fremsøgt")
    window.goes_to("Anne Hansen")
    window.press("Gensend aktiveringsmail")
    window.sees("Aktiveringsmailen til Anne Hansen er gensendt.", "Det nye gælder til 19.04.2026")
    window.looks_like("gensendt")
    assert mails_to(town, "anne.gensend@by.test") == ["Nyt link: Aktivér dig som bruger i MitID Erhverv"]


def test_dan_ny_midlertidig_aktiveringskode_for_at_gensende_koden(window: Window, town: Town) -> None:
    town.create("Anne", "Hansen")
    window.open("/")
    window.goes_to("Anne Hansen")
    assert window.section("Brugerinformation").evaluate("one => one.open")
    window.press("Ny midlertidig kode")
    window.sees("Midlertidig aktiveringskode", "Husk at gemme koden", "på en sikker måde")
    window.looks_like("kode")
    window.goes_to("Gå til brugerens profil")
    window.unfold("Historik")
    window.sees("Midlertidig aktiveringskode dannet")


def test_se_og_rediger_i_brugerinformation(window: Window, town: Town) -> None:
    anne = town.create_active("Anne", "Hansen", email="anne@by.test")
    window.open("/")
    window.goes_to("Anne Hansen")
    window.looks_like("profil")
    window.press("Redigér")
    window.looks_like("tom")
    window.fill("E-mailadresse", "anne.hansen@by.test")
    window.fill("Telefonnummer", "12345678")
    window.press("Opdatér")
    window.sees("Brugerinformationen er opdateret.", "anne.hansen@by.test", "12345678")
    assert (town.show(anne).email, town.show(anne).phone) == ("anne.hansen@by.test", "12345678")


def test_tildel_identifikationsmidler(window: Window, town: Town) -> None:
    anne = town.create_active("Anne", "Hansen", email="anne.midler@by.test")
    window.open("/")
    window.goes_to("Anne Hansen")
    window.reads("Brugerinformation", "Identifikationsmidler")
    window.unfold("Identifikationsmidler")
    window.press("Tilføj identifikationsmidler")
    window.sees("Tilføj identifikationsmiddel")
    window.looks_like("vindue")
    window.press("Tilføj identifikationsmidler")
    window.sees("Vælg mindst ét identifikationsmiddel.")
    window.tick("Særskilt: MitID app")
    window.tick("Særskilt: MitID chip")
    window.press("Tilføj identifikationsmidler")
    window.sees("MitID app og chip er tilføjet. Brugeren modtager en e-mail med et link.")
    assert window.section("Identifikationsmidler").evaluate("one => one.open") or not window.scripts
    window.looks_like("tilføjet")
    assert town.show(anne).means == [Means.APP, Means.CHIP]
    assert mails_to(town, "anne.midler@by.test") == ["Nyt identifikationsmiddel i MitID Erhverv"]


def test_se_brugerens_aktivitetshistorik(window: Window, town: Town) -> None:
    anne = town.create_active("Anne", "Hansen")
    town.deactivate(anne)
    window.open("/")
    window.goes_to("Anne Hansen")
    assert window.page.locator("details.section h2").last.inner_text() == "Historik"
    window.unfold("Historik")
    window.sees("seneste 200 aktiviteter")
    window.reads("Tidspunkt", "Transaktion", "Tjenesteudbyder", "Type", "Offentlig")
    window.looks_like("historik")
    window.fill("Filter", "deaktiveret")
    window.fill("Fra dato", "20.3.2026")
    window.fill("Til dato", "20.3.2026")
    window.press("Vis")
    assert window.cells("Historik", 2) == ["Bruger deaktiveret fra 20.03.2026"]
    window.looks_like("afgrænset")
    window.goes_to("Vis alle")
    for heading in ("Tidspunkt", "Transaktion", "Tjenesteudbyder", "Type"):
        window.unfold("Historik")
        window.goes_to(heading)
    window.unfold("Historik")
    window.goes_to("Transaktion")
    assert window.cells("Historik", 2) == sorted(window.cells("Historik", 2), reverse=True)


def test_deaktiver_bruger(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    window.open("/")
    window.goes_to("Bo Mørk")
    window.press("Deaktivér")
    assert window.field("Fra dato").input_value() == "20.03.2026"
    window.fill("Til dato", "3.6.2026")
    window.press("Vis dagene i ord")
    window.sees("Første inaktive dag er fredag den 20. marts 2026.")
    window.looks_like("vindue")
    window.press("Deaktivér")
    window.sees("Bo Mørk er deaktiveret", "Brugeren er aktiv igen torsdag den 4. juni 2026", "Deaktiveret")
    window.looks_like("listen")
    assert (town.show(bo).status, town.show(bo).deactivated_to) == (Status.DEACTIVATED, "2026-06-03")


def test_genaktiver_bruger(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    town.deactivate(bo)
    window.open("/")
    assert window.choices("Handlinger for Bo Mørk") == ["Åbn", "Aktivér bruger", "Slet bruger"]
    window.opens("Aktivér bruger", "Handlinger for Bo Mørk")
    window.sees("Aktivér bruger", "bliver aktiv igen med det samme")
    window.looks_like("vindue")
    window.press("Aktivér")
    window.sees("Brugere", "Aktivering er startet")
    window.looks_like("listen")
    assert town.show(bo).status is Status.ACTIVE


def test_slet_bruger(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    window.open("/")
    window.goes_to("Bo Mørk")
    window.press("Slet bruger")
    window.sees("Slet bruger", "Bo Mørk bliver slettet permanent", "på ny")
    window.looks_like("vindue")
    window.press("Ok")
    window.sees("Bo Mørk er slettet permanent.")
    window.looks_like("slettet")
    assert bo not in town.ids()


def test_tilknyt_et_p_eller_se_nummer_til_brugere(window: Window, town: Town) -> None:
    bo = town.create_active("Bo", "Mørk")
    window.open("/")
    window.goes_to("Bo Mørk")
    assert window.page.locator("details.section h2").all_inner_texts()[-2:] == ["Organisation", "Historik"]
    window.unfold("Organisation")
    window.looks_like("organisation")
    for p_number, se_number, said in (
        (P_NUMBER, "Intet", f"tilknyttet P-nummer {P_NUMBER}."),
        ("Intet", SE_NUMBER, f"tilknyttet SE-nummer {SE_NUMBER}."),
        (P_NUMBER, SE_NUMBER, f"tilknyttet P-nummer {P_NUMBER} og SE-nummer {SE_NUMBER}."),
    ):
        window.unfold("Organisation")
        window.choose("P-nummer", p_number)
        window.choose("SE-nummer", se_number)
        window.press("Gem tilknytning")
        window.sees(f"Ændringen er gemt: brugeren er {said}")
    window.looks_like("gemt")
    assert (town.show(bo).p_number, town.show(bo).se_number) == (P_NUMBER, SE_NUMBER)
