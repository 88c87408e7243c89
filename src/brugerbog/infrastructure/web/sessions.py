"""Sessions of logged-in users, stored with the read tables: if they are lost, users log in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Column, Index, LargeBinary, Table, Text, bindparam, delete, insert, or_, select, update

from brugerbog.application.queries.sessions import OpenSession
from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, instant, microseconds
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.database.statements import Statement, any_uuid
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.web.session_encryption import SessionCipher, SessionDecryptionFailed
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.crypto.vault import TokenKey
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys

web_sessions = Table(
    "web_sessions",
    read_tables,
    Column("digest", LargeBinary, primary_key=True),
    Column("user_id", Uid, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("roles", Text, nullable=False),
    Column("begun_at", INSTANT, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Index("web_sessions_of_user", "user_id"),
)
"""`roles` are those at login; `box` is the session's data, encrypted under a key from its token."""

SEEN_INTERVAL: Final = timedelta(minutes=1)
"""The least time between two updates of a session's `seen_at`, so that not every request writes."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """A session ends after `idle` without a request, and after `absolute` in any case."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """A user's session in a browser. `data` is stored from one request to the next."""

    token: Secret[str]
    user_id: UUID
    organisation_id: UUID
    roles: frozenset[Role]
    begun_at: datetime
    data: dict[str, Any]
    digest: bytes
    cipher: SessionCipher
    key_id: bytes

    @property
    def associated_data(self) -> bytes:
        """The associated data of the session's ciphertext."""
        return _associated_data(self.digest, self.user_id, self.organisation_id, self.roles, self.begun_at)


class StoredSessions:
    """Sessions in a table that any number of processes share. Only a keyed digest of each token is stored.

    User, organisation, roles and start are associated data of the session's ciphertext, so a row that was
    inserted or changed without the token key is rejected.
    """

    def __init__(
        self,
        backend: Backend,
        keys: InstallationKeys,
        clock: Clock,
        limits: SessionLimits = SessionLimits(),
        *,
        dependent_tables: Sequence[Table] = (),
    ) -> None:
        """Rows of `dependent_tables` are deleted with the session of their column `session`."""
        self._backend = backend
        self._keys = keys
        self._log = logger("brugerbog.web")
        self._clock = clock
        self._limits = limits
        self._dependent_tables = dependent_tables
        self._tokens = RandomTokens()
        rows = web_sessions.c
        self._select = Statement(
            select(
                rows.user_id, rows.organisation_id, rows.roles, rows.begun_at, rows.seen_at, rows.box
            ).where(
                rows.digest == bindparam("of"),
                rows.seen_at > bindparam("seen_after", type_=INSTANT),
                rows.begun_at > bindparam("begun_after", type_=INSTANT),
                # A time in the future is from a wrong clock, or was set by hand: its age is unknown.
                rows.seen_at <= bindparam("seen_until", type_=INSTANT),
                rows.begun_at <= bindparam("begun_until", type_=INSTANT),
            ),
            backend.read,
        )

    def begin(self, user_id: UUID, organisation_id: UUID, roles: AbstractSet[Role]) -> Secret[str]:
        """Log a user in: return the token for the browser's cookie. Delete all expired sessions."""
        token, now, key = self._tokens.new_token(), self._clock.now(), self._keys.token_key
        digest = _digest(key, token)
        # In UTC, as it is loaded again.
        begun_at = instant(microseconds(now))
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            connection.execute(delete(web_sessions).where(self._is_expired(now)))
            for table in self._dependent_tables:
                open_digests = select(web_sessions.c.digest)
                connection.execute(delete(table).where(table.c.session.not_in(open_digests)))
            connection.execute(
                insert(web_sessions).values(
                    digest=digest,
                    user_id=user_id,
                    organisation_id=organisation_id,
                    roles=" ".join(sorted(roles)),
                    begun_at=microseconds(now),
                    seen_at=microseconds(now),
                    box=SessionCipher(token, key).encrypt(
                        to_json({}), _associated_data(digest, user_id, organisation_id, roles, begun_at)
                    ),
                )
            )
        return token

    def find(self, token: Secret[str]) -> Session | None:
        """Return the session of a token; None if it has expired or never existed."""
        found = self._find(token)
        # Another process may have begun the session after a rotation of the token key.
        return self._find(token) if found is None and self._keys.poll_token_key() else found

    def _find(self, token: Secret[str]) -> Session | None:
        now, key = self._clock.now(), self._keys.token_key
        digest = _digest(key, token)
        with self._backend.read_connection(self._backend.read) as connection:
            row = self._select.run(
                connection,
                of=digest,
                seen_after=microseconds(now - self._limits.idle),
                begun_after=microseconds(now - self._limits.absolute),
                seen_until=microseconds(now + MAX_CLOCK_SKEW),
                begun_until=microseconds(now + MAX_CLOCK_SKEW),
            ).fetchone()
        if row is None:
            return None
        user_id, organisation_id, cipher = any_uuid(row[0]), any_uuid(row[1]), SessionCipher(token, key)
        try:
            roles, begun_at, seen_at = frozenset(map(Role, row[2].split())), instant(row[3]), instant(row[4])
            associated_data = _associated_data(digest, user_id, organisation_id, roles, begun_at)
            data = from_json(cipher.decrypt(bytes(row[5]), associated_data))
        except (SessionDecryptionFailed, ValueError):
            self._log.error("session_forged", user=str(user_id), organisation=str(organisation_id))
            return None
        if now - seen_at >= SEEN_INTERVAL:
            self._change(digest, seen_at=microseconds(now))
        return Session(token, user_id, organisation_id, roles, begun_at, data, digest, cipher, key.id)

    def is_in_force(self, session: Session) -> bool:
        """Return whether the session's token key is the one in use, as far as this process has loaded it."""
        return session.key_id == self._keys.token_key.id

    def keep(self, session: Session, **data: Any) -> None:  # noqa: ANN401 - any JSON value
        """Update the session's data, for this request and later ones; None deletes a name."""
        session.data.update(data)
        for name in [name for name, value in session.data.items() if value is None]:
            del session.data[name]
        ciphertext = session.cipher.encrypt(to_json(session.data), session.associated_data)
        self._change(session.digest, box=ciphertext)

    def end(self, token: Secret[str]) -> None:
        """Log out: delete the session. Without the browser's cookie, no copy of its data can be decrypted."""
        digest = _digest(self._keys.token_key, token)
        with self._backend.write_transaction(self._backend.read) as connection:
            connection.execute(delete(web_sessions).where(web_sessions.c.digest == digest))
            for table in self._dependent_tables:
                connection.execute(delete(table).where(table.c.session == digest))

    def _change(self, digest: bytes, **values: Any) -> None:  # noqa: ANN401 - a column's value
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            connection.execute(update(web_sessions).where(web_sessions.c.digest == digest).values(**values))

    def _is_expired(self, now: datetime) -> Any:  # noqa: ANN401 - a condition
        rows = web_sessions.c
        return or_(
            rows.seen_at <= microseconds(now - self._limits.idle),
            rows.begun_at <= microseconds(now - self._limits.absolute),
        )


