"""Make the files of this folder with the version that is installed; run before a release.

    python -m tests.previous_version.make tests/previous_version/files

The next version's tests then prove that it reads what this one wrote, answers as it did, and still
serves its clients. Nothing but the command line, the pages and the API is used. All people are made up.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from uuid import UUID

from brugerbog.demo.login import Person
from tests.postgres import PostgresServer
from tests.previous_version.history import BEGIN, BORN, CVR, HISTORY, History, ask, cpr, repeat
from tests.previous_version.installation import NOW, Installation, copied, installation
from tests.previous_version.requests import Caller


def log_in(at: Installation, anne: str) -> dict[str, str]:
    """Log Anne in at the pages; returns the session cookie."""
    organisation = at.call("organisation", "show", "--organisation", CVR)["answer"]["id"]
    person = Person(UUID(anne), UUID(organisation), "Anne", "Fjordkøbing Kommune", "", "")
    with at.browser([person]) as browser:
        browser.post("/demo/log-ind", data={"person": anne}, headers={"sec-fetch-site": "same-origin"})
        assert browser.get("/brugere").status_code == 200
        return dict(browser.cookies)


def pack(folder: Path, archive: Path) -> None:
    """Pack the files of the store, without the mails."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name.startswith(("store", "master")):
                packed.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)


def write(path: Path, content: list[Any] | dict[str, Any]) -> None:
    """Write a JSON document with a line for each call."""
    if isinstance(content, list):
        path.write_text(lines_of(content) + "\n", "utf-8")
        return
    members = [f"{json.dumps(name)}: {lines_of(value)}" for name, value in content.items()]
    path.write_text("{\n" + ",\n".join(members) + "\n}\n", "utf-8")


def lines_of(value: Any) -> str:  # noqa: ANN401 - any JSON
    """JSON text with a line for each member of a list."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)


def dump(url: str, server: PostgresServer, to: Path) -> None:
    """Dump the database as SQL that any server reads."""
    program = server.binaries / "pg_dump"
    plain = url.replace("postgresql+psycopg:", "postgresql:")
    options = ("--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=50", "--encoding=UTF8")
    made = subprocess.run([program, *options, plain], check=True, capture_output=True, text=True).stdout
    lines = [line for line in made.splitlines() if line and not line.startswith(("--", "\\", "SET "))]
    to.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), mtime=0))


def make(to: Path) -> None:
    """Record the history in one store, and the answers in copies of the store."""
    to.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "lived"
        folder.mkdir()
        with installation(folder, f"sqlite:///{folder / 'store.db'}", BEGIN) as at:
            history = History(at)
            for chapter in HISTORY:
                chapter(history)
            cookies = log_in(at, history.ids["Anne"])
            links = {who: at.link_to(f"{who.lower()}@kommune.test") for who in ("Gerda", "Hans")}
        pack(folder, to / "sqlite.zip")
        shutil.rmtree(to / "export", ignore_errors=True)
        shutil.copytree(folder / "export", to / "export")
        shutil.copy(folder / "checkpoints" / "key.pub", to / "export.key.pub")

        with copied(to, history.files, folder.with_name("asked")) as at:
            questions = ask(at, history.ids)
        with copied(to, history.files, folder.with_name("repeated")) as at:
            repeated = repeat(at, history.commands)
        with copied(to, history.files, folder.with_name("called")) as at, at.browser() as browser:
            write(to / "requests.json", Caller(browser, history.codes | history.ids, history.files).ask_all())
            described = browser.get("/api/v1/openapi.json").content
            (to / "openapi.json.gz").write_bytes(gzip.compress(described, mtime=0))
        server = PostgresServer.create()
        try:
            server.start()
            with copied(to, history.files, folder.with_name("served")) as at:
                url = server.url(server.create_database())
                done = at.call(
                    "copy", at.url, url, "--from-key", "master.key", "--to-key", "postgresql.master.key"
                )
                assert done["exit_code"] == 0, done
                shutil.copy(at.folder / "postgresql.master.key", to / "postgresql.master.key")
                shutil.copy(at.folder / "postgresql.master.key", at.folder / "master.key")
                with installation(at.folder, url, NOW) as on_server:
                    cookies_on_server = log_in(on_server, history.ids["Anne"])
                dump(url, server, to / "postgresql.sql.gz")
        finally:
            server.discard()
        write(
            to / "history.json",
            {
                "version": "0.1.0",
                "cvr": CVR,
                "born": str(BORN),
                "cpr": {"Gerda": cpr(8)},
                "ids": history.ids,
                "codes": history.codes,
                "links": links,
                "cookies": {"sqlite": cookies, "postgres": cookies_on_server},
                "files": history.files,
                "commands": history.commands,
                "repeated": repeated,
                "questions": questions,
            },
        )


if __name__ == "__main__":
    make(Path(sys.argv[1]).absolute())
