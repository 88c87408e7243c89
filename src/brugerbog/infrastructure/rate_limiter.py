"""Rate limits: sliding window counters, stored beside the read tables and shared by all processes."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, bindparam, delete, select, text

from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.rate_limits import TooManyTries
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.projections.columns import INSTANT
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.rate_limits import Limit
    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend

rate_counters = Table(
    "rate_counters",
    read_tables,
    Column("digest", LargeBinary, primary_key=True),
    Column("counted", Integer, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Index("rate_counters_expired", "expires_at"),
)
"""A row for each counted key and fixed window; its keyed digest reveals neither address nor person."""

_ADD: Final = text(
    "INSERT INTO rate_counters (digest, counted, expires_at) VALUES (:digest, 1, :expires_at) "
    "ON CONFLICT (digest) DO UPDATE SET counted = rate_counters.counted + 1 RETURNING counted"
).bindparams(bindparam("digest", type_=LargeBinary), bindparam("expires_at", type_=BigInteger))
"""Locks the row until the transaction ends, so processes that count the same key wait for one another."""

_UNDO: Final = text("UPDATE rate_counters SET counted = counted - 1 WHERE digest = :digest").bindparams(
    bindparam("digest", type_=LargeBinary)
)
_CLEANUP_INTERVAL: Final = timedelta(minutes=1)
_CLEANUP_BATCH: Final = 1000


class StoredRateCounters:
    """Sliding window counters (port: `RateLimiter`).

    The count of the last `seconds` is the count of the current fixed window, plus the share of the previous
    window that still lies within them. A refused attempt only reads; nothing is written.
    """

    def __init__(self, backend: Backend, vault: Vault, clock: Clock) -> None:
        self._backend = backend
        self._vault = vault
        self._clock = clock
        self._cleaned_up_at: datetime | None = None

    def count(self, limit: Limit, *of: object) -> None:
        """Count an attempt; a refused attempt isn't counted. Raises: TooManyTries."""
        now = self._clock.now()
        window = _Window(limit, now)
        before, current = self._digests(limit, of, window)
        with self._backend.read_connection(self._backend.read) as connection:
            earlier, counted = _counted(connection, before, current)
        window.must_have_room(earlier, counted)
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            row = {"digest": current, "expires_at": window.expires_at}
            added = connection.execute(_ADD, row).scalar_one()
            if not window.has_room(earlier, added - 1):
                # Other processes have counted between the read and the lock.
                connection.execute(_UNDO, {"digest": current})
        window.must_have_room(earlier, added - 1)
        self._clean_up(now)

    def check(self, limit: Limit, *of: object) -> None:
        """Refuse what `count` would refuse, without counting. Raises: TooManyTries."""
        window = _Window(limit, self._clock.now())
        with self._backend.read_connection(self._backend.read) as connection:
            window.must_have_room(*_counted(connection, *self._digests(limit, of, window)))

    def _digests(self, limit: Limit, of: tuple[object, ...], window: _Window) -> tuple[bytes, bytes]:
        """Return the digests of a key in the previous and the current window."""
        names = [str(one).encode("utf-8", "backslashreplace").decode() for one in of]
        before, current = (
            self._vault.digest(
                "rate", INSTALLATION_SCOPE, limit.what, str(limit.seconds), str(number), *names
            )
            for number in (window.number - 1, window.number)
        )
        return before, current

    def _clean_up(self, now: datetime) -> None:
        """Delete expired windows once a minute; rows locked by other processes are skipped."""
        if self._cleaned_up_at is not None and now - self._cleaned_up_at < _CLEANUP_INTERVAL:
            return
        self._cleaned_up_at = now
        expired = (
            select(rate_counters.c.digest)
            .where(rate_counters.c.expires_at <= microseconds(now))
            .limit(_CLEANUP_BATCH)
            .with_for_update(skip_locked=True)
        )
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            connection.execute(delete(rate_counters).where(rate_counters.c.digest.in_(expired)))


class _Window:
    """The fixed window of a limit that contains an instant."""

    def __init__(self, limit: Limit, now: datetime) -> None:
        seconds = now.timestamp()
        self._limit = limit
        self.number = int(seconds // limit.seconds)
        self._passed = seconds - self.number * limit.seconds
        self.expires_at = (self.number + 2) * limit.seconds * 1_000_000
        """Microseconds since 1970: the end of the next window, until which this window counts."""

    def has_room(self, earlier: int, counted: int) -> bool:
        """Return whether another attempt is allowed."""
        return earlier * self._share(self._passed) + counted + 1 <= self._limit.most

    def must_have_room(self, earlier: int, counted: int) -> None:
        """Raises: TooManyTries."""
        if not self.has_room(earlier, counted):
            raise TooManyTries(max(1, math.ceil(self._wait(earlier, counted))))

    def _share(self, passed: float) -> float:
        return 1 - passed / self._limit.seconds

    def _wait(self, earlier: int, counted: int) -> float:
        """Return the seconds until another attempt is allowed, if none is counted meanwhile."""
        length, most = self._limit.seconds, self._limit.most
        left = length - self._passed
        if counted + 1 <= most:
            # Still in this window: the share of the previous window shrinks until an attempt is allowed.
            return length * (1 - (most - counted - 1) / earlier) - self._passed
        # In the next window, where this one is the previous window.
        return left + length * (1 - (most - 1) / counted)


def _counted(connection: Connection, before: bytes, current: bytes) -> tuple[int, int]:
    rows = rate_counters.c
    found = connection.execute(
        select(rows.digest, rows.counted).where(rows.digest.in_((before, current)))
    ).all()
    known = {bytes(digest): counted for digest, counted in found}
    return known.get(before, 0), known.get(current, 0)
