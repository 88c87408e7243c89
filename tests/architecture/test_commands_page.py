"""docs/commands.md lists every command, as the code has it."""

import re
from pathlib import Path

import pytest

from brugerbog.application.commands.administration import Administration
from brugerbog.application.commands.authorization import PERMISSIONS
from brugerbog.application.commands.self_service import SelfService
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.activity import ActivityReported
from brugerbog.domain.user.user import User

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| `")
]
NO_COMMANDS = {"only_if", "open_activation", "open_means"}
"""A condition of the next command, and two queries of the user's own."""

OWN = {"request_anonymity", "withdraw_consent", "end_own_sessions"}


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([\w.]+)`", cell)


def commands_of(entry: type) -> dict[str, str]:
    """The public methods of a class of commands, with the modules that define them."""
    return {
        name: getattr(entry, name).__module__.rpartition(".")[2]
        for name in dir(entry)
        if not name.startswith("_") and name not in NO_COMMANDS and callable(getattr(entry, name))
    }


def test_every_command_has_one_row_with_its_module() -> None:
    listed = [(names_in(row[0])[0], names_in(row[4])[0]) for row in ROWS]
    assert sorted(listed) == sorted((commands_of(Administration) | commands_of(SelfService)).items())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: names_in(row[0])[0])
def test_a_row_has_the_roles_of_the_permissions(row: list[str]) -> None:
    (command,) = names_in(row[0])
    roles = {Role(one) for one in names_in(row[3])}
    if command in commands_of(SelfService):
        assert roles == set()
        assert command not in PERMISSIONS
    else:
        operator = set() if command in OWN else {Role.OPERATOR}
        assert roles | operator == PERMISSIONS[command]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: names_in(row[0])[0])
def test_a_row_names_methods_and_events_that_exist(row: list[str]) -> None:
    for method in names_in(row[1]):
        aggregate, _, name = method.partition(".")
        assert hasattr({"User": User, "Organisation": Organisation}[aggregate], name)
    for event in set(names_in(row[2])) - {names_in(one[0])[0] for one in ROWS}:
        assert event == ActivityReported.__name__ or hasattr(User, event) or hasattr(Organisation, event)
