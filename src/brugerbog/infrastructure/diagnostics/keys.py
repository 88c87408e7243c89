"""Check of the keys: the master key is there, private and the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from brugerbog.application.diagnostics import findings
from brugerbog.application.refusals.keys import KeysOutdated
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.infrastructure.database.schema import installation_keys, master_keys, user_keys
from brugerbog.infrastructure.key_rotation.key_management import ORPHANED_AFTER
from brugerbog.infrastructure.key_rotation.orphaned_keys import count_orphaned_keys
from brugerbog.infrastructure.keys.key_check import check_newest_user_has_key, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext


def keys(context: CheckContext, *, full: bool) -> Iterator[Finding]:
    """Check the keys: with `full` all ciphertexts have one, else the newest user's.

    Raises: as reading the master keys; KeysOutdated, SigningKeyMissing.
    """
    port, signing = context.unlock()
    backend = context.backend
    with backend.keys.connect() as connection:
        wrapped = sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (user_keys, installation_keys)
        )
        key_count = connection.execute(select(func.count()).select_from(master_keys)).scalar_one()
    orphans = count_orphaned_keys(backend, microseconds(context.clock.now() - ORPHANED_AFTER))
    yield findings.KEYS_FIT.finding(place=port.place, wrapped=wrapped, orphans=orphans)
    if key_count > 1:
        yield findings.ROTATION_UNFINISHED.finding()
    if full:
        if next(unreadable(backend), None) is not None:
            raise KeysOutdated
        yield findings.KEYS_WHOLE.finding()
    else:
        check_newest_user_has_key(backend, ())
    signing.current()
