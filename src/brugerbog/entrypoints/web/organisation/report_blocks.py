"""The blocks of a report's page: tables of numbers with totals, and charts of the same numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.danish.dates import MONTHS
from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.entrypoints.presentation.reports import HEADINGS, WAITING, rows
from brugerbog.entrypoints.presentation.words import LINK_EXPIRED, kroner
from brugerbog.entrypoints.web.danish_format import capital, thousands
from brugerbog.entrypoints.web.organisation.charts import BarSeries, bar_chart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markupsafe import Markup

    from brugerbog.application.queries.reports import Report

_LATEST_MONTHS: Final = 12
_NUMBERS: Final = frozenset({"users", "assigned", "ordered", "active", "count", "amount", "days"})
_TOTAL: Final = "I alt"
_AGES: Final = ((7, "Under 1 uge"), (14, "1-2 uger"), (30, "2-4 uger"), (None, "30 dage eller mere"))
"""The ranges of waiting times: the upper limit in days, and the name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    heading: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A table of a report, with an optional chart of the same numbers."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    total: Sequence[str]
    chart: Markup | None = None


def status_blocks(made: Report) -> list[Block]:
    """Return the number of users by status; pending users with an expired link are counted apart."""
    counted = made.as_dicts()
    total = sum(row["users"] for row in counted)
    chart = bar_chart(
        "Brugere efter status",
        [LINK_EXPIRED if row["status"] == "link_expired" else WAITING[row["status"]] for row in counted],
        [BarSeries("brugere", [row["users"] for row in counted])],
        thousands,
    )
    return _if(total, _block("Brugere efter status", made, [_TOTAL, thousands(total)], chart))


def placement_blocks(made: Report) -> list[Block]:
    """Return the number of users by placement, without columns for kinds of numbers that no user has."""
    counted = made.as_dicts()
    total = sum(row["users"] for row in counted)
    empty = {name for name in ("p_number", "se_number", "ean") if all(row[name] is None for row in counted)}
    shown = [at for at, name in enumerate(made.columns) if name not in empty]
    whole = _block("Brugere efter tilhørsforhold", made, [*[""] * (len(made.columns) - 1), thousands(total)])
    last = [whole.total[at] for at in shown]
    return _if(
        total,
        Block(
            whole.caption,
            [whole.columns[at] for at in shown],
            [[row[at] or "Intet" for at in shown] for row in whole.rows],
            [_TOTAL, *last[1:]],
        ),
    )


def means_blocks(made: Report) -> list[Block]:
    """Return the number of means by kind: assigned, ordered and in use."""
    counted = made.as_dicts()
    columns = ("assigned", "ordered", "active")
    totals = {name: sum(row[name] for row in counted) for name in columns}
    chart = bar_chart(
        "Identifikationsmidler",
        [capital(DANISH_MEANS[Means(row["means"])]) for row in counted],
        [BarSeries(HEADINGS[name].lower(), [row[name] for row in counted]) for name in columns],
        thousands,
    )
    total = [_TOTAL, *(thousands(totals[name]) for name in columns)]
    return _if(totals["assigned"], _block("Identifikationsmidler", made, total, chart))


def pending_blocks(made: Report) -> list[Block]:
    """Return the number of pending users by waiting time."""
    waited = [row["days"] for row in made.as_dicts()]
    counted = Counter(next(name for under, name in _AGES if under is None or days < under) for days in waited)
    names = [name for _, name in _AGES]
    values = [counted[name] for name in names]
    title = "Hvor længe brugerne har ventet"
    chart = bar_chart(title, names, [BarSeries("brugere", values)], thousands)
    table = [[name, thousands(value)] for name, value in zip(names, values, strict=True)]
    columns = [Column("Har ventet", is_number=False), Column("Brugere", is_number=True)]
    return _if(len(waited), Block(title, columns, table, [_TOTAL, thousands(len(waited))], chart))


def cost_blocks(made: Report) -> list[Block]:
    """Return the invoiced amounts by month, and by kind of charge."""
    charged = made.as_dicts()
    total = sum(row["amount"] for row in charged)
    amounts = Counter[str]()
    for row in charged:
        amounts[row["month"]] += row["amount"]
    months = list(_months(min(amounts), max(amounts))) if amounts else []
    latest = months[-_LATEST_MONTHS:]
    period = "de seneste 12 måneder" if len(months) > _LATEST_MONTHS else "pr. måned"
    chart = bar_chart(
        f"Omkostninger {period}, i kroner ekskl. moms",
        [month_name(month) for month in latest],
        [BarSeries("kroner", [amounts[month] for month in latest])],
        kroner,
    ) if latest else None  # fmt: skip
    by_month = Block(
        "Omkostninger pr. måned",
        [Column("Måned", is_number=False), Column(HEADINGS["amount"], is_number=True)],
        [[month_name(month), kroner(amounts[month])] for month in months],
        [_TOTAL, kroner(total)],
        chart,
    )
    whole = _block("Hvad der er faktureret", made, [_TOTAL, "", "", "", kroner(total)])
    by_kind = Block(
        whole.caption,
        whole.columns,
        [[month_name(month), ean or "Intet", capital(kind), *rest] for month, ean, kind, *rest in whole.rows],
        whole.total,
    )
    return _if(len(charged), by_month, by_kind)


BLOCKS: Final[dict[str, Callable[[Report], list[Block]]]] = {
    "status": status_blocks,
    "placement": placement_blocks,
    "means": means_blocks,
    "pending": pending_blocks,
    "cost": cost_blocks,
}
"""The function for the blocks of each report; an empty report has no blocks."""


def month_name(month: str) -> str:
    """Return `Juni 2027` of `2027-06`."""
    year, number = month.split("-")
    return capital(f"{MONTHS[int(number) - 1]} {year}")


def _months(first: str, last: str) -> Iterator[str]:
    """Yield every month from `first` to `last`, also those without costs."""
    year, number = map(int, first.split("-"))
    while (month := f"{year}-{number:02}") <= last:
        yield month
        year, number = (year, number + 1) if number < len(MONTHS) else (year + 1, 1)


def _block(caption: str, made: Report, total: Sequence[str], chart: Markup | None = None) -> Block:
    columns = [Column(HEADINGS[name], name in _NUMBERS) for name in made.columns]
    table = [[_cell(cell) for cell in row] for row in rows(made)]
    return Block(caption, columns, table, total, chart)


def _cell(cell: Any) -> str:  # noqa: ANN401 - any cell
    return thousands(cell) if isinstance(cell, int) else capital(str(cell))


def _if(counted: int, *blocks: Block) -> list[Block]:
    return list(blocks) if counted else []
