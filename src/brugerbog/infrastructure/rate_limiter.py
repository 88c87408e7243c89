"""Counts how often things are tried, beside the read tables, for all processes of a store together."""

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
"""A row for each thing counted and each fixed window; its keyed digest names neither address nor person."""

_ADD: Final = text(
    "INSERT INTO rate_counters (digest, counted, expires_at) VALUES (:digest, 1, :expires_at) "
    "ON CONFLICT (digest) DO UPDATE SET counted = rate_counters.counted + 1 RETURNING counted"
).bindparams(bindparam("digest", type_=LargeBinary), bindparam("expires_at", type_=BigInteger))
"""It locks the row until the transaction ends, so processes that count the same thing take turns."""

_TAKE_BACK: Final = text("UPDATE rate_counters SET counted = counted - 1 WHERE digest = :digest").bindparams(
    bindparam("digest", type_=LargeBinary)
)
_SWEPT_EVERY: Final = timedelta(minutes=1)
_SWEPT_AT_ONCE: Final = 1000


class StoredRateCounters:
    """Sliding window counters (port: `RateLimiter`).

    The count of the last `seconds` is taken to be this fixed window's, and of the one before the share that
    still lies within them. Only what is counted is written: whoever is refused costs a look.
    """

    def __init__(self, backend: Backend, vault: Vault, clock: Clock) -> None:
        self._backend = backend
        self._vault = vault
        self._clock = clock
        self._swept_at: datetime | None = None

    def count(self, limit: Limit, *of: object) -> None:
        """Count one more of a thing; one that is refused isn't counted. Raises: TooManyTries."""
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
                # Others have counted between the look and the lock.
                connection.execute(_TAKE_BACK, {"digest": current})
        window.must_have_room(earlier, added - 1)
        self._sweep(now)

    def check(self, limit: Limit, *of: object) -> None:
        """Refuse what `count` would refuse, counting nothing. Raises: TooManyTries."""
        window = _Window(limit, self._clock.now())
        with self._backend.read_connection(self._backend.read) as connection:
            window.must_have_room(*_counted(connection, *self._digests(limit, of, window)))

    def _digests(self, limit: Limit, of: tuple[object, ...], window: _Window) -> tuple[bytes, bytes]:
        """The rows of a thing in the window before, and in this one."""
        names = [str(one).encode("utf-8", "backslashreplace").decode() for one in of]
        before, current = (
            self._vault.digest(
                "rate", INSTALLATION_SCOPE, limit.what, str(limit.seconds), str(number), *names
            )
            for number in (window.number - 1, window.number)
        )
        return before, current

    def _sweep(self, now: datetime) -> None:
        """Let go of windows that no longer count, now and then; rows that others hold are left to them."""
        if self._swept_at is not None and now - self._swept_at < _SWEPT_EVERY:
            return
        self._swept_at = now
        expired = (
            select(rate_counters.c.digest)
            .where(rate_counters.c.expires_at <= microseconds(now))
            .limit(_SWEPT_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            connection.execute(delete(rate_counters).where(rate_counters.c.digest.in_(expired)))


class _Window:
    """The fixed window of a limit that an instant lies in."""

    def __init__(self, limit: Limit, now: datetime) -> None:
        seconds = now.timestamp()
        self._limit = limit
        self.number = int(seconds // limit.seconds)
        self._passed = seconds - self.number * limit.seconds
        self.expires_at = (self.number + 2) * limit.seconds * 1_000_000
        """Microseconds since 1970: the end of the next window, until which this one counts."""

    def has_room(self, earlier: int, counted: int) -> bool:
        """Whether one more may be counted."""
        return earlier * self._share(self._passed) + counted + 1 <= self._limit.most

    def must_have_room(self, earlier: int, counted: int) -> None:
        """Raises: TooManyTries."""
        if not self.has_room(earlier, counted):
            raise TooManyTries(max(1, math.ceil(self._wait(earlier, counted))))

    def _share(self, passed: float) -> float:
        return 1 - passed / self._limit.seconds

    def _wait(self, earlier: int, counted: int) -> float:
        """Seconds until one more may be counted, if nothing is counted meanwhile."""
        length, most = self._limit.seconds, self._limit.most
        left = length - self._passed
        if counted + 1 <= most:
            # Still in this window: the share of the one before shrinks until there is room.
            return length * (1 - (most - counted - 1) / earlier) - self._passed
        # In the next one, in which this window is the one before.
        return left + length * (1 - (most - 1) / counted)


def _counted(connection: Connection, before: bytes, current: bytes) -> tuple[int, int]:
    rows = rate_counters.c
    found = connection.execute(
        select(rows.digest, rows.counted).where(rows.digest.in_((before, current)))
    ).all()
    known = {bytes(digest): counted for digest, counted in found}
    return known.get(before, 0), known.get(current, 0)
