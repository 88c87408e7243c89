"""Appends events with all that belongs to them in one transaction, and reads them back in order."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from threading import get_ident, local
from typing import TYPE_CHECKING, Any, Final, NoReturn
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Notification
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from brugerbog.application.ports.event_log import (
    AppendRequest,
    CommandRecord,
    Conflict,
    DuplicateCommand,
    IdentityTaken,
)
from brugerbog.application.refusals.keys import KeysMissing
from brugerbog.application.refusals.log import OrganisationForged
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.crypto.tree_hash import Frontier, LeafEncoder
from brugerbog.infrastructure.database.event_row import EventRow, StoredEvent, leaf_hash_of
from brugerbog.infrastructure.database.schema import (
    ciphertexts,
    commands,
    event_macs,
    events,
    head,
    reservations,
    store_metadata,
)
from brugerbog.infrastructure.database.statements import InList, Rows, Statement, any_uuid, uuid_of
from brugerbog.infrastructure.event_store.append_writes import AppendWrites
from brugerbog.infrastructure.event_store.stream_versions import last_versions
from brugerbog.infrastructure.keys.key_check import NEWEST_KEY
from brugerbog.infrastructure.keys.row_macs import LOG_ID, TOKEN_KEY, event_mac, is_same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from eventsourcing.persistence import Subscription
    from sqlalchemy import Connection, Select

    from brugerbog.infrastructure.crypto.vault import IndexKey, TokenKey, Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys
    from brugerbog.infrastructure.keys.user_keys import UserKeyRing

ERASED_TOPIC: Final = User.PersonalDataErased.TOPIC
_known: Final = lru_cache(1024)(uuid_of)
"""For ids that come again and again."""

_WITH_CIPHERTEXT: Final = select(events, ciphertexts.c.box).select_from(
    events.outerjoin(
        ciphertexts,
        (ciphertexts.c.stream_id == events.c.stream_id) & (ciphertexts.c.version == events.c.version),
    )
)


class _Undone(Exception):
    """Raised by `Transaction.rollback`; its one argument is the transaction to be left."""


class Transaction:
    """Several appends that are one."""

    def rollback(self) -> NoReturn:
        """Leave the block of this transaction, with nothing of it stored."""
        raise _Undone(self)


class _OpenTransaction:
    """The transaction that a thread has open."""

    def __init__(self, connection: Connection) -> None:
        self.is_over = False
        self._connection = connection
        self._thread = get_ident()
        self._failure: SQLAlchemyError | None = None
        self._inside = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """A transaction inside this one."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @contextmanager
    def ending_on_failure(self) -> Iterator[Connection]:
        """Its connection; a failure of the store ends the transaction."""
        self._raise_failure()
        try:
            yield self._connection
        except IntegrityError:
            raise
        except SQLAlchemyError as failure:
            # SQLite may have rolled back the whole transaction: what followed would be committed alone.
            self._failure = failure
            raise

    def check_end(self) -> None:
        """See that the transaction can be stored as it stands.

        Raises: the failure of the store that has ended it; RuntimeError in another thread than it began in,
        whose commands were not in it, and while one inside it is open, which may still be undone.
        """
        self._raise_failure()
        if self._thread != get_ident():
            raise RuntimeError("a transaction must end in the thread that began it; nothing was stored")
        if self._inside:
            raise RuntimeError("a transaction inside this one is still open; nothing was stored")

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


