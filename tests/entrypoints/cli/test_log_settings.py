"""How a call is told to log, and what it says where that means nothing."""

import json

import pytest

from tests.entrypoints.cli.store_cli import Office


@pytest.mark.parametrize(
    ("name", "choices"),
    [("LEVEL", "debug, info, warning, error, critical"), ("FORMAT", "json, logfmt")],
)
def test_a_setting_that_means_nothing_is_named_with_what_would(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str, choices: str
) -> None:
    monkeypatch.setenv(f"BRUGERBOG_LOG_{name}", "loud")
    answer = office("users", "list", "--json")
    error = json.loads(answer.out)["error"]
    assert (answer.code, error["code"]) == (1, "environment_invalid")
    assert f"BRUGERBOG_LOG_{name}" in error["message"]
    assert choices in error["message"]
