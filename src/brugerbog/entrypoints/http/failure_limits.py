"""What failed is counted for the address that it came from, and for what it was tried on."""

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
    """Count one for the caller's network, and for each of the other things; success is never counted.

    Raises: TooManyTries.
    """
    network = network_of(request)
    limiter.count(FAILURES_OF_ADDRESS, network)
    for limit, of in also:
        limiter.count(limit, of)


def count_wrong_secret(limiter: RateLimiter, request: Request, client_id: str) -> None:
    """Count a wrong secret of a client: from this network, and from everywhere.

    It is asked for once a secret has proved wrong, so nobody else's failures shut a client out that knows its
    own. Raises: TooManyTries.
    """
    at_address = f"{client_id} {network_of(request)}"
    count_failure(
        limiter, request, (FAILURES_OF_CLIENT_AT_ADDRESS, at_address), (FAILURES_OF_CLIENT, client_id)
    )


def network_of(request: Request) -> str:
    """Whose tries are counted together: an IPv4 address; of IPv6 the network of 64 bits that one caller has.

    Behind a proxy that is trusted, the address is the one that the proxy tells.
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
