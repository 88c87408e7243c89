"""The recorder of the log: appends events in one transaction, and reads them back in order."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Notification
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from brugerbog.application.ports.event_log import (
    AppendRequest,
    CommandRecord,
    Conflict,
    DuplicateCommand,
    IdentityTaken,
)
from brugerbog.application.refusals.log import OrganisationForged
from brugerbog.infrastructure.database.event_row import StoredEvent, leaf_hash_of
from brugerbog.infrastructure.database.schema import (
    ciphertexts,
    commands,
    event_macs,
    events,
    head,
    reservations,
)
from brugerbog.infrastructure.database.statements import InList, Statement, uuid_of
from brugerbog.infrastructure.event_store.appender import EventAppender
from brugerbog.infrastructure.event_store.transactions import LogTransactions, Transaction
from brugerbog.infrastructure.keys.row_macs import LOG_ID, TOKEN_KEY, event_mac, is_same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from eventsourcing.persistence import Subscription
    from sqlalchemy import Connection, Select

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys
    from brugerbog.infrastructure.keys.user_keys import UserKeyRing

_cached_uuid: Final = lru_cache(1024)(uuid_of)
"""Makes the UUIDs of organisations and actors, which repeat."""

_WITH_CIPHERTEXT: Final = select(events, ciphertexts.c.box).select_from(
    events.outerjoin(
        ciphertexts,
        (ciphertexts.c.stream_id == events.c.stream_id) & (ciphertexts.c.version == events.c.version),
    )
)


class LogRecorder(ApplicationRecorder):
    """The recorder of the log: positions are gapless and in commit order, and an append is all or nothing."""

    def __init__(
        self, backend: Backend, vault: Vault, keys: UserKeyRing, installation_keys: InstallationKeys
    ) -> None:
        super().__init__()
        engine = backend.log
        self._vault = vault
        self._keys = keys
        self._installation_keys = installation_keys
        self._has_single_database = backend.has_single_database
        self._appender = EventAppender(backend, vault, keys, installation_keys)
        self._transactions = LogTransactions(backend, self._appender.lock_head)
        self._size = Statement(select(head.c.size), engine)
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

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Make one transaction of all that this thread appends in the block, as `LogTransactions`."""
        return self._transactions.transaction()

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open."""
        return self._transactions.in_transaction

    def write_transaction(self) -> AbstractContextManager[Connection]:
        """Yield the connection of a new transaction, or of a savepoint of this thread's open one."""
        return self._transactions.write_transaction()

    def read_connection(self) -> AbstractContextManager[Connection]:
        """Yield a connection that sees committed rows, and those of this thread's open transaction."""
        return self._transactions.read_connection()

    def key_connection(self) -> AbstractContextManager[Connection]:
        """Yield a connection to the users' keys, as `read_connection`."""
        return self._transactions.key_connection()

    # Appending

    def insert_events(  # type: ignore[override]
        self,
        stored_events: Sequence[StoredEvent],
        *,
        new_keys: Mapping[UUID, bytes] | None = None,
        append_request: AppendRequest | None = None,
        tracking: None = None,  # noqa: ARG002 - the library always hands it over
    ) -> range:
        """Store events, their ciphertexts, keys of new users and the rest of a request; return the positions.

        Raises: Conflict, IdentityTaken, DuplicateCommand; KeyAlreadyStored where keys have a database of
        their own. Nothing is stored then, except perhaps, in that database, keys that are never used.
        """
        append_request = append_request or AppendRequest()
        if new_keys and not self._has_single_database:
            self._keys.store(new_keys, stored_events[0].recorded_at, None)
        try:
            with self.write_transaction() as connection:
                return self._appender.append(connection, stored_events, new_keys or {}, append_request)
        except IntegrityError:
            if new_keys and self._has_single_database and self._keys.reload_master_key():
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

    def _raise_known_conflict(self, append_request: AppendRequest) -> None:
        """Raise the conflict behind an integrity error, unless it is about the version of a stream."""
        if append_request.command and (seen := self.command_record(append_request.command)):
            raise DuplicateCommand(seen) from None
        index = self._vault.index_key
        with self.read_connection() as connection:
            for reservation in append_request.reservations:
                held = (
                    (reservations.c.digest, reservation.identity),
                    (reservations.c.account, reservation.account),
                )
                for column, identity in held:
                    if identity is None:
                        continue
                    holder = connection.execute(
                        select(reservations.c.holder).where(
                            reservations.c.scope == reservation.scope,
                            column == index.digest_of(reservation.scope, identity),
                            reservations.c.holder != reservation.holder,
                        )
                    ).scalar()
                    if holder is not None:
                        raise IdentityTaken(holder, identity.kind) from None

    def command_record(self, command: CommandRecord) -> CommandRecord | None:
        """Return the stored record of the command with the same organisation and id."""
        with self.read_connection() as connection:
            row = self._command.run(
                connection, organisation_id=command.organisation_id, command_id=command.command_id
            ).fetchone()
        if row is None:
            return None
        _, _, fingerprint, outcome, subject, position = row
        if subject is not None and not self._has_single_database:
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
        """Return the events of one stream, by version."""
        if gt is None and lte is None and limit is None and not desc:
            with self.read_connection() as connection:
                return self._stored_events(self._stream.run(connection, stream_id=originator_id).fetchall())
        query = _WITH_CIPHERTEXT.where(events.c.stream_id == originator_id)
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        query = query.order_by(events.c.version.desc() if desc else events.c.version)
        return self._read(query if limit is None else query.limit(limit))

    def select_streams(self, stream_ids: Sequence[UUID]) -> Sequence[StoredEvent]:
        """Return the events of several streams, by stream and version."""
        with self.read_connection() as connection:
            return self._stored_events(self._streams.rows(connection, stream_ids))

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
        """Return at most `limit` events after a position, in order.

        `recorded_until` is in microseconds since 1970 (UTC). Events of the topic `but` are left out.
        """
        if {organisation_id, stream_id, recorded_until, but} == {None}:
            with self.read_connection() as connection:
                return self._stored_events(
                    self._after.run(connection, after=after, until=after + limit).fetchall()
                )
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

    def _stored_events(self, rows: Iterable[tuple[Any, ...]]) -> list[StoredEvent]:
        """Return events from the driver's rows."""
        if self._has_single_database:
            return [StoredEvent._make(row) for row in rows]
        return [
            StoredEvent(
                position,
                _cached_uuid(organisation_id),
                uuid_of(stream_id),
                version,
                topic,
                schema_version,
                recorded_at,
                _cached_uuid(actor),
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
        """Return the version of a stream's last event.

        The same statement reads the id of the token key, so that a rotation is noticed.
        """

        def read() -> tuple[int | None, bytes]:
            with self.read_connection() as connection:
                version, token_key = self._version.run(connection, stream_id=stream_id).fetchone()
            return version, token_key

        return self._installation_keys.read_with_token_key(read)[0]

    def verify_macs(self, stored: Sequence[StoredEvent]) -> None:
        """Verify the MACs of an organisation's events, all events of its stream.

        Raises: OrganisationForged for the first event that was recorded without this installation's keys.
        """

        def read() -> tuple[list[Any], bytes]:
            with self.read_connection() as connection:
                found = self._macs.run(connection, stream_id=stored[0].stream_id).fetchall()
            if not found:
                raise OrganisationForged(stored[0].position)
            return found, found[0][3]

        found, token_key = self._installation_keys.read_with_token_key(read)
        encoder = self._appender.leaf_encoder(found[0][2])
        macs = {version: mac for version, mac, *_ in found}
        for event in stored:
            mac = event_mac(token_key, leaf_hash_of(event, encoder))
            if not is_same(macs.get(event.version, b""), mac):
                raise OrganisationForged(event.position)

    def last_versions(self, stream_ids: Collection[UUID]) -> dict[UUID, int]:
        """Return the version of each stream's last event; 0 of a stream that has none."""
        with self.read_connection() as connection:
            return self._appender.last_versions(connection, stream_ids)

    def max_notification_id(self) -> int | None:
        """Return the last position of the log, or None while it is empty."""
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
        """Return the library's view of the events: payloads only, without personal fields."""
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
        """Raises: NotImplementedError; projections read the log by position, which misses no event."""
        raise NotImplementedError("follow the log by position: select_positions()")
