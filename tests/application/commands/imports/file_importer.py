"""Imports CSV files into an organisation, and reads what is stored of them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import brugerbog
from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.imports.file_refusals import FileRefused
from brugerbog.application.commands.imports.receipt import ImportReceipt, RowOutcome
from brugerbog.domain.settings import Settings
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.database.schema import import_rows, imports
from brugerbog.service import Service
from tests.application.commands.imports.csv_rows import file_of
from tests.clock import FrozenClock
from tests.given import PERMISSIVE_SETTINGS
from tests.stores import everything, row_count, user_of

USER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class FileImporter:
    """Imports files into one organisation; `path` is where each file is written first."""

    service: Service
    actor: Actor
    path: Path

    def import_bytes(self, content: bytes, **options: Any) -> ImportReceipt:  # noqa: ANN401 - those of import_users
        self.path.write_bytes(content)
        return self.service.administration.import_users(self.actor, self.path, **options)

    def import_rows(self, *rows: str, **options: Any) -> ImportReceipt:  # noqa: ANN401 - as above
        return self.import_bytes(file_of(*rows), **options)

    def create_one(self, *rows: str) -> UUID:
        """Import rows that create one user; return the user's id."""
        (user_id,) = [one.id for one in self.import_rows(*rows).outcomes if one.outcome == "created"]
        assert user_id is not None
        return user_id

    def user(self, user_id: UUID | None) -> User:
        assert user_id is not None
        return user_of(self.service, user_id)

    def names(self) -> list[str]:
        return [one.first_name for one in self.service.queries.users(self.actor).users]

    def size(self) -> int:
        """The log's last position."""
        return self.service.log.recorder.max_notification_id() or 0

    def stored(self) -> dict[str, list[Any]]:
        """Return all that is stored, except users' keys: a key may be left over from a rollback."""
        return {name: found for name, found in everything(self.service).items() if name != "user_keys"}

    def traces(self) -> tuple[int, int, int]:
        """Return the sizes of the log and of the tables of imports."""
        return self.size(), *(row_count(self.service, table) for table in (imports, import_rows))

    def refused(self, content: bytes, **options: Any) -> FileRefused:  # noqa: ANN401 - as above
        """Return the refusal of the whole file; check that nothing is stored."""
        before = self.traces()
        try:
            self.import_bytes(content, **options)
        except FileRefused as refusal:
            assert self.traces() == before
            return refusal
        raise AssertionError("the file was imported")


@contextmanager
def open_file_importer(
    folder: Path, *, url: str = "sqlite://", settings: Settings = PERMISSIVE_SETTINGS
) -> Iterator[FileImporter]:
    """Open a store with one organisation, and a file importer for it."""
    with open_service(folder, url=url) as service:
        yield FileImporter(service, register(service, settings), folder / "users.csv")


def open_service(folder: Path, *, url: str = "sqlite://") -> Service:
    """Open a store at a frozen time (noon), with its master key, if it needs one, in the folder."""
    key = None if url == "sqlite://" else folder / "master.key"
    return brugerbog.open(url, clock=FrozenClock(), master_key_file=key)


def register(service: Service, settings: Settings = PERMISSIVE_SETTINGS, cvr: str = "90000001") -> Actor:
    """Register an organisation with these settings; return the operator as its actor."""
    registered = service.administration.register_organisation(
        operator(), cvr=cvr, name="Firma", settings=settings.as_json()
    )
    return operator(registered.subject)


def outcomes(receipt: ImportReceipt) -> list[str]:
    return [one.outcome for one in receipt.outcomes]


def reasons(outcome: RowOutcome) -> set[tuple[str, str]]:
    """Return column and code of each error of a row."""
    return {(error.column, error.code) for error in outcome.errors}


def only(receipt: ImportReceipt) -> RowOutcome:
    (outcome,) = receipt.outcomes
    return outcome


def last(receipt: ImportReceipt) -> RowOutcome:
    return receipt.outcomes[-1]


def without_ids(receipt: ImportReceipt) -> list[str]:
    """Return a receipt's content with each id replaced by its order of first occurrence."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"user {len(names)}")

    counts = (receipt.rows, receipt.created, receipt.updated, receipt.deleted, receipt.refused)
    return [str(counts), *(USER_ID.sub(name, repr(one)) for one in receipt.outcomes)]
