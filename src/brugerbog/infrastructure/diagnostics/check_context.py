"""The context of checks: the store, opened as far as it can be, without changing anything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.diagnostics.checks import PrerequisiteMissing
from brugerbog.application.refusals.store import StoreEmpty
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.infrastructure.keys.signing_keys import SigningKeys
from brugerbog.infrastructure.migrations.preparation import check_store_version
from brugerbog.infrastructure.settings import Installation
from brugerbog.infrastructure.wiring import StoreKeys, StoreWiring, open_backend

if TYPE_CHECKING:
    from pathlib import Path

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.erasure.erase_list import EraseList
    from brugerbog.infrastructure.event_store.log import BrugerbogLog


class CheckContext:
    """A store under examination.

    `read_settings`, `connect`, `open` and `unlock` are for the checks that find out whether each is possible.
    """

    def __init__(self, url: str | None, clock: Clock) -> None:
        self._url = url
        self.clock = clock
        self.path: Path | None = None
        self._settings: Installation | None = None
        self._connected: Backend | None = None
        self._is_open = False

    def read_settings(self) -> None:
        """Read the installation's settings. Raises: EnvironmentInvalid."""
        self._settings = Installation.from_environment()

    @property
    def settings(self) -> Installation:
        """The installation's settings. Raises: PrerequisiteMissing where they are invalid."""
        if self._settings is None:
            raise PrerequisiteMissing
        return self._settings

    @property
    def backend(self) -> Backend:
        """The store, whose tables have this version's schema. Raises: PrerequisiteMissing."""
        if self._connected is None or not self._is_open:
            raise PrerequisiteMissing
        return self._connected

    def connect(self) -> Backend:
        """Connect to the store.

        Raises: StoreUnusable's kin; PrerequisiteMissing where its address isn't known.
        """
        self._connected, self.path = open_backend(self._url or self.settings.store)
        return self._connected

    def open(self) -> Backend:
        """Check that the store is there, with this version's schema.

        Raises: PrerequisiteMissing, StoreUnusable's kin.
        """
        backend = self._connected
        if backend is None:
            raise PrerequisiteMissing
        if self.path is not None and not (self.path.is_file() and self.path.stat().st_size):
            raise StoreEmpty
        if not backend.is_prepared():
            raise StoreEmpty
        check_store_version(backend)
        self._is_open = True
        return backend

    def _wiring(self) -> StoreWiring:
        """The wiring of the open store. Raises: PrerequisiteMissing."""
        backend = self.backend
        return StoreWiring(self.settings, backend, self.path)

    def unlock(self) -> tuple[MasterKeys, SigningKeys]:
        """Load the store's keys.

        Raises: PrerequisiteMissing, MasterKeyNotNamed, MasterKeyNamedTwice, and what reading the master keys
        raises.
        """
        store = self._wiring()
        return store.master_keys, SigningKeys(store.backend, store.unlock().installation_keys)

    def log(self) -> BrugerbogLog:
        """Return the log, with keys to check and open it.

        Raises: PrerequisiteMissing, also where the keys can't be loaded.
        """
        store = self._wiring()
        try:
            return store.event_log(store.unlock())
        except Refusal:
            # Another check reports what is wrong with the keys.
            raise PrerequisiteMissing from None

    def erase_list(self) -> EraseList:
        """The erase list. Raises: PrerequisiteMissing, also where the master keys aren't named."""
        store = self._wiring()
        try:
            return store.erase_list
        except Refusal:
            # Another check reports what is wrong with the keys.
            raise PrerequisiteMissing from None

    def public_keys(self) -> SigningKeys:
        """The keys that signed checkpoints: their public halves are readable without a master key."""
        return SigningKeys(self.backend, StoreKeys.locked(self.backend).installation_keys)

    def outbox(self) -> StoredOutbox:
        """The queue of mails, which can be counted without a master key."""
        return StoredOutbox(self.backend, StoreKeys.locked(self.backend).installation_keys)

    def close(self) -> None:
        if self._connected is not None:
            self._connected.close()
