from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.entrypoints.cli.calling import DONE, Answer, call
from tests.people import made_up_cpr

CPR = made_up_cpr(date(1961, 9, 7), 0)
SETTINGS = """
allow_anonymous = true
allow_private_means = true
allow_shared_means = true
use_p_numbers = true
use_se_numbers = true
use_reference_text = true
dedicated_means = ["app", "code_display"]
p_numbers = ["1003456789"]
se_numbers = ["30303030"]
eans = ["5798009811578"]
"""
HEADER = (
    "Aktion;UUID;Fornavn;Efternavn;CPR;Foedselsdato;E-mail;Telefon;Anonym;Referencetekst;"
    "TargetIAL;EAN;P-nummer;SE-nummer;Loginmiddel"
)
BORN = ("--date-of-birth", "1961-09-07")
MIXED = (
    "C;;Ærø;Østergård;;24121985;aeroe@firma.test;;;;3;;;;",
    "C;;Åge;Ø;;25121985;aage@firma.test;;;;5;;;;",
)


@dataclass
class Office:
    """An organisation in a store, and the calls on it."""

    url: str
    ids: dict[str, str]

    def __call__(self, *arguments: str, stdin: str | None = "", quiet: bool = False) -> Answer:
        return call(*arguments, "--store", self.url, stdin=stdin, quiet=quiet)

    def ask(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """The document of a call that must be done."""
        answer = self(*arguments, "--json", stdin=stdin)
        assert answer.code == DONE, answer.document
        return answer.document

    def create(self, first_name: str, *more: str) -> dict[str, Any]:
        email = f"{first_name.encode().hex()}@firma.test"
        return self.ask(
            "users",
            "create",
            "--first-name",
            first_name,
            "--surname",
            "Hansen",
            "--email",
            email,
            *BORN,
            *more,
        )


def csv_file(path: Path, *rows: str) -> str:
    path.write_bytes("".join(f"{row}\r\n" for row in (HEADER, *rows)).encode())
    return str(path)


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
