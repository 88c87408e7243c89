"""The differences of two JSON documents, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_ABSENT = "(absent)"


def differences(
    before: Json, now: Json, *, place: str = "", ignoring: frozenset[str] = frozenset()
) -> list[str]:
    """Each difference between two documents; members named in `ignoring` are not compared."""
    return list(_differences(before, now, place, ignoring))


def _differences(before: Json, now: Json, place: str, ignoring: frozenset[str]) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted(before.keys() | now.keys()):
            if name not in ignoring:
                yield from _differences(
                    before.get(name, _ABSENT), now.get(name, _ABSENT), f"{place}.{name}", ignoring
                )
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, pair in enumerate(zip(before, now, strict=True)):
            yield from _differences(*pair, f"{place}[{number}]", ignoring)
    elif before != now:
        yield f"{place}: {before!r} is now {now!r}"
