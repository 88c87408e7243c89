"""The event store of the library, which encrypts and decrypts events with their users' keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.persistence import EventStore

from brugerbog.application.ports.event_log import Conflict
from brugerbog.application.refusals.keys import KeysOutdated
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.infrastructure.event_store.mapper import KeyGone, SealingMapper, has_personal_part
from brugerbog.infrastructure.event_store.recorder import LogRecorder
from brugerbog.infrastructure.keys.user_keys import KeyAlreadyStored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.infrastructure.database.event_row import StoredEvent
    from brugerbog.infrastructure.keys.user_keys import UserKeyRing


class SealedEventStore(EventStore[UUID]):
    """Encrypts every event with the key of its user, and decrypts it."""

    mapper: SealingMapper
    recorder: LogRecorder

    def __init__(self, mapper: SealingMapper, recorder: LogRecorder, keys: UserKeyRing) -> None:
        super().__init__(mapper, recorder)
        self._keys = keys

    def put(self, domain_events: Sequence[Any], **kwargs: Any) -> list[Any]:  # noqa: ANN401 - the library's
        """Store events; the library's name for `append`. Raises: as `append`."""
        self.append(domain_events, **kwargs)
        return []

    def append(self, new: Sequence[Event], **kwargs: Any) -> range:  # noqa: ANN401 - the recorder's
        """Store events and return their positions; a user's first event creates the user's key.

        Raises: as `LogRecorder.insert_events`.
        """
        owners = [owner_of(event.originator_id) for event in new]
        personal = {owner for event, owner in zip(new, owners, strict=True) if has_personal_part(event)}
        begun = {event.originator_id for event in new if event.originator_version == 1} & personal
        new_keys = {user_id: self.mapper.vault.new_key() for user_id in begun}
        known = self._keys_of(personal - begun) | new_keys
        try:
            return self.recorder.insert_events(self._seal(new, owners, known), new_keys=new_keys, **kwargs)
        except KeyAlreadyStored:
            # The keys are from an append that failed. Whether the users exist is checked by this append.
            kept = self._keys.reuse(begun, microseconds(new[0].timestamp))
            new_keys = {user_id: key for user_id, key in new_keys.items() if user_id not in kept}
            sealed = self._seal(new, owners, known | kept)
            return self.recorder.insert_events(sealed, new_keys=new_keys, **kwargs)

    def _seal(
        self, new: Sequence[Event], owners: Sequence[UUID], keys: Mapping[UUID, bytes]
    ) -> list[StoredEvent]:
        try:
            return [
                self.mapper.seal_event(event, keys.get(owner))
                for event, owner in zip(new, owners, strict=True)
            ]
        except KeyGone:
            self._check_erased([owner for owner in owners if owner not in keys])
            raise Conflict from None

    def _check_erased(self, without_key: Sequence[UUID]) -> None:
        """Check that users without a key have no ciphertext either. Raises: KeysOutdated.

        An erasure deletes the ciphertexts before the key: a user with ciphertexts and no key isn't erased.
        """
        streams = self.recorder.select_streams(list(dict.fromkeys(without_key)))
        if any(event.ciphertext is not None for event in streams):
            raise KeysOutdated

    def get(
        self,
        originator_id: UUID,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Iterator[Event]:
        stored = self.recorder.select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return iter(self.open(stored))

    def open(self, stored: Sequence[StoredEvent]) -> list[Event]:
        """Return the events of stored events; erased fields are `ERASED`."""
        owners = [owner_of(event.stream_id) for event in stored]
        sealed = zip(stored, owners, strict=True)
        keys = self._keys_of({owner for event, owner in sealed if event.ciphertext is not None})
        return [
            self.mapper.open_event(event, keys.get(owner))
            for event, owner in zip(stored, owners, strict=True)
        ]

    def _keys_of(self, user_ids: AbstractSet[UUID]) -> dict[UUID, bytes]:
        if not user_ids:
            return {}
        with self.recorder.key_connection() as connection:
            return self._keys.load(user_ids, connection)
