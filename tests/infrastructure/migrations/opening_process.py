"""What a process of its own does that opens a store; apart from the tests, so that it starts quickly."""

from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import select

from brugerbog.infrastructure.database.schema import head, installation_keys
from tests.stores import open_store, rows


def open_and_tell(url: str, folder: Path, start: Barrier, told: "SimpleQueue[Any]") -> None:
    """Open together with others, and tell the log's id and the wrapped index key."""
    start.wait(60)
    try:
        with open_store(url, folder) as service:
            with service.log.backend.log.connect() as connection:
                log_id = connection.execute(select(head.c.log_id)).scalar_one()
            told.put(("opened", log_id, [row.wrapped for row in rows(service, installation_keys)]))
    except BaseException as error:
        told.put(("failed", type(error).__name__, str(error)[:300]))
        raise
