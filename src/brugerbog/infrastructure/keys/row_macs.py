"""MACs of the rows that grant access: a row inserted or changed by hand is invalid.

An attacker with write access to the database but no key can't make the MAC (HMAC-SHA256 under the token key)
of a mailed link, of a temporary code or of an organisation's event. Each MAC covers every column of its row,
so columns can't be exchanged between rows either.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.infrastructure.crypto.tree_hash import LeafEncoder
from brugerbog.infrastructure.database import schema
from brugerbog.infrastructure.database.event_row import leaf_hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from sqlalchemy import Connection, Row, Select, Table

    from brugerbog.infrastructure.crypto.vault import TokenKey

_BATCH_SIZE: Final = 1000


TOKEN_KEY: Final = select(schema.head.c.token_key).scalar_subquery().label("token_key")
"""Subquery for the id of the token key in use, as a column of a query."""


LOG_ID: Final = select(schema.head.c.log_id).scalar_subquery().label("log_id")
"""Subquery for the id of the log, as a column of a query."""


class MacTables(NamedTuple):
    """The tables that the MACs cover or need; a migration passes those of its schema version."""

    head: Table
    events: Table
    event_macs: Table
    reservations: Table
    link_tokens: Table
    activation_codes: Table


TABLES: Final = MacTables(
    schema.head,
    schema.events,
    schema.event_macs,
    schema.reservations,
    schema.link_tokens,
    schema.activation_codes,
)


def link_mac(key: TokenKey, link: tuple[bytes, UUID, str, int, int]) -> bytes:
    """Return the MAC of a mailed link's row: digest, user, purpose, generation, `made_at` (microseconds)."""
    digest, user_id, purpose, generation, made_at = link
    numbers = generation.to_bytes(8, "big"), made_at.to_bytes(8, "big", signed=True)
    return key.mac("link", digest, user_id.bytes, purpose.encode(), *numbers)


def code_mac(key: TokenKey, user_id: UUID, hashed_code: bytes) -> bytes:
    """Return the MAC of the row of a user's hashed temporary activation code."""
    return key.mac("activation-code", user_id.bytes, hashed_code)


def event_mac(key: TokenKey, leaf_hash: bytes) -> bytes:
    """Return the MAC of an event of an organisation's stream; the leaf hash covers the whole event."""
    return key.mac("event", leaf_hash)


def is_same(one: bytes, other: bytes) -> bool:
    """Return whether two MACs are equal, compared in constant time."""
    return hmac.compare_digest(one, other)


def authenticate_all(connection: Connection, key: TokenKey, tables: MacTables) -> None:
    """Compute the MACs of all rows of a store that has none yet; its rows are trusted.

    The organisations are found by the reservations of their CVR numbers.
    """
    encoder = LeafEncoder(connection.execute(select(tables.head.c.log_id)).scalar_one())
    organisations = select(tables.reservations.c.holder).where(
        tables.reservations.c.scope == INSTALLATION_SCOPE
    )
    for organisation_id in connection.execute(organisations).scalars().all():
        organisation_events = select(tables.events).where(tables.events.c.stream_id == organisation_id)
        rows = [
            {
                "stream_id": row.stream_id,
                "version": row.version,
                "mac": event_mac(key, leaf_hash_of(row, encoder)),
            }
            for row in connection.execute(organisation_events)
        ]
        if rows:
            connection.execute(insert(tables.event_macs), rows)
    _update_links_and_codes(connection, tables, None, key)


def reauthenticate(connection: Connection, old: TokenKey, new: TokenKey, tables: MacTables = TABLES) -> None:
    """Compute all MACs with a new key; a row whose MAC is invalid under the old key stays invalid."""
    encoder = LeafEncoder(connection.execute(select(tables.head.c.log_id)).scalar_one())
    events, macs = tables.events, tables.event_macs
    of_event = (events.c.stream_id == macs.c.stream_id) & (events.c.version == macs.c.version)
    authenticated = connection.execute(select(events, macs.c.mac).join(macs, of_event)).all()
    _update(
        connection,
        macs,
        [
            {"of_stream_id": row.stream_id, "of_version": row.version, "new_mac": event_mac(new, leaf)}
            for row in authenticated
            if is_same(row.mac, event_mac(old, leaf := leaf_hash_of(row, encoder)))
        ],
    )
    _update_links_and_codes(connection, tables, old, new)


def _update_links_and_codes(
    connection: Connection, tables: MacTables, old: TokenKey | None, new: TokenKey
) -> None:
    for table, mac_of in ((tables.link_tokens, _mac_of_link), (tables.activation_codes, _mac_of_code)):
        (key,) = table.primary_key.columns
        for rows in _pages(connection, select(table), key):
            _update(
                connection,
                table,
                [
                    {f"of_{key.name}": getattr(row, key.name), "new_mac": mac_of(new, row)}
                    for row in rows
                    if old is None or is_same(row.mac, mac_of(old, row))
                ],
            )


def _mac_of_link(key: TokenKey, row: Row[Any]) -> bytes:
    return link_mac(key, (row.digest, row.user_id, row.purpose, row.generation, row.made_at))


def _mac_of_code(key: TokenKey, row: Row[Any]) -> bytes:
    return code_mac(key, row.user_id, row.kept)


def _pages(connection: Connection, rows: Select[Any], key: Any) -> Iterator[Sequence[Row[Any]]]:  # noqa: ANN401
    page = rows.order_by(key).limit(_BATCH_SIZE)
    found = connection.execute(page).all()
    while found:
        yield found
        found = connection.execute(page.where(key > getattr(found[-1], key.name))).all()


def _update(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        same = [column == bindparam(f"of_{column.name}") for column in table.primary_key.columns]
        connection.execute(update(table).where(*same).values(mac=bindparam("new_mac")), rows)
