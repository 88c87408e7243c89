"""Used login tokens, stored beside the read tables, so that no login at the broker is used twice."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, bindparam, delete, text

from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, microseconds
from brugerbog.infrastructure.keys.sealed_tokens import LOGIN_LIFETIME
from brugerbog.projections.columns import INSTANT
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.database.backend import Backend

web_used_tickets = Table(
    "web_used_tickets",
    read_tables,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", INSTANT, nullable=False),
    Index("web_used_tickets_expired", "expires_at"),
)
"""One row per used login token, until the token expires."""

_USE: Final = text(
    "INSERT INTO web_used_tickets (digest, expires_at) VALUES (:digest, :expires_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("digest", type_=LargeBinary), bindparam("expires_at", type_=BigInteger))


class UsedLogins:
    """Used login tokens of all processes; of several requests with one token at once, one may use it."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        """Take the store."""
        self._backend = backend
        self._clock = clock

    def use(self, state: str) -> bool:
        """Use a login token, identified by its OAuth state; False if it has been used."""
        now = self._clock.now()
        row = {
            "digest": sha256(state.encode("utf-8", "surrogatepass")).digest(),
            "expires_at": microseconds(now + LOGIN_LIFETIME + MAX_CLOCK_SKEW),
        }
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            expired = web_used_tickets.c.expires_at <= microseconds(now)
            connection.execute(delete(web_used_tickets).where(expired))
            return connection.execute(_USE, row).rowcount == 1
