"""What SQLite and PostgreSQL have in common here: connections and transactions."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from threading import RLock
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine


class Backend(Protocol):
    """A database with room for the log, the keys and the read tables.

    `one_database` says that all three lie in one, so that one transaction spans them.
    """

    @property
    def log(self) -> Engine: ...

    @property
    def keys(self) -> Engine: ...

    @property
    def read(self) -> Engine: ...

    @property
    def one_database(self) -> bool: ...

    def writing(self, engine: Engine) -> AbstractContextManager[Connection]:
        """A transaction that nobody else's write can come between; committed on leaving, else rolled back."""
        ...

    def reading(self, engine: Engine) -> AbstractContextManager[Connection]:
        """A connection on which each `Statement` is a transaction of its own."""
        ...

    def at_one_go(self, connection: Connection) -> AbstractContextManager[object]:
        """What is executed in here goes to the server together; its errors come at the end."""
        ...

    def is_prepared(self) -> bool:
        """Whether the store has its tables."""
        ...

    def has_keys(self) -> bool:
        """Whether there is a place where the keys of a prepared store are."""
        ...

    def preparing(self, engine: Engine) -> AbstractContextManager[Connection]:
        """A transaction in which tables may be made, while no other process makes them."""
        ...

    def scrub(self) -> None:
        """Let go of old copies of what was deleted, as far as the engine can."""
        ...

    def close(self) -> None: ...


class OneWriter:
    """Lets the threads of this process write one after another, first come first served by the lock."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._for_writing: dict[Engine, Engine] = {}

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        for_writing = self._for_writing.get(engine)
        if for_writing is None:
            for_writing = self._for_writing[engine] = engine.execution_options(writing=True)
        with self._lock, for_writing.begin() as connection:
            yield connection

    def reading(self, engine: Engine) -> AbstractContextManager[Connection]:
        return engine.connect()

    def at_one_go(self, _connection: Connection) -> AbstractContextManager[object]:
        return nullcontext()
