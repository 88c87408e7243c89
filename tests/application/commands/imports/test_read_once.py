"""A file is read once, so the import uses the bytes that were checked."""

import os
import time
from pathlib import Path
from threading import Thread

import pytest

from brugerbog.application.commands.imports.file_refusals import FileRefused
from brugerbog.application.commands.imports.importer import CHUNK
from brugerbog.application.commands.imports.sources import MOST_MEGABYTES
from brugerbog.domain.values.status import Status
from tests.application.commands.imports.csv_rows import cpr, create, delete, file_of
from tests.application.commands.imports.file_importer import FileImporter, outcomes

BYSTANDER = 9


def test_a_file_that_is_written_anew_during_its_import_changes_nothing_of_it(
    file_importer: FileImporter,
) -> None:
    bystander = file_importer.create_one(create(BYSTANDER))
    serials = range(10, 10 + 3 * CHUNK)

    def write_anew(_done: int, _of: int) -> None:
        file_importer.path.write_bytes(file_of(*[delete(cpr=cpr(BYSTANDER))] * (3 * CHUNK)))

    receipt = file_importer.import_rows(*(create(serial) for serial in serials), progress=write_anew)
    assert outcomes(receipt) == ["created"] * len(serials)
    assert file_importer.user(bystander).phase is not Status.DELETED


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_imported_as_a_file_is(file_importer: FileImporter) -> None:
    pipe = file_importer.path.with_name("pipe.csv")
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=[file_of(create(0), create(1))])
    writer.start()
    receipt = file_importer.service.administration.import_users(file_importer.actor, pipe)
    writer.join()
    assert outcomes(receipt) == ["created"] * 2


def test_a_file_without_end_is_refused(file_importer: FileImporter) -> None:
    begun = time.monotonic()
    with pytest.raises(FileRefused) as refused:
        file_importer.service.administration.import_users(file_importer.actor, Path("/dev/zero"))
    assert refused.value.code == "not_text"
    assert time.monotonic() - begun < MOST_MEGABYTES
