"""Promise 1, for imports: one killed at any moment goes on where it stopped, and nobody comes in twice."""

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
    """A process importing a file, dead at the latest on leaving."""
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
    """Begin an import, or go on with it, and die at a random moment of it."""
    with importing(url, folder, file, *([str(command_id)] if command_id else [])) as process:
        assert process.stdout is not None
        for _ in range(chance.randrange(ROWS // CHUNK)):
            process.stdout.readline()
        time.sleep(chance.random() * 0.01)
        process.kill()
        assert process.wait() in (-9, 0), "it must die by the kill, not by an error of its own"


def test_an_import_killed_at_random_moments_ends_as_if_it_never_was(
    tmp_path: Path, store_url: str, *, full: bool
) -> None:
    """Every other import is gone on with by its command id, the others by the bytes of their file."""
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
                reached = [one.next_row for one in rows(service, imports) if not one.finished]
                cut_off += bool(reached and 2 < reached[0] <= ROWS)
                if command_id or reached:
                    actor = service.operator()
                    receipt = service.administration.import_users(actor, file, command_id=command_id)
                    assert without_ids(receipt) == without_ids(expected)
                    _kept_as_told(service, receipt)
        assert cut_off, "some kill must have come in the middle"

        with open_store(store_url, tmp_path) as service:
            assert _facts(service) == _facts(undisturbed.service)
            _everything_belongs_together(service)


def _kept_as_told(service: Service, receipt: ImportReceipt) -> None:
    """What is kept of the import last finished says of every row what the receipt says."""
    kept = Counter((one.row, one.outcome, one.user_id) for one in rows(service, import_rows))
    told = Counter((one.row, one.outcome, one.id) for one in receipt.outcomes if one.outcome != "refused")
    assert told <= kept


def _facts(service: Service) -> Counter[str]:
    """How often everything happened."""
    return Counter(one.topic for one in rows(service, events))


def _everything_belongs_together(service: Service) -> None:
    stored = rows(service, events)
    imported = {one.stream_id for one in stored if one.topic == "user.imported"}
    deleted = {one.stream_id for one in stored if one.topic == "user.deleted"}
    assert {one.holder for one in rows(service, reservations)} == (imported - deleted) | {
        service.organisation_id()
    }
    assert {one.stream_id for one in rows(service, ciphertexts)} == imported - deleted
    assert rows(service, erasures) == []
    assert assert_log_is_sound(service) == len(stored)
