"""What is written with people in it can be read by its owner only, whatever was there before."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoints.cli.store_cli import MIXED, Office, csv_file

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """A process whose files anybody can read unless it says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def read_by_others(*roots: Path) -> list[Path]:
    found = [path for root in roots for path in (root, *root.rglob("*"))]
    assert found
    return [path for path in found if path.stat().st_mode & OTHERS]


@pytest.mark.parametrize("there_before", [True, False])
def test_a_receipt_is_its_owners_alone(office: Office, own_folder: Path, *, there_before: bool) -> None:
    receipt = own_folder / "receipt.csv"
    if there_before:
        receipt.touch(mode=0o666)

    office("import", csv_file(own_folder / "users.csv", *MIXED), "--receipt", str(receipt))

    assert receipt.stat().st_size > 0
    assert read_by_others(receipt) == []


@pytest.mark.parametrize("there_before", [True, False])
def test_exports_and_backups_are_their_owners_alone(
    office: Office, own_folder: Path, *, there_before: bool
) -> None:
    folders = [own_folder / name for name in ("whole", "person", "backup")]
    if there_before:
        for folder in folders:
            folder.mkdir(mode=0o777)

    office.ask("audit", "export", "whole")
    office.ask("audit", "export", "person", "--user", office.ids["anne"], "--with-personal-data")
    office.ask("backup", "backup")

    assert read_by_others(*folders) == []
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_what_a_restore_makes_is_its_owners_alone(office: Office, own_folder: Path) -> None:
    office.ask("backup", "kept")
    new = own_folder / "new.db"
    (own_folder / "new.master.key").write_bytes((own_folder / "office.master.key").read_bytes())
    (own_folder / "new.master.key").chmod(0o600)
    Office(f"sqlite:///{new}", {}).ask("restore", "kept")

    assert read_by_others(*own_folder.glob("new*")) == []


def test_a_receipt_to_what_is_no_file_leaves_it_as_it_is(office: Office, own_folder: Path) -> None:
    before = Path("/dev/null").stat().st_mode

    office("import", csv_file(own_folder / "users.csv", *MIXED), "--receipt", "/dev/null")

    assert Path("/dev/null").stat().st_mode == before
