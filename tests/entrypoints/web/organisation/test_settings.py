import pytest

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.settings import Prices, Right, Settings
from brugerbog.domain.values.means import Ial, Means
from brugerbog.entrypoints.web.organisation.setting_sections import SECTIONS
from tests.entrypoints.web.browser import Browser, LogInAs, Page
from tests.given import EAN, P_NUMBER
from tests.org_driver import BORN, OTHER_P_NUMBER, OrgDriver
from tests.people import made_up_cpr


@pytest.fixture
def administrator(log_in_as: LogInAs) -> Browser:
    return log_in_as(Role.ORGANISATION_ADMINISTRATOR)


def settings(org: OrgDriver) -> Settings:
    return org.queries.organisation(org.actor).settings


def save(browser: Browser, section: str, **filled: object) -> Page:
    return browser.press(browser.open(f"/indstillinger/{section}"), "Gem", **filled)


def confirm(browser: Browser, page: Page) -> Page:
    assert page.heading.endswith("ændringen berører brugere"), page.text
    return browser.press(page, "Gem")


# The pages


def test_every_setting_of_the_organisation_stands_in_one_section() -> None:
    named = [control.name for section in SECTIONS.values() for control in section.controls]
    prices = set(Prices.__dataclass_fields__)
    assert sorted(named) == sorted((set(Settings.__dataclass_fields__) - {"prices"}) | prices)


def test_the_overview_shows_how_everything_is_set(administrator: Browser) -> None:
    page = administrator.open("/indstillinger")
    assert page.heading == "Indstillinger"
    for told in (
        "Prøve Kommune",
        "90000001",
        "Tillad anonyme brugere: ja",
        "Høj (4)",
        "MitID app, kodeviser, kodeoplæser og chip",
        f"2 numre: {P_NUMBER} og {OTHER_P_NUMBER}",
        f"1 EAN-nummer: {EAN}",
        "2 rettigheder: Læse og Skrive",
        "Pris for en kodeviser: 33,50 kr.",
    ):
        assert told in page.text


def test_where_name_and_cvr_number_are_corrected_is_shown(administrator: Browser) -> None:
    page = administrator.open("/indstillinger")
    for place in ("CVR-registret", "Virk", "MitID Erhverv Support"):
        assert place in page.text


@pytest.mark.parametrize("key", SECTIONS)
def test_a_form_that_is_saved_as_it_stands_changes_nothing(
    org: OrgDriver, administrator: Browser, key: str
) -> None:
    before = settings(org)
    page = save(administrator, key)
    assert (page.path, settings(org)) == ("/indstillinger", before)
    assert page.alert == f"{SECTIONS[key].title} er gemt."


@pytest.mark.parametrize("role", [Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.TRUSTED_EMPLOYEE])
def test_nobody_else_sees_or_changes_settings(org: OrgDriver, log_in_as: LogInAs, role: Role) -> None:
    browser, before = log_in_as(role), settings(org)
    assert browser.open("/indstillinger").status == 403
    assert browser.open("/indstillinger/p-numre").status == 403
    sent = browser.send("/indstillinger/p-numre", command_id="00000000-0000-4000-8000-000000000001")
    assert (sent.status, settings(org)) == (403, before)


def test_a_section_that_is_not_there_is_no_page(administrator: Browser) -> None:
    assert administrator.open("/indstillinger/priser-paa-kaffe").status == 404


# What is saved


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("anonyme-brugere", "allow_anonymous"),
        ("privat-mitid", "allow_private_means"),
        ("delt-identifikationsmiddel", "allow_shared_means"),
        ("p-numre", "use_p_numbers"),
        ("se-numre", "use_se_numbers"),
        ("referencetekst", "use_reference_text"),
        ("segldannelse", "allow_sealing"),
    ],
)
def test_a_box_is_unticked_and_ticked_again(
    org: OrgDriver, administrator: Browser, section: str, name: str
) -> None:
    save(administrator, section, **{name: False})
    assert getattr(settings(org), name) is False
    save(administrator, section, **{name: "true"})
    assert getattr(settings(org), name) is True


def test_a_list_is_written_one_number_a_line(org: OrgDriver, administrator: Browser) -> None:
    save(administrator, "p-numre", p_numbers=f"\r\n{P_NUMBER}\r\n\r\n  1000000009 \r\n{OTHER_P_NUMBER}\r\n")
    assert settings(org).p_numbers == (P_NUMBER, "1000000009", OTHER_P_NUMBER)


def test_devices_are_chosen(org: OrgDriver, administrator: Browser) -> None:
    save(administrator, "saerskilt-mitid", dedicated_means=["chip", "app"])
    assert settings(org).dedicated_means == (Means.APP, Means.CHIP)


def test_the_level_is_chosen(org: OrgDriver, administrator: Browser) -> None:
    confirm(administrator, save(administrator, "sikringsniveau", ial="substantial"))
    assert settings(org).ial is Ial.SUBSTANTIAL


