"""A file is imported from memory as from a disk."""

from uuid import uuid4

import pytest

from brugerbog.application.commands.imports.importer import CHUNK
from brugerbog.application.commands.imports.sources import InMemory
from tests.application.commands.imports.csv_rows import create, file_of
from tests.application.commands.imports.file_importer import FileImporter, without_ids


class Enough(Exception):
    """Whoever follows the import wants no more of it."""


def test_a_file_in_memory_gives_the_receipt_of_the_same_file_on_a_disk(file_importer: FileImporter) -> None:
    content = file_of(
        create(1), create(2, email="Åse@firma.test"), create(3, email="ingen"), encoding="cp1252"
    )
    from_disk = file_importer.import_bytes(content, dry_run=True)
    from_memory = file_importer.service.administration.import_users(
        file_importer.actor, InMemory(content), dry_run=True
    )
    assert from_memory == from_disk
    assert (from_memory.created, from_memory.refused) == (2, 1)


def test_what_a_file_in_memory_holds_is_not_shown() -> None:
    assert "Ida" not in repr(InMemory(file_of(create(first_name="Ida"))))


@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_an_import_is_stopped_between_two_chunks_and_gone_on_with(
    file_importer: FileImporter, *, all_or_nothing: bool
) -> None:
    file, import_id = InMemory(file_of(*(create(serial) for serial in range(CHUNK + 50)))), uuid4()

    def stop(done: int, _of: int) -> None:
        raise Enough(done)

    with pytest.raises(Enough):
        file_importer.service.administration.import_users(
            file_importer.actor, file, command_id=import_id, all_or_nothing=all_or_nothing, progress=stop
        )
    assert len(file_importer.service.queries.users(file_importer.actor).users) == (
        0 if all_or_nothing else 100
    )
    receipt = file_importer.service.administration.import_users(
        file_importer.actor, file, command_id=import_id, all_or_nothing=all_or_nothing
    )
    again = file_importer.service.administration.import_users(
        file_importer.actor, file, command_id=import_id, all_or_nothing=all_or_nothing
    )
    assert receipt.created == CHUNK + 50
    assert without_ids(again) == without_ids(receipt)