class LogRecorder(ApplicationRecorder):
    """The recorder of the log: positions are gapless and in commit order, and every append is whole."""

    def __init__(
        self, backend: Backend, vault: Vault, keys: UserKeyRing, installation_keys: InstallationKeys
    ) -> None:
        super().__init__()
        engine = backend.log
        self._backend = backend
        self._vault = vault
        self._keys = keys
        self._installation_keys = installation_keys
        self._native = backend.has_single_database
        self._leaves: LeafEncoder | None = None
        self._open = local()
        self._event_rows = Rows(events, engine)
        self._sealed_rows = Rows(ciphertexts, engine)
        self._mark_rows = Rows(store_metadata, engine, replace=True)
        self._mac_rows = Rows(event_macs, engine)
        self._beside = AppendWrites(engine)
        self._head = Statement(
            select(
                head.c.log_id, head.c.size, head.c.frontier, head.c.index_key, head.c.token_key
            ).with_for_update(),
            engine,
        )
        self._size = Statement(select(head.c.size), engine)
        self._new_head = Statement(
            update(head).values(size=bindparam("new_size"), frontier=bindparam("new_frontier")), engine
        )
        self._command = Statement(
            select(commands).where(
                commands.c.organisation_id == bindparam("organisation_id"),
                commands.c.command_id == bindparam("command_id"),
            ),
            engine,
        )
        self._stream = Statement(
            _WITH_CIPHERTEXT.where(events.c.stream_id == bindparam("stream_id")).order_by(events.c.version),
            engine,
        )
        self._version = Statement(
            select(func.max(events.c.version), TOKEN_KEY).where(events.c.stream_id == bindparam("stream_id")),
            engine,
        )
        self._macs = Statement(
            select(event_macs.c.version, event_macs.c.mac, LOG_ID, TOKEN_KEY).where(
                event_macs.c.stream_id == bindparam("stream_id")
            ),
            engine,
        )
        self._versions = InList(last_versions, engine)
        self._streams = InList(
            lambda ids: _WITH_CIPHERTEXT.where(events.c.stream_id.in_(ids)).order_by(
                events.c.stream_id, events.c.version
            ),
            engine,
        )
        self._after = Statement(
            _WITH_CIPHERTEXT.where(
                events.c.position > bindparam("after"), events.c.position <= bindparam("until")
            ).order_by(events.c.position),
            engine,
        )

    # Transactions

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Let everything this thread appends until the end be one transaction, or nothing of it.

        Nobody else can append meanwhile, nor change the key of the claims. One that begins inside another of
        this thread is a savepoint of it. A failure of the store ends the outermost one: nothing more can be
        written in it, and its end raises the failure, even if the caller has caught it.
        """
        own, opened = Transaction(), self._opened
        try:
            if opened is None:
                with self._outermost():
                    yield own
            else:
                with self.write_transaction(), opened.inside():
                    yield own
        except _Undone as undone:
            if undone.args[0] is not own:
                raise

    @contextmanager
    def _outermost(self) -> Iterator[None]:
        with self._backend.write_transaction(self._backend.log) as connection:
            *_, index_key, token_key = self._head.run(connection).fetchone()
            self._follow_index(index_key)
            self._tokens_in_use(token_key)
            opened = self._open.transaction = _OpenTransaction(connection)
            try:
                yield
                opened.check_end()
            finally:
                # Perhaps in another thread: the one that began it is out of its transaction all the same.
                opened.is_over = True

    @property
    def _opened(self) -> _OpenTransaction | None:
        """The transaction that is open in this thread."""
        opened: _OpenTransaction | None = getattr(self._open, "transaction", None)
        return None if opened is None or opened.is_over else opened

    @property
    def in_transaction(self) -> bool:
        """Whether this thread's appends are still to be committed, as one."""
        return self._opened is not None

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """A transaction of its own, or a savepoint of the one that is open in this thread."""
        opened = self._opened
        if opened is None:
            with self._backend.write_transaction(self._backend.log) as own:
                yield own
            return
        with opened.ending_on_failure() as connection, connection.begin_nested():
            yield connection

    def read_connection(self) -> AbstractContextManager[Connection]:
        """A connection that sees what is committed, and what this thread is about to."""
        opened = self._opened
        return (
            self._backend.read_connection(self._backend.log) if opened is None else opened.ending_on_failure()
        )

    def key_connection(self) -> AbstractContextManager[Connection]:
        """As `read_connection`, of the users' keys."""
        return self.read_connection() if self._native else self._backend.read_connection(self._backend.keys)

    # Appending

    def insert_events(  # type: ignore[override]
        self,
        stored_events: Sequence[StoredEvent],
        *,
        new_keys: Mapping[UUID, bytes] | None = None,
        append_request: AppendRequest | None = None,
        tracking: None = None,  # noqa: ARG002 - the library always hands it over
    ) -> range:
        """Store events with keys, boxes and what goes alongside; returns their positions.

        Raises: Conflict, IdentityTaken, DuplicateCommand; KeyAlreadyStored where keys lie apart. Then
        nothing of it is stored, but perhaps keys that nobody will ever use.
        """
        append_request = append_request or AppendRequest()
        if new_keys and not self._native:
            self._keys.store(new_keys, stored_events[0].recorded_at, None)
        try:
            with self.write_transaction() as connection:
                return self._append(connection, stored_events, new_keys or {}, append_request)
        except IntegrityError:
            if new_keys and self._native and self._keys.reload_master_key():
                return self.insert_events(stored_events, new_keys=new_keys, append_request=append_request)
            self._raise_known_conflict(append_request)
            raise Conflict from None
        except Conflict as conflict:
            if append_request.command and (seen := self.command_record(append_request.command)):
                raise DuplicateCommand(seen) from conflict
            raise
        except OperationalError as error:
            if append_request.command and (seen := self.command_record(append_request.command)):
                raise DuplicateCommand(seen) from error
            raise

    def _append(
        self,
        connection: Connection,
        new: Sequence[StoredEvent],
        new_keys: Mapping[UUID, bytes],
        append_request: AppendRequest,
    ) -> range:
        log_id, size, blob, index_key, token_key = self._head.run(connection).fetchone()
        index = self._index_for(append_request, index_key)
        tokens = self._tokens_in_use(token_key)
        if (
            append_request.expected_versions
            and self._last_versions(connection, append_request.expected_versions)
            != append_request.expected_versions
        ):
            raise Conflict
        encoder, frontier = self._leaf_encoder(log_id), Frontier.from_bytes(size, blob)
        event_rows: list[EventRow] = []
        ciphertext_rows: list[tuple[Any, ...]] = []
        mac_rows: list[tuple[Any, ...]] = []
        for position, event in enumerate(new, size + 1):
            row = event.row(position, native_uuids=self._native)
            leaf = leaf_hash_of(row, encoder)
            frontier.append(leaf)
            event_rows.append(row)
            if row.stream_id == row.organisation_id:
                mac_rows.append((row.stream_id, row.version, event_mac(tokens, leaf)))
            if event.ciphertext is not None:
                ciphertext_rows.append((row.stream_id, row.version, event.ciphertext))
        with self._backend.pipeline(connection):
            if new_keys and self._native:
                self._keys.store(new_keys, new[0].recorded_at, connection)
            self._event_rows.insert(connection, event_rows)
            self._sealed_rows.insert(connection, ciphertext_rows)
            self._mac_rows.insert(connection, mac_rows)
            erased = [event.stream_id for event in new if event.topic == ERASED_TOPIC]
            self._beside.erase(connection, erased, frontier.size)
            if new_keys:
                newest = max(
                    position
                    for position, event in enumerate(new, size + 1)
                    if event.stream_id in new_keys and event.version == 1
                )
                self._mark_rows.insert(connection, [(NEWEST_KEY, newest)])
            at = new[-1].recorded_at if new else 0
            self._beside.store(connection, append_request, index, tokens, frontier.size, at=at)
            self._new_head.run(connection, new_size=frontier.size, new_frontier=frontier.to_bytes())
        if append_request.step is not None:
            self._beside.take_step(connection, append_request.step)
        return range(size + 1, frontier.size + 1)

    def _leaf_encoder(self, log_id: Any) -> LeafEncoder:  # noqa: ANN401 - a UUID as the driver has it
        if self._leaves is None:
            self._leaves = LeafEncoder(log_id if self._native else UUID(bytes=log_id))
        return self._leaves

    def _tokens_in_use(self, in_use: bytes) -> TokenKey:
        tokens = self._installation_keys.switch_token_key(in_use)
        if tokens is None:
            raise KeysMissing
        return tokens

    def _follow_index(self, in_use: bytes) -> bool:
        """Take the key that the claims are made with, if it has been changed; whether it had."""
        if self._vault.index_key.id == in_use:
            return False
        if not self._installation_keys.switch_index_key(bytes(in_use)):
            raise KeysMissing
        return True

    def _index_for(self, append_request: AppendRequest, in_use: bytes) -> IndexKey:
        """The key to make claims with. Raises: Conflict, as they were decided by look-ups with another."""
        if self._follow_index(in_use) and append_request.reservations:
            raise Conflict
        return self._vault.index_key

    def _raise_known_conflict(self, append_request: AppendRequest) -> None:
        """Raise the conflict that an integrity error stands for, where it is not about versions."""
        if append_request.command and (seen := self.command_record(append_request.command)):
            raise DuplicateCommand(seen) from None
        index = self._vault.index_key
        with self.read_connection() as connection:
            for claim in append_request.reservations:
                held = ((reservations.c.digest, claim.identity), (reservations.c.account, claim.account))
                for column, identity in held:
                    if identity is None:
                        continue
                    holder = connection.execute(
                        select(reservations.c.holder).where(
                            reservations.c.scope == claim.scope,
                            column == index.digest_of(claim.scope, identity),
                            reservations.c.holder != claim.holder,
                        )
                    ).scalar()
                    if holder is not None:
                        raise IdentityTaken(holder, identity.kind) from None

    def command_record(self, command: CommandRecord) -> CommandRecord | None:
        """What is kept of a command by that organisation and id."""
        with self.read_connection() as connection:
            row = self._command.run(
                connection, organisation_id=command.organisation_id, command_id=command.command_id
            ).fetchone()
        if row is None:
            return None
        _, _, fingerprint, outcome, subject, position = row
        if subject is not None and not self._native:
            subject = uuid_of(subject)
        return replace(command, fingerprint=fingerprint, outcome=outcome, subject=subject, position=position)

    # Reading

    def select_events(  # type: ignore[override]
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream, by version."""
        if gt is None and lte is None and limit is None and not desc:
            with self.read_connection() as connection:
                return self._logged(self._stream.run(connection, stream_id=originator_id).fetchall())
        query = _WITH_CIPHERTEXT.where(events.c.stream_id == originator_id)
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        query = query.order_by(events.c.version.desc() if desc else events.c.version)
        return self._read(query if limit is None else query.limit(limit))

    def select_streams(self, stream_ids: Sequence[UUID]) -> Sequence[StoredEvent]:
        """The events of many streams, stream by stream and by version within each."""
        with self.read_connection() as connection:
            return self._logged(self._streams.rows(connection, stream_ids))

    def select_positions(
        self,
        after: int,
        limit: int,
        *,
        organisation_id: UUID | None = None,
        stream_id: UUID | None = None,
        recorded_until: int | None = None,
        but: str | None = None,
    ) -> Sequence[StoredEvent]:
        """At most `limit` events after a position, in order.

        `recorded_until` is in microseconds; events of the topic `but` are left out.
        """
        if {organisation_id, stream_id, recorded_until, but} == {None}:
            with self.read_connection() as connection:
                return self._logged(self._after.run(connection, after=after, until=after + limit).fetchall())
        query = _WITH_CIPHERTEXT.where(events.c.position > after)
        if organisation_id is not None:
            query = query.where(events.c.organisation_id == organisation_id)
        if stream_id is not None:
            query = query.where(events.c.stream_id == stream_id)
        if recorded_until is not None:
            query = query.where(events.c.recorded_at <= recorded_until)
        if but is not None:
            query = query.where(events.c.topic != but)
        return self._read(query.order_by(events.c.position).limit(limit))

    def _read(self, query: Select[Any]) -> list[StoredEvent]:
        with self.read_connection() as connection:
            return [StoredEvent._make(row) for row in connection.execute(query).all()]

    def _logged(self, rows: Iterable[tuple[Any, ...]]) -> list[StoredEvent]:
        """Events from the driver's rows."""
        if self._native:
            return [StoredEvent._make(row) for row in rows]
        return [
            StoredEvent(
                position,
                _known(organisation_id),
                uuid_of(stream_id),
                version,
                topic,
                schema_version,
                recorded_at,
                _known(actor),
                uuid_of(command_id),
                payload,
                commitment,
                ciphertext,
            )
            for (
                position,
                organisation_id,
                stream_id,
                version,
                topic,
                schema_version,
                recorded_at,
                actor,
                command_id,
                payload,
                commitment,
                ciphertext,
            ) in rows
        ]

    def last_version(self, stream_id: UUID) -> int | None:
        """The version of a stream's last event. A change of the token key is followed by the same look."""

        def read() -> tuple[int | None, bytes]:
            with self.read_connection() as connection:
                version, token_key = self._version.run(connection, stream_id=stream_id).fetchone()
            return version, token_key

        return self._installation_keys.read_with_token_key(read)[0]

    def verify_macs(self, stored: Sequence[StoredEvent]) -> None:
        """Check the codes of an organisation's events, all of its stream's.

        Raises: OrganisationForged for the first that no process with this installation's keys has recorded.
        """

        def read() -> tuple[list[Any], bytes]:
            with self.read_connection() as connection:
                found = self._macs.run(connection, stream_id=stored[0].stream_id).fetchall()
            if not found:
                raise OrganisationForged(stored[0].position)
            return found, found[0][3]

        found, tokens = self._installation_keys.read_with_token_key(read)
        encoder = self._leaf_encoder(found[0][2])
        macs = {version: mac for version, mac, *_ in found}
        for event in stored:
            mac = event_mac(tokens, leaf_hash_of(event, encoder))
            if not is_same(macs.get(event.version, b""), mac):
                raise OrganisationForged(event.position)

    def last_versions(self, stream_ids: Collection[UUID]) -> dict[UUID, int]:
        """The version of each stream's last event; 0 of one that hasn't begun."""
        with self.read_connection() as connection:
            return self._last_versions(connection, stream_ids)

    def _last_versions(self, connection: Connection, stream_ids: Collection[UUID]) -> dict[UUID, int]:
        found = self._versions.rows(connection, list(stream_ids))
        return {any_uuid(stream_id): version or 0 for stream_id, version in found}

    def max_notification_id(self) -> int | None:
        """The log's last position, or None while it is empty."""
        with self.read_connection() as connection:
            size: int = self._size.run(connection).fetchone()[0]
        return size or None

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
        query = _WITH_CIPHERTEXT
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
                originator_id=event.stream_id,
                originator_version=event.version,
                topic=event.topic,
                state=event.payload,
                id=event.position,
            )
            for event in self._read(query.order_by(events.c.position).limit(limit))
        ]

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Raises: NotImplementedError; the log is followed by position, which never misses an event."""
        raise NotImplementedError("follow the log by position: select_positions()")
