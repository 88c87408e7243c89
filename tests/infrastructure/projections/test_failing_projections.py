"""A failure of one process, its connection or its server stops no read table for the others."""

from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.errors import DeadlockDetected, InvalidSqlStatementName, ReadOnlySqlTransaction
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, ProgrammingError

from brugerbog.infrastructure.projections.read_rows import AppendOnlyRows, ReadRows
from tests.org_driver import OrgDriver, digests, open_org
from tests.projections.changed_projections import FailingActivityHistory, PlantedError, projections_with

LATIN_1 = UnicodeEncodeError("latin-1", "Ł", 0, 1, "ordinal not in range(256)")
OF_THE_PROCESS = [
    OperationalError("", {}, Exception("database or disk is full")),
    OperationalError("", {}, Exception("disk I/O error")),
    InterfaceError("", {}, Exception("connection already closed")),
    InternalError("", {}, ReadOnlySqlTransaction()),
    ProgrammingError("", {}, InvalidSqlStatementName("prepared statement does not exist")),
    DBAPIError("", {}, Exception("database disk image is malformed")),
    MemoryError(),
    OSError(28, "No space left on device"),
    LATIN_1,
]


def states(org: OrgDriver) -> dict[str, tuple[str, int]]:
    return {one.name: (one.state, one.lag) for one in org.service.runner.status()}


def failing_with(error: Exception, times: int) -> Callable[..., None]:
    """The writing of rows, which fails so often."""
    left, store = [times], ReadRows.store

    def fail(self: ReadRows, connection: Connection, changes: object) -> None:
        if isinstance(self, AppendOnlyRows) and left[0]:
            left[0] -= 1
            raise error
        store(self, connection, changes)  # type: ignore[arg-type]

    return fail


@pytest.mark.parametrize("error", OF_THE_PROCESS, ids=[repr(one) for one in OF_THE_PROCESS])
def test_a_failure_of_the_process_is_raised_and_not_stored(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with open_org(store_url, tmp_path) as org:
        monkeypatch.setattr(ReadRows, "store", failing_with(error, 1_000))
        with pytest.raises(type(error)):
            org.create("Ida")
        assert {state for state, _ in states(org).values()} == {"ok"}
        monkeypatch.undo()

        org.create("Eva")

        assert set(states(org).values()) == {("ok", 0)}
        assert org.names() == ["Eva", "Ida"]
        assert digests(org.service)


def test_a_repeated_failure_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with open_org(folder=tmp_path) as org:
        monkeypatch.setattr(ReadRows, "store", failing_with(OF_THE_PROCESS[0], 1_000))
        with pytest.raises(OperationalError):
            org.create("Ida")

    assert "projections_delayed" in caplog.text
    assert "OperationalError" in caplog.text


def test_a_deadlock_is_retried_at_once(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlock = OperationalError("", {}, DeadlockDetected())
    with open_org(store_url, tmp_path) as org:
        monkeypatch.setattr(ReadRows, "store", failing_with(deadlock, 2))

        org.create("Ida")

        assert set(states(org).values()) == {("ok", 0)}


def test_a_row_that_the_table_rejects_stops_its_projection(store_url: str, tmp_path: Path) -> None:
    class WithoutText(FailingActivityHistory):
        """The history, which at one event makes a row that its table can't hold."""

        def new_rows(self, recorded):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            rows = super().new_rows(recorded)
            return [row | {"transaction": None} for row in rows] if recorded.position == 3 else rows

    with open_org(store_url, tmp_path, projections=projections_with(WithoutText(PlantedError()))) as org:
        org.create("Ida")

        assert states(org).pop("activity_history")[0] == "failed"
        assert org.names() == ["Ida"]


def test_an_error_that_does_not_recur_stops_no_projection(store_url: str, tmp_path: Path) -> None:
    """It fails in the batch, with its projection's events, and alone; tried alone again it passes."""
    with open_org(
        store_url, tmp_path, projections=projections_with(FailingActivityHistory(PlantedError(), 3, times=3))
    ) as org:
        org.create("Ida")

        assert set(states(org).values()) == {("ok", 0)}
