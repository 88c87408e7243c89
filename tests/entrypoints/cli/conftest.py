from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.entrypoints.cli.store_cli import CPR, SETTINGS, Office, csv_file
from tests.entrypoints.cli.outbox_folder import Post


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test stands in a folder of its own, with nothing set in the environment."""
    for name in [name for name in os.environ if name.startswith("BRUGERBOG_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with Anne (active), Bo (deactivated), Øjvind (pending) and Åse (imported), to be copied."""
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BRUGERBOG_") and "TEST" not in name]:
            patch.delenv(name)
        office = Office(f"sqlite:///{folder / 'office.db'}", {})
        settings = folder / "settings.toml"
        settings.write_text(SETTINGS)
        office.ask(
            "organisation", "register", "--cvr", "90000001", "--name", "Firma", "--settings", str(settings)
        )
        anne = office.ask(
            *("users", "create", "--first-name", "Anne", "--surname", "Hansen", "--cpr-stdin"),
            *("--email", "anne@firma.test", "--phone", "12345678", "--p-number", "1003456789"),
            stdin=f"{CPR}\n",
        )
        bo, oejvind = office.create("Bo"), office.create("Øjvind")
        office.ask("import", csv_file(folder / "aase.csv", "C;;Åse;Bæk;;24121985;aase@firma.test;;;;3;;;;"))
        aase = office.ask("users", "list", "--imported")["users"][0]
        for one in (anne, bo):
            office.ask("users", "activate", one["id"])
        office.ask("users", "deactivate", bo["id"], "--to", "2999-12-31")
    people = {"anne": anne, "bo": bo, "øjvind": oejvind, "åse": aase}
    return Office(office.url, {name: one["id"] for name, one in people.items()})


@pytest.fixture
def office(furnished: Office, own_folder: Path) -> Office:
    """A copy of the furnished office."""
    for path in Path(furnished.url.removeprefix("sqlite:///")).parent.iterdir():
        shutil.copy(path, own_folder)
    return Office(f"sqlite:///{own_folder / 'office.db'}", dict(furnished.ids))


@pytest.fixture
def post(office: Office, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    """The office's mails, put into a folder by a worker's turn."""
    post = Post(office, own_folder / "outbox")
    for name, value in post.settings.items():
        monkeypatch.setenv(name, value)
    return post
