"""Files with personal data are readable by their owner only, also when they replace others."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoints.cli.store_cli import MIXED_ROWS, StoreCli, csv_file

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """A umask by which new files are readable by everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def read_by_others(*roots: Path) -> list[Path]:
    found = [path for root in roots for path in (root, *root.rglob("*"))]
    assert found
    return [path for path in found if path.stat().st_mode & OTHERS]


@pytest.mark.parametrize("there_before", [True, False])
def test_a_receipt_is_its_owners_alone(cli: StoreCli, own_folder: Path, *, there_before: bool) -> None:
    receipt = own_folder / "receipt.csv"
    if there_before:
        receipt.touch(mode=0o666)

    cli("import", csv_file(own_folder / "users.csv", *MIXED_ROWS), "--receipt", str(receipt))

    assert receipt.stat().st_size > 0
    assert read_by_others(receipt) == []


@pytest.mark.parametrize("there_before", [True, False])
def test_exports_and_backups_are_their_owners_alone(
    cli: StoreCli, own_folder: Path, *, there_before: bool
) -> None:
    folders = [own_folder / name for name in ("whole", "person", "backup")]
    if there_before:
        for folder in folders:
            folder.mkdir(mode=0o777)

    cli.run_json("audit", "export", "whole")
    cli.run_json("audit", "export", "person", "--user", cli.ids["anne"], "--with-personal-data")
    cli.run_json("backup", "backup")

    assert read_by_others(*folders) == []
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_restored_files_are_readable_by_their_owner_only(cli: StoreCli, own_folder: Path) -> None:
    cli.run_json("backup", "kept")
    new = own_folder / "new.db"
    (own_folder / "new.master.key").write_bytes((own_folder / "store.master.key").read_bytes())
    (own_folder / "new.master.key").chmod(0o600)
    StoreCli(f"sqlite:///{new}", {}).run_json("restore", "kept")

    assert read_by_others(*own_folder.glob("new*")) == []


def test_a_receipt_written_to_a_device_leaves_it_unchanged(cli: StoreCli, own_folder: Path) -> None:
    before = Path("/dev/null").stat().st_mode

    cli("import", csv_file(own_folder / "users.csv", *MIXED_ROWS), "--receipt", "/dev/null")

    assert Path("/dev/null").stat().st_mode == before
