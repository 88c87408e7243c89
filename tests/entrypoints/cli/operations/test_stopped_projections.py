"""A read table that has stopped is told of by whatever compares it or answers from it."""

import pysqlite3.dbapi2 as driver
import pytest

from tests.entrypoints.cli.store_cli import Office


def stop(office: Office, name: str) -> None:
    """Let a projection have failed at its last event, equal to the log up to there."""
    file = office.url.removeprefix("sqlite:///").replace(".db", ".read.db")
    connection = driver.connect(file)
    stopped = "state = 'failed', failed_at = position + 1, failure = 'ValueError'"
    connection.execute(f"UPDATE positions SET {stopped} WHERE name = ?", [name])
    connection.commit()
    connection.close()


@pytest.mark.parametrize("command", [("projections", "verify"), ("audit", "replay")])
def test_comparing_fails_with_a_stopped_table_and_names_it(office: Office, command: tuple[str, str]) -> None:
    well = office(*command)
    stop(office, "charges")

    answer, told = office(*command), office(*command, "--json")

    assert well.code == 0
    assert (answer.code, told.code) == (1, 1)
    assert "er standset: charges" in answer.err
    assert told.document["equal"] is True
    assert told.document["error"]["code"] == "projections_stopped"
    states = {one["name"]: one["state"] for one in told.document["projections"]}
    assert {name for name, state in states.items() if state != "ok"} == {"charges"}


def test_a_list_from_a_stopped_table_says_so_beside_the_data(office: Office) -> None:
    before = office("users", "list")
    stop(office, "user_list")

    answer, told = office("users", "list"), office("users", "list", "--json")

    assert "forældet" not in before.err
    assert (answer.code, answer.out) == (0, before.out)
    assert "Visningen kan være forældet: user_list" in answer.err
    assert told.document["stale"] == ["user_list"]


def test_a_list_from_another_table_says_nothing(office: Office) -> None:
    stop(office, "charges")

    answer, told = office("users", "list"), office("users", "list", "--json")

    assert "forældet" not in answer.err
    assert "stale" not in told.document
