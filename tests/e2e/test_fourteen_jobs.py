"""The guide's jobs that are done to one user at a time, each done as its text tells, in its own words.

Each test is called what the guide calls the job; those that a file does are in `test_fourteen_jobs_by_file`.
"""

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.application.mail.captured_mails import CapturedMails
from tests.e2e.browser_page import BrowserPage
from tests.e2e.conftest import LogInAs
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)
MANY = 8
"""With the administrator herself they are nine, from which on the list has a search."""


def mails_to(org: OrgDriver, address: str) -> list[str]:
    """The subjects of the mails that somebody has been sent."""
    return [letter.subject for letter in CapturedMails(org).dispatch() if letter.to_address == address]


def test_opret_nye_brugere(page: BrowserPage, org: OrgDriver) -> None:
    page.open("/")
    page.follow("Brugere")
    assert page.is_above(page.driver.locator("table.users"), page.button("Opret bruger"))
    page.press("Opret bruger")
    page.reads("Opret bruger", "Brugerinformation", "MitID identifikationsmidler", "Organisation")
    page.sees_not("Rettigheder", "Underskrift", "Segldannelse")
    page.looks_like("tom")
    page.press("Opret bruger")
    page.sees("Der er 4 fejl")
    page.looks_like("fejl")
    page.fill("Fornavn", "Anne")
    page.fill("Efternavn", "Hansen")
    page.fill("CPR-nummer", CPR)
    page.fill("E-mailadresse", "anne@by.test")
    page.tick("Markér bruger som anonym")
    page.tick("Brugerens private MitID")
    page.tick("Særskilt: MitID app")
    page.tick("Særskilt: MitID kodeviser")
    page.sees("Koster 33,50 kr.", "Delt MitID identifikationsmiddel", "Prøve Kommune")
    page.choose("P-nummer", P_NUMBER)
    page.choose("SE-nummer", SE_NUMBER)
    page.choose("Faktureringsmetode", EAN)
    page.press("Opret bruger")
    page.sees("Anne Hansen er oprettet og modtager en aktiveringsmail fra MitID Erhverv.")
    page.looks_like("oprettet")
    anne = org.users(search="anne")[0]
    assert (anne.anonymous, anne.means) == (True, [Means.PRIVATE, Means.APP, Means.CODE_DISPLAY])
    assert (anne.p_number, anne.se_number, anne.ean) == (P_NUMBER, SE_NUMBER, EAN)


def test_opret_nye_brugere_med_foedselsdato(page: BrowserPage, org: OrgDriver) -> None:
    org.create_many(MANY)
    page.open("/")
    assert page.is_above(page.button("Opret bruger"), page.driver.locator("table.users"))
    page.opens("Opret bruger")
    page.fill("Fornavn", "Anne")
    page.fill("Efternavn", "Hansen")
    page.fill("Fødselsdato", "7.9.1961")
    page.fill("E-mailadresse", "anne@by.test")
    page.press("Opret bruger")
    page.sees("Midlertidig aktiveringskode", "på en sikker måde")
    page.sees("Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv.")
    page.looks_like("kode")
    assert org.users(search="anne")[0].status is Status.PENDING


def test_opret_nye_brugere_som_rettighedsadministrator(log_in_as: LogInAs, org: OrgDriver) -> None:
    page = log_in_as(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)
    page.open("/brugere")
    page.press("Opret bruger")
    page.fill("Fornavn", "Anne")
    page.fill("Efternavn", "Hansen")
    page.fill("CPR-nummer", CPR)
    page.fill("E-mailadresse", "anne@by.test")
    page.unfold("Rettigheder")
    page.sees("Tilføj rettigheder", "Digital Post har sin egen rettighedsportal")
    page.tick("Læse")
    page.unfold("Underskrift")
    page.tick("Bruger kan underskrive for organisationen")
    page.unfold("Segldannelse")
    page.tick("p1")
    page.looks_like("alle-afsnit")
    page.press("Opret bruger")
    page.sees("Anne Hansen er oprettet")
    anne = org.users(search="anne")[0]
    assert (anne.rights, anne.can_sign, anne.sealing_profiles) == (["r1"], True, ["p1"])


def test_gensend_aktiveringsmail(page: BrowserPage, org: OrgDriver) -> None:
    org.create_many(MANY)
    org.create("Anne", "Hansen", cpr=made_up_cpr(BORN, 99), email="anne.gensend@by.test")
    page.open("/")
    page.fill("Søg efter bruger", "anne")
    page.press("Søg")
    page.looks_like("fremsøgt")
    page.follow("Anne Hansen")
    page.press("Gensend aktiveringsmail")
    page.sees("Aktiveringsmailen til Anne Hansen er gensendt.", "Det nye gælder til 19.04.2026")
    page.looks_like("gensendt")
    assert mails_to(org, "anne.gensend@by.test") == ["Nyt link: Aktivér dig som bruger i MitID Erhverv"]


def test_dan_ny_midlertidig_aktiveringskode_for_at_gensende_koden(page: BrowserPage, org: OrgDriver) -> None:
    org.create("Anne", "Hansen")
    page.open("/")
    page.follow("Anne Hansen")
    assert page.section("Brugerinformation").evaluate("one => one.open")
    page.press("Ny midlertidig kode")
    page.sees("Midlertidig aktiveringskode", "Husk at gemme koden", "på en sikker måde")
    page.looks_like("kode")
    page.follow("Gå til brugerens profil")
    page.unfold("Historik")
    page.sees("Midlertidig aktiveringskode dannet")


