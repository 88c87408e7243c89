"""Rotation of the master key: all keys are wrapped again, the log isn't touched, commands go on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from brugerbog.application.refusals.keys import KeysBeingRotated, MasterKeyNotWritable, MasterKeyWrong
from brugerbog.infrastructure.crypto.master_key import new_master_key
from brugerbog.infrastructure.crypto.vault import MasterKeyUnknown, master_key_id
from brugerbog.infrastructure.database.schema import installation_keys, master_keys, user_keys
from brugerbog.infrastructure.keys.installation_keys import key_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Row, Table

    from brugerbog.domain.kernel.privacy import Secret
    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.master_key_ring import MasterKeyRing

_BATCH_SIZE: Final = 1000


@dataclass(frozen=True, slots=True)
class MasterKeyRotated:
    """The result of a rotation: the ids of new and retired keys, and the number of keys wrapped again.

    `resumed` is true if a rotation begun earlier, or by hand, was finished and no new key was made;
    `old_keys_kept` if the source of the master keys still has the old keys, for the operator to remove.
    """

    master: bytes
    retired: tuple[bytes, ...]
    rewrapped: int
    resumed: bool
    old_keys_kept: bool


class MasterKeyRotation:
    """One rotation of the master key, which continues wherever an earlier one was cut off.

    The new key is first written to the source of master keys, then made known to the store; then all keys are
    wrapped with it; then the old key is retired from those that may wrap, and only then removed from the
    source. The database refuses to retire a key while it wraps anything, and to wrap with a retired one: a
    process that doesn't know the new key yet is refused, reloads the keys, and continues with the new one.
    """

    def __init__(
        self,
        backend: Backend,
        vault: Vault,
        master_key_ring: MasterKeyRing,
        before_cleanup: Callable[[], object] = lambda: None,
    ) -> None:
        """Take the store, its vault and its master keys.

        `before_cleanup` is called once the old master keys wrap nothing any more, and before they are removed
        from their source: a rotation that is cut off calls it when it continues.
        """
        self._backend = backend
        self._vault = vault
        self._master_keys = master_key_ring
        self._before_cleanup = before_cleanup
        self._rewrapped = 0

    def run(self, *, keep_old: bool = False) -> MasterKeyRotated:
        """Rotate the key, or continue a rotation.

        With `keep_old` the old keys stay in the source, for copies of the store from before.
        Raises: KeysBeingRotated; MasterKeyNotWritable when the operator must add the new key to the source;
        MasterKeyWrong when something is wrapped with a key that the source doesn't have.
        """
        with self._backend.key_rotation_lock() as is_alone:
            if not is_alone:
                raise KeysBeingRotated
            keys = self._master_keys.source.read()
            resumed = len(keys) > 1 and not (keep_old and self._is_done(keys))
            if not resumed:
                keys = [new_master_key(), *keys]
                self._master_keys.source.write(keys)
            newest = master_key_id(keys[0])
            self._make_known(newest)
            self._rewrap_all()
            retired = tuple(sorted(self._master_keys.known_ids() - {newest}))
            for old in retired:
                self._retire(old)
            self._before_cleanup()
            kept = keep_old or not self._remove_old_keys()
            self._backend.purge_deleted()
            return MasterKeyRotated(newest, retired, self._rewrapped, resumed, kept)

    def _is_done(self, keys: Sequence[Secret[bytes]]) -> bool:
        """Whether only the newest key may wrap, and the others were kept on purpose."""
        return self._master_keys.known_ids() == {master_key_id(keys[0])}

    def _make_known(self, newest: bytes) -> None:
        if newest not in self._master_keys.known_ids():
            with self._backend.write_transaction(self._backend.keys) as connection:
                connection.execute(insert(master_keys).values(id=newest))
        self._master_keys.reload()

    def _rewrap_all(self) -> None:
        """Wrap all keys again, in batches.

        Keys that others wrap with the old key meanwhile follow at the end.
        """
        with self._backend.write_transaction(self._backend.keys) as connection:
            self._rewrap(connection, installation_keys)
        after = None
        while (after := self._rewrap_some(after)) is not None:
            pass

    def _rewrap_some(self, after: Any) -> Any:  # noqa: ANN401 - a user's id
        """Wrap a batch of users' keys again; returns the last user's id, or None at the end."""
        page = (
            select(user_keys.c.user_id, user_keys.c.master).order_by(user_keys.c.user_id).limit(_BATCH_SIZE)
        )
        if after is not None:
            page = page.where(user_keys.c.user_id > after)
        with self._backend.write_transaction(self._backend.keys) as connection:
            seen = connection.execute(page).all()
            if seen and any(bytes(row.master) != self._vault.wrapping_key_id for row in seen):
                self._rewrap(connection, user_keys, upto=seen[-1].user_id, after=after)
        return seen[-1].user_id if seen else None

    def _retire(self, old: bytes) -> None:
        """Wrap again what was wrapped with the old key meanwhile, and retire the key, in one transaction."""
        with self._backend.write_transaction(self._backend.keys) as connection:
            # A process that is about to wrap with the key waits for this, and is then refused.
            connection.execute(select(master_keys.c.id).where(master_keys.c.id == old).with_for_update())
            for table in (installation_keys, user_keys):
                self._rewrap(connection, table)
            connection.execute(delete(master_keys).where(master_keys.c.id == old))

    def _remove_old_keys(self) -> bool:
        """Leave only the wrapping key in the source; False if only the operator can."""
        keys = self._master_keys.source.read()
        wrapping = [key for key in keys if master_key_id(key) == self._vault.wrapping_key_id]
        if len(keys) > len(wrapping):
            try:
                self._master_keys.source.write(wrapping)
            except MasterKeyNotWritable:
                return False
            self._master_keys.reload()
        return True

    def _rewrap(self, connection: Connection, table: Table, *, upto: Any = None, after: Any = None) -> None:  # noqa: ANN401
        """Wrap again the keys in a table that another master key wraps.

        Of users, those within a range of ids.
        """
        outdated = select(table).where(table.c.master != self._vault.wrapping_key_id)
        if upto is not None:
            outdated = outdated.where(user_keys.c.user_id <= upto)
        if after is not None:
            outdated = outdated.where(user_keys.c.user_id > after)
        key = list(table.primary_key)
        # Only rows that still have the key read here: the key of a user erased meanwhile stays gone.
        unchanged = [column == bindparam(f"was_{column.name}") for column in (*key, table.c.master)]
        rewrap = (
            update(table)
            .where(*unchanged)
            .values(wrapped=bindparam("new_wrapped"), master=bindparam("new_master"))
        )
        rows = connection.execute(outdated).all()
        for start in range(0, len(rows), _BATCH_SIZE):
            batch = [
                self._rewrapped_row(row, [*key, table.c.master]) for row in rows[start : start + _BATCH_SIZE]
            ]
            connection.execute(rewrap, batch)
        self._rewrapped += len(rows)

    def _rewrapped_row(self, row: Row[Any], columns: Sequence[Any]) -> dict[str, Any]:
        name = row.user_id.bytes if "user_id" in row._fields else key_owner(row.name, bytes(row.id))
        try:
            opened = self._vault.unwrap(name, row.wrapped, bytes(row.master))
        except MasterKeyUnknown:
            raise MasterKeyWrong(self._master_keys.source.place) from None
        wrapped, master = self._vault.wrap(name, opened)
        before = {f"was_{column.name}": getattr(row, column.name) for column in columns}
        return {"new_wrapped": wrapped, "new_master": master} | before
