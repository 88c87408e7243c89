"""One analysis of the routes' signatures for all tests of web pages and APIs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import routing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@pytest.fixture(scope="session", autouse=True)
def cached_signatures() -> Iterator[None]:
    """Let FastAPI analyse each endpoint once a process, not once an application.

    Nearly every test makes an application of its own, all of the same endpoints.
    """
    read = routing._build_dependant_with_parameterless_dependencies

    @lru_cache(maxsize=512)
    def cached(path: str, call: Callable[..., Any], dependencies: tuple[Any, ...]) -> Any:  # noqa: ANN401
        return read(path=path, call=call, dependencies=dependencies)

    def read_once(*, path: str, call: Callable[..., Any], dependencies: Sequence[Any]) -> Any:  # noqa: ANN401
        return cached(path, call, tuple(dependencies))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing, "_build_dependant_with_parameterless_dependencies", read_once)
        yield
