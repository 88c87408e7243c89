from datetime import date

import pytest

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.org_driver import BORN, OrgDriver, register_org
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 7)


def sections(browser: Browser, path: str) -> list[str]:
    return [one.get_text() for one in browser.open(path).soup.select("summary h2")]


def test_the_sections_stand_in_the_guides_order_and_history_is_last(
    org: OrgDriver, log_in_as: LogInAs
) -> None:
    user_id = org.create_active()
    browser = log_in_as(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)
    shown = [one for one in sections(browser, f"/brugere/{user_id}") if one != "Roller"]
    assert shown == [
        "Brugerinformation", "Identifikationsmidler", "Rettigheder", "Underskrift", "Segldannelse",
        "Organisation", "Historik",
    ]  # fmt: skip


def test_contact_is_edited_and_the_rest_is_left(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active()
    form = browser.open(f"/brugere/{user_id}/rediger")
    page = browser.press(form, "Opdatér", email="ny@by.test", phone="12345678")
    assert (page.path, page.alert) == (f"/brugere/{user_id}", "Brugerinformationen er opdateret.")
    assert (org.show(user_id).email, org.show(user_id).phone) == ("ny@by.test", "12345678")


def test_a_corrected_address_before_activation_leads_to_a_new_mail(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create()
    form = browser.open(f"/brugere/{user_id}/rediger")
    assert "det gamle gælder ikke længere" in form.text
    page = browser.press(form, "Opdatér", email="ny@by.test")
    assert page.alert == (
        "Brugerinformationen er opdateret. "
        "Brugeren får en ny aktiveringsmail på den nye adresse; det gamle link gælder ikke længere."
    )
    again = browser.press(browser.open(f"/brugere/{user_id}/rediger"), "Opdatér", phone="12345678")
    assert again.alert == "Brugerinformationen er opdateret."


def test_a_phone_number_that_is_none_is_said_at_its_field_with_what_was_typed(
    org: OrgDriver, browser: Browser
) -> None:
    form = browser.open(f"/brugere/{org.create_active()}/rediger")
    page = browser.press(form, "Opdatér", phone="123")
    assert (page.status, set(page.wrong), page.value("phone")) == (422, {"phone"}, "123")


def test_a_whole_cpr_number_is_shown_once_and_recorded(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active(cpr=CPR)
    profile = browser.open(f"/brugere/{user_id}")
    assert CPR not in profile.html
    shown = browser.press(profile, "Vis hele CPR-nummeret")
    assert CPR in shown.html
    assert CPR not in browser.press(profile, "Vis hele CPR-nummeret").html
    assert org.transactions(user_id).count("CPR-nummer vist") == 1


def test_a_new_code_is_shown_once(org: OrgDriver, browser: Browser) -> None:
    profile = browser.open(f"/brugere/{org.create()}")
    assert browser.press(profile, "Ny midlertidig kode").soup.select_one(".code-shown")
    assert not browser.press(profile, "Ny midlertidig kode").soup.select_one(".code-shown")


def test_resending_confirms_and_says_until_when_the_new_link_is_good(
    org: OrgDriver, browser: Browser
) -> None:
    page = browser.press(browser.open(f"/brugere/{org.create()}"), "Gensend aktiveringsmail")
    assert "er gensendt" in page.alert
    assert "Det nye gælder til" in page.alert


def test_a_deactivation_says_first_and_last_day_and_the_day_of_return(
    org: OrgDriver, browser: Browser
) -> None:
    user_id = org.create_active("Bo")
    form = browser.open(f"/brugere/{user_id}/deaktiver")
    told = browser.press(form, "Vis dagene i ord", from_date="1.6.2027", to_date="3.6.2027")
    for words in (
        "tirsdag den 1. juni 2027",
        "torsdag den 3. juni 2027",
        "fredag den 4. juni 2027 kl. 00.00",
    ):
        assert words in told.text
    assert org.show(user_id).deactivated_from is None
    done = browser.press(told, "Deaktivér")
    assert done.path == "/brugere"
    assert "Brugeren er aktiv igen fredag den 4. juni 2027 kl. 00.00" in done.alert
    assert org.show(user_id).deactivated_to == "2027-06-03"


def test_the_from_date_is_filled_in_with_today(org: OrgDriver, browser: Browser) -> None:
    form = browser.open(f"/brugere/{org.create_active()}/deaktiver")
    assert form.value("from_date") == org.clock.now().strftime("%d.%m.%Y")


def test_dates_in_the_wrong_order_are_refused_and_kept(org: OrgDriver, browser: Browser) -> None:
    form = browser.open(f"/brugere/{org.create_active()}/deaktiver")
    page = browser.press(form, "Deaktivér", from_date="3.6.2027", to_date="1.6.2027")
    assert (page.status, page.value("to_date")) == (422, "1.6.2027")
    assert "ligger før fra dato" in page.alert


def test_who_is_deactivated_is_activated_from_the_row_menu(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active("Bo")
    org.deactivate(user_id)
    window = browser.open(browser.open("/brugere").link("Aktivér bruger"))
    page = browser.press(window, "Aktivér")
    assert page.alert.startswith("Aktivering er startet")
    assert org.show(user_id).status is Status.ACTIVE


def test_deleting_names_the_user_before_and_after(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active("Bo", "Mørk")
    window = browser.open(f"/brugere/{user_id}/slet")
    assert "Bo Mørk bliver slettet permanent" in window.text
    page = browser.press(window, "Ok")
    assert page.alert == "Bo Mørk er slettet permanent."
    assert browser.open(f"/brugere/{user_id}").status == 410


def test_one_cannot_delete_oneself(org: OrgDriver, browser: Browser) -> None:
    (me,) = org.ids()
    page = browser.press(browser.open(f"/brugere/{me}/slet"), "Ok")
    assert "Du kan ikke slette din egen bruger" in page.alert


def test_means_are_added_and_the_confirmation_names_them(org: OrgDriver, browser: Browser) -> None:
    form = browser.open(f"/brugere/{org.create_active()}/identifikationsmidler")
    page = browser.press(form, "Tilføj identifikationsmidler", means=["app", "code_display"])
    assert page.alert.startswith("MitID app og kodeviser er tilføjet")
    assert "MitID app (ikke taget i brug)" in page.text


def test_no_means_chosen_is_said(org: OrgDriver, browser: Browser) -> None:
    form = browser.open(f"/brugere/{org.create_active()}/identifikationsmidler")
    page = browser.press(form, "Tilføj identifikationsmidler")
    assert page.wrong["means"] == "Vælg mindst ét identifikationsmiddel."


def test_rights_that_are_ticked_are_granted_and_those_unticked_revoked(
    org: OrgDriver, log_in_as: LogInAs
) -> None:
    user_id = org.create_active()
    org.administration.grant_rights(org.actor, user_id, ["r1"])
    browser = log_in_as(Role.RIGHTS_ADMINISTRATOR)
    page = browser.press(browser.open(f"/brugere/{user_id}"), "Gem rettigheder", rights=["r2"])
    assert page.alert == "Rettighederne er gemt."
    assert org.show(user_id).rights == ["r2"]


def test_a_right_that_another_gave_meanwhile_stays(org: OrgDriver, log_in_as: LogInAs) -> None:
    user_id = org.create_active()
    browser = log_in_as(Role.RIGHTS_ADMINISTRATOR)
    profile = browser.open(f"/brugere/{user_id}")
    org.administration.grant_rights(org.actor, user_id, ["r1"])
    browser.press(profile, "Gem rettigheder", rights=["r2"])
    assert sorted(org.show(user_id).rights) == ["r1", "r2"]


def test_signing_and_sealing_are_given_and_taken(org: OrgDriver, log_in_as: LogInAs) -> None:
    user_id = org.create_active()
    browser = log_in_as(Role.RIGHTS_ADMINISTRATOR)
    profile = browser.press(browser.open(f"/brugere/{user_id}"), "Gem underskrift", can_sign="true")
    browser.press(profile, "Gem segldannelse", sealing_profiles=["p2"])
    assert (org.show(user_id).can_sign, org.show(user_id).sealing_profiles) == (True, ["p2"])
    browser.press(browser.open(f"/brugere/{user_id}"), "Gem underskrift", can_sign=None)
    assert not org.show(user_id).can_sign


def test_a_user_is_tied_to_numbers_of_the_lists(org: OrgDriver, log_in_as: LogInAs) -> None:
    user_id = org.create_active()
    browser = log_in_as(Role.ORGANISATION_ADMINISTRATOR)
    page = browser.press(
        browser.open(f"/brugere/{user_id}"), "Gem tilknytning", p_number="1000000002", se_number="11223344"
    )
    assert "P-nummer 1000000002 og SE-nummer 11223344" in page.alert
    assert org.show(user_id).p_number == "1000000002"


def test_history_is_narrowed_by_days_and_words_and_ordered_either_way(
    org: OrgDriver, browser: Browser
) -> None:
    user_id = org.create_active()
    profile = browser.open(f"/brugere/{user_id}")
    found = browser.press(profile, "Vis", ord_="kode", fra="1.1.2020", til="1.1.2099")
    assert [row[1] for row in found.rows()] == ["Midlertidig aktiveringskode dannet"]
    assert "kode" not in found.path
    turned = browser.open(f"/brugere/{user_id}?sortering=transaction&retning=op")
    told = [row[1] for row in turned.rows()]
    assert told == sorted(told)


def test_history_of_other_days_is_empty_and_says_so(org: OrgDriver, browser: Browser) -> None:
    profile = browser.open(f"/brugere/{org.create_active()}")
    page = browser.press(profile, "Vis", til=str(date(2020, 1, 1)))
    assert "Ingen aktiviteter passer" in page.text


def test_choosing_no_number_ties_the_user_to_none(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active()
    org.administration.place_user(org.actor, user_id, p_number="1000000002", se_number="11223344")
    page = browser.press(browser.open(f"/brugere/{user_id}"), "Gem tilknytning", p_number="")
    assert "tilknyttet SE-nummer 11223344." in page.alert
    assert org.show(user_id).p_number is None


def test_a_number_that_the_page_does_not_show_stays(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active()
    org.administration.place_user(org.actor, user_id, p_number="1000000002", se_number="11223344")
    page = browser.open(f"/brugere/{user_id}")
    assert page.soup.select_one("[name=shows][value=p_number]")
    browser.press(page, "Gem tilknytning", shows="se_number", se_number="")
    assert (org.show(user_id).p_number, org.show(user_id).se_number) == ("1000000002", None)


@pytest.mark.parametrize(
    "page", ["", "/rediger", "/identifikationsmidler", "/deaktiver", "/aktiver", "/slet"]
)
def test_nothing_can_be_done_to_somebody_who_is_deleted(org: OrgDriver, browser: Browser, page: str) -> None:
    user_id = org.create_active()
    org.delete(user_id)
    shown = browser.open(f"/brugere/{user_id}{page}")
    assert (shown.status, shown.soup.select("main button")) == (410, [])


def test_deleting_twice_says_so_twice(org: OrgDriver, browser: Browser) -> None:
    confirmation = browser.open(f"/brugere/{org.create_active('Bo', 'Mørk')}/slet")
    said = [browser.press(confirmation, "Ok").alert for _ in range(2)]
    assert said == ["Bo Mørk er slettet permanent.", "Brugeren er slettet permanent."]


def test_somebody_of_another_organisation_is_unknown(org: OrgDriver, browser: Browser) -> None:
    neighbours = register_org(org.service, org.clock, cvr="90000002")
    theirs = neighbours.create_active("Zoe")
    page = browser.open(f"/brugere/{theirs}")
    assert page.status == 404
    assert "Zoe" not in page.html


def test_an_organisation_administrator_sees_no_actions_of_user_administration(
    org: OrgDriver, log_in_as: LogInAs
) -> None:
    page = log_in_as(Role.ORGANISATION_ADMINISTRATOR).open(f"/brugere/{org.create_active()}")
    for words in ("Redigér", "Deaktivér", "Slet bruger", "Historik", "Tilføj identifikationsmidler"):
        assert words not in page.text
