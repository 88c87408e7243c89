"""What every session on PostgreSQL must be, whatever the environment, the role or the database sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

from brugerbog.application.refusals.database import NotDurable, NotUtf8, PostgresTooOld, TriggersOff

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

OLDEST_VERSION: Final = 150000

CONNECT_ARGS: Final = {"client_encoding": "UTF8"}
"""Parameters of the connection itself, which stand above PGCLIENTENCODING, PGOPTIONS, role and database."""

_SETTINGS: Final = {
    "standard_conforming_strings": "on",
    "bytea_output": "hex",
    "DateStyle": "ISO",
    # Under a stricter level, whoever waits for the head's row fails instead of going on.
    "default_transaction_isolation": "read committed",
}
_SET: Final = (
    "SELECT "
    + ", ".join(f"set_config('{name}', '{said}', false)" for name, said in _SETTINGS.items())
    # Whoever turned it off after the store was opened would let commands be acknowledged before they are on
    # disk; a level that waits for a standby stays.
    + ", set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)"
)
_CHECKED: Final = (
    "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
    " current_setting('session_replication_role'), current_setting('fsync'),"
    " (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit')"
)


def pin_settings(engine: Engine) -> None:
    """Set what statements mean on every new connection; it costs each one round trip."""

    @event.listens_for(engine, "connect")
    def pin(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's connection
        connection.autocommit = True
        connection.execute(_SET)
        connection.autocommit = False


def check_server(connection: Connection) -> None:
    """Check that server, database and role keep what is promised.

    Raises: PostgresTooOld; NotUtf8 when the database can't hold every letter; TriggersOff; NotDurable when it
    acknowledges before it has written.
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
