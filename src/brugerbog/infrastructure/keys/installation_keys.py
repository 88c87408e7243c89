"""The keys of the installation: for identity reservations, memory digests, tokens and signatures."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, insert, select

from brugerbog.application.refusals.keys import KeysMissing
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.vault import KEY_SIZE, IndexKey, TokenKey
from brugerbog.infrastructure.database.schema import head, installation_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.master_key_ring import MasterKeyRing

T = TypeVar("T")

INDEX: Final = "index"
MEMORY: Final = "memory"
SIGNING: Final = "signing"
TOKENS: Final = "tokens"

_MAX_FOLLOWED: Final = 5
"""How many rotations of the token key one read follows; more don't happen within one read."""

_POLL_SECONDS: Final = 1.0
"""The least seconds between two reads of the token key's id that a request alone causes."""


@dataclass(frozen=True, slots=True)
class InstallationKey:
    """One of the installation's keys; `id` is derived from it and reveals nothing about it."""

    id: bytes
    key: Secret[bytes]


def new_key(name: str) -> InstallationKey:
    """A random key with the id of its kind: of a signing key, the public key."""
    key = Secret(os.urandom(KEY_SIZE))
    if name == SIGNING:
        return InstallationKey(
            Ed25519PrivateKey.from_private_bytes(key.reveal()).public_key().public_bytes_raw(), key
        )
    return InstallationKey(TokenKey.of(key).id if name == TOKENS else IndexKey.of(key).id, key)


def key_owner(name: str, key_id: bytes) -> bytes:
    """The name under which the vault wraps a key of the installation."""
    return name.encode() + b":" + key_id


def add_key(connection: Connection, vault: Vault, name: str, new: InstallationKey) -> None:
    """Store a key as the newest of its name."""
    made = select(func.max(installation_keys.c.generation)).where(installation_keys.c.name == name)
    wrapped = vault.wrap(key_owner(name, new.id), new.key.reveal())
    connection.execute(
        insert(installation_keys).values(
            name=name,
            generation=(connection.execute(made).scalar() or 0) + 1,
            id=new.id,
            wrapped=wrapped.ciphertext,
            master=wrapped.master_key_id,
        )
    )


