"""Copies a store to another engine or place: the same log, keys wrapped again, reservations made again."""

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

_BATCH_SIZE: Final = 1_000
_COPIED_APART: Final = (events, ciphertexts, reservations, head)
"""Tables that are copied or made on their own; the other tables of the log are copied as they are."""


class StoreCopy:
    """One copy of a store. An interrupted copy is continued; a store being copied can't be opened."""

    def __init__(
        self, source: BrugerbogLog, target: Backend, vault: Vault, keys: InstallationKeys, place: str
    ) -> None:
        """Take the open source, and the target with its own vault and keys; `place` names it in messages."""
        self._source = source
        self._from = source.backend
        self._to = target
        self._vault = vault
        self._keys = keys
        self._place = place

    def run(self, progress: Callable[[int, int], None]) -> Head:
        """Copy everything and return the head of the copy; `progress` gets the copied and all events.

        Nothing can be recorded in the source while the last part is copied. Raises: PlaceTaken, LogDamaged,
        CopyIncomplete, KeysBeingRotated.
        """
        with self._from.key_rotation_lock() as is_held:
            if not is_held:
                raise KeysBeingRotated
            return self._run(progress)

    def _run(self, progress: Callable[[int, int], None]) -> Head:
        stored = self._verified_head(self._from)
        self._begin(stored.log_id)
        done = self._last_position()
        while done < stored.size:
            done = self._copy_events(done, min(done + _BATCH_SIZE, stored.size))
            progress(done, stored.size)
        with self._source.recorder.transaction():
            last = LogVerifier(self._from).head()
            while done < last.size:
                done = self._copy_events(done, min(done + _BATCH_SIZE, last.size))
            self._finish(last)
        return self._check_copy(last)

    def _verified_head(self, backend: Backend) -> Head:
        verifier = LogVerifier(backend)
        stored = verifier.head()
        damage = verifier.extend(Frontier(), stored)
        if damage is not None:
            raise LogDamaged(damage.kind.value, damage.position)
        return stored

    def _begin(self, log_id: UUID) -> None:
        """Create the tables with new keys, or check that an interrupted copy is of this log."""
        if self._to.is_prepared():
            with self._to.log.connect() as connection:
                begun = connection.execute(select(head.c.log_id, head.c.format)).one()
                if tuple(begun) != (log_id, BEING_COPIED):
                    raise PlaceTaken(self._place)
                check_schema_version(connection)
            self._copy_signing_keys()
            return
        keys = self._source.installation_keys
        own: dict[str, Sequence[InstallationKey]] = {
            INDEX: [new_key(INDEX)],
            TOKENS: [new_key(TOKENS)],
            MEMORY: keys.load(MEMORY),
            SIGNING: keys.load(SIGNING)[::-1],
        }
        prepare(self._to, self._vault, log_id, own=own, log_format=BEING_COPIED)

    def _copy_signing_keys(self) -> None:
        """Copy signing keys that were made since the copy began."""
        known = {one.id for one in self._keys.load(SIGNING)}
        for own in self._source.installation_keys.load(SIGNING)[::-1]:
            if own.id not in known:
                self._keys.add(SIGNING, own)

    def _last_position(self) -> int:
        with self._to.log.connect() as connection:
            return connection.execute(select(func.max(events.c.position))).scalar() or 0

    def _copy_events(self, after: int, until: int) -> int:
        """Copy events, their ciphertexts and the keys of new users; return the position reached."""
        of_these = and_(events.c.position > after, events.c.position <= until)
        of_event = (ciphertexts.c.stream_id == events.c.stream_id) & (
            ciphertexts.c.version == events.c.version
        )
        with self._source.recorder.read_connection() as connection:
            event_rows = connection.execute(select(events).where(of_these)).all()
            ciphertext_rows = connection.execute(
                select(ciphertexts).join(events, of_event).where(of_these)
            ).all()
        begun = [row.stream_id for row in event_rows if row.version == 1]
        made_at = {row.stream_id: row.recorded_at for row in event_rows if row.version == 1}
        key_rows = [
            {
                "user_id": user_id,
                "wrapped": wrapped.ciphertext,
                "master": wrapped.master_key_id,
                "made_at": made_at[user_id],
            }
            for user_id, key in self._source.keys.load(begun).items()
            if (wrapped := self._vault.wrap(user_id.bytes, key))
        ]
        if not self._to.has_single_database:
            with self._to.write_transaction(self._to.keys) as keeping:
                _put(keeping, key_rows, begun)
        with self._to.write_transaction(self._to.log) as connection:
            if self._to.has_single_database:
                _put(connection, key_rows, begun)
            _insert(connection, events, event_rows)
            _insert(connection, ciphertexts, ciphertext_rows)
        return until

    def _finish(self, last: Head) -> None:
        """Copy the tables beside the log, make the reservations and open the store, in one transaction."""
        erased, (own, *_), (new, *_) = self._erased(), self._keys.load(INDEX), self._keys.load(TOKENS)
        index, tokens = IndexKey(own.id, own.key), TokenKey(new.id, new.key)
        if not self._to.has_single_database:
            with self._to.write_transaction(self._to.keys) as keeping:
                _delete(keeping, user_keys.c.user_id, erased)
        with self._to.write_transaction(self._to.log) as connection:
            if self._to.has_single_database:
                _delete(connection, user_keys.c.user_id, erased)
            self._delete_ciphertexts(connection, erased)
            for table in log_tables.sorted_tables:
                if table not in _COPIED_APART:
                    if table is not checkpoints:  # there are none before, and none can be deleted
                        connection.execute(delete(table))
                    for rows in self._rows_of(table):
                        _insert(connection, table, rows)
            # The copy has an erase list of its own, which it hasn't read yet.
            connection.execute(
                delete(store_metadata).where(store_metadata.c.name.in_([LISTED_UNTIL, LISTED_LAST]))
            )
            reauthenticate(connection, self._source.vault.token_key, tokens)
            connection.execute(delete(reservations))
            for made in self._reservations():
                connection.execute(insert(reservations), reservation_rows(connection, made, index))
            connection.execute(update(head).values(size=last.size, frontier=last.frontier, format=LOG_FORMAT))

    def _erased(self) -> list[UUID]:
        """Return the erased users, some of them perhaps erased after their ciphertexts were copied."""
        with self._source.recorder.read_connection() as connection:
            erased = select(events.c.stream_id).where(events.c.topic == ERASED_TOPIC)
            return list(connection.execute(erased).scalars())

    def _delete_ciphertexts(self, connection: Connection, erased: Sequence[UUID]) -> None:
        """Delete the ciphertexts of erased users, and of activities deleted by the retention meanwhile."""
        _delete(connection, ciphertexts.c.stream_id, [*erased, *map(activity_stream_id, erased)])
        with self._source.recorder.read_connection() as reading:
            retention = reading.execute(
                select(store_metadata).where(store_metadata.c.name.startswith(FORGOTTEN_UNTIL))
            ).all()
        for forgotten_until in retention:
            old = select(events.c.stream_id, events.c.version).where(
                events.c.topic == ActivityReported.TOPIC,
                events.c.position <= forgotten_until.value,
                events.c.organisation_id == _organisation_of(forgotten_until.name),
            )
            connection.execute(
                delete(ciphertexts).where(tuple_(ciphertexts.c.stream_id, ciphertexts.c.version).in_(old))
            )

    def _rows_of(self, table: Table) -> Iterator[Sequence[Row[Any]]]:
        with self._source.recorder.read_connection() as connection:
            yield from connection.execute(select(table)).partitions(_BATCH_SIZE)

    def _reservations(self) -> Iterator[list[IdentityReservation]]:
        """Yield the reservations of all users that aren't erased, from decrypted data."""
        last: UUID | None = None
        while True:
            with self._source.recorder.read_connection() as connection:
                holders = holders_after(connection, last)
            if not holders:
                return
            yield reservations_for(self._source, holders)
            last = holders[-1]

    def _check_copy(self, last: Head) -> Head:
        """Return the head of the copy after comparing both stores. Raises: LogDamaged, CopyIncomplete."""
        made = self._verified_head(self._to)
        if (made.log_id, made.size, made.frontier) != (last.log_id, last.size, last.frontier):
            raise CopyIncomplete
        for table in (ciphertexts, reservations, commands):
            if _count(self._from, table) != _count(self._to, table):
                raise CopyIncomplete
        return made


def _put(connection: Connection, keys: Sequence[Mapping[str, Any]], begun: Sequence[UUID]) -> None:
    """Insert keys in place of those of an interrupted copy."""
    _delete(connection, user_keys.c.user_id, begun)
    if keys:
        connection.execute(insert(user_keys), [dict(one) for one in keys])


def _insert(connection: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    if rows:
        connection.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name


def _delete(connection: Connection, column: Column[Any], values: Sequence[UUID]) -> None:
    for start in range(0, len(values), _BATCH_SIZE):
        connection.execute(delete(column.table).where(column.in_(values[start : start + _BATCH_SIZE])))


def _count(backend: Backend, table: Table) -> int:
    with backend.log.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _organisation_of(name: str) -> UUID:
    return UUID(name.removeprefix(FORGOTTEN_UNTIL))
