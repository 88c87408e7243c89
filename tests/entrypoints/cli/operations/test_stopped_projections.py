"""A stopped projection is reported by comparisons and by answers from its read table."""

import pysqlite3.dbapi2 as driver
import pytest

from tests.entrypoints.cli.store_cli import StoreCli


def stop(cli: StoreCli, name: str) -> None:
    """Mark a projection as failed at its last event, with a correct table up to there."""
    file = cli.url.removeprefix("sqlite:///").replace(".db", ".read.db")
    connection = driver.connect(file)
    stopped = "state = 'failed', failed_at = position + 1, failure = 'ValueError'"
    connection.execute(f"UPDATE positions SET {stopped} WHERE name = ?", [name])
    connection.commit()
    connection.close()


@pytest.mark.parametrize("command", [("projections", "verify"), ("audit", "replay")])
def test_comparing_fails_with_a_stopped_table_and_names_it(cli: StoreCli, command: tuple[str, str]) -> None:
    well = cli(*command)
    stop(cli, "charges")

    answer, json_result = cli(*command), cli(*command, "--json")

    assert well.code == 0
    assert (answer.code, json_result.code) == (1, 1)
    assert "er standset: charges" in answer.err
    assert json_result.document["equal"] is True
    assert json_result.document["error"]["code"] == "projections_stopped"
    states = {one["name"]: one["state"] for one in json_result.document["projections"]}
    assert {name for name, state in states.items() if state != "ok"} == {"charges"}


def test_a_list_from_a_stopped_table_prints_a_notice_to_stderr(cli: StoreCli) -> None:
    before = cli("users", "list")
    stop(cli, "user_list")

    answer, json_result = cli("users", "list"), cli("users", "list", "--json")

    assert "forældet" not in before.err
    assert (answer.code, answer.out) == (0, before.out)
    assert "Visningen kan være forældet: user_list" in answer.err
    assert json_result.document["stale"] == ["user_list"]


def test_a_list_from_another_table_prints_no_notice(cli: StoreCli) -> None:
    stop(cli, "charges")

    answer, json_result = cli("users", "list"), cli("users", "list", "--json")

    assert "forældet" not in answer.err
    assert "stale" not in json_result.document
