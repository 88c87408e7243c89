"""What browsers hand in lies sealed in a table, and who works on it is alive, or has died."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from brugerbog.bootstrap import WebStores, web_stores
from brugerbog.domain.kernel.roles import Role
from brugerbog.infrastructure.web.sessions import Session, SessionLimits
from brugerbog.infrastructure.web.uploads import STALLED_AFTER, State, UploadKind, web_uploads
from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, open_org

CONTENT = b"C;;Canary;Fugl;0709611111;;canary@by.test"
FILE = UUID(int=1)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def org(prepared_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path, clock=clock) as org:
        yield org


@pytest.fixture
def room(org: OrgDriver) -> WebStores:
    return web_stores(org.service, SessionLimits())


@pytest.fixture
def session(room: WebStores) -> Session:
    return logged_in(room)


def logged_in(room: WebStores) -> Session:
    session = room.sessions.find(room.sessions.begin(uuid4(), uuid4(), {Role.USER_ADMINISTRATOR}))
    assert session is not None
    return session


def stored(org: OrgDriver) -> list[Any]:
    with org.service.log.backend.read.connect() as connection:
        return list(connection.execute(select(web_uploads)))


def state(room: WebStores, session: Session, upload_id: UUID = FILE) -> State | None:
    found = room.uploads.find(session, upload_id)
    return found and found.state


def test_only_the_session_that_handed_it_in_opens_it(room: WebStores, session: Session) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT, result={"rows": 1})
    other = logged_in(room)
    assert room.uploads.content(session, FILE) == CONTENT
    assert room.uploads.find(session, FILE).result == {"rows": 1}  # type: ignore[union-attr]
    assert room.uploads.find(other, FILE) is None
    assert room.uploads.content(other, FILE) is None
    assert not room.uploads.acquire(other, FILE, State.NEW, State.CHECKING)


def test_nothing_of_it_lies_in_the_clear(org: OrgDriver, room: WebStores, session: Session) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT)
    room.uploads.acquire(session, FILE, State.NEW, State.CHECKING)
    room.uploads.finish(session, FILE, State.CHECKED, {"shown": ["Canary"]}, b"0709611111;Canary")
    (row,) = stored(org)
    lies = b"\0".join(
        bytes(one) if isinstance(one, (bytes, memoryview)) else str(one).encode() for one in row
    )
    assert (row.told, row.receipt, row.content) != (None, None, None)
    assert not [one for one in (b"Canary", b"0709611111", session.token.reveal().encode()) if one in lies]


def test_logging_out_takes_it_away(org: OrgDriver, room: WebStores, session: Session) -> None:
    other = logged_in(room)
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT)
    room.uploads.add(other, UUID(int=2), UploadKind.FILE, CONTENT)
    room.sessions.end(session.token)
    assert [one.id for one in stored(org)] == [UUID(int=2)]


def test_it_goes_when_its_session_is_over_and_the_next_one_begins(
    org: OrgDriver, room: WebStores, session: Session, clock: FrozenClock
) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT)
    clock.advance(SessionLimits().idle + timedelta(seconds=1))
    logged_in(room)
    assert stored(org) == []


def test_a_new_file_takes_the_place_of_one_that_was_left_unused(room: WebStores, session: Session) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT)
    room.uploads.add(session, UUID(int=2), UploadKind.SENDING, CONTENT)
    room.uploads.add(session, UUID(int=3), UploadKind.FILE, CONTENT)
    assert state(room, session) is None
    assert state(room, session, UUID(int=2)) is State.NEW


def test_it_is_taken_in_hand_once(room: WebStores, session: Session) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT, state=State.CHECKED)
    assert room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING, all_or_nothing=True)
    assert not room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING, all_or_nothing=False)
    assert room.uploads.find(session, FILE).all_or_nothing  # type: ignore[union-attr]


def test_what_somebody_died_at_is_taken_over(room: WebStores, session: Session, clock: FrozenClock) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT, state=State.CHECKED)
    room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING)
    clock.advance(STALLED_AFTER - timedelta(seconds=1))
    room.uploads.heartbeat([FILE])
    clock.advance(STALLED_AFTER - timedelta(seconds=1))
    assert not room.uploads.find(session, FILE).is_stalled  # type: ignore[union-attr]
    assert not room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING)
    clock.advance(timedelta(seconds=1))
    assert room.uploads.find(session, FILE).is_stalled  # type: ignore[union-attr]
    assert room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING)
    room.uploads.release(FILE)
    assert room.uploads.find(session, FILE).is_stalled  # type: ignore[union-attr]


def test_a_finished_action_is_neither_kept_nor_shown_again(
    org: OrgDriver, room: WebStores, session: Session
) -> None:
    room.uploads.add(session, FILE, UploadKind.FILE, CONTENT, state=State.CHECKED)
    room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING)
    assert room.uploads.record_progress(FILE, 500, 1000)
    room.uploads.finish(session, FILE, State.DONE, {"created": 3}, b"receipt")
    room.uploads.finish(session, FILE, State.DONE, {"created": 0}, b"another")
    found = room.uploads.find(session, FILE)
    assert found is not None
    assert (found.result, found.done, found.of) == ({"created": 3}, 500, 1000)
    assert room.uploads.receipt(session, FILE) == b"receipt"
    assert room.uploads.content(session, FILE) is None
    assert [one.content for one in stored(org)] == [None]
    assert not room.uploads.acquire(session, FILE, State.CHECKED, State.WORKING)


def test_nobody_waits_for_an_import_that_is_all_or_nothing(
    org: OrgDriver, room: WebStores, session: Session
) -> None:
    with org.service.log.transaction(), ThreadPoolExecutor(1) as others:
        assert others.submit(logged_in, room).result(timeout=10)
        room.uploads.add(session, FILE, UploadKind.FILE, CONTENT)
        assert others.submit(room.uploads.record_progress, FILE, 1, 2).result(timeout=10)


def test_of_what_is_gone_nothing_moves(room: WebStores) -> None:
    assert not room.uploads.record_progress(FILE, 1, 2)
