"""Check that the connection to a database server is encrypted, and the server's certificate verified."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.diagnostics import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext

_VERIFIED: Final = ("verify-ca", "verify-full")


def connection(context: CheckContext) -> Iterator[Finding]:
    """Check this process's connection to a server; a store in files has none."""
    backend = context.backend
    if not backend.has_single_database:
        return
    with backend.log.connect() as opened:
        driver: Any = opened.connection.driver_connection
        host = driver.info.hostaddr or driver.info.host
        encrypted = bool(driver.pgconn.ssl_in_use)
        mode = driver.info.get_parameters().get("sslmode", "prefer")
    yield connection_finding(host, mode, encrypted=encrypted)


def connection_finding(host: str, mode: str, *, encrypted: bool) -> Finding:
    """The finding for a connection to `host`, made with the `sslmode` of libpq."""
    if _is_this_machine(host):
        return findings.CONNECTION_LOCAL.finding()
    if not encrypted:
        return findings.CONNECTION_NOT_ENCRYPTED.finding(host=host)
    if mode not in _VERIFIED:
        return findings.CONNECTION_NOT_VERIFIED.finding(host=host, mode=mode)
    return findings.CONNECTION_ENCRYPTED.finding(host=host)


def _is_this_machine(host: str) -> bool:
    """Whether a host is a folder of sockets or a loopback address."""
    if not host or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
