"""Rotation of the token key: tokens under the old key are refused at once, mailed links stay valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from brugerbog.application.refusals.keys import KeysBeingRotated
from brugerbog.infrastructure.crypto.vault import TokenKey
from brugerbog.infrastructure.database.schema import head
from brugerbog.infrastructure.keys.installation_keys import TOKENS, new_key
from brugerbog.infrastructure.keys.row_macs import reauthenticate

if TYPE_CHECKING:
    from brugerbog.infrastructure.event_store.log import BrugerbogLog


class TokenKeyRotation:
    """One rotation of the token key. One key is in use, wherever a rotation is cut off.

    The MACs of links, temporary codes and organisations' events are recomputed with the new key, in the
    transaction that names it in the head; other processes load it with their next command or query.
    """

    def __init__(self, log: BrugerbogLog) -> None:
        """Take the log whose rows are to be authenticated again."""
        self._log = log
        self._keys = log.installation_keys

    def run(self) -> bytes:
        """Rotate the key; nothing can be appended meanwhile. Returns the new key's id.

        Raises: KeysBeingRotated.
        """
        with self._log.backend.key_rotation_lock() as is_alone:
            if not is_alone:
                raise KeysBeingRotated
            return self.change()

    def change(self) -> bytes:
        """As `run`, for callers that hold the rotation lock."""
        new = new_key(TOKENS)
        self._keys.add(TOKENS, new)
        with self._log.recorder.transaction(), self._log.recorder.read_connection() as connection:
            reauthenticate(connection, self._log.vault.token_key, TokenKey(new.id, new.key))
            connection.execute(update(head).values(token_key=new.id))
        self._log.vault.use_token_key(new.key)
        self._forget_others()
        self._log.purge_deleted()
        return new.id

    def sweep(self) -> None:
        """Destroy the keys that a cut-off rotation has left, unless one is under way."""
        with self._log.backend.key_rotation_lock() as is_alone:
            if is_alone:
                self._forget_others()

    def _forget_others(self) -> None:
        self._keys.destroy_others(TOKENS, but=self._keys.current_token_key_id())
