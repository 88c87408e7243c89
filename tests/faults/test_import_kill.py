"""Promise 1, for imports: a killed import resumes where it stopped and creates no user twice."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import UUID

from brugerbog.application.commands.imports.receipt import ImportReceipt
from brugerbog.infrastructure.database.schema import (
    ciphertexts,
    erasures,
    events,
    import_rows,
    imports,
    reservations,
)
from brugerbog.service import Service
from tests.application.commands.imports.csv_rows import file_of
from tests.application.commands.imports.file_importer import open_file_importer, without_ids
from tests.application.commands.imports.import_until_killed import CHUNK, ROWS, rows_of
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import office, open_store, rows

ROOT = Path(__file__).parents[2]


@contextmanager
def importing(url: str, folder: Path, file: Path, *command_id: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that imports a file, and kill it at the end."""
    program = [sys.executable, "-m", "tests.application.commands.imports.import_until_killed"]
    process = subprocess.Popen(
        [*program, url, str(folder), str(file), *command_id], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def kill_an_import(
    url: str, folder: Path, file: Path, command_id: UUID | None, chance: random.Random
) -> None:
    """Start or resume an import and kill its process at a random time."""
    with importing(url, folder, file, *([str(command_id)] if command_id else [])) as process:
        assert process.stdout is not None
        for _ in range(chance.randrange(ROWS // CHUNK)):
            process.stdout.readline()
        time.sleep(chance.random() * 0.01)
        process.kill()
        assert process.wait() in (-9, 0), "the process must end by the kill, not by an error of its own"


def test_an_import_killed_at_random_times_has_the_result_of_an_undisturbed_one(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    """Every other import is resumed by its command id, the others by the bytes of their file."""
    file, kills, cut_off = tmp_path / "users.csv", 0, 0
    with office(store_url, tmp_path):
        pass
    with open_file_importer(tmp_path) as undisturbed:
        for number in count():
            if kills >= (200 if full else 3):
                break
            content, chance = file_of(*rows_of(number)), random.Random(number)
            command_id = UUID(int=number) if number % 2 else None
            file.write_bytes(content)
            for _ in range(chance.randint(1, 3)):
                kill_an_import(store_url, tmp_path, file, command_id, chance)
                kills += 1
            expected = undisturbed.import_bytes(content)
            with open_store(store_url, tmp_path) as service:
                reached = [row.next_row for row in rows(service, imports) if not row.finished]
                cut_off += bool(reached and 2 < reached[0] <= ROWS)
                if command_id or reached:
                    actor = service.operator()
                    receipt = service.administration.import_users(actor, file, command_id=command_id)
                    assert without_ids(receipt) == without_ids(expected)
                    _assert_stored_as_in_receipt(service, receipt)
        assert cut_off, "at least one kill must have come during an import"

        with open_store(store_url, tmp_path) as service:
            assert _event_counts(service) == _event_counts(undisturbed.service)
            _assert_store_is_consistent(service)


def _assert_stored_as_in_receipt(service: Service, receipt: ImportReceipt) -> None:
    """Check that the stored rows of the last finished import agree with the receipt."""
    stored = Counter((row.row, row.outcome, row.user_id) for row in rows(service, import_rows))
    shown = Counter((row.row, row.outcome, row.id) for row in receipt.outcomes if row.outcome != "refused")
    assert shown <= stored


def _event_counts(service: Service) -> Counter[str]:
    """Return the number of events by topic."""
    return Counter(event.topic for event in rows(service, events))


def _assert_store_is_consistent(service: Service) -> None:
    stored = rows(service, events)
    imported = {event.stream_id for event in stored if event.topic == "user.imported"}
    deleted = {event.stream_id for event in stored if event.topic == "user.deleted"}
    assert {one.holder for one in rows(service, reservations)} == (imported - deleted) | {
        service.organisation_id()
    }
    assert {row.stream_id for row in rows(service, ciphertexts)} == imported - deleted
    assert rows(service, erasures) == []
    assert assert_log_is_sound(service) == len(stored)
