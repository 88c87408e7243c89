"""Where files are handed in: a service, an organisation, and what came of them."""

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
class Desk:
    """An administrator's desk; `path` is where the file to hand in is written."""

    service: Service
    actor: Actor
    path: Path

    def hand_in(self, content: bytes, **options: Any) -> ImportReceipt:  # noqa: ANN401 - those of import_users
        self.path.write_bytes(content)
        return self.service.administration.import_users(self.actor, self.path, **options)

    def imports(self, *rows: str, **options: Any) -> ImportReceipt:  # noqa: ANN401 - as above
        return self.hand_in(file_of(*rows), **options)

    def created(self, *rows: str) -> UUID:
        """The id of the one user whom the rows create."""
        (user_id,) = [one.id for one in self.imports(*rows).outcomes if one.outcome == "created"]
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
        """All that is stored. A user's key may be left over from what was undone, and opens nothing."""
        return {name: found for name, found in everything(self.service).items() if name != "user_keys"}

    def traces(self) -> tuple[int, int, int]:
        """How much there is of what an import can add to."""
        return self.size(), *(row_count(self.service, table) for table in (imports, import_rows))

    def refused(self, content: bytes, **options: Any) -> FileRefused:  # noqa: ANN401 - as above
        """Why the file is refused as a whole; nothing is stored."""
        before = self.traces()
        try:
            self.hand_in(content, **options)
        except FileRefused as refusal:
            assert self.traces() == before
            return refusal
        raise AssertionError("the file was taken")


@contextmanager
def open_desk(
    folder: Path, *, url: str = "sqlite://", settings: Settings = PERMISSIVE_SETTINGS
) -> Iterator[Desk]:
    """A desk in an organisation just registered."""
    with open_service(folder, url=url) as service:
        yield Desk(service, register(service, settings), folder / "users.csv")


def open_service(folder: Path, *, url: str = "sqlite://") -> Service:
    """A store where it is always noon, with its key, if it needs one, in the folder."""
    key = None if url == "sqlite://" else folder / "master.key"
    return brugerbog.open(url, clock=FrozenClock(), master_key_file=key)


def register(service: Service, settings: Settings = PERMISSIVE_SETTINGS, cvr: str = "90000001") -> Actor:
    """The operator, acting in an organisation with these settings."""
    registered = service.administration.register_organisation(
        operator(), cvr=cvr, name="Firma", settings=settings.as_json()
    )
    return operator(registered.subject)


def outcomes(receipt: ImportReceipt) -> list[str]:
    return [one.outcome for one in receipt.outcomes]


def reasons(outcome: RowOutcome) -> set[tuple[str, str]]:
    """Column and code of everything that is wrong with a row."""
    return {(error.column, error.code) for error in outcome.errors}


def only(receipt: ImportReceipt) -> RowOutcome:
    (outcome,) = receipt.outcomes
    return outcome


def last(receipt: ImportReceipt) -> RowOutcome:
    return receipt.outcomes[-1]


def without_ids(receipt: ImportReceipt) -> list[str]:
    """What a receipt tells, every id replaced by the order in which it first occurs."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"user {len(names)}")

    counts = (receipt.rows, receipt.created, receipt.updated, receipt.deleted, receipt.refused)
    return [str(counts), *(USER_ID.sub(name, repr(one)) for one in receipt.outcomes)]
