"""The user's own side: what a person does with the link in his mail, with nobody logged in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from brugerbog.application.rate_limits import FAILURES_OF_ADDRESS, FAILURES_OF_LINK
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.user.links import LINK_DAYS
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from brugerbog.entrypoints.server.serving import application
from brugerbog.entrypoints.web.login_provider import LINK_PAGES
from brugerbog.infrastructure.mail.rendering import PATHS
from brugerbog.infrastructure.web.settings import WebSettings
from tests.application.mail.captured_mails import CapturedMails
from tests.entrypoints.web.browser import BASE_URL, Browser, Page
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 3)
OTHER_CPR = made_up_cpr(BORN, 7)
START = "Bekræft din identitet med dit private MitID"


@pytest.fixture
def anybody(org: OrgDriver) -> Browser:
    """The pages as they are seen by somebody who is not logged in."""
    return Browser(application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([])))


def activation(org: OrgDriver, *means: Means, **said: Any) -> str:  # noqa: ANN401 - any field of NewUser
    """Where the link in the mail of somebody new leads, whose CPR number is known."""
    user_id = org.create(cpr=CPR, means=means, **said)
    return f"/aktivering/{CapturedMails(org).token(user_id)}"


def by_birth_date(org: OrgDriver) -> tuple[str, str]:
    """The same and the code, of somebody whose CPR number isn't known."""
    user_id = org.create(email="ida@by.test")
    code = org.administration.issue_code(org.actor, user_id).code
    assert code
    return f"/aktivering/{CapturedMails(org).token(user_id)}", code


def proved(browser: Browser, path: str, **claimed: str) -> Page:
    """The page after the broker, or what stands in for it, has vouched for somebody."""
    claiming = browser.press(browser.open(path), START)
    return browser.press(claiming, "Bekræft på skrømt", **({"ial": "high"} | (claimed or {"cpr": CPR})))


def status(org: OrgDriver) -> Status:
    return next(user.status for user in org.users() if user.first_name == "Ida")


def test_the_pages_stand_where_the_mails_say() -> None:
    assert {f"/{path}/" for path in PATHS.values()} == set(LINK_PAGES)


def test_the_first_page_shows_whose_link_it_is_until_when_and_what_is_to_be_done(
    org: OrgDriver, anybody: Browser
) -> None:
    page = anybody.open(activation(org))
    assert page.heading == "Aktivér dig som bruger i MitID Erhverv"
    assert "Prøve Kommune" in page.text
    assert "Linket gælder indtil den 19. april 2026 kl. 12.00." in page.text
    assert "Trin 1 af 2" in page.text
    assert "aktiveringskode" not in page.text


def test_anyone_who_has_the_link_sees_nothing_personal(org: OrgDriver, anybody: Browser) -> None:
    page = anybody.open(activation(org))
    assert [word for word in ("Ida", "Prøve ", "ida@by.test", CPR[:6]) if word in page.text] == ["Prøve "]


def test_with_a_cpr_number_identity_suffices(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, Means.APP))
    assert "Trin 2 af 2" in page.text
    page = anybody.press(page, "Aktivér", means="app")
    assert (page.heading, status(org)) == ("Du er nu aktiveret", Status.ACTIVE)
    assert page.alert == "Du er nu aktiveret som bruger i MitID Erhverv for Prøve Kommune."


def test_activating_again_says_that_it_is_done(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, Means.APP))
    anybody.press(page, "Aktivér", means="app")
    again = anybody.press(page, "Aktivér", means="app")
    assert (again.status, again.heading) == (410, "Linket er allerede brugt")


def test_another_persons_mitid_does_not_help(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org)
    page = proved(anybody, path, cpr=made_up_cpr(BORN, 4))
    assert (page.status, page.heading) == (422, "Din identitet er ikke bekræftet")
    assert page.alert.startswith("Det MitID, du har brugt, tilhører ikke den person")
    assert page.link("Prøv igen") == path


def test_too_low_a_level_does_not_suffice(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, target_ial=Ial.HIGH), cpr=CPR, ial="substantial")
    assert (page.status, "lavere sikringsniveau" in page.alert) == (422, True)


def test_without_a_cpr_number_the_code_is_needed_too(org: OrgDriver, anybody: Browser) -> None:
    path, code = by_birth_date(org)
    page = proved(anybody, path, date_of_birth=f"{BORN:%d.%m.%Y}")
    assert (page.heading, "Trin 2 af 3" in page.text) == ("Indtast den midlertidige aktiveringskode", True)
    page = anybody.press(page, "Næste", code=code.lower())
    assert "Trin 3 af 3" in page.text
    anybody.press(page, "Aktivér")
    assert status(org) is Status.ACTIVE


