"""Compares the read tables to tables rebuilt from the log, and prints the result."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from brugerbog.entrypoints.cli.output import print_data, print_json, print_message, table

if TYPE_CHECKING:
    from brugerbog.entrypoints.cli.context import CliContext
    from brugerbog.infrastructure.projections.positions import ProjectionStatus
    from brugerbog.service import Service


@dataclass(frozen=True, slots=True)
class TableComparison:
    """The digests of a live table and of a rebuilt one, with the number of events and seconds of the rebuild.

    `state` and `lag` are those of the live table, after it has caught up.
    """

    name: str
    state: str
    lag: int
    live: str
    rebuilt: str
    events: int
    seconds: float

    @property
    def equal(self) -> bool:
        return self.live == self.rebuilt

    @property
    def rate(self) -> int:
        """Events a second."""
        return round(self.events / max(self.seconds, 1e-6))


def compare_all_tables(service: Service) -> list[TableComparison]:
    """Rebuild every read table beside the live one, and compare them."""
    end = service.runner.catch_up()
    return [_compare(service, one, max(0, end - one.position)) for one in service.runner.status()]


def _compare(service: Service, status: ProjectionStatus, lag: int) -> TableComparison:
    from brugerbog.infrastructure.projections.positions import FAILED  # noqa: PLC0415 - help must be quick

    begun = perf_counter()
    try:
        live, rebuilt = service.runner.digests(status.name)
    except Exception:
        if status.state != FAILED:
            raise
        # The projection has stopped because it fails on an event, so the rebuild fails too.
        live, rebuilt = "", "-"
    return TableComparison(
        status.name, status.state, lag, live, rebuilt, status.position, perf_counter() - begun
    )


def print_comparisons(context: CliContext, found: list[TableComparison], *, speed: bool = False) -> None:
    """Print the comparisons, with `speed` also events a second; exit with code 1 if a table has a problem."""
    problem = _worst_problem(found)
    if context.as_json:
        document: dict[str, object] = {
            "equal": all(one.equal for one in found),
            "projections": [_document(one, speed=speed) for one in found],
        }
        if problem is not None:
            document["error"] = problem
        print_json(document)
    else:
        rows = [
            (one.name, _verdict(one), one.live[:16], *([f"{one.rate:,}"] if speed else ())) for one in found
        ]
        print_data(
            table(("Projektion", "Svarer til loggen", "Digest", *(["Hændelser/s"] if speed else ())), rows)
        )
        if problem is not None:
            print_message(f"Fejl: {problem['message']}")
    if problem is not None:
        raise typer.Exit(1)


def _worst_problem(found: list[TableComparison]) -> dict[str, str] | None:
    """Return the worst problem, with the names of its tables."""
    from brugerbog.infrastructure.projections.positions import FAILED, REBUILDING  # noqa: PLC0415 - help must be quick

    kinds = (
        ("projections_differ", "svarer ikke til loggen", [one.name for one in found if not one.equal]),
        ("projections_stopped", "er standset", [one.name for one in found if one.state == FAILED]),
        (
            "projections_rebuilding",
            "er ved at blive bygget igen",
            [one.name for one in found if one.state == REBUILDING],
        ),
        ("projections_behind", "er bagud", [one.name for one in found if one.lag]),
    )
    for code, danish, names in kinds:
        if names:
            advice = "Byg igen med: brugerbog projections rebuild"
            return {"code": code, "message": f"Læsetabeller {danish}: {', '.join(names)}. {advice}"}
    return None


def _verdict(one: TableComparison) -> str:
    from brugerbog.infrastructure.projections.positions import FAILED, REBUILDING  # noqa: PLC0415 - help must be quick

    if not one.equal:
        return "NEJ"
    if one.state == FAILED:
        return "NEJ, standset"
    if one.state == REBUILDING:
        return "NEJ, bygges igen"
    return f"NEJ, {one.lag} hændelser bagud" if one.lag else "ja"


def _document(one: TableComparison, *, speed: bool) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": one.name,
        "live": one.live,
        "rebuilt": one.rebuilt,
        "equal": one.equal,
        "state": one.state,
        "lag": one.lag,
    }
    if speed:
        document |= {"events": one.events, "seconds": round(one.seconds, 3), "events_per_second": one.rate}
    return document
