"""Properties of all commands, read from the commands themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from brugerbog.__main__ import commands
from tests.entrypoints.cli.cli_runner import DONE, UNKNOWN_ID, USAGE, run_cli

SHARED = {"--store", "--organisation", "--as", "--command-id", "--json"}
SELF_EVIDENT = {
    *("--phone", "--email", "--first-name", "--surname", "--ean", "--p-number", "--se-number"),
    *("--reference-text", "--target-ial", "--from", "--to"),
}
DOCS = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
DOCUMENTED = re.findall(r"^#### `([a-z -]+)`\n(.*?)(?=^#)", DOCS, re.DOTALL | re.MULTILINE)
"""The heading and the text of each command in the documentation."""
MAKES_OR_NEEDS_NONE = {"template", "organisation register", "restore", "store prepare", "doctor"}
ON_NOBODY = {
    *(
        "cpr",
        "show",
        "history",
        "edit",
        "place",
        "deactivate",
        "reactivate",
        "activate",
        "send-to-activation",
    ),
    *("send-many-to-activation", "resend-activation-mail", "issue-code", "resend-means-mail"),
    *("allow-signing", "withdraw-signing", "assign-sealing-profiles", "approve-anonymity"),
}
ARGUMENTS = {
    "organisation register": ("--cvr", "90000002", "--name", "A"),
    "organisation settings": ("settings.toml",),
    "clients create": ("--name", "A", "--role", "reader"),
    "clients revoke": (UNKNOWN_ID,),
    "sessions end": (UNKNOWN_ID,),
    "users create": (
        *("--first-name", "A", "--surname", "B", "--email", "a@b.test", "--date-of-birth", "1961-09-07"),
    ),
    "users delete": (UNKNOWN_ID, "--yes"),
    "users assign-means": (UNKNOWN_ID, "app"),
    "users grant-rights": (UNKNOWN_ID, "post"),
    "users revoke-rights": (UNKNOWN_ID, "post"),
    "users give-role": (UNKNOWN_ID, "user_administrator"),
    "users take-role": (UNKNOWN_ID, "user_administrator"),
    "users decline-anonymity": (UNKNOWN_ID, "--reason", "No"),
    "me show": ("--as", UNKNOWN_ID),
    "me request-anonymity": ("--as", UNKNOWN_ID),
    "me withdraw-consent": ("--as", UNKNOWN_ID),
    "me end-sessions": ("--as", UNKNOWN_ID),
    "self-service confirm-identity": ("--pretend", "--date-of-birth", "1961-09-07"),
    "self-service order-means": ("chip",),
    "self-service take-means": ("app",),
    "activities record": ("activities.jsonl", "--reporter", "a"),
    "mail retry": (UNKNOWN_ID,),
    "report": ("status",),
    "worker": ("--once",),
    "backup": ("backup",),
    "restore": ("backup",),
    "keys erase-unreadable": ("--yes",),
    "store renew-erase-list": ("--nobody-erased-since",),
    "copy": ("sqlite:///none.db", "sqlite:///new.db"),
    "import": ("users.csv",),
    "audit export": ("export",),
    "audit at": ("2026-11-22T12:00:00Z",),
    "audit diff": ("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z"),
} | {f"users {name}": (UNKNOWN_ID,) for name in ON_NOBODY}


def _commands(group: Any, under: str = "") -> dict[str, Any]:  # noqa: ANN401 - typer's copy of click's
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= _commands(command, f"{under}{name} ")
        else:
            found[f"{under}{name}"] = command
    return found


COMMANDS = _commands(commands())
GROUPS = sorted({name.rpartition(" ")[0] for name in COMMANDS if " " in name})
OPERATIONAL = sorted(COMMANDS.keys() - {"demo"})


def arguments_of(name: str) -> list[str]:
    return [*name.split(), *ARGUMENTS.get(name, ())]


def test_there_are_the_commands_that_were_promised() -> None:
    groups = {
        "organisation": {"register", "show", "settings", "roles"},
        "users": {
            *(
                "list",
                "show",
                "cpr",
                "history",
                "create",
                "edit",
                "place",
                "deactivate",
                "reactivate",
                "delete",
            ),
            *("send-to-activation", "send-many-to-activation", "resend-activation-mail", "issue-code"),
            *("activate", "assign-means", "resend-means-mail", "grant-rights", "revoke-rights"),
            *("allow-signing", "withdraw-signing", "assign-sealing-profiles", "give-role", "take-role"),
            *("approve-anonymity", "decline-anonymity"),
        },
        "me": {"show", "request-anonymity", "withdraw-consent", "end-sessions"},
        "notices": {"list"},
        "self-service": {
            *("open", "confirm-identity", "enter-code", "order-means", "activate", "take-means"),
        },
        "activities": {"record"},
        "mail": {"list", "retry"},
        "projections": {"status", "verify", "rebuild"},
        "keys": {"status", "erase-unreadable"},
        "clients": {"create", "list", "revoke"},
        "sessions": {"list", "end"},
        "keys rotate": {"master", "index", "signing", "tokens"},
        "store": {"prepare", "upgrade", "renew-erase-list", "reporting"},
        "audit": {"log", "at", "diff", "replay", "verify", "checkpoint", "export"},
    }
    grouped = {f"{group} {name}" for group, names in groups.items() for name in names}
    alone = {"template", "import", "report", "erase", "backup", "restore", "copy", "serve", "worker"}
    assert set(COMMANDS) == grouped | alone | {"doctor", "demo"}


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
    answer = run_cli(*name.split(), "--help")
    assert answer.code == DONE
    assert max(len(line) for line in answer.out.splitlines()) <= 80


@pytest.mark.parametrize(
    "name",
    [
        "template",
        "users send-many-to-activation",
        "users assign-means",
        "users assign-sealing-profiles",
        "self-service activate",
    ],
)
def test_help_marks_an_argument_as_optional_or_repeated_once(name: str) -> None:
    usage = run_cli(*name.split(), "--help").out.splitlines()[0]
    assert "[[" not in usage
    assert usage.count("...") <= 1


def test_the_documentation_describes_each_command_once_and_no_other() -> None:
    assert sorted(name for name, _ in DOCUMENTED) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_documentation_of_a_command_names_all_its_own_options_and_no_others(name: str) -> None:
    own = {parameter.opts[0] for parameter in COMMANDS[name].params if parameter.opts[0].startswith("--")}
    assert set(re.findall(r"--[a-z][a-z-]*", dict(DOCUMENTED)[name])) - SHARED == own - SHARED


@pytest.mark.parametrize("group", [(), *(tuple(name.split()) for name in GROUPS)])
def test_a_group_without_a_command_lists_its_commands_and_is_a_usage_error(group: tuple[str, ...]) -> None:
    answer = run_cli(*group)
    assert (answer.code, answer.out) == (USAGE, "")
    assert "Usage: " in answer.err


@pytest.mark.parametrize("name", OPERATIONAL)
def test_an_unknown_option_is_a_usage_error_in_json_too(name: str) -> None:
    answer = run_cli(*arguments_of(name), "--nope", "--json")
    assert (answer.code, answer.error["code"]) == (USAGE, "usage")
    assert "--nope" in answer.error["message"]


@pytest.mark.parametrize("name", sorted(set(OPERATIONAL) - MAKES_OR_NEEDS_NONE))
def test_without_a_store_the_answer_is_that_there_is_none(name: str, own_folder: Path) -> None:
    (own_folder / "settings.toml").touch()
    answer = run_cli(*arguments_of(name), "--json")
    assert (answer.code, answer.error["code"]) == (1, "store_empty")
    assert list(own_folder.iterdir()) == [own_folder / "settings.toml"]
