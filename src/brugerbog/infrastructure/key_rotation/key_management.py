"""The operator's management of keys: status and rotation. No key is ever shown."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.infrastructure.crypto.vault import master_key_id
from brugerbog.infrastructure.database.schema import installation_keys, user_keys
from brugerbog.infrastructure.key_rotation.index_key import IndexKeyRotation
from brugerbog.infrastructure.key_rotation.master_key import MasterKeyRotation
from brugerbog.infrastructure.key_rotation.orphaned_keys import delete_orphaned_keys
from brugerbog.infrastructure.key_rotation.token_key import TokenKeyRotation
from brugerbog.infrastructure.keys.installation_keys import INDEX, TOKENS
from brugerbog.infrastructure.keys.signing_keys import SigningKeys
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.web.sessions import web_sessions
from brugerbog.infrastructure.web.uploads import web_uploads

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.key_rotation.index_key import IndexKeyRotated
    from brugerbog.infrastructure.key_rotation.master_key import MasterKeyRotated
    from brugerbog.infrastructure.keys.master_key_ring import MasterKeyRing
    from brugerbog.infrastructure.keys.signing_keys import SigningKey

ORPHANED_AFTER: Final = timedelta(days=1)
"""The age of a key without a user after which no command can be using it."""


@dataclass(frozen=True, slots=True)
class MasterKeyStatus:
    """The status of a master key: whether its source has it, whether it wraps, and how many keys it wraps."""

    id: str
    at_place: bool
    wraps: bool
    wrapped: int


@dataclass(frozen=True, slots=True)
class SigningKeyStatus:
    """A public key, in base64, and the sizes of the log between which it signed."""

    public_key: str
    since_size: int
    retired_at_size: int | None


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """The status of all keys; ids are hexadecimal, and an id reveals nothing about its key."""

    place: str
    masters: list[MasterKeyStatus]
    index: str
    tokens: str
    signing: list[SigningKeyStatus]


class KeyManagement:
    """Status and rotation of the installation's keys."""

    def __init__(self, log: BrugerbogLog, master_keys: MasterKeyRing, clock: Clock) -> None:
        """Take the log and its master keys."""
        self._log = log
        self._backend = log.backend
        self._master_keys = master_keys
        self._clock = clock
        self.signing = SigningKeys(log.backend, log.installation_keys)
        self._journal = logger("brugerbog.keys")

    def status(self) -> KeyStatus:
        """The status of all keys. Raises: as reading the master keys does."""
        at_place = [master_key_id(key) for key in self._master_keys.source.read()]
        known, wrapped = self._master_keys.known_ids(), self._wrapped()
        ids = at_place + sorted(known - set(at_place))
        current = next((one for one in ids if one in known), b"")
        return KeyStatus(
            self._master_keys.source.place,
            [MasterKeyStatus(one.hex(), one in at_place, one == current, wrapped.get(one, 0)) for one in ids],
            self._log.installation_keys.current_index_key_id().hex(),
            self._log.installation_keys.current_token_key_id().hex(),
            [
                SigningKeyStatus(b64encode(one.public_key).decode(), one.since_size, one.retired_at_size)
                for one in self.signing.public_keys()
            ],
        )

    def _wrapped(self) -> dict[bytes, int]:
        counted: dict[bytes, int] = {}
        with self._backend.read_connection(self._backend.keys) as connection:
            for table in (user_keys, installation_keys):
                of_each = select(table.c.master, func.count()).group_by(table.c.master)
                for master, count in connection.execute(of_each):
                    counted[bytes(master)] = counted.get(bytes(master), 0) + count
        return counted

    def rotate_master(self, *, keep_old: bool = False) -> MasterKeyRotated:
        """Rotate the master key and the token key; the log isn't touched. See `MasterKeyRotation.run`."""
        self.delete_orphaned_keys()
        tokens = TokenKeyRotation(self._log)
        rotation = MasterKeyRotation(self._backend, self._log.vault, self._master_keys, tokens.change)
        done = rotation.run(keep_old=keep_old)
        self._journal.info("master_key_rotated", master=done.master.hex(), rewrapped=done.rewrapped)
        self._end_sessions()
        return done

    def rotate_tokens(self) -> bytes:
        """Rotate the token key: existing access tokens, logins and page cursors are refused at once.

        Mailed links stay valid. Returns the new key's id. Raises: as `TokenKeyRotation.run`.
        """
        done = TokenKeyRotation(self._log).run()
        self._end_sessions()
        return done

    def _end_sessions(self) -> None:
        """Delete sessions and uploads that nobody can decrypt any more; without the right to, they expire."""
        if self._backend.can_access_read_tables:
            with self._backend.write_transaction(self._backend.read) as connection:
                for table in (web_uploads, web_sessions):
                    connection.execute(delete(table))
        self._journal.info(
            "token_key_rotated", tokens=self._log.installation_keys.current_token_key_id().hex()
        )

    def rotate_index(self) -> IndexKeyRotated:
        """Rotate the index key, which recomputes all reservations. Raises: as `IndexKeyRotation.run`."""
        done = IndexKeyRotation(self._log).run()
        self._journal.info("index_key_rotated", index=done.index.hex(), claims=done.reservations)
        return done

    def rotate_signing(
        self, on_rotated: Callable[[SigningKey | None, SigningKey], object]
    ) -> tuple[SigningKey | None, SigningKey]:
        """Rotate the key that signs checkpoints. Raises: as `SigningKeys.rotate`, and as `on_rotated`."""
        done = self.signing.rotate(on_rotated)
        self._journal.info("signing_key_rotated", public_key=b64encode(done[1].public_key).decode())
        return done

    def delete_orphaned_keys(self) -> int:
        """Destroy keys a day old without a user; returns how many."""
        swept = delete_orphaned_keys(self._backend, microseconds(self._clock.now() - ORPHANED_AFTER))
        if swept:
            self._journal.info("orphan_keys_swept", count=swept)
        return swept

    def finish_rotations(self) -> None:
        """Destroy the index and token keys that a rotation which was cut off has left."""
        for name, rotation in ((INDEX, IndexKeyRotation(self._log)), (TOKENS, TokenKeyRotation(self._log))):
            if name in self._log.installation_keys.unfinished_rotations:
                rotation.sweep()
