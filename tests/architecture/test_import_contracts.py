import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "src" / "brugerbog"


def lint_imports(source: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts on the package that lies in `source`."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--config", PROJECT / "pyproject.toml"],
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(source), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied_package(tmp_path: Path) -> Path:
    package = tmp_path / "brugerbog"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def test_the_arrows_point_inward() -> None:
    report = lint_imports(PACKAGE.parent)

    assert report.returncode == 0, report.stdout
    assert "4 kept, 0 broken" in report.stdout


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("domain", "brugerbog.infrastructure"),
        ("domain", "sqlalchemy"),
        ("projections", "brugerbog.application"),
        ("application", "brugerbog.infrastructure"),
        ("entrypoints", "sqlalchemy"),
    ],
)
def test_a_planted_import_is_seen(copied_package: Path, room: str, forbidden: str) -> None:
    (copied_package / room / "planted.py").write_text(f"import {forbidden}\n")

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert f"brugerbog.{room}.planted -> {forbidden}" in report.stdout


def test_an_import_of_ours_in_the_verifier_is_seen(copied_package: Path) -> None:
    verifier = copied_package / "entrypoints" / "verify.py"
    verifier.write_text(
        f"{verifier.read_text()}\nimport brugerbog.infrastructure.transparency_log.tree_hash\n"
    )

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert (
        "brugerbog.entrypoints.verify -> brugerbog.infrastructure.transparency_log.tree_hash" in report.stdout
    )


def test_a_room_that_is_in_no_plan_is_seen(copied_package: Path) -> None:
    (copied_package / "helpers.py").touch()

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert "helpers" in report.stdout
