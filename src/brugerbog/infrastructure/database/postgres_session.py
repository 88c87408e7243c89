"""Settings of every session on PostgreSQL, whatever environment, role or database set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

from brugerbog.application.refusals.database import NotDurable, NotUtf8, PostgresTooOld, TriggersOff

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

OLDEST_VERSION: Final = 150000

CONNECT_ARGS: Final = {"client_encoding": "UTF8"}
"""Parameters of the connection, which override PGCLIENTENCODING, PGOPTIONS, role and database."""

_SETTINGS: Final = {
    "standard_conforming_strings": "on",
    "bytea_output": "hex",
    "DateStyle": "ISO",
    # Under a stricter level, a transaction that waits for the head's row fails instead of continuing.
    "default_transaction_isolation": "read committed",
}
_SET: Final = (
    "SELECT "
    + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS.items())
    # Turned off after the store was opened, commands would be acknowledged before they are on disk. A level
    # that waits for a standby is kept.
    + ", set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"
)
_CHECKED: Final = (
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
    " current_setting('session_replication_role'), current_setting('fsync'),"
    " (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit')"
)


def pin_settings(engine: Engine) -> None:
    """Set the session's settings on every new connection, in one round trip."""

    @event.listens_for(engine, "connect")
    def pin(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        connection.autocommit = True
        connection.execute(_SET)
        connection.autocommit = False


def check_server(connection: Connection) -> None:
    """Check version, encoding, triggers and durability of the server.

    Raises: PostgresTooOld; NotUtf8 when the database can't store every character; TriggersOff; NotDurable
    when commits are acknowledged before they are on disk.
    """
    version, encoding, triggers, fsync, commit = connection.exec_driver_sql(_CHECKED).one()
    if version < OLDEST_VERSION:
        raise PostgresTooOld(version // 10000)
    if encoding != "UTF8":
        raise NotUtf8(encoding)
    if triggers != "origin":
        raise TriggersOff
    if fsync != "on" or commit == "off":
        raise NotDurable
