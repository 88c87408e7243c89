"""Output of the command line: tables and messages for people, one JSON document for programs."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.queries.staleness import collected_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

_UUID_LENGTH: Final = 36
_WIDE_ENOUGH: Final = 10_000
"""The width in columns of output to a file or pipe, where nothing may be cut off."""


def print_message(text: str) -> None:
    """Print a message to stderr."""
    sys.stderr.write(f"{text}\n")


def print_json(document: Any) -> None:  # noqa: ANN401 - any JSON document
    """Print the JSON document of a call; its member `stale` names read tables that may be out of date."""
    from pydantic_core import to_json  # noqa: PLC0415 - help must be quick

    if stale := collected_stale():
        members = document if isinstance(document, dict) else _members(document)
        document = members | {"stale": stale}
    try:
        written = to_json(document).decode()
    except ValueError:
        # An argument can hold bytes that aren't text; they become a replacement character.
        written = to_json(_sound(document)).decode()
    sys.stdout.write(f"{written}\n")
    sys.stdout.flush()


def _members(document: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass
    return {field.name: getattr(document, field.name) for field in fields(document)}


def _sound(document: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(document, dict):
        return {name: _sound(value) for name, value in document.items()}
    return document.encode("utf-8", "replace").decode() if isinstance(document, str) else document


def console() -> Console:
    """Return the console for stdout."""
    from rich.console import Console  # noqa: PLC0415 - help must be quick

    return Console(width=None if sys.stdout.isatty() else _WIDE_ENOUGH, highlight=False)


def print_data(*what: Table | str) -> None:
    """Print tables and lines of data to stdout."""
    out = console()
    for one in what:
        out.print(one, markup=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table:
    """Return a table of plain text without markup."""
    from rich import box  # noqa: PLC0415 - help must be quick
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    made = Table(
        title=None if title is None else Text(title),
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        padding=(0, 1, 0, 0),
    )
    for heading in headings:
        whole = heading == "UUID"
        made.add_column(heading, no_wrap=whole, min_width=_UUID_LENGTH if whole else None, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return made


@contextmanager
def progress_bar(doing: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on a terminal and yield its update function (done, total); elsewhere yield None."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - help must be quick
    from rich.progress import Progress  # noqa: PLC0415 - as above

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing)
        yield lambda done, of: bar.update(task, completed=done, total=of)
