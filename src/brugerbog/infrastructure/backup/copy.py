"""Copies a store to another engine or place: the log as it is, keys wrapped anew, claims made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select, tuple_, update

from brugerbog.application.refusals.backup import CopyIncomplete, PlaceTaken
from brugerbog.application.refusals.keys import KeysBeingRotated
from brugerbog.application.refusals.log import LogDamaged
from brugerbog.domain.user.activity import ActivityReported, activity_stream_id
from brugerbog.infrastructure.crypto.tree_hash import Frontier
from brugerbog.infrastructure.crypto.vault import IndexKey, TokenKey
from brugerbog.infrastructure.database.schema import (
    checkpoints,
    ciphertexts,
    commands,
    events,
    head,
    log_tables,
    reservations,
    store_metadata,
    user_keys,
)
from brugerbog.infrastructure.database.schema_version import check_schema_version
from brugerbog.infrastructure.erasure.store_erase_list import LISTED_LAST, LISTED_UNTIL
from brugerbog.infrastructure.event_store.appender import ERASED_TOPIC
from brugerbog.infrastructure.event_store.retention import FORGOTTEN_UNTIL
from brugerbog.infrastructure.key_rotation.index_key import holders_after, reservation_rows, reservations_for
from brugerbog.infrastructure.keys.installation_keys import INDEX, MEMORY, SIGNING, TOKENS, new_key
from brugerbog.infrastructure.keys.row_macs import reauthenticate
from brugerbog.infrastructure.migrations.preparation import BEING_COPIED, LOG_FORMAT, prepare
from brugerbog.infrastructure.transparency_log.log_verifier import LogVerifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, Connection, Row, Table

    from brugerbog.application.ports.event_log import IdentityReservation
    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.keys.installation_keys import InstallationKey, InstallationKeys
    from brugerbog.infrastructure.transparency_log.log_verifier import Head

_AT_ONCE: Final = 1_000
_OTHERWISE: Final = (events, ciphertexts, reservations, head)
"""Tables that don't go over all at once as they are; all others of the log do."""


