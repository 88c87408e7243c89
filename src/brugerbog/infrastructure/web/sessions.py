"""Who is logged in, in the read tables' store: what is lost with it is only that people log in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Column, Index, LargeBinary, Table, Text, bindparam, delete, insert, or_, select, update

from brugerbog.domain.act import Role
from brugerbog.domain.instants import instant, microseconds
from brugerbog.domain.privacy import Secret
from brugerbog.infrastructure.store.statements import Statement, any_uuid
from brugerbog.infrastructure.tokens import RandomTokens
from brugerbog.infrastructure.web.sealing import SessionSeal
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from brugerbog.application.ports import Clock
    from brugerbog.infrastructure.store.backend import Backend

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
"""`roles` are those held at login; `box` is what the session remembers, sealed by its token."""

SEEN_EVERY: Final = timedelta(minutes=1)
"""That somebody is still there is written down so often, and not with every page."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A session ends when nothing has happened for `idle`, and after `absolute` whatever happens."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """A browser that somebody is logged in with. `kept` is what the pages remember between two requests."""

    token: Secret[str]
    user_id: UUID
    organisation_id: UUID
    roles: frozenset[Role]
    begun_at: datetime
    kept: dict[str, Any]

    @property
    def seal(self) -> SessionSeal:
        """Seals what belongs to this session."""
        return SessionSeal(self.token)


class StoredSessions:
    """Sessions in a table that any number of processes share. Of a token only its digest is kept."""

    def __init__(
        self, backend: Backend, clock: Clock, limits: Limits = Limits(), belongings: Sequence[Table] = ()
    ) -> None:
        """Take where they are kept, how long, and the tables whose rows go with the one in `session`."""
        self._backend = backend
        self._clock = clock
        self._limits = limits
        self._belongings = belongings
        self._tokens = RandomTokens()
        rows = web_sessions.c
        self._find = Statement(
            select(
                rows.user_id, rows.organisation_id, rows.roles, rows.begun_at, rows.seen_at, rows.box
            ).where(
                rows.digest == bindparam("of"),
                rows.seen_at > bindparam("seen_after", type_=INSTANT),
                rows.begun_at > bindparam("begun_after", type_=INSTANT),
            ),
            backend.read,
        )

    def begin(self, user_id: UUID, organisation_id: UUID, roles: AbstractSet[Role]) -> Secret[str]:
        """Log somebody in; the token is for the browser's cookie. What is over by now is swept away."""
        token, now = self._tokens.new_token(), self._clock.now()
        with self._backend.writing(self._backend.read, replicated=False) as connection:
            connection.execute(delete(web_sessions).where(self._is_over(now)))
            for table in self._belongings:
                known = select(web_sessions.c.digest)
                connection.execute(delete(table).where(table.c.session.not_in(known)))
            connection.execute(
                insert(web_sessions).values(
                    digest=self._tokens.digest(token),
                    user_id=user_id,
                    organisation_id=organisation_id,
                    roles=" ".join(sorted(roles)),
                    begun_at=microseconds(now),
                    seen_at=microseconds(now),
                    box=SessionSeal(token).close(to_json({})),
                )
            )
        return token

    def find(self, token: Secret[str]) -> Session | None:
        """The session of a browser, unless it is over or never was."""
        now, digest = self._clock.now(), self._tokens.digest(token)
        with self._backend.reading(self._backend.read) as connection:
            row = self._find.run(
                connection,
                of=digest,
                seen_after=microseconds(now - self._limits.idle),
                begun_after=microseconds(now - self._limits.absolute),
            ).fetchone()
        if row is None:
            return None
        user_id, organisation_id, roles, begun_at, seen_at, box = row
        if now - instant(seen_at) >= SEEN_EVERY:
            self._change(digest, seen_at=microseconds(now))
        return Session(
            token,
            any_uuid(user_id),
            any_uuid(organisation_id),
            frozenset(map(Role, roles.split())),
            instant(begun_at),
            from_json(SessionSeal(token).open(bytes(box))),
        )

    def keep(self, session: Session, **kept: Any) -> None:  # noqa: ANN401 - any JSON value
        """Remember this, by name, for this request and those to come; None forgets."""
        session.kept.update(kept)
        for name in [name for name, value in session.kept.items() if value is None]:
            del session.kept[name]
        digest = self._tokens.digest(session.token)
        self._change(digest, box=session.seal.close(to_json(session.kept)))

    def end(self, token: Secret[str]) -> None:
        """Log out; what was kept for the session goes, and no copy of it can be opened by anybody."""
        digest = self._tokens.digest(token)
        with self._backend.writing(self._backend.read) as connection:
            connection.execute(delete(web_sessions).where(web_sessions.c.digest == digest))
            for table in self._belongings:
                connection.execute(delete(table).where(table.c.session == digest))

    def _change(self, digest: bytes, **values: Any) -> None:  # noqa: ANN401 - a column's value
        with self._backend.writing(self._backend.read, replicated=False) as connection:
            connection.execute(update(web_sessions).where(web_sessions.c.digest == digest).values(**values))

    def _is_over(self, now: datetime) -> Any:  # noqa: ANN401 - a condition
        rows = web_sessions.c
        return or_(
            rows.seen_at <= microseconds(now - self._limits.idle),
            rows.begun_at <= microseconds(now - self._limits.absolute),
        )
