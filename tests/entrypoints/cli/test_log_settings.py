"""Settings of log output on the command line, and messages for invalid ones."""

import json

import pytest

from tests.entrypoints.cli.store_cli import StoreCli


@pytest.mark.parametrize(
    ("name", "choices"),
    [("LEVEL", "debug, info, warning, error, critical"), ("FORMAT", "json, logfmt")],
)
def test_an_invalid_setting_is_reported_with_the_valid_values(
    cli: StoreCli, monkeypatch: pytest.MonkeyPatch, name: str, choices: str
) -> None:
    monkeypatch.setenv(f"BRUGERBOG_LOG_{name}", "loud")
    answer = cli("users", "list", "--json")
    error = json.loads(answer.out)["error"]
    assert (answer.code, error["code"]) == (1, "environment_invalid")
    assert f"BRUGERBOG_LOG_{name}" in error["message"]
    assert choices in error["message"]