def test_a_wrong_code_says_how_many_tries_are_left_and_repeats_no_code(
    org: OrgDriver, anybody: Browser
) -> None:
    path, _ = by_birth_date(org)
    page = proved(anybody, path, date_of_birth=f"{BORN:%d.%m.%Y}")
    assert "Du har 3 forsøg" in page.text
    page = anybody.press(page, "Næste", code="2222-3333-4444")
    assert page.status == 422
    assert page.wrong == {"code": "Koden er forkert. Prøv igen; forsøg tilbage, før den spærres: 2."}
    assert (page.value("code"), "2222" in page.html) == ("", False)


def test_a_code_that_is_sent_twice_is_one_try(org: OrgDriver, anybody: Browser) -> None:
    path, code = by_birth_date(org)
    page = proved(anybody, path, date_of_birth=f"{BORN:%d.%m.%Y}")
    anybody.press(page, "Næste", code="2222-3333-4444")
    again = anybody.press(page, "Næste", code="2222-3333-4444")
    assert again.wrong["code"].endswith("forsøg tilbage: 2.")
    right = [anybody.press(again, "Næste", code=code) for _ in range(2)]
    assert [page.heading for page in right] == ["Aktivér dig som bruger"] * 2


def test_the_third_wrong_code_closes_the_way_and_says_whom_to_ask(org: OrgDriver, anybody: Browser) -> None:
    path, code = by_birth_date(org)
    page = proved(anybody, path, date_of_birth=f"{BORN:%d.%m.%Y}")
    for _ in range(3):
        page = anybody.press(page, "Næste", code="2222-3333-4444")
    assert page.alert.endswith("Bed din administrator om en ny midlertidig kode.")
    assert page.soup.select_one("input[name=code]") is None
    assert "Bed din brugeradministrator i Prøve Kommune" in anybody.open(path).text
    assert anybody.send(f"{path}/kode", code=code, tries_left="3").status == 422


def test_a_private_mitid_is_used_with_consent_only(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, Means.PRIVATE, Means.APP))
    assert "Jeg giver samtykke" in page.text
    page = anybody.press(page, "Aktivér", means="private")
    assert (page.status, set(page.wrong), status(org)) == (422, {"consent"}, Status.PENDING)
    assert page.soup.select_one("input[value=private]").has_attr("checked")  # type: ignore[union-attr]
    anybody.press(page, "Aktivér", means="private", consent="true")
    (ida,) = org.users()
    assert (ida.status, ida.active_means) == (Status.ACTIVE, ["private"])


def test_something_is_to_be_chosen(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, Means.PRIVATE, Means.APP))
    page = anybody.press(page, "Aktivér")
    assert page.wrong == {"means": "Vælg mindst ét af de identifikationsmidler, du må bruge."}


def test_a_device_is_ordered_once_and_the_user_is_asked_to_wait_for_it(
    org: OrgDriver, anybody: Browser
) -> None:
    path = activation(org, Means.CODE_DISPLAY, Means.CODE_DISPLAY, Means.APP)
    page = proved(anybody, path)
    ordered = [anybody.press(page, "Bestil kodeviser") for _ in range(2)]
    assert [one.alert.startswith("Du har bestilt kodeviser.") for one in ordered] == [True, True]
    (ida,) = org.users()
    assert ida.ordered_means == ["code_display"]
    page = anybody.press(ordered[1], "Aktivér", means="app")
    assert "Du venter på kodeviser, som kommer med posten." in page.text
    assert "Du må også bruge kodeviser" not in page.text


def test_a_device_that_has_come_is_taken_into_use(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, Means.CHIP))
    page = anybody.press(page, "Bestil chip")
    page = anybody.press(page, "Aktivér", means="chip")
    (ida,) = org.users()
    assert (ida.active_means, ida.ordered_means) == (["chip"], [])