def test_prices_are_written_in_kroner(org: OrgDriver, administrator: Browser) -> None:
    save(administrator, "priser", user="25", chip="1.115,50 kr.", code_display="0,5")
    prices = settings(org).prices
    assert (prices.user, prices.chip, prices.code_display, prices.free_users) == (2_500, 111_550, 50, 3)


def test_how_long_data_is_kept_is_written_in_days_and_months(org: OrgDriver, administrator: Browser) -> None:
    save(administrator, "opbevaring", erasure_retention_days="1.000", mail_retention_months="2")
    kept = settings(org)
    assert (kept.erasure_retention_days, kept.mail_retention_months) == (1000, 2)


def test_a_right_is_added_in_the_empty_row(org: OrgDriver, administrator: Browser) -> None:
    page = save(
        administrator,
        "rettigheder",
        right_id=["r1", "r2", "r3"],
        right_name=["Læse", "Skrive", "Slette"],
        right_service_provider=["Skat", "Skat", "Virk"],
    )
    assert page.path == "/indstillinger"
    assert settings(org).rights[2:] == (Right("r3", "Slette", "Virk"),)


def test_a_row_that_is_emptied_is_a_right_no_more(org: OrgDriver, administrator: Browser) -> None:
    rows = {"right_id": ["", "r2", ""], "right_name": ["", "Skrive", ""]}
    save(administrator, "rettigheder", **rows, right_service_provider=["", "Skat", ""])
    assert [one.id for one in settings(org).rights] == ["r2"]


def test_another_row_is_added_without_scripts_and_nothing_is_lost(
    org: OrgDriver, administrator: Browser
) -> None:
    page = administrator.open("/indstillinger/rettigheder")
    more = administrator.press(page, "Tilføj række", right_name=["Læse", "Rette", ""])
    assert [one["value"] for one in more.soup.select('[name="right_name"]')] == ["Læse", "Rette", "", ""]
    assert [one.name for one in settings(org).rights] == ["Læse", "Skrive"]


# What is wrong


