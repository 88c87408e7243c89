"""Descriptions of problem types, at the paths that the member `type` of problems refers to."""

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
    """List all problem types, by code."""
    return list(problem_kinds_by_code().values())


@router.get("/{code}", response_model=ProblemKind, openapi_extra={"security": []})
def problem_kind(code: str) -> object:
    """Describe one problem type. Braces in its texts stand for values that vary."""
    try:
        return problem_kinds_by_code()[code]
    except KeyError:
        raise NoSuchPath from None


@cache
def problem_kinds_by_code() -> dict[str, ProblemKind]:
    """Return the problem type of every refusal, by code."""
    all_kinds: list[type[Refusal]] = [Refusal, *_subclasses(Refusal)]
    found = {kind.code: kind for kind in all_kinds}
    return {code: _problem_kind(found[code]) for code in sorted(found)}


def _problem_kind(kind: type[Refusal]) -> ProblemKind:
    return ProblemKind(
        code=kind.code,
        status=status_of_kind(kind),
        title=title_of(kind.code),
        about=(inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "),
        danish=kind.danish,
        english=kind.english,
    )


def _subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
