"""Rate limits on failures: counted for the caller's address, and for the target of the attempt."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from brugerbog.application.rate_limits import (
    FAILURES_OF_ADDRESS,
    FAILURES_OF_CLIENT,
    FAILURES_OF_CLIENT_AT_ADDRESS,
)

if TYPE_CHECKING:
    from starlette.requests import Request

    from brugerbog.application.rate_limits import Limit, RateLimiter


def count_failure(limiter: RateLimiter, request: Request, *also: tuple[Limit, object]) -> None:
    """Count a failure for the caller's network, and under each limit in `also`. Success is never counted.

    Raises: TooManyTries.
    """
    network = network_of(request)
    limiter.count(FAILURES_OF_ADDRESS, network)
    for limit, key in also:
        limiter.count(limit, key)


def count_wrong_secret(limiter: RateLimiter, request: Request, client_id: str) -> None:
    """Count a wrong client secret: for the client at this network, and for the client in all.

    Only a wrong secret is counted and refused, so the failures of others never lock out a client that sends
    the right secret. Raises: TooManyTries.
    """
    at_address = f"{client_id} {network_of(request)}"
    count_failure(
        limiter, request, (FAILURES_OF_CLIENT_AT_ADDRESS, at_address), (FAILURES_OF_CLIENT, client_id)
    )


def network_of(request: Request) -> str:
    """Return the network whose failures are counted together: an IPv4 address, or the /64 of an IPv6 address.

    Behind a trusted proxy it is the network of the address that the proxy forwards.
    """
    written = request.client.host if request.client else ""
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:
        return written
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
