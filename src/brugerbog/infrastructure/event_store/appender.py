"""Appends events to the log, with all rows stored in the same transaction, on an open connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from brugerbog.application.ports.event_log import Conflict
from brugerbog.application.refusals.keys import KeysMissing
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.crypto.tree_hash import Frontier, LeafEncoder
from brugerbog.infrastructure.database.event_row import leaf_hash_of
from brugerbog.infrastructure.database.schema import ciphertexts, event_macs, events, head, store_metadata
from brugerbog.infrastructure.database.statements import InList, Rows, Statement, any_uuid
from brugerbog.infrastructure.event_store.append_writes import AppendWrites
from brugerbog.infrastructure.event_store.stream_versions import last_versions
from brugerbog.infrastructure.keys.key_check import NEWEST_KEY
from brugerbog.infrastructure.keys.row_macs import event_mac

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from brugerbog.application.ports.event_log import AppendRequest
    from brugerbog.infrastructure.crypto.vault import IndexKey, TokenKey, Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.database.event_row import EventRow, StoredEvent
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys
    from brugerbog.infrastructure.keys.user_keys import UserKeyRing

ERASED_TOPIC: Final = User.PersonalDataErased.TOPIC


class EventAppender:
    """Appends at the end of the log: each append locks and updates the head.

    Positions are gapless, in commit order.
    """

    def __init__(
        self, backend: Backend, vault: Vault, keys: UserKeyRing, installation_keys: InstallationKeys
    ) -> None:
        engine = backend.log
        self._backend = backend
        self._vault = vault
        self._keys = keys
        self._installation_keys = installation_keys
        self._has_single_database = backend.has_single_database
        self._leaf_encoder: LeafEncoder | None = None
        self._event_rows = Rows(events, engine)
        self._ciphertext_rows = Rows(ciphertexts, engine)
        self._metadata_rows = Rows(store_metadata, engine, replace=True)
        self._mac_rows = Rows(event_macs, engine)
        self._writes = AppendWrites(engine)
        self._head = Statement(
            select(
                head.c.log_id, head.c.size, head.c.frontier, head.c.index_key, head.c.token_key
            ).with_for_update(),
            engine,
        )
        self._new_head = Statement(
            update(head).values(size=bindparam("new_size"), frontier=bindparam("new_frontier")), engine
        )
        self._versions = InList(last_versions, engine)

    def lock_head(self, connection: Connection) -> None:
        """Lock the log's head until the transaction ends, and switch to the keys in use after a rotation.

        Raises: KeysMissing.
        """
        *_, index_key, token_key = self._head.run(connection).fetchone()
        self._switch_index_key(index_key)
        self._token_key(token_key)

    def append(
        self,
        connection: Connection,
        new: Sequence[StoredEvent],
        new_keys: Mapping[UUID, bytes],
        append_request: AppendRequest,
    ) -> range:
        """Store events, ciphertexts, keys of new users and the rest of a request; return the positions.

        Raises: Conflict when a stream isn't at its expected version, or when the request's reservations were
        looked up with an index key that was rotated since; KeysMissing; IntegrityError.
        """
        log_id, size, frontier_bytes, index_key_id, token_key_id = self._head.run(connection).fetchone()
        index_key = self._index_key(append_request, index_key_id)
        token_key = self._token_key(token_key_id)
        expected_versions = append_request.expected_versions
        if expected_versions and self.last_versions(connection, expected_versions) != expected_versions:
            raise Conflict
        encoder, frontier = self.leaf_encoder(log_id), Frontier.from_bytes(size, frontier_bytes)
        event_rows: list[EventRow] = []
        ciphertext_rows: list[tuple[Any, ...]] = []
        mac_rows: list[tuple[Any, ...]] = []
        for position, event in enumerate(new, size + 1):
            row = event.row(position, native_uuids=self._has_single_database)
            leaf_hash = leaf_hash_of(row, encoder)
            frontier.append(leaf_hash)
            event_rows.append(row)
            if row.stream_id == row.organisation_id:
                mac_rows.append((row.stream_id, row.version, event_mac(token_key, leaf_hash)))
            if event.ciphertext is not None:
                ciphertext_rows.append((row.stream_id, row.version, event.ciphertext))
        with self._backend.pipeline(connection):
            if new_keys and self._has_single_database:
                self._keys.store(new_keys, new[0].recorded_at, connection)
            self._event_rows.insert(connection, event_rows)
            self._ciphertext_rows.insert(connection, ciphertext_rows)
            self._mac_rows.insert(connection, mac_rows)
            erased = [event.stream_id for event in new if event.topic == ERASED_TOPIC]
            self._writes.erase(connection, erased, frontier.size)
            if new_keys:
                newest = max(
                    position
                    for position, event in enumerate(new, size + 1)
                    if event.stream_id in new_keys and event.version == 1
                )
                self._metadata_rows.insert(connection, [(NEWEST_KEY, newest)])
            recorded_at = new[-1].recorded_at if new else 0
            self._writes.store(
                connection, append_request, index_key, token_key, frontier.size, recorded_at=recorded_at
            )
            self._new_head.run(connection, new_size=frontier.size, new_frontier=frontier.to_bytes())
        if append_request.step is not None:
            self._writes.advance_import(connection, append_request.step)
        return range(size + 1, frontier.size + 1)

    def last_versions(self, connection: Connection, stream_ids: Collection[UUID]) -> dict[UUID, int]:
        """Return the version of each stream's last event; 0 for a stream without events."""
        found = self._versions.rows(connection, list(stream_ids))
        return {any_uuid(stream_id): version or 0 for stream_id, version in found}

    def leaf_encoder(self, log_id: UUID | bytes) -> LeafEncoder:
        """Return the encoder of this log's leaves, a cached one."""
        if self._leaf_encoder is None:
            self._leaf_encoder = LeafEncoder(any_uuid(log_id))
        return self._leaf_encoder

    def _token_key(self, key_id: bytes) -> TokenKey:
        """Return the token key in use, switching to it after a rotation. Raises: KeysMissing."""
        token_key = self._installation_keys.switch_token_key(key_id)
        if token_key is None:
            raise KeysMissing
        return token_key

    def _switch_index_key(self, key_id: bytes) -> bool:
        """Switch to the index key in use; return whether it had been rotated. Raises: KeysMissing."""
        if self._vault.index_key.id == key_id:
            return False
        if not self._installation_keys.switch_index_key(bytes(key_id)):
            raise KeysMissing
        return True

    def _index_key(self, append_request: AppendRequest, key_id: bytes) -> IndexKey:
        """Return the index key in use, which the digests of reservations are computed with.

        Raises: Conflict after a rotation, as the request's reservations were looked up with the old key;
        KeysMissing.
        """
        if self._switch_index_key(key_id) and append_request.reservations:
            raise Conflict
        return self._vault.index_key
