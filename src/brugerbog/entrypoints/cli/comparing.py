"""Holds the read tables against ones built anew from the log, and tells what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from brugerbog.entrypoints.cli.answers import print_json, say, table, write

if TYPE_CHECKING:
    from brugerbog.bootstrap import Service
    from brugerbog.entrypoints.cli.call import Call


@dataclass(frozen=True, slots=True)
class Compared:
    """The digests of a live table and of one built anew, from so many events in so many seconds."""

    name: str
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


def compare_all(service: Service) -> list[Compared]:
    """Build every read table anew beside the live one, and compare them."""
    return [_compare(service, one.name, one.position) for one in service.runner.status()]


def _compare(service: Service, name: str, events: int) -> Compared:
    begun = perf_counter()
    live, rebuilt = service.runner.digests(name)
    return Compared(name, live, rebuilt, events, perf_counter() - begun)


def tell(call: Call, found: list[Compared], *, speed: bool = False) -> None:
    """Answer with what came of it, with the speed too if wanted; ends with exit code 1 if any differs."""
    equal = all(one.equal for one in found)
    message = "En projektion svarer ikke til loggen. Byg den igen med: brugerbog projections rebuild"
    if call.as_json:
        document: dict[str, object] = {
            "equal": equal,
            "projections": [_document(one, speed=speed) for one in found],
        }
        if not equal:
            document["error"] = {"code": "projections_differ", "message": message}
        print_json(document)
    else:
        rows = [
            (one.name, "ja" if one.equal else "NEJ", one.live[:16], *([f"{one.rate:,}"] if speed else ()))
            for one in found
        ]
        write(table(("Projektion", "Svarer til loggen", "Digest", *(["Hændelser/s"] if speed else ())), rows))
        if not equal:
            say(f"Fejl: {message}")
    if not equal:
        raise typer.Exit(1)


def _document(one: Compared, *, speed: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"name": one.name, "live": one.live, "rebuilt": one.rebuilt, "equal": one.equal}
    if speed:
        told |= {"events": one.events, "seconds": round(one.seconds, 3), "events_per_second": one.rate}
    return told
