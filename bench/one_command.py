"""One command at a time against bare `eventsourcing` and one-row commits, alternating in one run."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pysqlite3.dbapi2 as sqlite
from sqlalchemy import make_url

import brugerbog
from bench.peers import bare_eventsourcing
from brugerbog.application.actors import operator
from brugerbog.application.commands.user_input import NewUser, UserEdits
from tests.people import made_up_cpr
from tests.postgres import PostgresServer, PostgresUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from brugerbog.service import Service

_TO_REACH = {"SQLite": "≥ 0.8 x bare", "PostgreSQL": "≥ 1.0 x bare"}


@dataclass
class _Place:
    """One engine: Brugerbog's store, the bare library's settings, and a function that commits one row."""

    engine: str
    url: str
    bare: dict[str, str]
    commit: Callable[[], object]


class _Behind:
    """Takes the place of the projection runner and leaves the read tables behind."""

    def catch_up(self) -> int:
        return 0


class _Ours:
    """Commands of Brugerbog on made-up users."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._administration: Any = service.administration
        self._administration.register_organisation(operator(), cvr="90000001", name="Målt")
        self._me = service.operator()
        self._made: list[UUID] = []
        self._serial = 0

    def create(self) -> None:
        day, serial = self._serial % 10_000, self._serial // 10_000
        born = date(1950 + day // 250, 2 + day // 25 % 10, 1 + day % 25)
        new = NewUser(
            first_name="Åse",
            surname="Bæk",
            cpr=made_up_cpr(born, serial),
            email=f"{uuid4().hex}@kommune.example",
            phone="20000000",
        )
        self._serial += 1
        self._made.append(self._administration.create_user(self._me, new).subject)

    def change(self) -> None:
        self._administration.edit_user(self._me, self._made.pop(0), UserEdits(phone="20000001"))

    def seconds(self, name: str, count: int, *, reading: bool) -> float:
        """Return the seconds of `count` commands, with projections caught up after each or left behind."""
        around = self._administration._dependencies
        if not reading:
            self._administration._dependencies = replace(around, projector=_Behind())
        taken = _seconds(getattr(self, name), count)
        self._administration._dependencies = around
        around.projector.catch_up()
        return taken


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: commands per second, and the ratio to the bare library."""
    rounds, each = (3, 50) if size == "quick" else (9, 200)
    found = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        found += _compared(_sqlite(folder), folder, rounds, each)
        try:
            server = PostgresServer.create()
        except PostgresUnavailable:
            return [*found, ("One command, PostgreSQL", "not measured: no server here", "≥ 1.0 x bare")]
        stack.callback(server.discard)
        server.start()
        found += _compared(_postgres(server), folder, rounds, each)
    return found


def _sqlite(folder: Path) -> _Place:
    raw = sqlite.connect(folder / "raw.db", isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE one (a)"):
        raw.execute(statement)
    bare = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "bare.db")}
    return _Place(
        "SQLite", f"sqlite:///{folder}/store.db", bare, lambda: raw.execute("INSERT INTO one VALUES (1)")
    )


def _postgres(server: PostgresServer) -> _Place:
    url, theirs = (server.url(server.create_database()) for _ in range(2))
    at = make_url(theirs)
    bare = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(at.database),
        "POSTGRES_HOST": str(at.host),
        "POSTGRES_PORT": str(at.port),
        "POSTGRES_USER": str(at.username),
        "POSTGRES_PASSWORD": str(at.password),
    }
    raw = psycopg.connect(theirs.replace("+psycopg", ""), autocommit=True)
    raw.execute("CREATE TABLE one (a int)")
    return _Place("PostgreSQL", url, bare, lambda: raw.execute("INSERT INTO one VALUES (1)"))


def _compared(place: _Place, folder: Path, rounds: int, each: int) -> list[tuple[str, str, str]]:
    rates: dict[str, list[float]] = {}
    key = folder / f"{place.engine}.key"
    with (
        bare_eventsourcing(place.bare) as bare,
        brugerbog.open(place.url, master_key_file=key) as service,
    ):
        ours = _Ours(service)
        for at in range(rounds + 1):
            measured = {"raw": _seconds(place.commit, each)}
            for reading in (False, True):
                for name in ("create", "change"):
                    measured[f"bare {name}, {reading}"] = bare(name, each)
                    measured[f"{name}, {reading}"] = ours.seconds(name, each, read_connection=reading)
            # The first round fills caches and prepares statements, on all sides.
            if at:
                for name, seconds in measured.items():
                    rates.setdefault(name, []).append(each / seconds)
    found = []
    for name in ("create", "change"):
        for reading, said in (
            (False, "with encryption, reservation, tree hash"),
            (True, "… and read tables updated"),
        ):
            one, other = rates[f"{name}, {reading}"], rates[f"bare {name}, {reading}"]
            ratio = median(mine / theirs for mine, theirs in zip(one, other, strict=True))
            found.append(
                (
                    f"One {name}, {place.engine}, {said}",
                    f"{median(one):,.0f}/s = {ratio:.2f} x bare ({median(other):,.0f}/s)",
                    "-" if reading else _TO_REACH[place.engine],
                )
            )
    return [*found, (f"Raw one-row commits, {place.engine}", f"{median(rates['raw']):,.0f}/s", "-")]


def _seconds(work: Callable[[], object], count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        work()
    return time.perf_counter() - begun
