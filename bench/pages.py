"""The web page of the user list, served by `brugerbog serve` and requested by wrk on the same machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import urlopen

import brugerbog
from bench.people import write_file
from brugerbog.application.actors import operator
from brugerbog.application.commands.user_input import NewUser
from brugerbog.bootstrap import web_stores
from brugerbog.domain.kernel.roles import Role
from brugerbog.infrastructure.web.sessions import SessionLimits
from tests.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.service import Service

_PROGRAM = Path(sys.executable).parent / "brugerbog"
_BROKER = {"BRUGERBOG_OIDC_ISSUER": "http://127.0.0.1:9", "BRUGERBOG_OIDC_CLIENT_ID": "brugerbog"}
_FEW, _MANY = 8, 50
_PATIENCE = 60
_WARMING = 10
"""Seconds until all processes serve."""


class Asked(NamedTuple):
    """The result of wrk: pages per second, the 95th percentile in milliseconds, and wrong responses."""

    rate: float
    p95: float
    errors: int


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: the list at 8 and at 50 requests in flight, on both engines."""
    users, seconds = {"quick": (10_000, 5), "usual": (100_000, 20), "full": (100_000, 60)}[size]
    rows = []
    for engine in ("SQLite", "PostgreSQL"):
        with TemporaryDirectory() as folder, store(engine, Path(folder)) as url:
            cookie, paths = _furnished(url, Path(folder), users)
            with served(url, "--workers", "2") as port:
                _asked(port, cookie, paths, _FEW, _WARMING)
                few, many = (_asked(port, cookie, paths, flight, seconds) for flight in (_FEW, _MANY))
        what = f"page of the user list, {users:,} users, {engine}"
        rows += [
            (f"{what}, {_FEW} in parallel", f"p95 {few.p95:,.0f} ms, {few.errors} errors", "p95 ≤ 100 ms"),
            (
                f"{what}, {_MANY} in parallel",
                f"{many.rate:,.0f}/s, {many.errors} errors",
                "≥ 150/s, no errors",
            ),
        ]
    return rows


@contextmanager
def store(engine: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a new store on an engine; started processes find its key in the environment."""
    os.environ["BRUGERBOG_MASTER_KEY_FILE"] = str(folder / "master.key")
    try:
        if engine == "SQLite":
            yield f"sqlite:///{folder}/store.db"
            return
        server = PostgresServer.create()
        try:
            server.start()
            yield server.url(server.create_database())
        finally:
            server.discard()
    finally:
        del os.environ["BRUGERBOG_MASTER_KEY_FILE"]


def _furnished(url: str, folder: Path, users: int) -> tuple[str, list[str]]:
    """Return an administrator's cookie and the requested paths: first pages, late pages, filtered pages."""
    with brugerbog.open(url) as service:
        settings = {"use_p_numbers": True, "p_numbers": ["1003456789"]}
        service.administration.register_organisation(
            operator(), cvr="90000001", name="Målt", settings=settings
        )
        file = folder / "users.csv"
        write_file(file, users)
        receipt = service.administration.import_users(service.operator(), file)
        made = [one.id for one in receipt.outcomes if one.id]
        deep = [f"/brugere?efter={made[at * len(made) // 5]}" for at in range(1, 5)]
        return _logged_in(service), ["/brugere", "/brugere?sortering=created&retning=ned", *deep]


def _logged_in(service: Service) -> str:
    me = service.operator()
    new = NewUser(first_name="Anne", surname="Admin", email="anne@maalt.example", cpr="0709611111")
    user_id = service.administration.create_user(me, new).subject
    assert user_id is not None
    assert me.organisation_id is not None
    service.administration.activate_user(me, user_id)
    service.administration.give_role(me, user_id, Role.USER_ADMINISTRATOR)
    room = web_stores(service, SessionLimits(idle=timedelta(hours=1)))
    token = room.sessions.begin(user_id, me.organisation_id, frozenset({Role.USER_ADMINISTRATOR}))
    return f"brugerbog={token.reveal()}"


@contextmanager
def served(url: str, *options: str) -> Iterator[int]:
    """Run `brugerbog serve` and yield its port."""
    with create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    asked = [str(_PROGRAM), "serve", "--store", url, "--port", str(port), *options]
    process = subprocess.Popen(asked, env=os.environ | _BROKER, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/log-ind").close()
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)
        else:
            return


def _asked(port: int, cookie: str, paths: list[str], flight: int, seconds: int) -> Asked:
    script = Path(__file__).with_suffix(".lua")
    told = subprocess.run(
        ["wrk", "-t1", f"-c{flight}", f"-d{seconds}s", "-s", str(script), "-H", f"Cookie: {cookie}",
         f"http://127.0.0.1:{port}"],
        env=os.environ | {"PATHS": " ".join(paths)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    requests, micros, p95, errors = map(int, told.stdout.split()[-4:])
    return Asked(requests * 1_000_000 / micros, p95 / 1000, errors)
