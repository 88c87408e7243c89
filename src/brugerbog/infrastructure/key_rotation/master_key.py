"""Changes the master key: all keys are wrapped anew, the log isn't touched, and work goes on meanwhile."""

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

_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class MasterKeyRotated:
    """What changing the master key came to.

    `resumed` is true if a rotation begun earlier, or by hand, was finished and no new key was drawn;
    `old_keys_kept` if the source of the master keys still has the old keys, for the operator to remove.
    """

    master: bytes
    retired: tuple[bytes, ...]
    rewrapped: int
    resumed: bool
    old_keys_kept: bool


class MasterKeyRotation:
    """One change of the master key, which goes on from wherever an earlier one was cut off.

    The new key is first put where keys come from, then made known to the store, then all keys are wrapped
    with it, then the old one is struck from those that may wrap, and only then taken from where keys come
    from. The database refuses to strike it while anything is wrapped with it, and to wrap with it once it is
    struck: whoever has not heard of the new key by then is refused, looks, and goes on with it.
    """

    def __init__(
        self,
        backend: Backend,
        vault: Vault,
        masters: MasterKeyRing,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Take what the keys are wrapped with.

        `then` is done once the old master keys wrap nothing any more, and before they are gone from their
        place: so a change that is cut off does it when it is gone on with.
        """
        self._backend = backend
        self._vault = vault
        self._masters = masters
        self._then = then
        self._rewrapped = 0

    def run(self, *, keep_old: bool = False) -> MasterKeyRotated:
        """Change it, or go on.

        With `keep_old` the old keys stay where keys come from, to open copies of the store from before.
        Raises: KeysBeingRotated; MasterKeyNotWritable when a new key is the operator's to put there;
        MasterKeyWrong when something is wrapped with a key that is nowhere.
        """
        with self._backend.key_rotation_lock() as alone:
            if not alone:
                raise KeysBeingRotated
            keys = self._masters.source.read()
            resumed = len(keys) > 1 and not (keep_old and self._is_done(keys))
            if not resumed:
                keys = [new_master_key(), *keys]
                self._masters.source.write(keys)
            newest = master_key_id(keys[0])
            self._make_known(newest)
            self._rewrap_all()
            retired = tuple(sorted(self._masters.known_ids() - {newest}))
            for old in retired:
                self._strike(old)
            self._then()
            left = keep_old or not self._drop_others()
            self._backend.purge_deleted()
            return MasterKeyRotated(newest, retired, self._rewrapped, resumed, left)

    def _is_done(self, keys: Sequence[Secret[bytes]]) -> bool:
        """Whether the newest key is the only one that may wrap, and the others were kept on purpose."""
        return self._masters.known_ids() == {master_key_id(keys[0])}

    def _make_known(self, newest: bytes) -> None:
        if newest not in self._masters.known_ids():
            with self._backend.write_transaction(self._backend.keys) as connection:
                connection.execute(insert(master_keys).values(id=newest))
        self._masters.reload()

    def _rewrap_all(self) -> None:
        """Go through all keys once, some at a time: what others wrap with the old key is left for the end."""
        with self._backend.write_transaction(self._backend.keys) as connection:
            self._rewrap(connection, installation_keys)
        after = None
        while (after := self._rewrap_some(after)) is not None:
            pass

    def _rewrap_some(self, after: Any) -> Any:  # noqa: ANN401 - a user's id
        """Wrap some users' keys anew; the last one looked at, or None at the end."""
        page = select(user_keys.c.user_id, user_keys.c.master).order_by(user_keys.c.user_id).limit(_AT_ONCE)
        if after is not None:
            page = page.where(user_keys.c.user_id > after)
        with self._backend.write_transaction(self._backend.keys) as connection:
            seen = connection.execute(page).all()
            if seen and any(bytes(row.master) != self._vault.wrapping_key_id for row in seen):
                self._rewrap(connection, user_keys, upto=seen[-1].user_id, after=after)
        return seen[-1].user_id if seen else None

    def _strike(self, old: bytes) -> None:
        """Wrap anew what was wrapped with it meanwhile, and let it wrap nothing any more, as one."""
        with self._backend.write_transaction(self._backend.keys) as connection:
            # Whoever is about to wrap with it waits for this, and is then refused.
            connection.execute(select(master_keys.c.id).where(master_keys.c.id == old).with_for_update())
            for table in (installation_keys, user_keys):
                self._rewrap(connection, table)
            connection.execute(delete(master_keys).where(master_keys.c.id == old))

    def _drop_others(self) -> bool:
        """Leave only the key that wraps where keys come from; False when that is the operator's to do."""
        keys = self._masters.source.read()
        kept = [key for key in keys if master_key_id(key) == self._vault.wrapping_key_id]
        if len(keys) > len(kept):
            try:
                self._masters.source.write(kept)
            except MasterKeyNotWritable:
                return False
            self._masters.reload()
        return True

    def _rewrap(self, connection: Connection, table: Table, *, upto: Any = None, after: Any = None) -> None:  # noqa: ANN401
        """Wrap anew the keys in a table that another master wraps; of users, those within a range of ids."""
        others = select(table).where(table.c.master != self._vault.wrapping_key_id)
        if upto is not None:
            others = others.where(user_keys.c.user_id <= upto)
        if after is not None:
            others = others.where(user_keys.c.user_id > after)
        key = list(table.primary_key)
        # By the key that it was read with: a user's who was erased meanwhile does not come back.
        same = [column == bindparam(f"was_{column.name}") for column in (*key, table.c.master)]
        anew = update(table).where(*same).values(wrapped=bindparam("box"), master=bindparam("by"))
        rows = connection.execute(others).all()
        for start in range(0, len(rows), _AT_ONCE):
            some = [self._anew(row, [*key, table.c.master]) for row in rows[start : start + _AT_ONCE]]
            connection.execute(anew, some)
        self._rewrapped += len(rows)

    def _anew(self, row: Row[Any], was: Sequence[Any]) -> dict[str, Any]:
        name = row.user_id.bytes if "user_id" in row._fields else key_owner(row.name, bytes(row.id))
        try:
            opened = self._vault.unwrap(name, row.wrapped, bytes(row.master))
        except MasterKeyUnknown:
            raise MasterKeyWrong(self._masters.source.place) from None
        box, by = self._vault.wrap(name, opened)
        return {"box": box, "by": by} | {f"was_{one.name}": getattr(row, one.name) for one in was}