def test_means_assigned_later_are_taken_by_a_link_of_their_own(org: OrgDriver, anybody: Browser) -> None:
    user_id = org.create_active(cpr=CPR)
    org.administration.assign_means(org.actor, user_id, [Means.APP, Means.APP])
    path = f"/identifikationsmidler/{CapturedMails(org).token(user_id)}"
    assert anybody.open(path).heading == "Aktivér dine nye identifikationsmidler"
    page = proved(anybody, path)
    done = [anybody.press(page, "Aktivér", means="app") for _ in range(2)]
    assert {one.heading for one in done} == {"Dine identifikationsmidler er aktiveret"}
    assert org.show(user_id).active_means == ["app"]
    assert done[0].link("Aktivér mere") == path


def test_the_links_of_one_kind_do_not_open_the_other(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org).replace("aktivering", "identifikationsmidler")
    assert (anybody.open(path).status, anybody.open(path).heading) == (404, "Linket kendes ikke")


def test_an_unknown_link_says_where_the_right_one_may_be(anybody: Browser) -> None:
    page = anybody.open("/aktivering/nobody-was-sent-this")
    assert (page.status, page.heading) == (404, "Linket kendes ikke")
    assert "linket i den seneste, der virker" in page.text


def test_a_link_whose_place_another_has_taken_is_void(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org)
    org.administration.resend_activation_mail(org.actor, org.ids()[0])
    page = anybody.open(path)
    assert (page.status, page.heading) == (410, "Linket gælder ikke længere")


def test_an_expired_link_says_since_when_and_whom_to_ask(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org)
    org.clock.advance(timedelta(days=LINK_DAYS))
    page = anybody.open(path)
    assert (page.status, page.heading) == (410, "Linket er udløbet")
    assert "indtil den 19. april 2026 kl. 12.00" in page.text
    assert "Gensend aktiveringsmail" in page.text
    assert anybody.send(f"{path}/aktiver", command_id=org.id).status == 410


def test_a_confirmation_of_identity_that_is_too_old_is_asked_for_anew(
    org: OrgDriver, anybody: Browser
) -> None:
    page = proved(anybody, activation(org, Means.APP))
    org.clock.advance(timedelta(hours=1))
    page = anybody.press(page, "Aktivér", means="app")
    assert (page.status, "Trin 1 af 2" in page.text) == (422, True)
    assert page.alert.endswith("En bekræftelse gælder i en time.")


def test_nothing_is_done_before_identity_is_proved(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org, Means.APP)
    page = anybody.send(f"{path}/aktiver", command_id=org.id, means="app")
    assert (page.status, status(org)) == (422, Status.PENDING)


def test_links_cannot_be_tried_without_end_and_a_right_one_leads_in_all_the_same(
    org: OrgDriver, anybody: Browser
) -> None:
    path = activation(org)
    for number in range(FAILURES_OF_ADDRESS.most):
        assert anybody.open(f"/aktivering/{number}").status == 404

    stopped = anybody.open("/aktivering/one-more")

    assert (stopped.status, stopped.heading) == (429, "Vent lidt")
    assert 1 <= int(stopped.response.headers["retry-after"]) <= 120
    assert anybody.open(path).status == 200


def test_a_link_is_opened_as_often_as_one_likes(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org)
    assert {anybody.open(path).status for _ in range(FAILURES_OF_ADDRESS.most + 1)} == {200}


def test_others_identities_are_not_tried_on_a_link_without_end(org: OrgDriver, anybody: Browser) -> None:
    path = activation(org)
    others = [proved(anybody, path, cpr=OTHER_CPR).status for _ in range(FAILURES_OF_LINK.most)]
    assert (set(others), proved(anybody, path, cpr=OTHER_CPR).status) == ({422}, 429)


def test_what_is_done_came_by_the_web_door(org: OrgDriver, anybody: Browser) -> None:
    page = proved(anybody, activation(org, Means.APP))
    anybody.press(page, "Aktivér", means="app")
    told = [event for _, event in org.service.log.events_until(org.id, org.clock.now())]
    assert {event.door for event in told if event.TOPIC in ("user.identity_confirmed", "user.activated")} == {
        "web"
    }


def test_what_is_claimed_in_the_demo_is_read_like_anywhere_and_no_number_is_repeated(
    org: OrgDriver, anybody: Browser
) -> None:
    path = activation(org)
    page = proved(anybody, path, cpr="0709611")
    assert (page.status, set(page.wrong), "0709611" in page.html) == (422, {"cpr"}, False)
    page = anybody.press(page, "Bekræft på skrømt", cpr="", date_of_birth="i går")
    assert set(page.wrong) == {"date_of_birth"}
    assert anybody.press(page, "Bekræft på skrømt", cpr=CPR, date_of_birth="", ial="high").path == path