class Copying:
    """One copy, which goes on where it was cut off; until it is done, nobody can open what it makes."""

    def __init__(
        self, source: BrugerbogLog, target: Backend, vault: Vault, keys: InstallationKeys, place: str
    ) -> None:
        """Take the open source, and the place to copy to with its own vault and keys."""
        self._source = source
        self._from = source.backend
        self._to = target
        self._vault = vault
        self._keys = keys
        self._place = place

    def run(self, progress: Callable[[int, int], None]) -> Head:
        """Copy everything; `progress` hears of events done and of how many. Returns the head of the copy.

        Nothing can be recorded in the source while the last part is copied. Raises: PlaceTaken, LogDamaged,
        CopyIncomplete, KeysBeingRotated.
        """
        with self._from.key_rotation_lock() as alone:
            if not alone:
                raise KeysBeingRotated
            return self._run(progress)

    def _run(self, progress: Callable[[int, int], None]) -> Head:
        stored = self._sound(self._from)
        self._begin(stored.log_id)
        done = self._copied()
        while done < stored.size:
            done = self._copy_events(done, min(done + _AT_ONCE, stored.size))
            progress(done, stored.size)
        with self._source.recorder.transaction():
            last = LogVerifier(self._from).head()
            while done < last.size:
                done = self._copy_events(done, min(done + _AT_ONCE, last.size))
            self._finish(last)
        return self._checked(last)

    def _sound(self, backend: Backend) -> Head:
        derivation = LogVerifier(backend)
        stored = derivation.head()
        damage = derivation.extend(Frontier(), stored)
        if damage is not None:
            raise LogDamaged(damage.kind.value, damage.position)
        return stored

    def _begin(self, log_id: UUID) -> None:
        """Make the tables, with keys of which nobody else has one; or take up what was begun of this log."""
        if self._to.is_prepared():
            with self._to.log.connect() as connection:
                begun = connection.execute(select(head.c.log_id, head.c.format)).one()
                if tuple(begun) != (log_id, BEING_COPIED):
                    raise PlaceTaken(self._place)
                check_schema_version(connection)
            self._follow_signing()
            return
        keys = self._source.installation_keys
        own: dict[str, Sequence[InstallationKey]] = {
            INDEX: [new_key(INDEX)],
            TOKENS: [new_key(TOKENS)],
            MEMORY: keys.load(MEMORY),
            SIGNING: keys.load(SIGNING)[::-1],
        }
        prepare(self._to, self._vault, log_id, own=own, log_format=BEING_COPIED)

    def _follow_signing(self) -> None:
        """Take over a signing key that has been made since the copy was begun."""
        known = {one.id for one in self._keys.load(SIGNING)}
        for own in self._source.installation_keys.load(SIGNING)[::-1]:
            if own.id not in known:
                self._keys.add(SIGNING, own)

    def _copied(self) -> int:
        with self._to.log.connect() as connection:
            return connection.execute(select(func.max(events.c.position))).scalar() or 0

    def _copy_events(self, after: int, until: int) -> int:
        """Copy some events, their boxes and the keys of those who begin with them; the position reached."""
        of_these = and_(events.c.position > after, events.c.position <= until)
        of_event = (ciphertexts.c.stream_id == events.c.stream_id) & (
            ciphertexts.c.version == events.c.version
        )
        with self._source.recorder.read_connection() as connection:
            facts = connection.execute(select(events).where(of_these)).all()
            boxes = connection.execute(select(ciphertexts).join(events, of_event).where(of_these)).all()
        begun = [row.stream_id for row in facts if row.version == 1]
        made_at = {row.stream_id: row.recorded_at for row in facts if row.version == 1}
        wrapped = [
            {
                "user_id": user_id,
                "wrapped": box.ciphertext,
                "master": box.master_key_id,
                "made_at": made_at[user_id],
            }
            for user_id, key in self._source.keys.load(begun).items()
            if (box := self._vault.wrap(user_id.bytes, key))
        ]
        if not self._to.has_single_database:
            with self._to.write_transaction(self._to.keys) as keeping:
                _put(keeping, wrapped, begun)
        with self._to.write_transaction(self._to.log) as connection:
            if self._to.has_single_database:
                _put(connection, wrapped, begun)
            _insert(connection, events, facts)
            _insert(connection, ciphertexts, boxes)
        return until

    def _finish(self, last: Head) -> None:
        """Copy what lies beside the log, make the claims, and let the copy be a store: all at one stroke."""
        gone, (own, *_), (new, *_) = self._gone(), self._keys.load(INDEX), self._keys.load(TOKENS)
        index, tokens = IndexKey(own.id, own.key), TokenKey(new.id, new.key)
        if not self._to.has_single_database:
            with self._to.write_transaction(self._to.keys) as keeping:
                _delete(keeping, user_keys.c.user_id, gone)
        with self._to.write_transaction(self._to.log) as connection:
            if self._to.has_single_database:
                _delete(connection, user_keys.c.user_id, gone)
            self._drop_boxes(connection, gone)
            for table in log_tables.sorted_tables:
                if table not in _OTHERWISE:
                    if table is not checkpoints:  # there are none before this, and none can be deleted
                        connection.execute(delete(table))
                    for rows in self._rows_of(table):
                        _insert(connection, table, rows)
            # The copy has a list of the erased of its own, of which it hasn't heard yet.
            connection.execute(
                delete(store_metadata).where(store_metadata.c.name.in_([LISTED_UNTIL, LISTED_LAST]))
            )
            reauthenticate(connection, self._source.vault.token_key, tokens)
            connection.execute(delete(reservations))
            for made in self._claims():
                connection.execute(insert(reservations), reservation_rows(connection, made, index))
            connection.execute(update(head).values(size=last.size, frontier=last.frontier, format=LOG_FORMAT))

    def _gone(self) -> list[UUID]:
        """Who has been erased, perhaps after his boxes were copied."""
        with self._source.recorder.read_connection() as connection:
            erased = select(events.c.stream_id).where(events.c.topic == ERASED_TOPIC)
            return list(connection.execute(erased).scalars())

    def _drop_boxes(self, connection: Connection, gone: Sequence[UUID]) -> None:
        """Drop the boxes of the erased, and of activities that have been let go of meanwhile."""
        _delete(connection, ciphertexts.c.stream_id, [*gone, *map(activity_stream_id, gone)])
        with self._source.recorder.read_connection() as reading:
            let_go = reading.execute(
                select(store_metadata).where(store_metadata.c.name.startswith(FORGOTTEN_UNTIL))
            ).all()
        for mark in let_go:
            forgotten = select(events.c.stream_id, events.c.version).where(
                events.c.topic == ActivityReported.TOPIC,
                events.c.position <= mark.value,
                events.c.organisation_id == _organisation_of(mark.name),
            )
            connection.execute(
                delete(ciphertexts).where(
                    tuple_(ciphertexts.c.stream_id, ciphertexts.c.version).in_(forgotten)
                )
            )

    def _rows_of(self, table: Table) -> Iterator[Sequence[Row[Any]]]:
        with self._source.recorder.read_connection() as connection:
            yield from connection.execute(select(table)).partitions(_AT_ONCE)

    def _claims(self) -> Iterator[list[IdentityReservation]]:
        """The claims of all who live, from what the vault opens."""
        last: UUID | None = None
        while True:
            with self._source.recorder.read_connection() as connection:
                holders = holders_after(connection, last)
            if not holders:
                return
            yield reservations_for(self._source, holders)
            last = holders[-1]

    def _checked(self, last: Head) -> Head:
        """The head of the copy, once both ends agree. Raises: LogDamaged, CopyIncomplete."""
        made = self._sound(self._to)
        if (made.log_id, made.size, made.frontier) != (last.log_id, last.size, last.frontier):
            raise CopyIncomplete
        for table in (ciphertexts, reservations, commands):
            if _count(self._from, table) != _count(self._to, table):
                raise CopyIncomplete
        return made


def _put(connection: Connection, keys: Sequence[Mapping[str, Any]], begun: Sequence[UUID]) -> None:
    """Keep keys in place of those that a copy which was cut off has left."""
    _delete(connection, user_keys.c.user_id, begun)
    if keys:
        connection.execute(insert(user_keys), [dict(one) for one in keys])


def _insert(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    if rows:
        connection.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name


def _delete(connection: Connection, column: Column[Any], values: Sequence[UUID]) -> None:
    for start in range(0, len(values), _AT_ONCE):
        connection.execute(delete(column.table).where(column.in_(values[start : start + _AT_ONCE])))


def _count(backend: Backend, table: Table) -> int:
    with backend.log.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _organisation_of(mark_name: str) -> UUID:
    return UUID(mark_name.removeprefix(FORGOTTEN_UNTIL))
