"""What all commands have in common, read from the commands themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer.main

from brugerbog.entrypoints.cli.main import app
from tests.entrypoints.cli.calling import DONE, NOBODY, USAGE, call

SHARED = {"--store", "--organisation", "--as", "--command-id", "--json"}
SELF_EVIDENT = {
    *("--phone", "--email", "--first-name", "--surname", "--ean", "--p-number", "--se-number"),
    *("--reference-text", "--target-ial", "--from", "--to", "means"),
}
DOCUMENTED = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
ARGUMENTS = {
    "organisation register": ("--cvr", "90000002", "--name", "A"),
    "organisation settings": ("settings.toml",),
    "users list": (),
    "users create": (
        "--first-name",
        "A",
        "--surname",
        "B",
        "--email",
        "a@b.test",
        "--date-of-birth",
        "1961-09-07",
    ),
    "users assign-means": (NOBODY, "app"),
    "users delete": (NOBODY, "--yes"),
    "import": ("users.csv",),
}


def _commands() -> dict[str, Any]:
    found = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        for own, inner in getattr(command, "commands", {}).items():
            found[f"{name} {own}"] = inner
        if not hasattr(command, "commands"):
            found[name] = command
    return found


COMMANDS = _commands()
OPERATIONAL = sorted(COMMANDS.keys() - {"demo"})


def arguments_of(name: str) -> list[str]:
    plain = (NOBODY,) if name.startswith("users ") else ()
    return [*name.split(), *ARGUMENTS.get(name, plain)]


def test_there_are_the_commands_that_were_promised() -> None:
    assert set(COMMANDS) == {
        *(
            "organisation register",
            "organisation show",
            "organisation settings",
            "template",
            "import",
            "demo",
        ),
        *("users list", "users show", "users create", "users edit", "users send-to-activation"),
        *("users activate", "users assign-means", "users place", "users deactivate", "users reactivate"),
        *("users delete", "users history"),
        *("projections status", "projections verify", "projections rebuild"),
    }


@pytest.mark.parametrize("name", OPERATIONAL)
def test_the_shared_options_stand_on_every_command(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert options >= SHARED


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_and_all_it_takes_is_explained(name: str) -> None:
    assert COMMANDS[name].help
    unexplained = {
        parameter.opts[0] for parameter in COMMANDS[name].params if not getattr(parameter, "help", None)
    }
    assert unexplained <= SELF_EVIDENT


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_fits_in_80_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    answer = call(*name.split(), "--help")
    assert answer.code == DONE
    assert max(len(line) for line in answer.out.splitlines()) <= 80


@pytest.mark.parametrize("name", ["template", "users send-to-activation", "users assign-means"])
def test_help_marks_an_argument_as_optional_or_repeated_once(name: str) -> None:
    usage = call(*name.split(), "--help").out.splitlines()[0]
    assert "[[" not in usage
    assert usage.count("...") <= 1


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_and_its_options_stand_in_the_documentation(name: str) -> None:
    row = next(line for line in DOCUMENTED.splitlines() if line.startswith(f"| `{name}`"))
    own = {parameter.opts[0] for parameter in COMMANDS[name].params if parameter.opts[0].startswith("--")}
    assert [option for option in own - SHARED if option not in row] == []


@pytest.mark.parametrize("group", [(), ("users",), ("organisation",), ("projections",)])
def test_a_group_alone_tells_its_commands_and_is_a_usage_error(group: tuple[str, ...]) -> None:
    answer = call(*group)
    assert (answer.code, answer.out) == (USAGE, "")
    assert "Usage: " in answer.err


@pytest.mark.parametrize("name", OPERATIONAL)
def test_an_unknown_option_is_a_usage_error_in_json_too(name: str) -> None:
    answer = call(*arguments_of(name), "--nope", "--json")
    assert (answer.code, answer.error["code"]) == (USAGE, "usage")
    assert "--nope" in answer.error["message"]


@pytest.mark.parametrize("name", sorted(set(OPERATIONAL) - {"template", "organisation register"}))
def test_without_a_store_the_answer_is_that_there_is_none(name: str, own_folder: Path) -> None:
    (own_folder / "settings.toml").touch()
    answer = call(*arguments_of(name), "--json")
    assert (answer.code, answer.error["code"]) == (1, "store_empty")
    assert list(own_folder.iterdir()) == [own_folder / "settings.toml"]
