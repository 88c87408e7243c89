from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.entrypoints.cli.outbox_folder import OutboxFolder
from tests.entrypoints.cli.store_cli import CPR, SETTINGS, StoreCli, csv_file


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run each test in a folder of its own, with no Brugerbog setting in the environment."""
    for name in [name for name in os.environ if name.startswith("BRUGERBOG_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def prepared_store(tmp_path_factory: pytest.TempPathFactory) -> StoreCli:
    """A store with Anne (active), Bo (deactivated), Øjvind (pending) and Åse (imported), to be copied."""
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BRUGERBOG_") and "TEST" not in name]:
            patch.delenv(name)
        cli = StoreCli(f"sqlite:///{folder / 'store.db'}", {})
        settings = folder / "settings.toml"
        settings.write_text(SETTINGS)
        cli.run_json(
            "organisation", "register", "--cvr", "90000001", "--name", "Firma", "--settings", str(settings)
        )
        anne = cli.run_json(
            *("users", "create", "--first-name", "Anne", "--surname", "Hansen", "--cpr-stdin"),
            *("--email", "anne@firma.test", "--phone", "12345678", "--p-number", "1003456789"),
            stdin=f"{CPR}\n",
        )
        bo, oejvind = cli.create_user("Bo"), cli.create_user("Øjvind")
        cli.run_json("import", csv_file(folder / "aase.csv", "C;;Åse;Bæk;;24121985;aase@firma.test;;;;3;;;;"))
        aase = cli.run_json("users", "list", "--imported")["users"][0]
        for one in (anne, bo):
            cli.run_json("users", "activate", one["id"])
        cli.run_json("users", "deactivate", bo["id"], "--to", "2999-12-31")
    people = {"anne": anne, "bo": bo, "øjvind": oejvind, "åse": aase}
    return StoreCli(cli.url, {name: one["id"] for name, one in people.items()})


@pytest.fixture
def cli(prepared_store: StoreCli, own_folder: Path) -> StoreCli:
    """A copy of the prepared store."""
    for path in Path(prepared_store.url.removeprefix("sqlite:///")).parent.iterdir():
        shutil.copy(path, own_folder)
    return StoreCli(f"sqlite:///{own_folder / 'store.db'}", dict(prepared_store.ids))


@pytest.fixture
def outbox(cli: StoreCli, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> OutboxFolder:
    """The folder of the store's mails, filled by runs of the worker."""
    outbox = OutboxFolder(cli, own_folder / "outbox")
    for name, value in outbox.settings.items():
        monkeypatch.setenv(name, value)
    return outbox
