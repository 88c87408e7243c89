"""The keys that sign checkpoints: seeds wrapped with the other keys, public keys in the log for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select, update

from brugerbog.application.refusals.keys import KeysBeingRotated, SigningKeyMissing
from brugerbog.infrastructure.database.schema import head, signing_keys
from brugerbog.infrastructure.keys.installation_keys import SIGNING, new_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.domain.kernel.privacy import Secret
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.installation_keys import InstallationKey, InstallationKeys


class SigningKey(NamedTuple):
    """An Ed25519 key: its seed and its public key, both 32 bytes."""

    seed: Secret[bytes]
    public_key: bytes


@dataclass(frozen=True, slots=True)
class PublicSigningKey:
    """A public key and the sizes of the log from which, and until which, it signed checkpoints."""

    public_key: bytes
    since_size: int
    retired_at_size: int | None


class SigningKeys:
    """The store of the signing keys. Nothing is cached, as they are needed seldom."""

    def __init__(self, backend: Backend, keys: InstallationKeys) -> None:
        """Take the store and the installation's keys."""
        self._backend = backend
        self._keys = keys

    def current(self) -> SigningKey:
        """The key that signs now. Raises: SigningKeyMissing when its seed is lost."""
        return self.active_keys()[0]

    def active_keys(self) -> list[SigningKey]:
        """The current key; then, while a rotation isn't finished, the one before.

        Raises: SigningKeyMissing.
        """
        seeds = self._seeds()
        known = [one for one in self.public_keys() if one.public_key in seeds]
        if not known or known[0].retired_at_size is not None:
            raise SigningKeyMissing
        return [_signing(seeds[one.public_key]) for one in known]

    def public_keys(self) -> list[PublicSigningKey]:
        """All keys that ever signed checkpoints: the current one, then the retired ones, latest first."""
        with self._backend.read_connection(self._backend.log) as connection:
            rows = connection.execute(select(signing_keys)).all()
        known = [PublicSigningKey(bytes(row.public_key), row.since_size, row.retired_at_size) for row in rows]
        known.sort(key=lambda one: (one.retired_at_size or 0, one.since_size), reverse=True)
        return sorted(known, key=lambda one: one.retired_at_size is not None)

    def rotate(
        self, on_rotated: Callable[[SigningKey | None, SigningKey], object]
    ) -> tuple[SigningKey | None, SigningKey]:
        """Rotate the key, or continue a rotation that was cut off; returns the old key and the new one.

        `on_rotated` must store a checkpoint signed with both before it returns; only then is the old seed
        destroyed. If it raises, the next call passes the same two keys. The old key is None when its seed was
        lost.
        Raises: KeysBeingRotated.
        """
        with self._backend.key_rotation_lock() as is_alone:
            if not is_alone:
                raise KeysBeingRotated
            old, new = self._unfinished() or self._changed()
            on_rotated(old, new)
            self._keys.destroy_others(SIGNING, but=new.public_key)
            return old, new

    def _seeds(self) -> dict[bytes, InstallationKey]:
        return {one.id: one for one in self._keys.load(SIGNING)}

    def _unfinished(self) -> tuple[SigningKey, SigningKey] | None:
        """The old key and the new one of a rotation that has not destroyed the old seed."""
        seeds, known = self._seeds(), self.public_keys()
        retired = [one.public_key for one in known if one.retired_at_size is not None]
        usable = [public_key for public_key in retired if public_key in seeds]
        if not usable or known[0].public_key not in seeds:
            return None
        return _signing(seeds[usable[0]]), _signing(seeds[known[0].public_key])

    def _changed(self) -> tuple[SigningKey | None, SigningKey]:
        seeds, known = self._seeds(), self.public_keys()
        listed = {one.public_key for one in known}
        # One that the log doesn't know was made by a change that got no further.
        new = next((one for one in seeds.values() if one.id not in listed), None)
        if new is None:
            new = new_key(SIGNING)
            self._keys.add(SIGNING, new)
        with self._backend.write_transaction(self._backend.log) as connection:
            size = connection.execute(select(head.c.size).with_for_update()).scalar_one()
            current = signing_keys.c.retired_at_size.is_(None)
            connection.execute(update(signing_keys).where(current).values(retired_at_size=size))
            connection.execute(insert(signing_keys).values(public_key=new.id, since_size=size))
        old = seeds.get(known[0].public_key)
        return (_signing(old) if old else None), _signing(new)


def _signing(own: InstallationKey) -> SigningKey:
    return SigningKey(own.key, own.id)
