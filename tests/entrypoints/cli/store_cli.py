"""An organisation in a store, as tests of the command line use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.entrypoints.cli.cli_runner import DONE, Answer, call
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
