"""How often somebody may try, where trying often is an attack. Each process counts for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from brugerbog.domain.errors import Refusal

if TYPE_CHECKING:
    from limits import RateLimitItem
    from starlette.requests import Request

RATES: Final[dict[str, RateLimitItem]] = {
    "login": RateLimitItemPerMinute(60),
    "link": RateLimitItemPerMinute(30),
    "code": RateLimitItemPerMinute(10),
    "resend": RateLimitItemPerMinute(30),
    "upload": RateLimitItemPerMinute(20),
    "export": RateLimitItemPerMinute(6),
}
"""Tries a minute: of an address for login, links and codes; of a logged-in user for the rest (ours)."""


@dataclass(eq=False)
class TooManyTries(Refusal):
    """Somebody tries more often than a person would."""

    code = "too_many_tries"
    danish = "Der er forsøgt for mange gange på kort tid. Vent et minut, og prøv igen."
    english = "Too many tries in a short time. Wait a minute and try again."


class Rates:
    """Counts tries in a moving window."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, what: str, who: str) -> None:
        """Raises: TooManyTries."""
        if not self._limiter.hit(RATES[what], what, who):
            raise TooManyTries

    def count_address(self, what: str, request: Request) -> None:
        """The same for whoever calls from an address. Raises: TooManyTries."""
        self.count(what, request.client.host if request.client else "")
