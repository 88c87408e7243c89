from uuid import UUID

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Means
from tests.application.mail.captured_mails import CapturedMails, PretendedIdentity
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 11)
EVA = {"email": "eva@by.test", "cpr": CPR}


def seen_by(log_in_as: LogInAs, org: OrgDriver, user_id: UUID) -> Browser:
    return log_in_as(first_name="Anden").log_in(user_id, org.id)


def with_private_means(org: OrgDriver, *others: Means) -> UUID:
    """Somebody who has let her private MitID be relied on."""
    means = (Means.PRIVATE, *others)
    user_id, door = org.create("Eva", "Ny", means=means, **EVA), org.service.self_service
    token = CapturedMails(org).token(user_id)
    door.confirm_identity(token, PretendedIdentity(cpr=CPR))
    door.activate(token, means, consent=True)
    return user_id


def test_somebody_without_a_role_comes_to_their_own_page(log_in_as: LogInAs) -> None:
    page = log_in_as().open("/")
    assert (page.path, page.heading, page.menu) == ("/min-profil", "Min profil", ["Min profil"])


def test_stamdata_show_who_one_is_and_what_ones_roles_are(log_in_as: LogInAs) -> None:
    browser = log_in_as(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)
    page = browser.open("/min-profil")
    assert "Ida" in page.text
    roles = [one.get_text() for one in page.soup.select("main li strong")]
    assert roles == ["Rettighedsadministrator", "Brugeradministrator"]


def test_no_cpr_number_is_shown_whole(org: OrgDriver, log_in_as: LogInAs) -> None:
    page = seen_by(log_in_as, org, org.create_active("Eva", "Ny", **EVA)).open("/min-profil")
    assert (f"{CPR[:6]}-xxxx" in page.text, CPR[6:] in page.text) == (True, False)


def test_a_consent_is_withdrawn_after_what_comes_of_it_was_said(org: OrgDriver, log_in_as: LogInAs) -> None:
    user_id = with_private_means(org)
    browser = seen_by(log_in_as, org, user_id)
    asking = browser.open(browser.open("/min-profil").link("Træk samtykke tilbage"))
    assert asking.alert.startswith("Du har ikke andre identifikationsmidler her.")
    for _ in range(2):
        page = browser.press(asking, "Træk samtykke tilbage")
        assert (page.path, page.alert.endswith("er trukket tilbage.")) == ("/min-profil", True)
    assert org.show(user_id).active_means == []
    assert "Træk samtykke tilbage" not in page.text
    assert browser.open("/min-profil/samtykke").path == "/min-profil"


def test_a_user_with_other_means_sees_which(org: OrgDriver, log_in_as: LogInAs) -> None:
    browser = seen_by(log_in_as, org, with_private_means(org, Means.APP))
    assert "Du kan stadig bruge MitID app." in browser.open("/min-profil/samtykke").text


def test_asking_to_be_anonymous_takes_knowing_that_rights_are_lost(
    org: OrgDriver, log_in_as: LogInAs
) -> None:
    user_id = org.create_active("Eva", "Ny", rights=("r1",), **EVA)
    browser = seen_by(log_in_as, org, user_id)
    form = browser.open(browser.open("/min-profil").link("Anmod om at blive anonym"))
    assert "Læse (Skat)" in form.text
    refused = browser.press(form, "Send anmodning")
    assert (refused.status, set(refused.wrong), org.show(user_id).asks_for_anonymity) == (
        *(422, {"accepts"}),
        False,
    )
    page = browser.press(refused, "Send anmodning", accepts="true")
    assert page.alert == "Din anmodning om at blive anonym er sendt til jeres administratorer."
    assert org.show(user_id).asks_for_anonymity
    assert "venter på svar" in page.text
    assert browser.open("/min-profil/anonym").path == "/min-profil"


def test_a_role_holder_sees_that_anonymity_is_not_possible(log_in_as: LogInAs) -> None:
    browser = log_in_as(Role.TRUSTED_EMPLOYEE)
    page = browser.open("/min-profil/anonym")
    assert (page.path, "må ikke være anonyme" in page.text) == ("/min-profil", True)


def test_where_it_is_not_allowed_that_is_said(org: OrgDriver, log_in_as: LogInAs) -> None:
    org.administration.change_settings(org.actor, {"allow_anonymous": False})
    browser = log_in_as()
    assert "tillader ikke anonyme brugere" in browser.open("/min-profil").text
    assert browser.open("/min-profil/anonym").path == "/min-profil"


def test_a_request_that_came_too_late_is_refused_with_the_reason(org: OrgDriver, log_in_as: LogInAs) -> None:
    browser = log_in_as()
    form = browser.open("/min-profil/anonym")
    org.administration.change_settings(org.actor, {"allow_anonymous": False})
    page = browser.press(form, "Send anmodning", accepts="true")
    assert (page.path, page.soup.select_one(".alert-warning") is not None) == ("/min-profil", True)
    assert "anonym" in page.alert


def test_an_anonymous_user_sees_what_that_means(org: OrgDriver, log_in_as: LogInAs) -> None:
    browser = seen_by(log_in_as, org, org.create_active("Eva", "Ny", anonymous=True, **EVA))
    page = browser.open("/min-profil")
    assert "Du er anonym" in page.text
    assert "Anmod om" not in page.text
