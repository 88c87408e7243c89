"""Transactions of the log: all appends and reads of one thread in a block; inner ones are savepoints."""

from __future__ import annotations

from contextlib import contextmanager
from threading import get_ident, local
from typing import TYPE_CHECKING, NoReturn

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from brugerbog.infrastructure.database.backend import Backend


class _RolledBack(Exception):
    """Raised by `Transaction.rollback` to leave the block; its only argument is the transaction."""


class Transaction:
    """The object that `LogTransactions.transaction` yields."""

    def rollback(self) -> NoReturn:
        """Roll back and leave the block of this transaction, even from the block of an inner one."""
        raise _RolledBack(self)


class _OpenTransaction:
    """The outermost transaction of a thread, while it is open."""

    def __init__(self, connection: Connection) -> None:
        self.is_over = False
        self._connection = connection
        self._thread = get_ident()
        self._failure: SQLAlchemyError | None = None
        self._open_inner = 0

    @contextmanager
    def inner(self) -> Iterator[None]:
        """Count an inner transaction as open during the block; the caller makes its savepoint."""
        self._open_inner += 1
        try:
            yield
        finally:
            self._open_inner -= 1

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield the connection; any database error except IntegrityError ends the transaction."""
        self._raise_failure()
        try:
            yield self._connection
        except IntegrityError:
            raise
        except SQLAlchemyError as failure:
            # SQLite may have rolled back the whole transaction: later statements would be committed alone.
            self._failure = failure
            raise

    def check_end(self) -> None:
        """Check that the transaction can be committed.

        Raises: the database error that ended it; RuntimeError when its block ends in another thread, whose
        commands were not part of it, or while an inner transaction is still open.
        """
        self._raise_failure()
        if self._thread != get_ident():
            raise RuntimeError("a transaction must end in the thread that began it; nothing was stored")
        if self._open_inner:
            raise RuntimeError("a transaction inside this one is still open; nothing was stored")

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


class LogTransactions:
    """Connections to the log that take part in the open transaction of their thread."""

    def __init__(self, backend: Backend, lock_head: Callable[[Connection], object]) -> None:
        """Take the store, and the function that locks the log's head when a transaction begins."""
        self._backend = backend
        self._lock_head = lock_head
        self._open = local()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run all appends and reads of this thread in the block in one transaction.

        Other threads and processes can neither append meanwhile nor rotate the index key. A transaction
        inside another one of its thread is a savepoint. A database error other than IntegrityError ends the
        outermost transaction: nothing more can be read or written in it, and its end raises the error again,
        even if the caller has caught it.
        """
        transaction, outermost = Transaction(), self._outermost
        try:
            if outermost is None:
                with self._begin():
                    yield transaction
            else:
                with self.write_transaction(), outermost.inner():
                    yield transaction
        except _RolledBack as rolled_back:
            if rolled_back.args[0] is not transaction:
                raise

    @contextmanager
    def _begin(self) -> Iterator[None]:
        with self._backend.write_transaction(self._backend.log) as connection:
            self._lock_head(connection)
            outermost = self._open.transaction = _OpenTransaction(connection)
            try:
                yield
                outermost.check_end()
            finally:
                # A flag, as the block may end in another thread, which can't clear `self._open` of the first.
                outermost.is_over = True

    @property
    def _outermost(self) -> _OpenTransaction | None:
        """The outermost transaction that is open in this thread."""
        outermost: _OpenTransaction | None = getattr(self._open, "transaction", None)
        return None if outermost is None or outermost.is_over else outermost

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open."""
        return self._outermost is not None

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """Yield the connection of a new transaction, or of a savepoint of this thread's open one."""
        outermost = self._outermost
        if outermost is None:
            with self._backend.write_transaction(self._backend.log) as connection:
                yield connection
            return
        with outermost.connection() as connection, connection.begin_nested():
            yield connection

    def read_connection(self) -> AbstractContextManager[Connection]:
        """Yield a connection that sees committed rows, and those of this thread's open transaction."""
        outermost = self._outermost
        if outermost is None:
            return self._backend.read_connection(self._backend.log)
        return outermost.connection()

    def key_connection(self) -> AbstractContextManager[Connection]:
        """Yield a connection to the users' keys, that of `read_connection` in a single database."""
        if self._backend.has_single_database:
            return self.read_connection()
        return self._backend.read_connection(self._backend.keys)
