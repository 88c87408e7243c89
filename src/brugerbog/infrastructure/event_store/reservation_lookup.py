"""Finds the holders of identities among the reservations of the log."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, null, select, union_all

from brugerbog.application.refusals.keys import KeysMissing
from brugerbog.infrastructure.database.schema import head, reservations
from brugerbog.infrastructure.database.statements import InList, any_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import BindParameter, Column, CompoundSelect, Engine

    from brugerbog.domain.user.identity import Identity
    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.event_store.recorder import LogRecorder
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys

_MAX_KEY_SWITCHES: Final = 5
"""A look-up follows so many rotations of the index key; more than one during a look-up doesn't occur."""


class ReservationLookup:
    """Look-ups of identities by their keyed digests."""

    def __init__(
        self, engine: Engine, recorder: LogRecorder, vault: Vault, installation_keys: InstallationKeys
    ) -> None:
        self._recorder = recorder
        self._vault = vault
        self._installation_keys = installation_keys
        self._by_identity, self._by_name = (
            InList(partial(_holders_by, column), engine)
            for column in (reservations.c.digest, reservations.c.person)
        )

    def holders(self, scope: UUID, identities: Sequence[Identity]) -> dict[Identity, UUID]:
        """Return the holder of each identity that is reserved in the scope."""
        return dict(self._find(self._by_identity, scope, identities))

    def holders_by_name(self, scope: UUID, name_identities: Sequence[Identity]) -> dict[Identity, set[UUID]]:
        """Return all holders in the scope with the same name, birth date and e-mail, by name identity."""
        found: dict[Identity, set[UUID]] = {}
        for name_identity, holder in self._find(self._by_name, scope, name_identities):
            found.setdefault(name_identity, set()).add(holder)
        return found

    def _find(self, lookup: InList, scope: UUID, wanted: Sequence[Identity]) -> list[tuple[Identity, UUID]]:
        for _ in range(_MAX_KEY_SWITCHES):
            index_key = self._vault.index_key
            by_digest = {index_key.digest(one.kind, scope, one.text): one for one in wanted}
            with self._recorder.read_connection() as connection:
                found = list(lookup.rows(connection, list(by_digest), scope=scope))
            key_ids = {bytes(key_id) for key_id, holder in found if holder is None}
            if key_ids <= {index_key.id}:
                return [
                    (by_digest[digest], any_uuid(holder)) for digest, holder in found if holder is not None
                ]
            self._installation_keys.switch_index_key(max(key_ids - {index_key.id}))
        raise KeysMissing


def _holders_by(column: Column[bytes], digests: Sequence[BindParameter[Any]]) -> CompoundSelect[Any]:
    """Select digests with their holders and, in a row without a holder, the id of the key of all digests."""
    return union_all(
        select(head.c.index_key, null()),
        select(column, reservations.c.holder).where(
            reservations.c.scope == bindparam("scope"), column.in_(digests)
        ),
    )
