"""The command line on one store, with an organisation in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.entrypoints.cli.cli_runner import DONE, CliResult, run_cli
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
allow_sealing = true
certificate_profiles = ["P1", "P2"]
rights = [
    {id = "post", name = "Læse Digital Post", service_provider = "Digital Post"},
    {id = "barsel", name = "Indberette barsel", service_provider = "NemRefusion"},
]
"""
HEADER = (
    "Aktion;UUID;Fornavn;Efternavn;CPR;Foedselsdato;E-mail;Telefon;Anonym;Referencetekst;"
    "TargetIAL;EAN;P-nummer;SE-nummer;Loginmiddel"
)
DATE_OF_BIRTH = ("--date-of-birth", "1961-09-07")
MIXED_ROWS = (
    "C;;Ærø;Østergård;;24121985;aeroe@firma.test;;;;3;;;;",
    "C;;Åge;Ø;;25121985;aage@firma.test;;;;5;;;;",
)


@dataclass
class StoreCli:
    """Runs the command line on a store with an organisation; `ids` are users by name."""

    url: str
    ids: dict[str, str]

    def __call__(self, *arguments: str, stdin: str | None = "", quiet: bool = False) -> CliResult:
        return run_cli(*arguments, "--store", self.url, stdin=stdin, quiet=quiet)

    def run_json(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        """Return the JSON document of a call that must succeed."""
        answer = self(*arguments, "--json", stdin=stdin)
        assert answer.code == DONE, answer.document
        return answer.document

    def create_user(self, first_name: str, *more: str) -> dict[str, Any]:
        email = f"{first_name.encode().hex()}@firma.test"
        return self.run_json(
            "users",
            "create",
            "--first-name",
            first_name,
            "--surname",
            "Hansen",
            "--email",
            email,
            *DATE_OF_BIRTH,
            *more,
        )


def csv_file(path: Path, *rows: str) -> str:
    path.write_bytes("".join(f"{row}\r\n" for row in (HEADER, *rows)).encode())
    return str(path)
