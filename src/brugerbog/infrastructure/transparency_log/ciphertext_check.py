"""The check of every ciphertext in the log against the commitment in its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.application.ports.transparency_log import CiphertextsChecked, Damage, DamageKind
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.infrastructure.crypto.vault import DecryptionFailed, event_associated_data

if TYPE_CHECKING:
    from brugerbog.infrastructure.database.event_row import StoredEvent
    from brugerbog.infrastructure.event_store.log import BrugerbogLog

_PAGE: Final = 1_000


def check_ciphertexts(log: BrugerbogLog) -> CiphertextsChecked:
    """Count the ciphertexts that fit and those rightly deleted; stop at the first that doesn't fit.

    The tree has commitments, not ciphertexts: only this check finds a ciphertext exchanged for another.
    """
    opened = gone = position = 0
    while page := log.recorder.select_positions(position, _PAGE):
        owners = {owner_of(event.stream_id) for event in page if event.ciphertext is not None}
        keys = log.keys.load(owners)
        for event in page:
            if event.ciphertext is None:
                gone += bool(event.commitment)
                continue
            key = keys.get(owner_of(event.stream_id))
            if key is None or not _fits(log, event, event.ciphertext, key):
                broken = Damage(DamageKind.BROKEN_CIPHERTEXT, event.position, event.stream_id, 0)
                return CiphertextsChecked(opened, gone, broken)
            opened += 1
        position = page[-1].position
    return CiphertextsChecked(opened, gone, None)


def _fits(log: BrugerbogLog, event: StoredEvent, ciphertext: bytes, key: bytes) -> bool:
    associated_data = event_associated_data(event.organisation_id.bytes, event.stream_id.bytes, event.version)
    try:
        log.vault.open(key, associated_data, ciphertext, event.commitment)
    except DecryptionFailed:
        return False
    return True
