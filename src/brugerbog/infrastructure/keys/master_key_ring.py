"""The master keys of a store: loads them, and follows their rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from brugerbog.application.refusals.keys import MasterKeyWrong
from brugerbog.infrastructure.crypto.vault import MasterKeyUnknown, master_key_id
from brugerbog.infrastructure.database.schema import master_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend

T = TypeVar("T")


class MasterKeyRing:
    """Loads the master keys into the vault, at the start and after another process has rotated them."""

    def __init__(self, backend: Backend, vault: Vault, source: MasterKeys) -> None:
        """Take the source of the keys."""
        self._backend = backend
        self._vault = vault
        self.source = source

    def reload(self) -> None:
        """Read the keys again.

        Raises: MasterKeyWrong when the store knows none of them; as `MasterKeys.read`.
        """
        keys, known = self.source.read(), self.known_ids()
        if known.isdisjoint(map(master_key_id, keys)):
            raise MasterKeyWrong(self.source.place)
        self._vault.use_master_keys(keys, known)

    def known_ids(self) -> set[bytes]:
        """The ids of the master keys that may wrap."""
        with self._backend.read_connection(self._backend.keys) as connection:
            return {bytes(key_id) for key_id in connection.execute(select(master_keys.c.id)).scalars()}

    def reload_if_replaced(self) -> bool:
        """Read the keys again if the wrapping key may no longer wrap; returns whether that was so.

        Raises: as `reload`.
        """
        if self._vault.wrapping_key_id in self.known_ids():
            return False
        self.reload()
        return True

    def with_current_keys(self, read: Callable[[], T]) -> T:
        """Return the result of `read`, called once more after a reload if a master key was missing.

        Raises: MasterKeyWrong when the source doesn't have it either; DecryptionFailed.
        """
        try:
            return read()
        except MasterKeyUnknown:
            self.reload()
        try:
            return read()
        except MasterKeyUnknown:
            raise MasterKeyWrong(self.source.place) from None
