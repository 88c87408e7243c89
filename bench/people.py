"""Files of made-up users of any size."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

from brugerbog.application.commands.imports.columns import COLUMNS
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from pathlib import Path

_FIRST = ("Anne", "Bo", "Åse", "Ærlig", "Øjvind", "Peter", "Mette", "Lars", "René", "Søren", "Ida", "Freja")
_LAST = ("Jensen", "Nielsen", "Ørsted", "Aagaard", "Møller", "Kjær", "Sørensen", "Lund", "Holm", "Bæk")
_DAYS = 15_000


def write_file(path: Path, rows: int, first: int = 0) -> None:
    """Write C rows from number `first` on, as a Danish Excel does; a third has private means."""
    chance = random.Random(7)
    lines = [";".join(COLUMNS)]
    for at in range(first, first + rows):
        born = date(1950, 2, 2) + timedelta(days=at % _DAYS)
        if (born.month, born.day) == (1, 1):
            born += timedelta(days=1)
            cpr = made_up_cpr(born, at // _DAYS + 2000)
        else:
            cpr = made_up_cpr(born, at // _DAYS)
        means = "PrivatID" if at % 3 == 0 else ""
        name = f"{chance.choice(_FIRST)};{chance.choice(_LAST)}"
        lines.append(f"C;;{name};{cpr};;user{at}@kommune.example;{20_000_000 + at};;;3;;;;{means}")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
