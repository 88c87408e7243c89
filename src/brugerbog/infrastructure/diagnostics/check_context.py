"""What checks stand on: the store, opened as far as it can be, without changing anything in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from brugerbog.application.diagnostics.checks import NotOpen
from brugerbog.application.refusals.store import StoreEmpty
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.infrastructure.backup.erase_list import NoEraseList
from brugerbog.infrastructure.backup.listed_erasures import ListedErasures
from brugerbog.infrastructure.crypto.installation_keys import InstallationKeys
from brugerbog.infrastructure.crypto.master_key import KeysInMemory
from brugerbog.infrastructure.crypto.master_key_ring import MasterKeyRing
from brugerbog.infrastructure.crypto.signing_keys import SigningKeys
from brugerbog.infrastructure.crypto.user_keys import KeyRing
from brugerbog.infrastructure.crypto.vault import Vault
from brugerbog.infrastructure.database.preparation import check_forms, unlock
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from brugerbog.infrastructure.event_store.outbox import StoredOutbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.database.backend import Backend


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a store's engine and its master keys are come by, which is for others to know."""

    backend: Callable[[], tuple[Backend, Path | None]]
    master_keys: Callable[[Backend, Path | None], MasterKeys]


class CheckContext:
    """A store under examination. `open` and `unlock` are for the checks that find out whether that can be."""

    def __init__(self, wiring: Wiring, clock: Clock) -> None:
        self._wiring = wiring
        self.clock = clock
        self.path: Path | None = None
        self._reached: Backend | None = None
        self._is_open = False

    @property
    def backend(self) -> Backend:
        """The store, whose tables are this version's. Raises: NotOpen."""
        if self._reached is None or not self._is_open:
            raise NotOpen
        return self._reached

    def reach(self) -> Backend:
        """Come to the store. Raises: StoreUnusable's kin."""
        self._reached, self.path = self._wiring.backend()
        return self._reached

    def open(self) -> Backend:
        """See that the store is there, and of this version. Raises: NotOpen, StoreUnusable's kin."""
        backend = self._reached
        if backend is None:
            raise NotOpen
        if self.path is not None and not (self.path.is_file() and self.path.stat().st_size):
            raise StoreEmpty
        if not backend.is_prepared():
            raise StoreEmpty
        check_forms(backend)
        self._is_open = True
        return backend

    def master_keys(self) -> MasterKeys:
        """Where the master keys are. Raises: NotOpen, MasterKeyNotNamed, MasterKeyNamedTwice."""
        return self._wiring.master_keys(self.backend, self.path)

    def unlock(self) -> tuple[MasterKeys, SigningKeys]:
        """Open the store's keys. Raises: as `master_keys`, and what reading those raises."""
        port, _, _, keys = self._unlocked()
        return port, SigningKeys(self.backend, keys)

    def log(self) -> BrugerbogLog:
        """The log, with keys to check and open it. Raises: NotOpen, also where the keys can't be had."""
        try:
            _, vault, masters, keys = self._unlocked()
        except Refusal:
            # What is wrong with the keys another check says.
            raise NotOpen from None
        listed = ListedErasures(self.backend, NoEraseList())
        return BrugerbogLog(self.backend, vault, KeyRing(self.backend, vault, masters), keys, listed)

    def _unlocked(self) -> tuple[MasterKeys, Vault, MasterKeyRing, InstallationKeys]:
        port = self.master_keys()
        vault = Vault(*port.read())
        masters = MasterKeyRing(self.backend, vault, port)
        keys = InstallationKeys(self.backend, vault, masters)
        unlock(self.backend, masters, keys)
        return port, vault, masters, keys

    def public_keys(self) -> SigningKeys:
        """The keys that signed checkpoints, of which the public halves can be read without a master key."""
        closed = Vault()
        masters = MasterKeyRing(self.backend, closed, KeysInMemory())
        return SigningKeys(self.backend, InstallationKeys(self.backend, closed, masters))

    def outbox(self) -> StoredOutbox:
        """The queue of mails, which can be counted without a master key."""
        closed = Vault()
        masters = MasterKeyRing(self.backend, closed, KeysInMemory())
        return StoredOutbox(self.backend, InstallationKeys(self.backend, closed, masters))

    def close(self) -> None:
        if self._reached is not None:
            self._reached.close()
