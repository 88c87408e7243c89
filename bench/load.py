"""A mixed load of reads and commands on the HTTP API: PostgreSQL, two `serve` processes, one `worker`."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import brugerbog
from bench.pages import served, store
from bench.people import write_file
from brugerbog.application.actors import operator
from brugerbog.application.client_authentication import public_id_of
from brugerbog.domain.kernel.roles import Role
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = Path(sys.executable).parent / "brugerbog"
_API = "/api/v1"
_CREATES = 3600
_PATIENCE = 60


class Kind(NamedTuple):
    """One kind of request: number in flight, server process, and the requests sent in turn."""

    what: str
    flight: int
    process: int
    lines: list[str]


def measure(size: str) -> list[tuple[str, str, str]]:
    """Return rows of the table: rate and latencies of each kind under the whole load."""
    users, seconds = {"quick": (10_000, 5), "usual": (50_000, 30), "full": (50_000, 120)}[size]
    with TemporaryDirectory() as name, store("PostgreSQL", Path(name)) as url, ExitStack() as at_work:
        folder = Path(name)
        credentials, ids = _furnished(url, folder, users)
        at_work.enter_context(_worker(url))
        ports = [at_work.enter_context(served(url)) for _ in range(2)]
        token = _token(ports[0], *credentials)
        kinds = _kinds(ids)
        asked = [_ask(ports[kind.process], token, folder, kind, seconds) for kind in kinds]
        rows = []
        for kind, wrk in zip(kinds, asked, strict=True):
            told, _ = wrk.communicate()
            requests, micros, p50, p95, p99, errors = map(int, told.split()[-6:])
            rate = requests * 1_000_000 / micros
            latency = f"p50 {p50 / 1000:,.0f}, p95 {p95 / 1000:,.0f}, p99 {p99 / 1000:,.0f} ms"
            what = f"mixed load on the API, {users:,} users: {kind.what}, {kind.flight} in parallel"
            rows.append((what, f"{rate:,.0f}/s · {latency} · {errors} errors", "no errors"))
    return rows


def _kinds(ids: list[str]) -> list[Kind]:
    chance = random.Random(11)
    some = [chance.choice(ids) for _ in range(5000)]
    born = date(1949, 5, 5)
    people = [
        {
            "first_name": "Ny", "surname": f"Bruger {at}", "email": f"ny{at}@maalt.example",
            "cpr": made_up_cpr(born, at), "means": ["app"],
        }
        for at in range(_CREATES)
    ]  # fmt: skip
    pages = [f"GET\t{_API}/users?limit=25{more}" for more in ("", "&sort=created", "&status=imported")]
    searches = [f"GET\t{_API}/users?limit=25&search=user{at}" for at in range(1000)]
    edits = [f'PATCH\t{_API}/users/{one}\t{{"phone": "{20_000_000 + at}"}}' for at, one in enumerate(some)]
    return [
        Kind("page of 25 users", 6, 0, pages),
        Kind("one user", 4, 1, [f"GET\t{_API}/users/{one}" for one in some]),
        Kind("search", 2, 1, searches),
        Kind("edit", 2, 0, edits),
        Kind("create", 1, 1, [f"POST\t{_API}/users\t{json.dumps(one)}" for one in people]),
    ]


def _furnished(url: str, folder: Path, users: int) -> tuple[tuple[str, str], list[str]]:
    """Return a client's credentials and the ids of the users."""
    with brugerbog.open(url) as service:
        service.administration.register_organisation(
            operator(), cvr="90000001", name="Målt", settings={"allow_private_means": True}
        )
        file = folder / "users.csv"
        write_file(file, users)
        me = service.operator()
        ids = [str(one.id) for one in service.administration.import_users(me, file).outcomes]
        made = service.administration.create_client(me, "Løn", [Role.USER_ADMINISTRATOR])
        assert made.subject is not None
        assert made.secret is not None
        return (public_id_of("90000001", made.subject), made.secret.reveal()), ids


def _token(port: int, public_id: str, secret: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": public_id, "client_secret": secret}
    with urlopen(Request(f"http://127.0.0.1:{port}{_API}/token", urlencode(form).encode())) as answer:
        token: str = json.load(answer)["access_token"]
    return token


def _ask(port: int, token: str, folder: Path, kind: Kind, seconds: int) -> subprocess.Popen[str]:
    requests = folder / f"{kind.what}.txt"
    requests.write_text("\n".join(kind.lines))
    return subprocess.Popen(
        ["wrk", "-t1", f"-c{kind.flight}", f"-d{seconds}s", "--timeout", "20s",
         "-s", str(Path(__file__).with_suffix(".lua")), f"http://127.0.0.1:{port}"],
        env=os.environ | {"REQUESTS": str(requests), "TOKEN": token}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@contextmanager
def _worker(url: str) -> Iterator[None]:
    process = subprocess.Popen([_PROGRAM, "worker", "--store", url], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)
