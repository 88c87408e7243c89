"""One installation at a frozen time, used through the command line, the pages and the API alone."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from starlette.testclient import TestClient

import brugerbog
from brugerbog.demo.login import DemoLogin, Person
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.system import SystemClock
from brugerbog.infrastructure.web.settings import WebSettings
from tests.entrypoints.cli.cli_runner import run_cli

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapi import FastAPI

    from brugerbog.service import Service

BASE_URL = "http://127.0.0.1:8000"
NOW = datetime(2026, 3, 20, 11, tzinfo=UTC)
"""The time at which the history ends."""


@dataclass
class Installation:
    """A store, its folder and its current time."""

    folder: Path
    url: str
    now: datetime

    @property
    def is_on_server(self) -> bool:
        """Whether the store is a PostgreSQL database."""
        return self.url.startswith("postgresql")

    def call(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """Make one call of the command line; returns the call and its answer."""
        answer = run_cli(*arguments, "--json", stdin=stdin)
        asked = {"at": self.now.isoformat(), "arguments": list(arguments), "stdin": stdin}
        return asked | {"exit_code": answer.code, "answer": answer.document}

    def mails_to(self, address: str) -> list[str]:
        """The texts of the mails in the outbox folder, the latest last."""
        texts = []
        for path in sorted((self.folder / "outbox").glob("*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            assert body is not None
            if address in str(message["To"]):
                texts.append(str(body.get_content()))
        return texts

    def link_to(self, address: str) -> str:
        """The link in the latest mail to an address."""
        found = re.search(rf"{BASE_URL}/\S+", self.mails_to(address)[-1])
        assert found, address
        return found[0]

    @contextmanager
    def browser(self, people: Sequence[Person] = (), **opened: Any) -> Iterator[TestClient]:  # noqa: ANN401
        """A client at the pages and the API; the `people` may log in without proof."""
        with brugerbog.open(self.url, create=False, catches_up=False, **opened) as service:
            app = application_of(service, people)
            yield TestClient(app, base_url=BASE_URL, raise_server_exceptions=False)


def application_of(service: Service, people: Sequence[Person] = ()) -> FastAPI:
    """The pages and the API of an opened service."""
    return application(service, WebSettings(base_url=BASE_URL), DemoLogin(people))


@contextmanager
def installation(folder: Path, url: str, now: datetime) -> Iterator[Installation]:
    """Change to the folder, set the installation's environment and stop its clock."""
    made = Installation(folder, url, now)
    before = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BRUGERBOG_") and "TEST" not in name]:
            patch.delenv(name)
        patch.setenv("BRUGERBOG_STORE", url)
        patch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(folder / "master.key"))
        patch.setenv("BRUGERBOG_ERASE_LIST", str(folder / "store.erased"))
        patch.setenv("BRUGERBOG_OUTBOX", str(folder / "outbox"))
        patch.setenv("BRUGERBOG_MAIL_FROM", "MitID Erhverv <mail@kommune.test>")
        patch.setenv("BRUGERBOG_BASE_URL", BASE_URL)
        patch.setattr(SystemClock, "now", lambda _: made.now)
        os.chdir(folder)
        try:
            yield made
        finally:
            os.chdir(before)


@contextmanager
def copied(
    files: Path, read: dict[str, str], folder: Path, *, database: str | None = None
) -> Iterator[Installation]:
    """The store of these files in a folder of its own, beside the files that its commands read.

    `database` is an empty one on PostgreSQL to put the store into; without, the store is SQLite's.
    """
    folder.mkdir()
    with zipfile.ZipFile(files / "sqlite.zip") as packed:
        packed.extractall(folder)
    for name, text in read.items():
        (folder / name).write_text(text, "utf-8")
    if database is not None:
        shutil.copy(files / "postgresql.master.key", folder / "master.key")
        dumped = gzip.decompress((files / "postgresql.sql.gz").read_bytes())
        with psycopg.connect(database.replace("+psycopg", "")) as connection:
            connection.execute(dumped)
    for path in folder.iterdir():
        path.chmod(0o600)
    with installation(folder, database or f"sqlite:///{folder / 'store.db'}", NOW) as made:
        yield made
