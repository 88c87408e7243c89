"""What a process of its own does while a test kills it in the middle of an import.

Apart from the tests, so that it starts without pytest.
"""

import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from brugerbog.application.commands.imports import importer
from tests.application.commands.imports.csv_rows import create, delete, row, update
from tests.people import made_up_cpr
from tests.stores import open_store

ROWS = 3200
CHUNK = 100
"""Small, so that there are many moments between two transactions at which to die."""

_FIRST_BIRTH = date(1950, 1, 2)
_DAYS = 300


def rows_of(number: int) -> Iterator[str]:
    """The rows of the file of that number: new people, some edited or deleted, some rows wrong or blank.

    People of different files are born on different days, so that they are others.
    """
    chance, living = random.Random(number), [0]
    born = _FIRST_BIRTH.replace(year=_FIRST_BIRTH.year + number // _DAYS) + timedelta(days=number % _DAYS)
    yield _somebody(born, 0)
    for serial in range(1, ROWS):
        deed = chance.random()
        if deed < 0.7 or len(living) < 2:
            living.append(serial)
            yield _somebody(born, serial)
        elif deed < 0.8:
            yield update(cpr=made_up_cpr(born, chance.choice(living)), phone=f"{serial:08}")
        elif deed < 0.85:
            yield delete(cpr=made_up_cpr(born, living.pop(chance.randrange(len(living)))))
        elif deed < 0.9:
            yield _somebody(born, chance.choice(living))
        elif deed < 0.95:
            yield row("C", cpr=made_up_cpr(born, serial), first_name="Uden efternavn")
        else:
            yield ""


def _somebody(born: date, serial: int) -> str:
    return create(serial, cpr=made_up_cpr(born, serial), email=f"p{serial}.{born:%j%y}@firma.test")


def import_until_killed(url: str, folder: Path, file: Path, command_id: UUID | None) -> None:
    """Import a file, telling every chunk, until the end."""
    importer.CHUNK = CHUNK  # type: ignore[misc]
    with open_store(url, folder) as service:
        service.administration.import_users(service.operator(), file, progress=_tell, command_id=command_id)


def _tell(done: int, _of: int) -> None:
    sys.stdout.write(f"{done}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    url, folder, file, *command_id = sys.argv[1:]
    import_until_killed(url, Path(folder), Path(file), UUID(*command_id) if command_id else None)
