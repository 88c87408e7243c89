from brugerbog.domain.kernel.roles import Role
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)
ANNE = {"first_name": "Anne", "surname": "Hansen", "email": "anne@by.test"}


def test_who_is_created_by_cpr_number_gets_a_mail_and_is_shown(org: OrgDriver, browser: Browser) -> None:
    page = browser.press(browser.open("/brugere/opret"), "Opret bruger", **ANNE, cpr=CPR, means=["app"])
    assert page.heading == "Anne Hansen"
    assert page.alert.startswith("Anne Hansen er oprettet og modtager en aktiveringsmail")
    assert CPR not in page.html
    assert org.names(search="anne") == ["Anne"]


def test_who_is_created_by_birth_date_has_a_code_that_is_shown_once(org: OrgDriver, browser: Browser) -> None:
    form = browser.open("/brugere/opret")
    page = browser.press(form, "Opret bruger", **ANNE, date_of_birth="7.9.1961")
    assert page.soup.select_one(".code-shown") is not None
    assert "Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv" in page.text
    again = browser.press(form, "Opret bruger", **ANNE, date_of_birth="7.9.1961")
    assert again.soup.select_one(".code-shown") is None
    assert "Koden er vist" in again.text
    assert org.names(search="anne") == ["Anne"]


def test_what_is_wrong_is_shown_in_the_order_of_the_page_and_names_what_is_missing(browser: Browser) -> None:
    page = browser.press(browser.open("/brugere/opret"), "Opret bruger")
    assert list(page.wrong) == ["first_name", "surname", "cpr", "email"]
    assert (page.wrong["first_name"], page.wrong["surname"]) == ("Fornavnet mangler.", "Efternavnet mangler.")
    links = [link["href"] for link in page.soup.select(".error-summary a")]
    assert links == ["#first_name", "#surname", "#cpr", "#email"]


def test_one_missing_name_is_shown_at_its_field(browser: Browser) -> None:
    filled = {"first_name": "Anne", "cpr": CPR, "email": "anne@by.test"}
    page = browser.press(browser.open("/brugere/opret"), "Opret bruger", **filled)
    assert page.wrong == {"surname": "Efternavnet mangler."}


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_is_kept(browser: Browser) -> None:
    page = browser.press(
        browser.open("/brugere/opret"), "Opret bruger", first_name="Anne", email="anne", cpr="0709"
    )
    assert page.status == 422
    assert set(page.wrong) == {"surname", "email", "cpr"}
    assert page.value("first_name") == "Anne"
    assert [link["href"] for link in page.soup.select(".error-summary a")] == ["#surname", "#cpr", "#email"]
    assert page.title.startswith("Fejl: ")


def test_a_name_of_any_length_or_without_a_letter_is_refused_at_its_field(browser: Browser) -> None:
    filled = {"surname": "\u2800\u00ad", "email": "anne@by.test", "reference_text": "\ufffd"}
    for first_name in ("x" * 1_000, "\u200b-\u200b", "Z" + "\u0301" * 900):
        form = browser.open("/brugere/opret")
        page = browser.press(form, "Opret bruger", **filled, first_name=first_name, cpr=CPR)
        assert (page.status, list(page.wrong)) == (422, ["first_name", "surname", "reference_text"])


def test_what_cannot_be_seen_makes_nobody_another_person(org: OrgDriver, browser: Browser) -> None:
    known = org.create("Anne", cpr=None, date_of_birth=BORN)
    kept = org.service.queries.user(org.actor, known)
    said = {"first_name": "An\u200bne", "surname": f"\u00ad{kept.surname}", "email": f"{kept.email}\u200e"}
    page = browser.press(
        browser.open("/brugere/opret"), "Opret bruger", **said, date_of_birth=f"{BORN:%d.%m.%Y}"
    )
    assert page.link("Se brugeren, der findes i forvejen") == f"/brugere/{known}"


def test_a_lone_mistake_is_said_at_its_field(browser: Browser) -> None:
    page = browser.press(browser.open("/brugere/opret"), "Opret bruger", **ANNE | {"email": "anne"}, cpr=CPR)
    assert set(page.wrong) == {"email"}


def test_a_date_that_is_none_is_said_at_its_field(browser: Browser) -> None:
    page = browser.press(browser.open("/brugere/opret"), "Opret bruger", **ANNE, date_of_birth="i går")
    assert set(page.wrong) == {"date_of_birth"}


def test_a_cpr_number_in_use_leads_to_whom_has_it_and_is_not_said_back(
    org: OrgDriver, browser: Browser
) -> None:
    known = org.create("Bo", cpr=CPR)
    page = browser.press(browser.open("/brugere/opret"), "Opret bruger", **ANNE, cpr=CPR)
    assert set(page.wrong) == {"cpr"}
    assert page.link("Se brugeren, der findes i forvejen") == f"/brugere/{known}"
    assert CPR not in page.wrong["cpr"]


def test_rights_signing_and_sealing_are_only_for_who_is_rights_administrator_too(log_in_as: LogInAs) -> None:
    one = log_in_as(Role.USER_ADMINISTRATOR).open("/brugere/opret")
    both = log_in_as(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR).open("/brugere/opret")
    sections = [[summary.get_text() for summary in page.soup.select("summary h2")] for page in (one, both)]
    assert sections[0] == ["Brugerinformation", "MitID identifikationsmidler", "Organisation"]
    assert sections[1] == [*sections[0], "Rettigheder", "Underskrift", "Segldannelse"]


def test_only_what_the_organisation_offers_can_be_chosen(org: OrgDriver, browser: Browser) -> None:
    org.administration.change_settings(
        org.actor,
        {"allow_anonymous": False, "allow_private_means": False, "allow_shared_means": False,
         "dedicated_means": ["app", "chip"], "allow_sealing": False, "use_p_numbers": False},
    )  # fmt: skip
    page = browser.open("/brugere/opret")
    assert [box["value"] for box in page.soup.select("[name=means]")] == ["app", "chip"]
    assert page.soup.select_one("[name=anonymous]") is None
    assert page.soup.select_one("[name=p_number]") is None


def test_means_that_cost_say_what(browser: Browser) -> None:
    assert "Koster 235,50 kr. uden moms" in browser.open("/brugere/opret").text


def test_a_danish_letter_in_the_address_is_warned_of(browser: Browser) -> None:
    page = browser.press(
        browser.open("/brugere/opret"), "Opret bruger", **ANNE | {"email": "åse@by.test"}, cpr=CPR
    )
    assert "kan ikke stå i et certifikat" in page.alert


def test_a_form_with_a_field_that_is_none_of_ours_is_refused_and_not_repeated(browser: Browser) -> None:
    page = browser.send("/brugere/opret", command_id="x", cpr_number=CPR)
    assert page.status == 400
    assert CPR not in page.html
