"""The master keys as a store knows them: which of those at their place may wrap, looked up when need be."""

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
    """Brings the vault its master keys, at the start and whenever others have changed them."""

    def __init__(self, backend: Backend, vault: Vault, port: MasterKeys) -> None:
        """Take the place that the keys come from."""
        self._backend = backend
        self._vault = vault
        self.source = port

    def reload(self) -> None:
        """Read the keys again. Raises: MasterKeyWrong when the store knows none of them; as `read`."""
        keys, known = self.source.read(), self.known_ids()
        if known.isdisjoint(map(master_key_id, keys)):
            raise MasterKeyWrong(self.source.place)
        self._vault.use_master_keys(keys, known)

    def known_ids(self) -> set[bytes]:
        """The ids of the master keys that may wrap."""
        with self._backend.read_connection(self._backend.keys) as connection:
            return {bytes(one) for one in connection.execute(select(master_keys.c.id)).scalars()}

    def reload_if_replaced(self) -> bool:
        """Read the keys again if the one that wraps may no longer; whether that was so. Raises: as `take`."""
        if self._vault.wrapping_key_id in self.known_ids():
            return False
        self.reload()
        return True

    def with_current_keys(self, read: Callable[[], T]) -> T:
        """What `read` opens, read once more with new master keys if it met one that isn't here.

        Raises: MasterKeyWrong when it is at no place that we know of; DecryptionFailed.
        """
        try:
            return read()
        except MasterKeyUnknown:
            self.reload()
        try:
            return read()
        except MasterKeyUnknown:
            raise MasterKeyWrong(self.source.place) from None
