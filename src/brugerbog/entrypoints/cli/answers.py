"""How the command line answers: tables for people, one JSON document for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table

    from brugerbog.application.queries import Activity, UserView

DANISH_STATUS: Final = {
    "imported": "Importeret",
    "pending": "Afventer aktivering",
    "active": "Aktiv",
    "deactivated": "Deaktiveret",
    "deleted": "Slettet",
}
_UUID_LENGTH: Final = 36
_ROOM_FOR_ALL: Final = 120
_IN_LITTLE_ROOM: Final = 3
"""So many columns of the user list are shown where there is no room for all."""

_WIDE_ENOUGH: Final = 10_000
"""Columns where nobody watches: nothing is cut off in a file or pipe."""


def say(text: str) -> None:
    """A message to whoever sits there, beside the data."""
    sys.stderr.write(f"{text}\n")


def print_json(document: Any) -> None:  # noqa: ANN401 - any JSON document
    """The one JSON document of a call."""
    from pydantic_core import to_json  # noqa: PLC0415 - help must be quick

    try:
        written = to_json(document).decode()
    except ValueError:
        # An argument can hold bytes that are no text; they are answered with a replacement sign.
        written = to_json(_sound(document)).decode()
    sys.stdout.write(f"{written}\n")
    sys.stdout.flush()


def _sound(document: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(document, dict):
        return {name: _sound(value) for name, value in document.items()}
    return document.encode("utf-8", "replace").decode() if isinstance(document, str) else document


def console() -> Console:
    """Where tables are written."""
    from rich.console import Console  # noqa: PLC0415 - help must be quick

    return Console(width=None if sys.stdout.isatty() else _WIDE_ENOUGH, highlight=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table:
    """A table of text, in which nothing is markup."""
    from rich import box  # noqa: PLC0415 - help must be quick
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    made = Table(
        title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", padding=(0, 1, 0, 0)
    )
    for heading in headings:
        whole = heading == "UUID"
        made.add_column(heading, no_wrap=whole, min_width=_UUID_LENGTH if whole else None, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return made


def user_table(users: Iterable[UserView], *, title: str | None = None) -> Table:
    """Users, a line each."""
    headings = ("UUID", "Navn", "Status", "E-mail", "Telefon", "P-nummer")
    shown = len(headings) if console().width >= _ROOM_FOR_ALL else _IN_LITTLE_ROOM
    rows = (
        (
            one.id,
            f"{one.first_name} {one.surname}".strip(),
            status_text(one),
            one.email,
            one.phone,
            one.p_number,
        )
        for one in users
    )
    return table(headings[:shown], (row[:shown] for row in rows), title=title)


def user_card(user: UserView) -> Table:
    """All that is known of one user."""
    return table(
        ("Felt", "Værdi"),
        (
            ("Navn", f"{user.first_name} {user.surname}".strip()),
            ("UUID", user.id),
            ("Status", status_text(user)),
            ("E-mail", user.email),
            ("Telefon", user.phone),
            ("CPR-nummer", user.cpr_masked),
            ("Fødselsdato", user.date_of_birth),
            ("Anonym", "ja" if user.anonymous else "nej"),
            ("Identifikationsmidler", ", ".join(user.means)),
            ("Sikringsniveau", {"substantial": "betydelig", "high": "høj"}[user.target_ial]),
            ("P-nummer", user.p_number),
            ("SE-nummer", user.se_number),
            ("EAN", user.ean),
            ("Referencetekst", user.reference_text),
            ("Oprettet", danish_time(user.created_at)),
        ),
    )


def history_table(activities: Iterable[Activity], *, title: str | None = None) -> Table:
    """Activities, a line each."""
    kinds = {"public": "offentlig", "private": "privat"}
    return table(
        ("Tidspunkt", "Transaktion", "Tjenesteudbyder", "Type"),
        (
            (danish_time(one.occurred_at), one.transaction, one.service_provider, kinds[one.service_type])
            for one in activities
        ),
        title=title,
    )


def status_text(user: UserView) -> str:
    """The status in Danish, with the dates of a deactivation."""
    text = DANISH_STATUS[user.status]
    if user.deactivated_from is None or user.status == "deleted":
        return text
    until = f" til og med {_danish(user.deactivated_to)}" if user.deactivated_to else ""
    if user.status == "deactivated":
        return f"{text}{until}"
    return f"{text} (deaktiveres fra {_danish(user.deactivated_from)}{until})"


def danish_time(instant: Any) -> str:  # noqa: ANN401 - a datetime, without importing it for help
    """An instant as people in Copenhagen read it."""
    from brugerbog.domain.days import COPENHAGEN  # noqa: PLC0415 - help must be quick

    return f"{instant.astimezone(COPENHAGEN):%d.%m.%Y %H:%M}"


def _danish(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"
