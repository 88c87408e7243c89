"""Who is logged in, for how long, and when it ends at once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.bootstrap import WebStores, web_stores
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.days import first_moment
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.crypto.vault import TokenKey
from brugerbog.infrastructure.web.session_encryption import SessionCipher, SessionDecryptionFailed
from brugerbog.infrastructure.web.sessions import SEEN_INTERVAL, SessionLimits, web_sessions
from brugerbog.infrastructure.web.settings import WebSettings
from brugerbog.service import Service
from tests.clock import FrozenClock
from tests.entrypoints.web.browser import BASE_URL, Browser, LogInAs, Page
from tests.entrypoints.web.imports.test_files import session_of
from tests.org_driver import OrgDriver, open_org, open_service

ADMINISTRATOR = frozenset({Role.USER_ADMINISTRATOR})
IDLE, ABSOLUTE = SessionLimits().idle, SessionLimits().absolute
A_MINUTE = timedelta(minutes=1)


# In the store, on either engine


@pytest.fixture
def stored_org(store_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(store_url, tmp_path, clock=FrozenClock(), catches_up=False) as org:
        yield org


@pytest.fixture
def room(stored_org: OrgDriver) -> WebStores:
    return web_stores(stored_org.service, SessionLimits())


def begin(room: WebStores, org: OrgDriver) -> Secret[str]:
    return room.sessions.begin(org.actor.id, org.id, ADMINISTRATOR)


def rows(service: Service) -> list[Any]:
    with service.log.backend.read.connect() as connection:
        return list(connection.execute(select(web_sessions)))


def test_a_session_is_found_by_its_token(room: WebStores, stored_org: OrgDriver) -> None:
    token = begin(room, stored_org)
    session = room.sessions.find(token)
    assert session is not None
    assert (session.user_id, session.organisation_id) == (stored_org.actor.id, stored_org.id)
    assert (session.roles, session.begun_at, session.data) == (ADMINISTRATOR, stored_org.clock.now(), {})


def test_tokens_are_long_and_differ(room: WebStores, stored_org: OrgDriver) -> None:
    # ASVS 5.0, 7.2.3
    tokens = {begin(room, stored_org).reveal() for _ in range(20)}
    assert (len(tokens), {len(token) for token in tokens}) == (20, {43})


@pytest.mark.parametrize("guessed", ["", "A" * 43, "æ", "\ud83d", "a\0b"])
def test_no_other_token_finds_one(room: WebStores, stored_org: OrgDriver, guessed: str) -> None:
    begin(room, stored_org)
    assert room.sessions.find(Secret(guessed)) is None


def test_another_process_finds_it_too(room: WebStores, stored_org: OrgDriver) -> None:
    token = begin(room, stored_org)
    assert web_stores(stored_org.service, SessionLimits()).sessions.find(token) is not None


def test_what_a_session_keeps_is_there_at_the_next_request(room: WebStores, stored_org: OrgDriver) -> None:
    token = begin(room, stored_org)
    session = room.sessions.find(token)
    assert session is not None
    room.sessions.keep(session, said="Åse", other=[1])
    room.sessions.keep(session, other=None)
    again = room.sessions.find(token)
    assert again is not None
    assert again.data == {"said": "Åse"}


def test_the_store_can_read_neither_the_token_nor_what_is_kept(
    room: WebStores, stored_org: OrgDriver
) -> None:
    token = begin(room, stored_org)
    session = room.sessions.find(token)
    assert session is not None
    room.sessions.keep(session, said="Krabbeløs")
    (row,) = rows(stored_org.service)
    stored = b"|".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
    assert token.reveal().encode() not in stored
    assert "Krabbeløs".encode() not in stored


def test_a_box_opens_with_its_own_token_only(room: WebStores, stored_org: OrgDriver) -> None:
    key, another = stored_org.service.log.vault.token_key, TokenKey.of(Secret(bytes(32)))
    one, other = begin(room, stored_org), begin(room, stored_org)
    box = SessionCipher(one, key).encrypt(b"hemmelig", b"her")
    assert SessionCipher(one, key).decrypt(box, b"her") == b"hemmelig"
    for seal, opened, about in (
        *((SessionCipher(other, key), broken, b"her") for broken in (box, box[:-1], b"")),
        (SessionCipher(one, key), box[:-1], b"her"),
        (SessionCipher(one, key), box, b"der"),
        (SessionCipher(one, another), box, b"her"),
    ):
        with pytest.raises(SessionDecryptionFailed):
            seal.decrypt(opened, about)


def test_a_session_ends_when_nothing_happens_for_half_an_hour(room: WebStores, stored_org: OrgDriver) -> None:
    # ASVS 5.0, 7.3.1
    token = begin(room, stored_org)
    stored_org.clock.advance(IDLE - timedelta(seconds=1))
    assert room.sessions.find(token) is not None
    stored_org.clock.advance(IDLE - timedelta(seconds=1))
    assert room.sessions.find(token) is not None
    stored_org.clock.advance(IDLE)
    assert room.sessions.find(token) is None


def test_a_session_ends_after_eight_hours_whatever_happens(room: WebStores, stored_org: OrgDriver) -> None:
    # ASVS 5.0, 7.3.2
    token, begun = begin(room, stored_org), stored_org.clock.now()
    while stored_org.clock.now() < begun + ABSOLUTE - A_MINUTE:
        stored_org.clock.advance(A_MINUTE * 29)
        if stored_org.clock.now() < begun + ABSOLUTE:
            assert room.sessions.find(token) is not None
    stored_org.clock.set_to(begun + ABSOLUTE)
    assert room.sessions.find(token) is None


def test_that_somebody_is_there_is_written_down_once_a_minute(room: WebStores, stored_org: OrgDriver) -> None:
    token, seen = begin(room, stored_org), set()
    for _ in range(7):
        stored_org.clock.advance(SEEN_INTERVAL / 3)
        room.sessions.find(token)
        seen |= {row.seen_at for row in rows(stored_org.service)}
    assert len(seen) == 3


def test_an_ended_session_is_gone_and_the_others_stay(room: WebStores, stored_org: OrgDriver) -> None:
    one, other = begin(room, stored_org), begin(room, stored_org)
    room.sessions.end(one)
    room.sessions.end(one)
    assert (room.sessions.find(one), room.sessions.find(other) is None) == (None, False)
    assert len(rows(stored_org.service)) == 1


def test_what_is_over_is_swept_away_at_the_next_login(room: WebStores, stored_org: OrgDriver) -> None:
    begin(room, stored_org)
    stored_org.clock.advance(IDLE)
    begin(room, stored_org)
    assert len(rows(stored_org.service)) == 1


def test_sessions_outlast_a_restart_of_a_kept_store(tmp_path: Path) -> None:
    url, clock = f"sqlite:///{tmp_path / 'store.db'}", FrozenClock()
    with open_org(url, tmp_path, clock=clock) as org:
        token = begin(web_stores(org.service, SessionLimits()), org)
    with open_service(url, tmp_path, clock=clock) as service:
        assert web_stores(service, SessionLimits()).sessions.find(token) is not None


# In the browser


def is_out(page: Page, why: str) -> bool:
    """Sent to the login page, which says so, and the cookie is gone."""
    return page.path.startswith("/log-ind?") and page.alert == why


OVER = "Du har været logget ind for længe uden at bruge siden. Log ind igen."
NOT_ACTIVE = "Du er logget ud, fordi din bruger ikke længere er aktiv. Kontakt jeres administrator."
ROLE_TAKEN = "Du er logget ud, fordi en af dine roller er taget fra dig. Log ind igen."


def himself(org: OrgDriver, first_name: str = "Ida") -> Any:  # noqa: ANN401 - an id
    return next(user.id for user in org.users() if user.first_name == first_name)


def an_administrator(org: OrgDriver, limits: SessionLimits) -> Browser:
    user_id = org.create_active()
    org.administration.give_role(org.actor, user_id, Role.USER_ADMINISTRATOR)
    app = application(org.service, WebSettings(BASE_URL, limits), DemoLogin([]))
    return Browser(app).log_in(user_id, org.id)


def test_nobody_is_let_in_without_a_session(log_in_as: LogInAs) -> None:
    browser = log_in_as()
    browser.client.cookies.clear()
    page = browser.open("/brugere?sortering=status")
    assert (page.path, page.alert) == ("/log-ind?videre=%2Fbrugere", "")


def test_an_expired_session_leads_to_log_in_and_back_to_the_page(org: OrgDriver, browser: Browser) -> None:
    org.clock.advance(IDLE)
    page = browser.open("/brugere")
    assert is_out(page, OVER)
    assert page.path == "/log-ind?videre=%2Fbrugere&fordi=session_over"
    assert browser.web_context.cookie not in browser.client.cookies


def test_a_form_sent_too_late_is_not_sent_again_after_login(org: OrgDriver, browser: Browser) -> None:
    org.clock.advance(IDLE)
    assert browser.send("/brugere/opret").path == "/log-ind?fordi=session_over"


def test_limits_are_the_installations(org: OrgDriver) -> None:
    browser = an_administrator(org, SessionLimits(idle=A_MINUTE * 5, absolute=A_MINUTE * 8))
    org.clock.advance(A_MINUTE * 4)
    assert browser.open("/brugere").path == "/brugere"
    org.clock.advance(A_MINUTE * 4)
    assert is_out(browser.open("/brugere"), OVER)


def test_who_is_deactivated_is_out_at_once(org: OrgDriver, browser: Browser) -> None:
    # ASVS 5.0, 7.4.2 and 8.3.2
    org.deactivate(himself(org))
    assert is_out(browser.open("/brugere"), NOT_ACTIVE)


def test_who_is_away_by_date_is_out_from_its_first_moment(org: OrgDriver) -> None:
    """Nothing is recorded at that moment, and no scheduler has run."""
    browser = an_administrator(org, SessionLimits(idle=timedelta(days=9), absolute=timedelta(days=9)))
    org.deactivate(himself(org), from_date=date(2026, 3, 21))
    org.clock.set_to(first_moment(date(2026, 3, 21)) - timedelta(microseconds=1))
    assert browser.open("/brugere").path == "/brugere"
    org.clock.advance(timedelta(microseconds=1))
    assert is_out(browser.open("/brugere"), NOT_ACTIVE)


def test_and_stays_out_when_the_user_is_back(org: OrgDriver, browser: Browser) -> None:
    org.deactivate(himself(org))
    browser.open("/brugere")
    org.administration.reactivate_user(org.actor, himself(org))
    assert browser.open("/brugere").path == "/log-ind?videre=%2Fbrugere"


def test_who_is_deleted_is_out_at_once(org: OrgDriver, browser: Browser) -> None:
    org.delete(himself(org))
    assert is_out(browser.open("/brugere"), NOT_ACTIVE)


def test_who_loses_a_role_is_out_at_once(org: OrgDriver, log_in_as: LogInAs) -> None:
    browser = log_in_as(Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR)
    org.administration.take_role(org.actor, himself(org), Role.RIGHTS_ADMINISTRATOR)
    assert is_out(browser.open("/brugere"), ROLE_TAKEN)


def test_who_gets_a_role_has_it_at_once(org: OrgDriver, log_in_as: LogInAs) -> None:
    browser = log_in_as()
    assert browser.open("/brugere").status == 403
    org.administration.give_role(org.actor, himself(org), Role.USER_ADMINISTRATOR)
    assert browser.open("/brugere").status == 200


def test_every_browser_of_somebody_is_out(org: OrgDriver, browser: Browser) -> None:
    other = Browser(browser.client.app).log_in(himself(org), org.id)
    assert other.open("/brugere").path == "/brugere"
    org.deactivate(himself(org))
    assert is_out(other.open("/brugere"), NOT_ACTIVE)
    assert is_out(browser.open("/brugere"), NOT_ACTIVE)


def test_logging_off_ends_the_session_wherever_its_token_lies(browser: Browser) -> None:
    # ASVS 5.0, 7.4.1
    token = browser.client.cookies["brugerbog"]
    page = browser.send("/log-af")
    assert (page.path, page.alert) == ("/log-ind?fordi=logged_out", "Du er nu logget ud.")
    assert "brugerbog" not in browser.client.cookies
    browser.client.cookies.set("brugerbog", token, domain="127.0.0.1", path="/")
    assert is_out(browser.open("/brugere"), OVER)


def test_a_browser_is_asked_to_forget_what_it_was_shown(browser: Browser) -> None:
    # ASVS 5.0, 14.3.1
    answer = browser.client.post("/log-af", headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
    assert answer.headers["clear-site-data"] == '"cache", "storage"'


def test_every_page_of_the_user_leads_out(browser: Browser) -> None:
    # ASVS 5.0, 7.4.4
    for path in ("/brugere", "/brugere/opret"):
        assert browser.open(path).soup.select_one('form[action="/log-af"] button'), path


# Ended by an administrator


def test_an_administrator_sees_who_is_logged_in(room: WebStores, stored_org: OrgDriver) -> None:
    ida, bo = stored_org.create_active("Ida"), stored_org.create_active("Bo")
    first = room.sessions.begin(ida, stored_org.id, ADMINISTRATOR)
    stored_org.clock.advance(A_MINUTE)
    room.sessions.begin(bo, stored_org.id, ADMINISTRATOR)
    room.sessions.find(first)
    seen = [
        (one.user_id, one.seen_at - one.begun_at) for one in stored_org.queries.sessions(stored_org.actor)
    ]
    assert seen == [(bo, timedelta(0)), (ida, A_MINUTE)]
    stored_org.clock.advance(IDLE)
    assert stored_org.queries.sessions(stored_org.actor) == []


def test_those_that_an_administrator_has_ended_are_over_and_no_others(
    log_in_as: LogInAs, org: OrgDriver
) -> None:
    browser, other = log_in_as(Role.USER_ADMINISTRATOR), log_in_as(Role.USER_ADMINISTRATOR)
    ida, bo = (session.user_id for session in map(session_of, (browser, other)))
    assert browser.open("/brugere").path == other.open("/brugere").path == "/brugere"
    org.clock.advance()
    org.administration.end_sessions(org.actor, ida)
    assert [one.user_id for one in org.queries.sessions(org.actor)] == [bo]
    assert browser.open("/brugere").path.startswith("/log-ind")
    assert other.open("/brugere").path == "/brugere"
    told = org.queries.audit_log(org.actor, AuditLogQuery()).entries
    assert "organisation.sessions_ended" in {one.kind for one in told}
    org.clock.advance()
    assert browser.log_in(ida, org.id).open("/brugere").path == "/brugere"
