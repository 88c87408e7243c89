"""Promise: nothing waits without an end for a lock, a statement, or a standby that is away."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from brugerbog.application.actors import Actor
from brugerbog.infrastructure.database.deadlines import CommitUnknown, Workload, as_workload
from brugerbog.service import Service
from tests.postgres import PostgresServer
from tests.stores import head_locked, open_store, register, somebody

REQUEST_SECONDS = 1
SOON = 4.0


@pytest.fixture
def service(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("BRUGERBOG_REQUEST_SECONDS", str(REQUEST_SECONDS))
    with open_store(store_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def actor(service: Service) -> Actor:
    return register(service)


def create(service: Service, actor: Actor, serial: int, command: UUID) -> UUID | None:
    return service.administration.create_user(actor, somebody(serial), command_id=command).subject


def ask_one(service: Service) -> object:
    backend = service.log.backend
    with backend.read_connection(backend.log) as connection:
        return connection.execute(text("SELECT 1")).scalar_one()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@contextmanager
def relay_to(url: str) -> Iterator[tuple[str, Event]]:
    """The address of a relay in front of a server; once the event is set, it passes nothing on."""
    target, silent = make_url(url), Event()
    with ExitStack() as ends, socket.create_server(("127.0.0.1", 0)) as listening:

        def pump(source: socket.socket, sink: socket.socket) -> None:
            with suppress(OSError):
                while piece := source.recv(65_536):
                    if not silent.is_set():
                        sink.sendall(piece)
            for one in (source, sink):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    near = ends.enter_context(listening.accept()[0])
                    far = ends.enter_context(socket.create_connection((target.host, target.port)))
                    for way in ((near, far), (far, near)):
                        Thread(target=pump, args=way, daemon=True).start()

        Thread(target=accept, daemon=True).start()
        yield target.set(port=listening.getsockname()[1]).render_as_string(hide_password=False), silent
        listening.shutdown(socket.SHUT_RDWR)


@contextmanager
def standby_away(server: PostgresServer) -> Iterator[None]:
    """Every commit waits for a synchronous standby that isn't there."""
    url = make_url(server.url("postgres")).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET synchronous_commit TO local")
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'away'")
        connection.execute("SELECT pg_reload_conf()")
        give_up = time.monotonic() + SOON
        while connection.execute("SHOW synchronous_standby_names").fetchone() != ("away",):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        try:
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")


def test_a_command_that_waits_for_the_head_ends_at_its_deadline_and_did_nothing(
    service: Service, actor: Actor
) -> None:
    command = uuid4()
    with head_locked(service), as_workload(Workload.COMMAND), within(SOON), pytest.raises(OperationalError):
        create(service, actor, 1, command)
    assert create(service, actor, 1, command) is not None


def test_a_question_is_answered_while_a_command_waits(service: Service, actor: Actor) -> None:
    with head_locked(service), as_workload(Workload.QUESTION), within(1):
        assert service.queries.users(actor).users == []


def test_a_write_probe_shows_that_writing_waits(service: Service, actor: Actor) -> None:
    del actor
    backend = service.log.backend
    with head_locked(service), as_workload(Workload.PROBE), within(SOON), pytest.raises(OperationalError):
        backend.probe_write()
    with as_workload(Workload.PROBE):
        backend.probe_write()


def test_deadlines_of_one_workload_do_not_stay_on_a_connection(service: Service, actor: Actor) -> None:
    if service.is_embedded:
        pytest.skip("SQLite has no deadline of a statement")
    del actor
    backend = service.log.backend
    told = []
    for workload in (Workload.PROBE, Workload.MAINTENANCE, Workload.QUESTION, Workload.LONG):
        with as_workload(workload):
            for engine in (
                backend.read_connection(backend.log),
                backend.write_transaction(backend.log),
                backend.log.connect(),
            ):
                with engine as connection:
                    told.append(connection.execute(text("SHOW statement_timeout")).scalar_one())
    assert told == ["1s"] * 3 + ["0"] * 3 + ["1s"] * 3 + ["10min"] * 3


def test_a_slow_statement_ends_at_its_deadline(postgres_url: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRUGERBOG_REQUEST_SECONDS", str(REQUEST_SECONDS))
        with open_store(postgres_url, tmp_path) as service, as_workload(Workload.QUESTION), within(SOON):
            backend = service.log.backend
            with pytest.raises(OperationalError), backend.read_connection(backend.log) as connection:
                connection.execute(text("SELECT pg_sleep(20)"))


@pytest.mark.parametrize("workload", [Workload.QUESTION, Workload.COMMAND, Workload.PROBE])
def test_a_silent_server_is_waited_for_until_the_deadline_whatever_a_connection_was_for(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workload: Workload
) -> None:
    monkeypatch.setenv("BRUGERBOG_REQUEST_SECONDS", str(REQUEST_SECONDS))
    with relay_to(postgres_url) as (url, silent), open_store(url, tmp_path) as service:
        ask_one(service)  # its connection is kept, with the deadlines of maintenance
        silent.set()
        for _ in ("the connection that is kept", "a new one"):
            with as_workload(workload), within(SOON), pytest.raises(OperationalError):
                ask_one(service)
        silent.clear()
        with as_workload(workload), within(SOON):
            assert ask_one(service) == 1


def test_a_commit_that_waits_for_a_standby_is_neither_done_nor_undone(
    postgres_url: str, postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_REQUEST_SECONDS", str(REQUEST_SECONDS))
    with open_store(postgres_url, tmp_path) as service:
        actor, first, second = register(service), uuid4(), uuid4()
        with standby_away(postgres_server):
            with as_workload(Workload.COMMAND), within(SOON), pytest.raises(CommitUnknown):
                create(service, actor, 1, first)
            with as_workload(Workload.COMMAND), within(SOON), pytest.raises(OperationalError) as second_time:
                create(service, actor, 1, first)
            assert not isinstance(second_time.value, CommitUnknown)
            with as_workload(Workload.COMMAND), within(SOON), pytest.raises(OperationalError):
                create(service, actor, 2, second)
            with as_workload(Workload.QUESTION), within(1):
                assert service.queries.users(actor).users == []
        answers = [create(service, actor, number, one) for number, one in ((1, first), (2, second))]
        assert len(set(answers)) == len(service.queries.users(actor).users) == 2


def test_a_session_does_not_wait_for_a_standby(
    postgres_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    with open_store(postgres_url, tmp_path) as service:
        backend = service.log.backend
        with (
            standby_away(postgres_server),
            within(1),
            backend.write_transaction(backend.read, replicated=False) as one,
        ):
            one.execute(text("UPDATE head SET size = size"))
