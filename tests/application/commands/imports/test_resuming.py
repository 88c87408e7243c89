"""An interrupted import resumes where it stopped, and creates no user twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from brugerbog.application.commands.imports import importer
from brugerbog.application.ports.event_log import AppendRequest
from brugerbog.application.refusals.requests import CommandIdReused
from tests.application.commands.imports.csv_rows import (
    by_birth_date,
    cpr,
    create,
    delete,
    file_of,
    row,
    update,
)
from tests.application.commands.imports.file_importer import FileImporter, outcomes, without_ids
from tests.infrastructure.reference_tree import assert_log_is_sound

ROWS = (
    create(0),
    create(1),
    create(1),
    create(0, first_name="Birthe"),
    "",
    update(cpr=cpr(0), phone="12345678"),
    create(2, email="anne"),
    create(2, reference_text='"linje 1\r\nD;;;;0709610000;;;;;;;;;;\r\nslut"'),
    by_birth_date(3),
    "",
    "",
    delete(cpr=cpr(1)),
    create(1),
    update(cpr=cpr(9)),
    row("X"),
    by_birth_date(3),
    create(4, date_of_birth="21032013"),
    create(5),
    create(6, surname='"Hansen'),
    create(7),
    "",
)


class Cut(Exception):
    """The process ends here."""


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "CHUNK", 3)


CutOff = Callable[..., None]


@pytest.fixture
def cut_off(file_importer: FileImporter, monkeypatch: pytest.MonkeyPatch) -> CutOff:
    """Import rows and be cut off once so many chunks are in the log."""
    record = file_importer.service.log.record

    def cut(chunks: int, *rows: str, **options: Any) -> None:  # noqa: ANN401 - those of import_users
        left = iter(range(chunks))

        def record_or_die(facts: Any, append_request: AppendRequest) -> int:  # noqa: ANN401 - events
            if next(left, None) is None:
                raise Cut
            return record(facts, append_request)

        with monkeypatch.context() as planted:
            planted.setattr(file_importer.service.log, "record", record_or_die)
            with pytest.raises(Cut):
                file_importer.import_rows(*rows, **options)

    return cut


@pytest.mark.parametrize("chunks", range(6))
def test_a_resumed_import_gives_the_receipt_of_one_that_was_not_cut_off(
    file_importer: FileImporter, other_file_importer: FileImporter, cut_off: CutOff, chunks: int
) -> None:
    uninterrupted = without_ids(other_file_importer.import_rows(*ROWS))
    cut_off(chunks, *ROWS)

    assert without_ids(file_importer.import_rows(*ROWS)) == uninterrupted
    assert sorted(file_importer.names()) == sorted(other_file_importer.names())


def test_rows_done_are_not_done_again(file_importer: FileImporter, cut_off: CutOff) -> None:
    cut_off(2, *ROWS)
    done = file_importer.size()
    first = {one.id for one in file_importer.service.queries.users(file_importer.actor).users}

    receipt = file_importer.import_rows(*ROWS)
    assert {receipt.outcomes[0].id, receipt.outcomes[1].id} == first
    assert (
        file_importer.size() - done
        == sum(receipt.outcomes[place].outcome != "refused" for place in (8, 10, 12)) + 3
    )


def test_an_import_cut_off_again_and_again_ends(file_importer: FileImporter, cut_off: CutOff) -> None:
    for _ in range(5):
        cut_off(1, *ROWS)
    assert file_importer.import_rows(*ROWS).rows == 16
    assert file_importer.import_rows(*ROWS[:2], create(5)).unchanged == 2


def test_it_resumes_where_chunks_have_become_larger_or_smaller(
    file_importer: FileImporter,
    other_file_importer: FileImporter,
    cut_off: CutOff,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uninterrupted = without_ids(other_file_importer.import_rows(*ROWS))
    cut_off(2, *ROWS)
    monkeypatch.setattr(importer, "CHUNK", 4)
    assert without_ids(file_importer.import_rows(*ROWS)) == uninterrupted


def test_it_resumes_under_its_command_id(file_importer: FileImporter, cut_off: CutOff) -> None:
    command_id = uuid4()
    cut_off(2, *ROWS, command_id=command_id)
    receipt = file_importer.import_rows(*ROWS, command_id=command_id)
    assert receipt.created == 5
    assert without_ids(file_importer.import_rows(*ROWS, command_id=command_id)) == without_ids(receipt)


def test_other_bytes_are_another_import(file_importer: FileImporter, cut_off: CutOff) -> None:
    cut_off(1, create(0), create(1), create(2), create(3))
    assert file_importer.import_rows(create(0), create(1), create(2), create(4)).unchanged == 3


def test_another_organisation_resumes_nothing(
    file_importer: FileImporter, other_file_importer: FileImporter, cut_off: CutOff
) -> None:
    rows = [create(serial) for serial in range(4)]
    cut_off(1, *rows)
    assert other_file_importer.import_rows(*rows).created == 4
    assert len(file_importer.names()) == 3


def test_a_dry_run_of_an_import_cut_off_judges_anew_and_leaves_it_to_be_resumed(
    file_importer: FileImporter, cut_off: CutOff
) -> None:
    rows = [create(serial) for serial in range(6)]
    cut_off(1, *rows)
    assert outcomes(file_importer.import_rows(*rows, dry_run=True)) == ["unchanged"] * 3 + ["created"] * 3
    assert file_importer.import_rows(*rows).created == 6


def test_all_or_nothing_cut_off_leaves_nothing(file_importer: FileImporter, cut_off: CutOff) -> None:
    before = file_importer.stored()
    cut_off(2, *ROWS, all_or_nothing=True)
    assert file_importer.stored() == before


def test_all_or_nothing_under_the_id_of_an_import_cut_off_is_refused(
    file_importer: FileImporter, cut_off: CutOff
) -> None:
    command_id, rows = uuid4(), [create(serial) for serial in range(6)]
    cut_off(1, *rows, command_id=command_id)
    with pytest.raises(CommandIdReused):
        file_importer.import_rows(*rows, command_id=command_id, all_or_nothing=True)


def test_a_chunk_is_decided_again_after_a_conflict(
    file_importer: FileImporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, rivals = file_importer.service.log.record, iter([create(1), create(2, first_name="Birthe")])

    def record_after_a_rival(facts: Any, append_request: AppendRequest) -> int:  # noqa: ANN401 - events
        rival = next(rivals, None)
        if rival is not None:
            monkeypatch.setattr(file_importer.service.log, "record", record)
            file_importer.service.administration.import_users(
                file_importer.actor, _file(file_importer, rival)
            )
            monkeypatch.setattr(file_importer.service.log, "record", record_after_a_rival)
        return record(facts, append_request)

    monkeypatch.setattr(file_importer.service.log, "record", record_after_a_rival)
    receipt = file_importer.import_rows(create(0), create(1), create(2), create(3))
    assert outcomes(receipt) == ["created", "unchanged", "refused", "created"]
    assert [error.code for error in receipt.outcomes[2].errors] == ["cpr_in_use_with_other_data"]


def _file(file_importer: FileImporter, line: str) -> Path:
    path = file_importer.path.with_name("rival.csv")
    path.write_bytes(file_of(line))
    return path


def test_the_log_is_sound_after_all_this(file_importer: FileImporter, cut_off: CutOff) -> None:
    cut_off(3, *ROWS)
    assert file_importer.import_rows(*ROWS).outcomes[-2].outcome == "created"
    assert assert_log_is_sound(file_importer.service) == file_importer.size()
