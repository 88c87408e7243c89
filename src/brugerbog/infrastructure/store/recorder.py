"""Appends events with all that belongs to them in one transaction, and reads them back in order."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from threading import local
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Notification
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from brugerbog.application.ports import Alongside, ClaimTaken, CommandSeen, Conflict, Remembered
from brugerbog.domain.user import User
from brugerbog.infrastructure.proof import Frontier, LeafEncoder
from brugerbog.infrastructure.store.backend import Rows
from brugerbog.infrastructure.store.mapper import LoggedEvent
from brugerbog.infrastructure.store.schema import (
    claims,
    commands,
    erasures,
    events,
    head,
    import_rows,
    imports,
    sealed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from eventsourcing.persistence import StoredEvent, Subscription
    from sqlalchemy import Connection, Row, Select

    from brugerbog.application.ports import Claim, ImportStep
    from brugerbog.domain.identity import Identity
    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.infrastructure.store.keys import KeyRing
    from brugerbog.infrastructure.vault import Vault

ERASING: Final = User.PersonalDataErased.TOPIC
_AT_ONCE: Final = 500
"""How many ids go into one IN list."""

_WITH_BOX: Final = select(events, sealed.c.box).select_from(
    events.outerjoin(
        sealed, (sealed.c.stream_id == events.c.stream_id) & (sealed.c.version == events.c.version)
    )
)


class _Undone(Exception):
    """What is being done together is to be undone."""


class Together:
    """Several appends that are one."""

    def undo(self) -> NoReturn:
        """Leave, with nothing of it stored."""
        raise _Undone


class LogRecorder(ApplicationRecorder):
    """The recorder of the log: positions are gapless and in commit order, and every append is whole."""

    def __init__(self, backend: Backend, vault: Vault, keys: KeyRing) -> None:
        super().__init__()
        self._backend = backend
        self._vault = vault
        self._keys = keys
        self._native = backend.one_database
        self._leaves: LeafEncoder | None = None
        self._open = local()
        self._event_rows = Rows(events, backend.log)
        self._sealed_rows = Rows(sealed, backend.log)
        self._claim_rows = Rows(claims, backend.log, replace=True)
        self._import_rows = Rows(import_rows, backend.log)
        self._head = select(head.c.log_id, head.c.size, head.c.frontier).with_for_update()

    # Transactions

    @contextmanager
    def together(self) -> Iterator[Together]:
        """Let everything this thread appends until the end be one transaction, or nothing of it.

        Nobody else can append meanwhile.
        """
        with suppress(_Undone), self._backend.writing(self._backend.log) as connection:
            self._open.connection = connection
            try:
                yield Together()
            finally:
                self._open.connection = None

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction of its own, or the one that is open in this thread."""
        connection = getattr(self._open, "connection", None)
        return self._backend.writing(self._backend.log) if connection is None else nullcontext(connection)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees what is committed, and what this thread is about to."""
        connection = getattr(self._open, "connection", None)
        return self._backend.log.connect() if connection is None else nullcontext(connection)

    # Appending

    def insert_events(  # type: ignore[override]
        self,
        stored_events: Sequence[StoredEvent],
        *,
        new_keys: Mapping[UUID, bytes] | None = None,
        alongside: Alongside | None = None,
        tracking: None = None,  # noqa: ARG002 - the library always hands it over
    ) -> Sequence[int]:
        """Store events with keys, boxes, claims, command and import step; returns their positions.

        Raises: Conflict, ClaimTaken, CommandSeen. Then nothing of it is stored, but perhaps keys that
        nobody will ever use.
        """
        alongside = alongside or Alongside()
        if new_keys and not self._native:
            self._keys.keep(new_keys, None)
        try:
            with self.writing() as connection:
                if new_keys and self._native:
                    self._keys.keep(new_keys, connection)
                return self._append(connection, stored_events, alongside)  # type: ignore[arg-type]
        except IntegrityError:
            self._say_what_stood_in_the_way(alongside)
            raise Conflict from None
        except OperationalError as error:
            if alongside.command and (seen := self.remembered(alongside.command)):
                raise CommandSeen(seen) from error
            raise

    def _append(
        self, connection: Connection, new: Sequence[LoggedEvent], alongside: Alongside
    ) -> Sequence[int]:
        log_id, size, blob = connection.execute(self._head).one()
        if self._leaves is None:
            self._leaves = LeafEncoder(log_id)
        leaf_hash, frontier = self._leaves.leaf_hash, Frontier.from_bytes(size, blob)
        native = self._native
        event_rows: list[tuple[Any, ...]] = []
        sealed_rows: list[tuple[Any, ...]] = []
        for position, event in enumerate(new, size + 1):
            organisation, stream = event.organisation_id, event.originator_id
            actor, command = event.actor, event.command_id
            frontier.append(
                leaf_hash(
                    position=position,
                    organisation_id=organisation.bytes,
                    stream_id=stream.bytes,
                    version=event.originator_version,
                    topic=event.topic,
                    schema_version=event.schema_version,
                    recorded_at_us=event.recorded_at,
                    actor=actor.bytes,
                    command_id=command.bytes,
                    payload=event.state,
                    commitment=event.commitment,
                )
            )
            stream_id = stream if native else stream.bytes
            event_rows.append(
                (
                    position,
                    organisation if native else organisation.bytes,
                    stream_id,
                    event.originator_version,
                    event.topic,
                    event.schema_version,
                    event.recorded_at,
                    actor if native else actor.bytes,
                    command if native else command.bytes,
                    event.state,
                    event.commitment,
                )
            )
            if event.box is not None:
                sealed_rows.append((stream_id, event.originator_version, event.box))
        self._event_rows.insert(connection, event_rows)
        self._sealed_rows.insert(connection, sealed_rows)
        self._erase(connection, new, frontier.size)
        self._claim(connection, alongside.claims)
        if alongside.command is not None:
            self._remember(connection, replace(alongside.command, position=frontier.size))
        if alongside.step is not None:
            self._take_step(connection, alongside.step)
        connection.execute(update(head).values(size=frontier.size, frontier=frontier.to_bytes()))
        return range(size + 1, frontier.size + 1)

    def _erase(self, connection: Connection, new: Sequence[LoggedEvent], position: int) -> None:
        for event in new:
            if event.topic == ERASING:
                user_id = event.originator_id
                connection.execute(delete(sealed).where(sealed.c.stream_id == user_id))
                connection.execute(insert(erasures).values(user_id=user_id, position=position))

    def _claim(self, connection: Connection, made: Sequence[Claim]) -> None:
        released = [claim.holder for claim in made if claim.identity is None]
        if released:
            connection.execute(delete(claims).where(claims.c.holder.in_(released)))
        self._claim_rows.insert(
            connection,
            [
                (
                    claim.scope if self._native else claim.scope.bytes,
                    self._digest(claim.scope, claim.identity),
                    self._digest(claim.scope, claim.person) if claim.person else None,
                    claim.holder if self._native else claim.holder.bytes,
                )
                for claim in made
                if claim.identity is not None
            ],
        )

    def _digest(self, scope: UUID, identity: Identity) -> bytes:
        return self._vault.digest(identity.kind, scope, identity.text)

    def _remember(self, connection: Connection, command: Remembered) -> None:
        connection.execute(
            insert(commands),
            {name: getattr(command, name) for name in commands.columns.keys()},  # noqa: SIM118 - of a collection
        )

    def _take_step(self, connection: Connection, step: ImportStep) -> None:
        moved = connection.execute(
            update(imports)
            .where(imports.c.import_id == step.import_id, imports.c.next_row == step.from_row)
            .where(imports.c.finished.is_(False))
            .values(next_row=step.next_row, finished=step.finished)
        )
        if moved.rowcount != 1:
            raise Conflict
        import_id = step.import_id if self._native else step.import_id.bytes
        self._import_rows.insert(
            connection,
            [
                (
                    import_id,
                    row.row,
                    row.outcome,
                    row.user_id if self._native or row.user_id is None else row.user_id.bytes,
                    "\n".join(f"{column}\t{code}" for column, code in row.reasons),
                )
                for row in step.rows
            ],
        )

    def _say_what_stood_in_the_way(self, alongside: Alongside) -> None:
        """Raise the conflict that an integrity error stands for, where it is not about versions."""
        if alongside.command and (seen := self.remembered(alongside.command)):
            raise CommandSeen(seen) from None
        with self.reading() as connection:
            for claim in alongside.claims:
                if claim.identity is None:
                    continue
                holder = connection.execute(
                    select(claims.c.holder).where(
                        claims.c.scope == claim.scope,
                        claims.c.digest == self._digest(claim.scope, claim.identity),
                        claims.c.holder != claim.holder,
                    )
                ).scalar()
                if holder is not None:
                    raise ClaimTaken(holder, claim.identity.kind) from None

    def remembered(self, command: Remembered) -> Remembered | None:
        """What is kept of a command by that organisation and id."""
        with self.reading() as connection:
            row = connection.execute(
                select(commands).where(
                    commands.c.organisation_id == command.organisation_id,
                    commands.c.command_id == command.command_id,
                )
            ).one_or_none()
        return None if row is None else Remembered(*row)

    # Reading

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[LoggedEvent]:
        """The events of one stream, by version."""
        query = _WITH_BOX.where(events.c.stream_id == originator_id)
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        query = query.order_by(events.c.version.desc() if desc else events.c.version)
        return list(self._read(query if limit is None else query.limit(limit)))

    def select_streams(self, stream_ids: Sequence[UUID]) -> Iterator[LoggedEvent]:
        """The events of many streams, stream by stream and by version within each."""
        for start in range(0, len(stream_ids), _AT_ONCE):
            some = stream_ids[start : start + _AT_ONCE]
            query = _WITH_BOX.where(events.c.stream_id.in_(some))
            yield from self._read(query.order_by(events.c.stream_id, events.c.version))

    def select_positions(
        self,
        after: int,
        limit: int,
        *,
        organisation_id: UUID | None = None,
        stream_id: UUID | None = None,
        recorded_until: int | None = None,
    ) -> Sequence[LoggedEvent]:
        """At most `limit` events after a position, in order; `recorded_until` is in microseconds."""
        query = _WITH_BOX.where(events.c.position > after)
        if organisation_id is not None:
            query = query.where(events.c.organisation_id == organisation_id)
        if stream_id is not None:
            query = query.where(events.c.stream_id == stream_id)
        if recorded_until is not None:
            query = query.where(events.c.recorded_at <= recorded_until)
        return list(self._read(query.order_by(events.c.position).limit(limit)))

    def _read(self, query: Select[Any]) -> Iterator[LoggedEvent]:
        with self.reading() as connection:
            for row in connection.execute(query).all():
                yield _logged(row)

    def max_notification_id(self) -> int | None:
        """The log's last position, or None while it is empty."""
        with self.reading() as connection:
            return connection.execute(select(head.c.size)).scalar_one() or None

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The library's own view of the log; it shows payloads only, never what is sealed."""
        query = _WITH_BOX
        if start is not None:
            query = query.where(
                events.c.position >= start if inclusive_of_start else events.c.position > start
            )
        if stop is not None:
            query = query.where(events.c.position <= stop)
        if topics:
            query = query.where(events.c.topic.in_(topics))
        return [
            Notification(
                originator_id=event.originator_id,
                originator_version=event.originator_version,
                topic=event.topic,
                state=event.state,
                id=event.position,
            )
            for event in self._read(query.order_by(events.c.position).limit(limit))
        ]

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Raises: NotImplementedError; the log is followed by position, which never misses an event."""
        raise NotImplementedError("follow the log by position: select_positions()")


def _logged(row: Row[Any]) -> LoggedEvent:
    return LoggedEvent(
        position=row.position,
        organisation_id=row.organisation_id,
        originator_id=row.stream_id,
        originator_version=row.version,
        topic=row.topic,
        schema_version=row.schema_version,
        recorded_at=row.recorded_at,
        actor=row.actor,
        command_id=row.command_id,
        state=row.payload,
        commitment=row.commitment,
        box=row.box,
    )
