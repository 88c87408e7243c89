"""How often something may be tried or done in a time; counted together for all processes of a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from brugerbog.domain.errors import Refusal


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` in any `seconds`, for each thing counted as `what`."""

    what: str
    most: int
    seconds: int


class RateLimiter(Protocol):
    """Counts in sliding windows that every process of a store shares."""

    def count(self, limit: Limit, *of: object) -> None:
        """Count one more of a thing; one that is refused isn't counted. Raises: TooManyTries."""
        ...

    def check(self, limit: Limit, *of: object) -> None:
        """Refuse what `count` would refuse, counting nothing. Raises: TooManyTries."""
        ...


@dataclass(eq=False)
class TooManyTries(Refusal):
    """Something is done or tried more often than a person would.

    `retry_after` is in how many seconds, at the earliest, the same is taken again; at least 1.
    """

    code = "too_many_tries"
    danish = "Der er forsøgt for mange gange på kort tid. Vent lidt, og prøv igen."
    english = "Too many tries in a short time. Try again in {retry_after} seconds."
    retry_after: int


MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# What was tried and failed. Whoever is right is let in whatever was counted: no secret here is short.

FAILURES_OF_ADDRESS: Final = Limit("failures_of_address", 100, MINUTE)
"""Of an address (IPv6: a network of 64 bits): links, tokens, secrets and log-ins that don't exist (ours)."""

FAILURES_OF_CLIENT_AT_ADDRESS: Final = Limit("failures_of_client_at_address", 10, MINUTE)
"""Wrong secrets of one client from one address (ours)."""

FAILURES_OF_CLIENT: Final = Limit("failures_of_client", 60, MINUTE)
"""Wrong secrets of one client from all addresses together (ours)."""

FAILURES_OF_TICKET: Final = Limit("failures_of_ticket", 5, 10 * MINUTE)
"""Returns from the broker that fit no login, with one ticket (ours)."""

FAILURES_OF_ACCOUNT: Final = Limit("failures_of_account", 10, MINUTE)
"""Log-ins that a broker vouched for and we refused, of one account (ours)."""

FAILURES_OF_LINK: Final = Limit("failures_of_link", 10, HOUR)
"""Identities that don't fit the user whose link it is (ours). While it is met, nobody is let in by it."""

# What was done, by somebody known.

MAILS_TO_USER: Final = Limit("mails_to_user", 5, HOUR)
"""Mails and codes that are sent again to one user, whoever asks (ours)."""

MAILS_OF_ACTOR: Final = Limit("mails_of_actor", 1000, HOUR)
"""The same, asked for by one user or client: as many as are chosen at once in the list (ours)."""

FILES_OF_ACTOR: Final = Limit("files_of_actor", 20, MINUTE)
"""Files of users that one user or client hands in through pages or API (ours)."""

EXPORTS_OF_ACTOR: Final = Limit("exports_of_actor", 6, MINUTE)
"""Exports of the log that one user or client takes through pages or API: each derives the log anew (ours)."""
