"""One command at a time, beside bare `eventsourcing` and raw one-row commits, alternating in one run."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import pysqlite3.dbapi2 as driver
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

import brugerbog
from brugerbog.application.actors import operator
from brugerbog.application.new_user import NewUser, UserEdits

if TYPE_CHECKING:
    from collections.abc import Callable


class BareUser(Aggregate):
    """A user as the library's own documentation would write one; nothing sealed, claimed or proved."""

    @event("Created")
    def __init__(self, first_name: str, surname: str, email: str, date_of_birth: str) -> None:
        self.first_name, self.surname, self.email = first_name, surname, email
        self.date_of_birth, self.phone = date_of_birth, ""

    @event("PhoneChanged")
    def change_phone(self, phone: str) -> None:
        self.phone = phone


def measure(*, quick: bool) -> list[tuple[str, str, str]]:
    """Rows of the table: commands a second and their ratio to the bare library's."""
    rounds, each = (3, 50) if quick else (7, 200)
    with TemporaryDirectory() as folder:
        return _sqlite(Path(folder), rounds, each)


def _sqlite(folder: Path, rounds: int, each: int) -> list[tuple[str, str, str]]:
    bare = Application(
        env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{folder}/bare.db"}
    )
    raw = driver.connect(folder / "raw.db", isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    raw.execute("PRAGMA synchronous=FULL")
    raw.execute("CREATE TABLE one(a)")
    with brugerbog.open(f"sqlite:///{folder}/store.db") as service:
        service.administration.register_organisation(operator(), cvr="90000001", name="Målt")
        me, ours, theirs = service.operator(), [], []

        def create() -> None:
            new = NewUser(
                first_name="Åse",
                surname="Bæk",
                email=f"{uuid4().hex}@kommune.example",
                date_of_birth=date(1980, 2, 3),
            )
            ours.append(service.administration.create_user(me, new).subject)

        def bare_create() -> None:
            user = BareUser("Åse", "Bæk", f"{uuid4().hex}@kommune.example", "1980-02-03")
            bare.save(user)
            theirs.append(user.id)

        def change() -> None:
            edits = UserEdits(phone=str(20_000_000 + len(ours)))
            user_id = ours.pop(0)
            assert user_id is not None
            service.administration.edit_user(me, user_id, edits)

        def bare_change() -> None:
            user: BareUser = bare.repository.get(theirs.pop(0))
            user.change_phone("20000000")
            bare.save(user)

        def commit() -> None:
            raw.execute("INSERT INTO one VALUES (1)")

        rates: dict[str, list[float]] = {}
        works: list[tuple[str, Callable[[], None]]] = [
            ("raw", commit),
            ("create", create),
            ("bare create", bare_create),
            ("change", change),
            ("bare change", bare_change),
        ]
        for _ in range(rounds):
            for name, work in works:
                begun = time.perf_counter()
                for _ in range(each):
                    work()
                rates.setdefault(name, []).append(each / (time.perf_counter() - begun))
    bare.close()

    def row(title: str, name: str) -> tuple[str, str, str]:
        ratio = median(a / b for a, b in zip(rates[name], rates[f"bare {name}"], strict=True))
        said = f"{median(rates[name]):,.0f}/s = {ratio:.2f} x bare ({median(rates[f'bare {name}']):,.0f}/s)"
        return title, said, "≥ 0.8 x bare, without the read side"

    return [
        row("One create, SQLite, sealed, claimed, proved, read tables caught up", "create"),
        row("One change of an existing user, likewise", "change"),
        ("Raw one-row commits, SQLite, synchronous=FULL", f"{median(rates['raw']):,.0f}/s", "-"),
    ]