class InstallationKeys:
    """The store of the installation's keys; loads into the vault those that every command needs.

    `unfinished_rotations` has the names of which the last load found more than the key in use.
    """

    def __init__(self, backend: Backend, vault: Vault, master_key_ring: MasterKeyRing) -> None:
        self._backend = backend
        self._vault = vault
        self._master_keys = master_key_ring
        self.unfinished_rotations: set[str] = set()
        self._polled_at = -_POLL_SECONDS

    def unlock(self) -> None:
        """Load into the vault the keys that every command needs.

        Raises: KeysMissing, MasterKeyWrong, DecryptionFailed.
        """
        # Another process may be rotating a key: then the head names the next one.
        if not any(self._try_unlock() for _ in range(3)):
            raise KeysMissing

    def _try_unlock(self) -> bool:
        index, tokens = self._in_use()
        loaded = self._master_keys.with_current_keys(lambda: self._load(INDEX, MEMORY, TOKENS))
        if not loaded[MEMORY]:
            return False
        self._vault.use_memory_key(loaded[MEMORY][0].key)
        return self._use_index(loaded[INDEX], index) and self._use_tokens(loaded[TOKENS], tokens) is not None

    def _in_use(self) -> tuple[bytes, bytes]:
        with self._backend.read_connection(self._backend.log) as connection:
            index, tokens = connection.execute(select(head.c.index_key, head.c.token_key)).one()
        return bytes(index), bytes(tokens)

    def current_index_key_id(self) -> bytes:
        """The id of the key of the identity reservations."""
        return self._in_use()[0]

    def current_token_key_id(self) -> bytes:
        """The id of the key that encrypts tokens."""
        return self._in_use()[1]

    def switch_index_key(self, wanted: bytes) -> bool:
        """Load the index key with that id into the vault; False if there is none any more."""
        return self._use_index(self.load(INDEX), wanted)

    def _use_index(self, stored: Sequence[InstallationKey], wanted: bytes) -> bool:
        found = self._chosen(INDEX, stored, wanted)
        if found is not None:
            self._vault.use_index_key(found.key)
        return found is not None

    @property
    def token_key(self) -> TokenKey:
        """The token key as loaded; `switch_token_key` follows a rotation."""
        return self._vault.token_key

    def switch_token_key(self, wanted: bytes) -> TokenKey | None:
        """Load the token key with that id into the vault and return it; None if there is none any more.

        A key that has been replaced meanwhile isn't put back into the vault.
        """
        tokens = self._vault.token_key
        return tokens if wanted == tokens.id else self._use_tokens(self.load(TOKENS), bytes(wanted))

    def refresh_token_key(self) -> TokenKey:
        """Read from the store which token key is in use, and load it. Raises: KeysMissing."""
        return self.read_with_token_key(lambda: (None, self.current_token_key_id()))[1]

    def read_with_token_key(self, read: Callable[[], tuple[T, bytes]]) -> tuple[T, TokenKey]:
        """Return the result of `read`, which comes with the id of the token key, and that key.

        `read` is called again if the key was rotated in between. Raises: KeysMissing, and as `read`.
        """
        for _ in range(_MAX_FOLLOWED):
            found, wanted = read()
            tokens = self.switch_token_key(wanted)
            if tokens is not None:
                return found, tokens
        raise KeysMissing

    def _use_tokens(self, stored: Sequence[InstallationKey], wanted: bytes) -> TokenKey | None:
        found = self._chosen(TOKENS, stored, wanted)
        if found is None:
            return None
        newest_first = [key.id for key in stored]
        loaded = self._vault.token_key.id
        if loaded not in newest_first or newest_first.index(loaded) > newest_first.index(wanted):
            self._vault.use_token_key(found.key)
        return TokenKey(found.id, found.key)

    def poll_token_key(self) -> bool:
        """Load the token key again if another process has rotated it; returns whether it had.

        For callers that were shown a token which the loaded key can't decrypt. However many such tokens are
        shown, the store is read at most once a second.
        """
        now, before = time.monotonic(), self._vault.token_key.id
        if now - self._polled_at < _POLL_SECONDS:
            return False
        self._polled_at = now
        self.switch_token_key(self.current_token_key_id())
        return self._vault.token_key.id != before

    def _chosen(self, name: str, stored: Sequence[InstallationKey], wanted: bytes) -> InstallationKey | None:
        (self.unfinished_rotations.add if len(stored) > 1 else self.unfinished_rotations.discard)(name)
        return next((key for key in stored if key.id == wanted), None)

    def load(self, name: str) -> list[InstallationKey]:
        """The keys of a name, newest first. Raises: MasterKeyWrong, DecryptionFailed."""
        return self._master_keys.with_current_keys(lambda: self._load(name))[name]

    def _load(self, *names: str) -> dict[str, list[InstallationKey]]:
        stored = (
            select(installation_keys)
            .where(installation_keys.c.name.in_(names))
            .order_by(installation_keys.c.generation.desc())
        )
        with self._backend.read_connection(self._backend.keys) as connection:
            rows = connection.execute(stored).all()
        opened: dict[str, list[InstallationKey]] = {name: [] for name in names}
        for row in rows:
            owner = key_owner(row.name, bytes(row.id))
            key = Secret(self._vault.unwrap(owner, row.wrapped, bytes(row.master)))
            opened[row.name].append(InstallationKey(bytes(row.id), key))
        return opened

    def add(self, name: str, new: InstallationKey) -> None:
        """Store a key as the newest of its name, on disk before this returns."""
        with self._backend.write_transaction(self._backend.keys) as connection:
            add_key(connection, self._vault, name, new)

    def destroy_others(self, name: str, *, but: bytes) -> int:
        """Destroy all keys of a name but one; returns how many."""
        others = (installation_keys.c.name == name) & (installation_keys.c.id != but)
        with self._backend.write_transaction(self._backend.keys) as connection:
            return connection.execute(delete(installation_keys).where(others)).rowcount