def test_se_og_rediger_i_brugerinformation(page: BrowserPage, org: OrgDriver) -> None:
    anne = org.create_active("Anne", "Hansen", email="anne@by.test")
    page.open("/")
    page.follow("Anne Hansen")
    page.looks_like("profil")
    page.press("Redigér")
    page.looks_like("tom")
    page.fill("E-mailadresse", "anne.hansen@by.test")
    page.fill("Telefonnummer", "12345678")
    page.press("Opdatér")
    page.sees("Brugerinformationen er opdateret.", "anne.hansen@by.test", "12345678")
    assert (org.show(anne).email, org.show(anne).phone) == ("anne.hansen@by.test", "12345678")


def test_tildel_identifikationsmidler(page: BrowserPage, org: OrgDriver) -> None:
    anne = org.create_active("Anne", "Hansen", email="anne.midler@by.test")
    page.open("/")
    page.follow("Anne Hansen")
    page.reads("Brugerinformation", "Identifikationsmidler")
    page.unfold("Identifikationsmidler")
    page.press("Tilføj identifikationsmidler")
    page.sees("Tilføj identifikationsmiddel")
    page.looks_like("vindue")
    page.press("Tilføj identifikationsmidler")
    page.sees("Vælg mindst ét identifikationsmiddel.")
    page.tick("Særskilt: MitID app")
    page.tick("Særskilt: MitID chip")
    page.press("Tilføj identifikationsmidler")
    page.sees("MitID app og chip er tilføjet. Brugeren modtager en e-mail med et link.")
    assert page.section("Identifikationsmidler").evaluate("one => one.open") or not page.scripts
    page.looks_like("tilføjet")
    assert org.show(anne).means == [Means.APP, Means.CHIP]
    assert mails_to(org, "anne.midler@by.test") == ["Nyt identifikationsmiddel i MitID Erhverv"]


def test_se_brugerens_aktivitetshistorik(page: BrowserPage, org: OrgDriver) -> None:
    anne = org.create_active("Anne", "Hansen")
    org.deactivate(anne)
    page.open("/")
    page.follow("Anne Hansen")
    assert page.driver.locator("details.section h2").last.inner_text() == "Historik"
    page.unfold("Historik")
    page.sees("seneste 200 aktiviteter")
    page.reads("Tidspunkt", "Transaktion", "Tjenesteudbyder", "Type", "Offentlig")
    page.looks_like("historik")
    page.fill("Filter", "deaktiveret")
    page.fill("Fra dato", "20.3.2026")
    page.fill("Til dato", "20.3.2026")
    page.press("Vis")
    assert page.cells("Historik", 2) == ["Bruger deaktiveret fra 20.03.2026"]
    page.looks_like("afgrænset")
    page.follow("Vis alle")
    for heading in ("Tidspunkt", "Transaktion", "Tjenesteudbyder", "Type"):
        page.unfold("Historik")
        page.follow(heading)
    page.unfold("Historik")
    page.follow("Transaktion")
    assert page.cells("Historik", 2) == sorted(page.cells("Historik", 2), reverse=True)


def test_deaktiver_bruger(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    page.open("/")
    page.follow("Bo Mørk")
    page.press("Deaktivér")
    assert page.field("Fra dato").input_value() == "20.03.2026"
    page.fill("Til dato", "3.6.2026")
    page.press("Vis dagene i ord")
    page.sees("Første inaktive dag er fredag den 20. marts 2026.")
    page.looks_like("vindue")
    page.press("Deaktivér")
    page.sees("Bo Mørk er deaktiveret", "Brugeren er aktiv igen torsdag den 4. juni 2026", "Deaktiveret")
    page.looks_like("listen")
    assert (org.show(bo).status, org.show(bo).deactivated_to) == (Status.DEACTIVATED, "2026-06-03")


def test_genaktiver_bruger(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    org.deactivate(bo)
    page.open("/")
    assert page.choices("Handlinger for Bo Mørk") == ["Åbn", "Aktivér bruger", "Slet bruger"]
    page.opens("Aktivér bruger", "Handlinger for Bo Mørk")
    page.sees("Aktivér bruger", "bliver aktiv igen med det samme")
    page.looks_like("vindue")
    page.press("Aktivér")
    page.sees("Brugere", "Aktivering er startet")
    page.looks_like("listen")
    assert org.show(bo).status is Status.ACTIVE


def test_slet_bruger(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    page.open("/")
    page.follow("Bo Mørk")
    page.press("Slet bruger")
    page.sees("Slet bruger", "Bo Mørk bliver slettet permanent", "på ny")
    page.looks_like("vindue")
    page.press("Ok")
    page.sees("Bo Mørk er slettet permanent.")
    page.looks_like("slettet")
    assert bo not in org.ids()


def test_tilknyt_et_p_eller_se_nummer_til_brugere(page: BrowserPage, org: OrgDriver) -> None:
    bo = org.create_active("Bo", "Mørk")
    page.open("/")
    page.follow("Bo Mørk")
    assert page.driver.locator("details.section h2").all_inner_texts()[-2:] == ["Organisation", "Historik"]
    page.unfold("Organisation")
    page.looks_like("organisation")
    for p_number, se_number, said in (
        (P_NUMBER, "Intet", f"tilknyttet P-nummer {P_NUMBER}."),
        ("Intet", SE_NUMBER, f"tilknyttet SE-nummer {SE_NUMBER}."),
        (P_NUMBER, SE_NUMBER, f"tilknyttet P-nummer {P_NUMBER} og SE-nummer {SE_NUMBER}."),
    ):
        page.unfold("Organisation")
        page.choose("P-nummer", p_number)
        page.choose("SE-nummer", se_number)
        page.press("Gem tilknytning")
        page.sees(f"Ændringen er gemt: brugeren er {said}")
    page.looks_like("gemt")
    assert (org.show(bo).p_number, org.show(bo).se_number) == (P_NUMBER, SE_NUMBER)
