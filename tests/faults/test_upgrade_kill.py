"""An upgrade that is killed at any point is resumed, with the same store as result."""

from pathlib import Path
from typing import Any

import pytest

from brugerbog import maintenance
from brugerbog.application.refusals.requests import CprInUse
from brugerbog.application.refusals.store import StoreOutdated
from brugerbog.infrastructure.database.schema import SCHEMA_VERSION, installation_keys
from brugerbog.infrastructure.wiring import open_backend
from tests.faults.upgrade_process import CUTS, be_killed_while_upgrading
from tests.infrastructure.migrations.older.stores import IDA_CPR, log_of, make_older
from tests.processes import run
from tests.stores import create, open_store, rows, somebody


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each cut on each engine; in the short form a few of the last migrations."""
    full = metafunc.config.getoption("full")
    cases = [
        pytest.param(
            (engine, cut, after),
            id=f"{engine} {'after' if after else 'before'} {part} of step {number}",
            marks=[pytest.mark.postgres] if engine == "postgres" else [],
        )
        for cut, (number, part) in enumerate(CUTS)
        for after in (False, True)
        for engine in ("sqlite", "postgres")
        # Only with keys in a file of their own can the keys be changed before the log is.
        if full or (number in (3, 6) and after is (part == "on_keys" or engine == "postgres"))
    ]
    metafunc.parametrize("case", cases)


def test_an_upgrade_killed_in_any_migration_is_resumed(
    case: tuple[str, int, bool],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine, cut, after = case
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    sqlite = f"sqlite:///{tmp_path / 'store.db'}"
    url = request.getfixturevalue("postgres_url") if engine == "postgres" else sqlite
    make_older("first", url, tmp_path)
    backend, _ = open_backend(url)
    logged = log_of(backend)

    assert run(_run_program, url, tmp_path, cut, after) == -9

    with pytest.raises(StoreOutdated):
        open_store(url, tmp_path)
    assert [step.number for step in maintenance.upgrade(url).steps] == list(
        range(CUTS[cut][0], SCHEMA_VERSION + 1)
    )
    assert log_of(backend) == logged
    backend.close()
    with open_store(url, tmp_path) as service:
        assert len(rows(service, installation_keys)) == 4
        with pytest.raises(CprInUse):
            create(service, service.operator(), somebody(0, cpr=IDA_CPR))


def _run_program(*arguments: Any) -> None:  # noqa: ANN401 - those of the program
    *args, after = arguments
    be_killed_while_upgrading(*args, after=after)
