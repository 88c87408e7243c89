"""The same file again creates no user twice; the same command id returns the first receipt."""

from uuid import uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.commands.imports.receipt import ImportReceipt
from brugerbog.application.refusals.requests import CommandIdReused, NotAllowed, OrganisationUnknown
from tests.application.commands.imports.csv_rows import (
    by_birth_date,
    cpr,
    create,
    delete,
    file_of,
    row,
    update,
)
from tests.application.commands.imports.file_importer import FileImporter, outcomes
from tests.application.commands.imports.wrong_cells import ON_C, ON_U

ROWS = (create(0), by_birth_date(1), create(2, anonymous="J", means="PrivatID"), create(3, phone="12345678"))


def refused_in_every_way(file_importer: FileImporter) -> list[str]:
    """Rows of which each is refused for another reason."""
    user_id = str(file_importer.create_one(create(9)))
    file_importer.create_one(by_birth_date(10))
    return [
        *(create(11, **{field: text}) for field, text, _ in ON_C),
        *(update(**{"user_id": user_id, field: text}) for field, text, _ in ON_U),
        create(9, first_name="Birthe"),
        by_birth_date(10, phone="12345678"),
        update(cpr=cpr(12)),
        row("X"),
        "C",
        f"{create()};;;",
        'C;"',
    ]


def test_importing_a_file_twice_is_all_unchanged_and_names_the_same_users(
    file_importer: FileImporter,
) -> None:
    first, size = file_importer.import_rows(*ROWS), file_importer.size()
    again = file_importer.import_rows(*ROWS)
    assert (first.created, again.unchanged) == (4, 4)
    assert [one.id for one in again.outcomes] == [one.id for one in first.outcomes]
    assert file_importer.size() == size


def test_editing_by_a_file_twice_is_unchanged_the_second_time(file_importer: FileImporter) -> None:
    file_importer.create_one(create())
    line = update(cpr=cpr(0), phone="12345678", means="PrivatID", target_ial="4")
    assert outcomes(file_importer.import_rows(line)) == ["updated"]
    assert outcomes(file_importer.import_rows(line)) == ["unchanged"]


def test_once_finished_a_repeat_is_a_new_import_and_every_row_is_judged_anew(
    file_importer: FileImporter,
) -> None:
    file_importer.import_rows(*ROWS)
    file_importer.import_rows(delete(cpr=cpr(0)))
    assert outcomes(file_importer.import_rows(*ROWS)) == ["created", "unchanged", "unchanged", "unchanged"]


@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_a_command_id_twice_gives_the_same_receipt_and_does_nothing(
    file_importer: FileImporter, *, all_or_nothing: bool
) -> None:
    command_id = uuid4()
    rows = (*ROWS, update(cpr=cpr(0), phone="87654321"), delete(cpr=cpr(2)))
    first = file_importer.import_rows(*rows, command_id=command_id, all_or_nothing=all_or_nothing)
    size = file_importer.size()
    assert file_importer.import_rows(*rows, command_id=command_id, all_or_nothing=all_or_nothing) == first
    assert file_importer.size() == size


def test_a_command_id_twice_gives_every_reason_again_word_for_word(file_importer: FileImporter) -> None:
    command_id, rows = uuid4(), refused_in_every_way(file_importer)
    first = file_importer.import_rows(*rows, command_id=command_id)
    again = file_importer.import_rows(*rows, command_id=command_id)
    assert first.refused == first.rows
    assert differing(first, again) == []


def differing(first: ImportReceipt, again: ImportReceipt) -> list[object]:
    pairs = zip(first.outcomes, again.outcomes, strict=True)
    return [(one.errors, other.errors) for one, other in pairs if one != other]


def test_a_command_id_with_another_file_is_refused(file_importer: FileImporter) -> None:
    command_id = uuid4()
    file_importer.import_rows(create(0), command_id=command_id)
    with pytest.raises(CommandIdReused):
        file_importer.import_rows(create(1), command_id=command_id)
    with pytest.raises(CommandIdReused):
        file_importer.import_bytes(file_of(create(0), end="\n"), command_id=command_id)


def test_a_command_id_of_another_organisation_is_refused(
    file_importer: FileImporter, strict_file_importer: FileImporter
) -> None:
    command_id = uuid4()
    file_importer.import_rows(create(0), command_id=command_id)
    with pytest.raises(CommandIdReused):
        strict_file_importer.import_rows(create(0), command_id=command_id)


def test_another_command_id_is_another_import(file_importer: FileImporter) -> None:
    file_importer.import_rows(create(0), command_id=uuid4())
    assert file_importer.import_rows(create(0), command_id=uuid4()).unchanged == 1


def test_the_command_id_of_a_dry_run_is_free_afterwards(file_importer: FileImporter) -> None:
    command_id = uuid4()
    file_importer.import_rows(create(0), command_id=command_id, dry_run=True)
    assert file_importer.import_rows(create(1), command_id=command_id).created == 1


def test_only_user_administrators_import_users(file_importer: FileImporter) -> None:
    file_importer.path.write_bytes(file_of(create()))
    somebody = Actor(file_importer.create_one(create(1)), file_importer.actor.organisation_id)
    with pytest.raises(NotAllowed):
        file_importer.service.administration.import_users(somebody, file_importer.path)


def test_users_are_imported_into_an_organisation(file_importer: FileImporter) -> None:
    file_importer.path.write_bytes(file_of(create()))
    with pytest.raises(OrganisationUnknown):
        file_importer.service.administration.import_users(
            Actor(file_importer.actor.id, None), file_importer.path
        )
    with pytest.raises(OrganisationUnknown):
        file_importer.service.administration.import_users(
            Actor(file_importer.actor.id, uuid4()), file_importer.path
        )


def test_progress_is_reported_in_rows_and_lines(file_importer: FileImporter) -> None:
    told: list[tuple[int, int]] = []
    file_importer.import_rows("", *ROWS, progress=lambda done, of: told.append((done, of)))
    assert told == [(6, 6)]
