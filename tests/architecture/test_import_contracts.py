import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "src" / "brugerbog"

PLANTED = [
    ("domain", "brugerbog.infrastructure"),
    ("domain", "sqlalchemy"),
    ("projections", "brugerbog.application"),
    ("application", "brugerbog.infrastructure"),
    ("entrypoints", "sqlalchemy"),
    ("bootstrap", "brugerbog.entrypoints.server.app"),
    ("entrypoints", "brugerbog.demo"),
    ("entrypoints/web", "brugerbog.entrypoints.api.app"),
    ("entrypoints/web", "brugerbog.entrypoints.cli.output"),
    ("entrypoints/api", "brugerbog.entrypoints.scim.errors"),
    ("entrypoints/api", "brugerbog.entrypoints.web.context"),
    ("entrypoints/scim", "brugerbog.entrypoints.api.problems"),
    ("entrypoints/http", "brugerbog.entrypoints.web.context"),
    ("entrypoints/http", "brugerbog.entrypoints.api.problems"),
    ("entrypoints/web", "brugerbog.entrypoints.server.app"),
    ("entrypoints/server", "brugerbog.entrypoints.cli.output"),
    ("entrypoints/cli", "brugerbog.entrypoints.web.rendering"),
    ("entrypoints/cli", "brugerbog.entrypoints.api.app"),
    ("entrypoints/cli", "brugerbog.entrypoints.scim.errors"),
]
"""Folders or modules, each with an import that a contract forbids it."""


def lint_imports(source: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts on the package in the folder `source`."""
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
    return copy_package_to(tmp_path)


@pytest.fixture(scope="module")
def report_on_planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report on a package with all planted imports."""
    package = copy_package_to(tmp_path_factory.mktemp("planted"))
    for folder, forbidden in PLANTED:
        planted = package / f"{folder}.py"
        planted = planted if planted.exists() else package / folder / "planted.py"
        with planted.open("a") as module:
            module.write(f"\nimport {forbidden}\n")
    report = lint_imports(package.parent)
    assert report.returncode == 1
    return report.stdout


def copy_package_to(folder: Path) -> Path:
    package = folder / "brugerbog"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package


def importer_in(folder: str) -> str:
    """The dotted name of the module that gets a planted import: the module itself, or one in the folder."""
    name = f"brugerbog.{folder.replace('/', '.')}"
    return name if (PACKAGE / f"{folder}.py").exists() else f"{name}.planted"


def test_imports_point_inward() -> None:
    report = lint_imports(PACKAGE.parent)

    assert report.returncode == 0, report.stdout
    assert "7 kept, 0 broken" in report.stdout


@pytest.mark.parametrize(("folder", "forbidden"), PLANTED)
def test_a_planted_import_is_found(report_on_planted: str, folder: str, forbidden: str) -> None:
    assert f"{importer_in(folder)} -> {forbidden}" in report_on_planted


def test_an_import_of_the_package_in_the_verifier_is_found(copied_package: Path) -> None:
    verifier = copied_package / "entrypoints" / "verify.py"
    verifier.write_text(f"{verifier.read_text()}\nimport brugerbog.infrastructure.crypto.tree_hash\n")

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert "brugerbog.entrypoints.verify -> brugerbog.infrastructure.crypto.tree_hash" in report.stdout


def test_a_module_outside_the_layers_is_found(copied_package: Path) -> None:
    (copied_package / "helpers.py").touch()

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert "helpers" in report.stdout


def test_an_entry_point_outside_the_contract_is_found(copied_package: Path) -> None:
    (copied_package / "entrypoints" / "grpc.py").touch()

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert "grpc" in report.stdout


def test_two_folders_that_import_one_another_are_found(copied_package: Path) -> None:
    (copied_package / "domain" / "values" / "planted.py").write_text("import brugerbog.domain.user.user\n")

    report = lint_imports(copied_package.parent)

    assert report.returncode == 1
    assert "No cycles are allowed in brugerbog.domain" in report.stdout
