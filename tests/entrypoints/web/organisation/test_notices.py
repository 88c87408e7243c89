from uuid import UUID

import pytest

from brugerbog.application.actors import Actor
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from tests.application.mail.captured_mails import CapturedMails
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 9)


def asking(org: OrgDriver, first_name: str = "Eva", **said: object) -> UUID:
    """Somebody who has just asked to be anonymous."""
    user_id = org.create_active(first_name, "Ny", email=f"{first_name.casefold()}@by.test", **said)
    org.administration.request_anonymity(Actor(user_id, org.id), accepts_losing_rights=True)
    org.clock.advance()
    return user_id


def test_nothing_waits_and_it_says_so(browser: Browser) -> None:
    page = browser.open("/notifikationer")
    assert "Der er ingen notifikationer." in page.text


def test_requests_stand_oldest_first_and_are_counted_in_the_menu(org: OrgDriver, browser: Browser) -> None:
    for name in ("Eva", "Ada"):
        asking(org, name)
    page = browser.open("/notifikationer")
    assert [row[0] for row in page.rows()] == ["Eva Ny", "Ada Ny"]
    assert "Notifikationer (2)" in page.menu


def test_the_mail_about_a_request_says_where_the_menu_has_it(org: OrgDriver, browser: Browser) -> None:
    org.administration.give_role(
        org.actor, org.create_active("Ib", email="ib@by.test"), Role.USER_ADMINISTRATOR
    )
    asking(org)
    letter = next(one for one in CapturedMails(org).dispatch() if "anonym" in one.subject)
    assert "Menu > Notifikationer" in letter.text
    assert any(one.startswith("Notifikationer") for one in browser.open("/brugere").menu)


def test_a_request_shows_who_asks_and_what_will_come_of_it(org: OrgDriver, browser: Browser) -> None:
    asking(org, rights=("r1",))
    page = browser.open(browser.open("/notifikationer").link("Eva Ny"))
    assert page.heading == "Eva Ny ønsker at være anonym"
    assert "nyt brugernummer" in page.text
    assert "skal anmodes om på ny: Læse." in page.text
    assert "Den nuværende bruger bliver slettet." in page.text


def test_who_is_known_by_cpr_number_is_made_anew_without_a_code(org: OrgDriver, browser: Browser) -> None:
    old = asking(org, cpr=CPR)
    page = browser.press(browser.open(f"/notifikationer/{old}"), "Godkend")
    assert page.path == "/notifikationer"
    assert page.alert.startswith("Eva Ny er oprettet på ny som anonym bruger uden rettigheder")
    (new,) = org.users(search="eva")
    assert (new.id != old, new.anonymous, new.rights, org.show(old).status) == (
        *(True, True, []),
        Status.DELETED,
    )


def test_who_needs_a_code_has_it_shown_once_in_the_answer(org: OrgDriver, browser: Browser) -> None:
    old = asking(org)
    form = browser.open(f"/notifikationer/{old}")
    page, again = (browser.press(form, "Godkend") for _ in range(2))
    code = page.soup.select_one(".code-shown")
    assert code is not None
    assert "Husk at gemme koden, indtil brugeren har aktiveret sig i MitID Erhverv." in page.text
    assert page.soup.select_one(f'[data-copies="{code["id"]}"]') is not None
    assert again.soup.select_one(".code-shown") is None
    assert again.alert.startswith("Koden er vist") or "Koden er vist" in again.text
    assert code.get_text() not in again.html + browser.open("/notifikationer").html


def test_the_code_that_was_shown_is_the_one_that_is_needed(org: OrgDriver, browser: Browser) -> None:
    page = browser.press(browser.open(f"/notifikationer/{asking(org)}"), "Godkend")
    (new,) = org.users(search="eva")
    path = f"/aktivering/{CapturedMails(org).token(new.id)}"
    claiming = browser.press(browser.open(path), "Bekræft din identitet med dit private MitID")
    proved = browser.press(claiming, "Bekræft på skrømt", date_of_birth=f"{BORN:%d.%m.%Y}", ial="high")
    accepted = browser.press(proved, "Næste", code=page.soup.select_one(".code-shown").get_text())  # type: ignore[union-attr]
    assert accepted.heading == "Aktivér dig som bruger"


def test_declining_takes_a_reason_which_the_user_is_shown(org: OrgDriver, browser: Browser) -> None:
    user_id = asking(org)
    page = browser.press(browser.open(f"/notifikationer/{user_id}"), "Afvis")
    assert (page.status, set(page.wrong)) == (422, {"reason"})
    page = browser.press(page, "Afvis", reason="Vi bruger navne i receptionen.")
    assert page.alert == "Anmodningen er afvist. Eva Ny får begrundelsen i en e-mail."
    assert page.rows() == []
    letters = [one for one in CapturedMails(org).dispatch() if one.to_address == "eva@by.test"]
    assert "Vi bruger navne i receptionen." in letters[-1].text


def test_what_somebody_else_has_answered_is_said_to_be_answered(org: OrgDriver, browser: Browser) -> None:
    user_id = asking(org)
    form = browser.open(f"/notifikationer/{user_id}")
    org.administration.decline_anonymity(org.actor, user_id, "Nej")
    for page in (
        browser.press(form, "Godkend"),
        browser.press(form, "Afvis", reason="Nej"),
        browser.open(f"/notifikationer/{user_id}"),
    ):
        assert (page.path, page.alert.startswith("Brugeren har ingen ubesvaret")) == ("/notifikationer", True)


@pytest.mark.parametrize("role", [Role.RIGHTS_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR])
def test_only_user_administrators_see_and_answer(org: OrgDriver, log_in_as: LogInAs, role: Role) -> None:
    user_id, browser = asking(org), log_in_as(role)
    assert not [one for one in browser.open("/brugere").menu if one.startswith("Notifikationer")]
    assert browser.open("/notifikationer").status == browser.open(f"/notifikationer/{user_id}").status == 403
    answers = [
        browser.send(f"/notifikationer/{user_id}/{what}", command_id=org.id, **said)
        for what, said in (("godkend", {}), ("afvis", {"reason": "Nej"}))
    ]
    assert [one.status for one in answers] == [403, 403]
