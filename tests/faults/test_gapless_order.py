"""Promise 3: reading the log by position skips no event and passes no append that is still open."""

import time
from pathlib import Path
from uuid import uuid4

import psycopg

from brugerbog.application.ports.event_log import AppendRequest
from brugerbog.service import Service
from tests.faults.command_process import append
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.processes import FORKSERVER, PATIENCE, running
from tests.stores import EVENTS_OF_ONE, decided_user, office

WRITERS = 4


def follow(service: Service, after: int, until: int) -> list[list[int]]:
    """Read the log in batches by position, as a projection does; return the positions of each batch."""
    batches: list[list[int]] = []
    give_up = time.monotonic() + PATIENCE * 10
    while after < until and time.monotonic() < give_up:
        batch = [event.position for event in service.log.recorder.select_positions(after, 7)]
        if batch:
            batches.append(batch)
            after = batch[-1]
    return batches


def test_a_reader_sees_every_position_in_order_while_four_processes_append(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    each = 800 if full else 60
    last = 1 + WRITERS * each * (EVENTS_OF_ONE + 1)
    with office(store_url, tmp_path) as (service, _):
        start = FORKSERVER.Barrier(WRITERS)
        with running(WRITERS, append, lambda number: (store_url, tmp_path, number * each, each, start)):
            batches = follow(service, 0, last)

        assert [position for batch in batches for position in batch] == list(range(1, last + 1))
        assert assert_log_is_sound(service) == last


def test_a_reader_never_passes_an_append_that_is_still_open(tmp_path: Path, store_url: str) -> None:
    each = 10
    with office(store_url, tmp_path) as (service, actor):
        start = FORKSERVER.Barrier(WRITERS + 1)
        with running(WRITERS, append, lambda number: (store_url, tmp_path, number * each, each, start)):
            recorder = service.log.recorder
            held = decided_user(actor, uuid4())
            with service.log.transaction():
                service.log.record([held], AppendRequest())
                start.wait(PATIENCE)
                seen = _seen_by_another(store_url, tmp_path, seconds=1.0)
            assert seen == {(1,)}
            batches = follow(service, 1, 2 + WRITERS * each * (EVENTS_OF_ONE + 1))

        assert batches[0][0] == 2
        assert recorder.select_positions(1, 1)[0].stream_id == held.id
        assert assert_log_is_sound(service) == 2 + WRITERS * each * (EVENTS_OF_ONE + 1)


def _seen_by_another(url: str, folder: Path, *, seconds: float) -> set[tuple[int, ...]]:
    seen = set()
    with office(url, folder) as (other, _):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            seen.add(tuple(event.position for event in other.log.recorder.select_positions(0, 100)))
            assert other.log.recorder.max_notification_id() == 1
    return seen


def test_a_lock_on_the_head_delays_every_append(tmp_path: Path, postgres_url: str) -> None:
    each = 5
    with office(postgres_url, tmp_path) as (service, _):
        start = FORKSERVER.Barrier(WRITERS + 1)
        with running(WRITERS, append, lambda number: (postgres_url, tmp_path, number * each, each, start)):
            with psycopg.connect(postgres_url.replace("+psycopg", "")) as holder:
                holder.execute("SELECT * FROM head FOR UPDATE")
                start.wait(PATIENCE)
                time.sleep(0.5)
                assert service.log.recorder.max_notification_id() == 1
            follow(service, 1, 1 + WRITERS * each * (EVENTS_OF_ONE + 1))

        assert assert_log_is_sound(service) == 1 + WRITERS * each * (EVENTS_OF_ONE + 1)
