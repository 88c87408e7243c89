"""Promise 2: every command has one definite result, also when the database server crashes during it."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from uuid import UUID, uuid4

from sqlalchemy.exc import OperationalError

from brugerbog.application.actors import Actor
from brugerbog.application.commands.administration import CommandResult
from brugerbog.infrastructure.database.schema import commands, events
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.postgres import PostgresServer
from tests.stores import EVENTS_OF_ONE, create, office, rows, somebody

CLIENTS = 8
PATIENCE = 60


class Client:
    """Creates users in turn; repeats each command under its id until a result arrives."""

    def __init__(self, service: Service, actor: Actor, number: int, stop: Event) -> None:
        self._service, self._actor, self._stop = service, actor, stop
        self._serials = iter(range(number * 400, (number + 1) * 400))
        self.answers: dict[UUID, CommandResult] = {}
        self.failures: list[str] = []

    def work(self) -> None:
        while not self._stop.is_set():
            command_id, new = uuid4(), somebody(next(self._serials))
            give_up = time.monotonic() + PATIENCE
            while command_id not in self.answers:
                try:
                    self.answers[command_id] = self._service.administration.create_user(
                        self._actor, new, command_id=command_id
                    )
                except OperationalError as error:
                    self.failures.append(type(error.orig).__name__)
                    assert time.monotonic() < give_up
                    time.sleep(0.05)
            time.sleep(0.01)


def test_every_command_during_crashes_has_one_result_and_one_user(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str, *, full: bool
) -> None:
    stop = Event()
    with office(postgres_url, tmp_path) as (service, actor):
        clients = [Client(service, actor, number, stop) for number in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as threads:
            working = [threads.submit(client.work) for client in clients]
            for _ in range(20 if full else 4):
                time.sleep(0.7)
                postgres_server.restart("immediate")
            time.sleep(0.7)
            stop.set()
            for future in working:
                future.result(PATIENCE)

        answers = {command_id: answer for client in clients for command_id, answer in client.answers.items()}
        assert any(client.failures for client in clients), "at least one client must have met the crash"
        _assert_one_user_per_command(service, answers)
        _assert_one_result_per_command(service, answers)
        assert assert_log_is_sound(service) == 1 + len(answers) * EVENTS_OF_ONE


def _assert_one_user_per_command(service: Service, answers: dict[UUID, CommandResult]) -> None:
    created = Counter(event.command_id for event in rows(service, events) if event.topic == "user.created")
    assert created == dict.fromkeys(answers, 1)


def _assert_one_result_per_command(service: Service, answers: dict[UUID, CommandResult]) -> None:
    records = {row.command_id: (row.position, row.subject) for row in rows(service, commands)}
    assert {command_id: (answer.position, answer.subject) for command_id, answer in answers.items()} == {
        command_id: records[command_id] for command_id in answers
    }


def test_commands_succeed_within_five_seconds_of_a_crash(
    tmp_path: Path, postgres_server: PostgresServer, postgres_url: str
) -> None:
    with office(postgres_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        postgres_server.restart("immediate")
        back = time.monotonic()
        command_id, answer = uuid4(), None
        while answer is None and time.monotonic() < back + 5:
            try:
                answer = service.administration.create_user(actor, somebody(1), command_id=command_id)
            except OperationalError:
                time.sleep(0.05)

        assert answer is not None
        assert len(service.queries.users(actor).users) == 2
