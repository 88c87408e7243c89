"""This version's API serves a client of the previous version."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.previous_version.conftest import FILES
from tests.previous_version.installation import copied
from tests.previous_version.openapi import lost
from tests.previous_version.requests import Caller


@pytest.fixture
def browser(recorded: dict[str, Any], tmp_path: Path) -> Iterator[TestClient]:
    """A client at a copy of the old store."""
    with copied(FILES, recorded["files"], tmp_path / "installation") as at, at.browser() as browser:
        yield browser


def test_the_description_allows_what_it_allowed(browser: TestClient) -> None:
    before = json.loads(gzip.decompress((FILES / "openapi.json.gz").read_bytes()))
    gone = lost(before, browser.get("/api/v1/openapi.json").json())
    assert not gone, "\n".join(gone)


def test_a_recorded_client_gets_the_same_statuses_and_members(
    browser: TestClient, recorded: dict[str, Any]
) -> None:
    requests = json.loads((FILES / "requests.json").read_text("utf-8"))
    caller = Caller(browser, recorded["codes"] | recorded["ids"], recorded["files"])
    gone = list(missing(requests[0], caller.ask_for_token(), "POST /token"))
    for before in requests[1:]:
        now = caller.ask(*(before[part] for part in ("method", "path", "said", "headers")))
        gone += missing(before, now, f"{before['method']} {before['path']}")
    assert not gone, "\n".join(gone)


def missing(before: Any, now: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Return the members that a shape has lost; new members are allowed."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name, value in before.items():
            if name in now:
                yield from missing(value, now[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}: is gone"
    elif isinstance(before, list) and isinstance(now, list):
        for number, one in enumerate(before):
            found = [list(missing(one, other, f"{place}[{number}]")) for other in now]
            yield from min(found, key=len, default=[f"{place}[{number}]: is gone"])
    elif before != now:
        yield f"{place}: {before!r} is now {now!r}"
