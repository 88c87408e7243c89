"""The kinds of problems, told at the address that each problem's `type` names."""

from __future__ import annotations

import inspect
from functools import cache
from typing import TYPE_CHECKING

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.api.problems import title_of
from brugerbog.entrypoints.api.responses.access import ProblemKind
from brugerbog.entrypoints.http.refusals import NoSuchPath
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.http.statuses import status_of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

router = Router(prefix="/problems", tags=["problems"])


@router.get("", response_model=list[ProblemKind], openapi_extra={"security": []})
def problem_kinds() -> object:
    """Every kind of problem there is, by code."""
    return list(kinds().values())


@router.get("/{code}", response_model=ProblemKind, openapi_extra={"security": []})
def problem_kind(code: str) -> object:
    """What a problem's `type` says. Braces stand for what differs from one to the next."""
    try:
        return kinds()[code]
    except KeyError:
        raise NoSuchPath from None


@cache
def kinds() -> dict[str, ProblemKind]:
    """Every refusal there is, by its code."""
    all_kinds: list[type[Refusal]] = [Refusal, *_below(Refusal)]
    found = {kind.code: kind for kind in all_kinds}
    return {code: _told(found[code]) for code in sorted(found)}


def _told(kind: type[Refusal]) -> ProblemKind:
    return ProblemKind(
        code=kind.code,
        status=status_of_kind(kind),
        title=title_of(kind.code),
        about=(inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "),
        danish=kind.danish,
        english=kind.english,
    )


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