@pytest.mark.parametrize(
    ("section", "filled", "field", "said"),
    [
        ("p-numre", {"p_numbers": f"{P_NUMBER}\n\n123"}, "p_numbers", "Linje 3: P-nummeret er ikke gyldigt"),
        ("se-numre", {"se_numbers": "1\n2"}, "se_numbers", "Linje 1: SE-nummeret er ikke gyldigt"),
        ("faktureringsmetoder", {"eans": "5798009811579"}, "eans", "Linje 1: EAN-nummeret har en tastefejl"),
        ("saerskilt-mitid", {"dedicated_means": None}, "dedicated_means", "Vælg mindst én enhed."),
        ("priser", {"chip": "33.50"}, "chip", "Beløbet kan ikke læses"),
        ("priser", {"user": "9999999,00"}, "user", "Tallet er for stort."),
        ("priser", {"free_users": "mange"}, "free_users", "Tallet kan ikke læses"),
        ("opbevaring", {"mail_retention_months": "1"}, "mail_retention_months", "Tallet er for lille."),
        ("opbevaring", {"erasure_retention_days": ""}, "erasure_retention_days", "Tallet kan ikke læses"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_written_stays(  # noqa: PLR0917 - a case's parts
    org: OrgDriver,
    administrator: Browser,
    section: str,
    filled: dict[str, str],
    field: str,
    said: str,
) -> None:
    before = settings(org)
    page = save(administrator, section, **filled)
    assert (page.status, settings(org)) == (422, before)
    assert said in page.wrong[field]
    assert page.title.startswith("Fejl: ")
    if filled[field]:
        assert page.value(field) == filled[field]


def test_all_wrong_lines_are_named(administrator: Browser) -> None:
    page = save(administrator, "p-numre", p_numbers=f"12\n{P_NUMBER}\n34")
    assert "Linje 1:" in page.wrong["p_numbers"]
    assert "Linje 3:" in page.wrong["p_numbers"]
    assert "Linje 2:" not in page.wrong["p_numbers"]


def test_of_a_list_that_is_wrong_throughout_the_first_lines_are_named(administrator: Browser) -> None:
    page = save(administrator, "p-numre", p_numbers="1\n" * 50)
    assert "Linje 20:" in page.alert
    assert "Linje 21:" not in page.alert
    assert "Og 30 til." in page.alert


def test_a_catalogue_that_no_form_holds_is_changed_by_a_file(org: OrgDriver, administrator: Browser) -> None:
    rights = [{"id": f"r{n}", "name": "Læse", "service_provider": "Skat"} for n in range(300)]
    org.administration.change_settings(org.actor, {"rights": rights})
    page = administrator.open("/indstillinger/rettigheder")
    assert "Kataloget har 300 rettigheder." in page.alert
    assert page.soup.select_one("main form") is None


def test_what_is_wrong_in_a_row_is_said_at_its_own_cell(administrator: Browser) -> None:
    page = save(
        administrator,
        "rettigheder",
        right_id=["r1", "", "r3"],
        right_name=["Læse", "", ""],
        right_service_provider=["Skat", "", "Virk"],
    )
    assert page.wrong == {"right_name-3": "Række 3, navn: Teksten er tom."}
    assert page.soup.select_one("#right_name-3[aria-invalid=true]") is not None


def test_two_rights_of_one_id_are_refused(administrator: Browser) -> None:
    page = save(administrator, "rettigheder", right_id=["r1", "r1", ""])
    assert "To rettigheder har samme id" in page.wrong["rights"]


def test_a_number_that_is_refused_is_never_said_again_in_the_message(administrator: Browser) -> None:
    cpr = made_up_cpr(BORN, 7)
    page = save(administrator, "se-numre", se_numbers=cpr)
    assert cpr not in page.wrong["se_numbers"]


# Whom it concerns


def test_before_something_is_allowed_no_more_those_are_named_who_have_it(
    org: OrgDriver, administrator: Browser
) -> None:
    anne = org.create("Anne", "Anonym", anonymous=True)
    page = save(administrator, "anonyme-brugere", allow_anonymous=False)
    assert "1 bruger er anonym: Anne Anonym" in page.text
    assert page.link("Anne Anonym") == f"/brugere/{anne}"
    assert settings(org).allow_anonymous

    saved = confirm(administrator, page)
    assert saved.alert == "Anonyme brugere er gemt."
    assert not settings(org).allow_anonymous
    assert org.show(anne).anonymous


def test_of_many_the_first_are_named_and_the_others_counted(org: OrgDriver, administrator: Browser) -> None:
    org.create_many(13, ean=EAN)
    page = save(administrator, "faktureringsmetoder", eans="")
    assert f"13 brugere faktureres på EAN-nummer {EAN}" in page.text
    assert page.text.count("Ida Prøve") == 10
    assert "og 3 til" in page.text


@pytest.mark.parametrize(
    ("section", "filled", "said", "has"),
    [
        ("privat-mitid", {"allow_private_means": False}, "har privat MitID", {"means": (Means.PRIVATE,)}),
        ("saerskilt-mitid", {"dedicated_means": "app"}, "har chip", {"means": (Means.CHIP,)}),
        ("p-numre", {"use_p_numbers": False}, "er tilknyttet et P-nummer", {"p_number": P_NUMBER}),
        ("p-numre", {"p_numbers": ""}, f"er tilknyttet P-nummer {P_NUMBER}", {"p_number": P_NUMBER}),
        ("referencetekst", {"use_reference_text": False}, "har en referencetekst", {"reference_text": "A"}),
        ("rettigheder", {"right_id": ["ny", "r2", ""]}, "har rettigheden »Læse«", {"rights": ("r1",)}),
        ("segldannelse", {"allow_sealing": False}, "har ret til segldannelse", {"sealing_profiles": ("p1",)}),
    ],
)
def test_what_they_have_is_shown_in_words(  # noqa: PLR0917 - a case's parts
    org: OrgDriver,
    administrator: Browser,
    section: str,
    filled: dict[str, object],
    said: str,
    has: dict[str, object],
) -> None:
    org.create(**has)
    page = save(administrator, section, **filled)
    assert f"1 bruger {said}: Ida Prøve" in page.text
    assert confirm(administrator, page).path == "/indstillinger"


def test_a_lower_level_concerns_those_who_have_a_higher_one(org: OrgDriver, administrator: Browser) -> None:
    org.create("Ane", target_ial=Ial.SUBSTANTIAL)
    page = save(administrator, "sikringsniveau", ial="substantial")
    assert "1 bruger har et højere sikringsniveau: Ida Administrator" in page.text


def test_one_goes_back_from_there_with_what_was_written(org: OrgDriver, administrator: Browser) -> None:
    org.create(p_number=P_NUMBER)
    page = save(administrator, "p-numre", p_numbers="1000000005\n1000000006", use_p_numbers=False)
    back = administrator.press(page, "Tilbage")
    assert back.value("p_numbers") == "1000000005\n1000000006"
    assert back.soup.select_one("#use_p_numbers[checked]") is None


# Twice, and by two


def test_a_form_that_is_sent_twice_is_saved_once(org: OrgDriver, administrator: Browser) -> None:
    page = administrator.open("/indstillinger/priser")
    for _ in range(2):
        assert administrator.press(page, "Gem", user="21,00").path == "/indstillinger"
    assert settings(org).prices.user == 2_100


def test_what_somebody_else_has_changed_meanwhile_is_not_undone_without_a_word(
    org: OrgDriver, administrator: Browser
) -> None:
    page = administrator.open("/indstillinger/p-numre")
    org.administration.change_settings(org.actor, {"p_numbers": [P_NUMBER, "1000000007"]})
    met = administrator.press(page, "Gem", p_numbers=f"{P_NUMBER}\n1000000008")
    assert met.status == 409
    assert "ændret af en anden" in met.alert
    assert "1000000007" in met.text
    assert met.value("p_numbers") == f"{P_NUMBER}\n1000000008"

    administrator.press(met, "Gem")
    assert settings(org).p_numbers == (P_NUMBER, "1000000008")