class SessionList:
    """The open sessions (port: `SessionStore`), read without their data: none is decrypted or changed."""

    def __init__(self, backend: Backend, clock: Clock, limits: Callable[[], SessionLimits]) -> None:
        """Take the store; `limits` is called for every list, so limits are read only when they are needed."""
        self._backend = backend
        self._clock = clock
        self._limits = limits

    def of_organisation(self, organisation_id: UUID) -> list[OpenSession]:
        now, limits, rows = self._clock.now(), self._limits(), web_sessions.c
        # A row with a time further in the future was inserted by hand, and isn't listed.
        latest = microseconds(now + MAX_CLOCK_SKEW)
        query = (
            select(rows.user_id, rows.begun_at, rows.seen_at)
            .where(
                rows.organisation_id == organisation_id,
                rows.seen_at > microseconds(now - limits.idle),
                rows.begun_at > microseconds(now - limits.absolute),
                rows.seen_at <= latest,
                rows.begun_at <= latest,
            )
            .order_by(rows.begun_at.desc(), rows.digest)
        )
        with self._backend.read.connect() as connection:
            return [
                OpenSession(row.user_id, instant(row.begun_at), instant(row.seen_at))
                for row in connection.execute(query)
            ]


def _digest(key: TokenKey, token: Secret[str]) -> bytes:
    return key.mac("session", token.reveal().encode("utf-8", "surrogatepass"))


def _associated_data(
    digest: bytes, user_id: UUID, organisation_id: UUID, roles: AbstractSet[Role], begun_at: datetime
) -> bytes:
    """The columns that grant a session's rights, each of a fixed length but the last."""
    start = microseconds(begun_at).to_bytes(8, "big", signed=True)
    return b"".join((digest, user_id.bytes, organisation_id.bytes, start, " ".join(sorted(roles)).encode()))
