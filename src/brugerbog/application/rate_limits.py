"""Rate limits, counted together for all processes of a store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from brugerbog.domain.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in any `seconds`, for each key counted under the name `what`."""

    what: str
    most: int
    seconds: int


class RateLimiter(Protocol):
    """Counts in sliding windows that all processes of a store share."""

    def count(self, limit: Limit, *of: object) -> None:
        """Count one more; a refused one isn't counted. Raises: TooManyTries."""
        ...

    def check(self, limit: Limit, *of: object) -> None:
        """Refuse as `count` would, without counting. Raises: TooManyTries."""
        ...


@dataclass(eq=False)
class TooManyTries(Refusal):
    """A rate limit is reached.

    `retry_after` is the number of seconds until the same request can succeed; at least 1.
    """

    code = "too_many_tries"
    danish = "Der er forsøgt for mange gange på kort tid. Vent lidt, og prøv igen."
    english = "Too many tries in a short time. Try again in {retry_after} seconds."
    retry_after: int


MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# Failures. A correct secret is accepted whatever the count, as all secrets are long.

FAILURES_OF_ADDRESS: Final = Limit("failures_of_address", 100, MINUTE)
"""Of an address (IPv6: a network of 64 bits): links, tokens, secrets and log-ins that don't exist (ours)."""

FAILURES_OF_CLIENT_AT_ADDRESS: Final = Limit("failures_of_client_at_address", 10, MINUTE)
"""Wrong secrets of one client from one address (ours)."""

FAILURES_OF_CLIENT: Final = Limit("failures_of_client", 60, MINUTE)
"""Wrong secrets of one client from all addresses together (ours)."""

FAILURES_OF_TICKET: Final = Limit("failures_of_ticket", 5, 10 * MINUTE)
"""Returns from the broker that match no login, with one ticket (ours)."""

FAILURES_OF_ACCOUNT: Final = Limit("failures_of_account", 10, MINUTE)
"""Logins confirmed by the broker and refused here, of one account (ours)."""

FAILURES_OF_LINK: Final = Limit("failures_of_link", 10, HOUR)
"""Identities that don't match the user of the link (ours). At the limit the link admits nobody."""

# Actions of known users and clients.

MAILS_TO_USER: Final = Limit("mails_to_user", 5, HOUR)
"""Mails and codes sent again to one user, by all actors together (ours)."""

CHANGES_MAILED_TO_USER: Final = Limit("changes_told_to_user", 20, HOUR)
"""Means assigned to and roles given to one user, of which each sends a mail (ours)."""

MAILS_OF_ACTOR: Final = Limit("mails_of_actor", 1000, HOUR)
"""Mails and codes sent again by one user or client: as many as the list can select at once (ours)."""

FILES_OF_ACTOR: Final = Limit("files_of_actor", 20, MINUTE)
"""Files of users that one user or client imports through pages or API (ours)."""

EXPORTS_OF_ACTOR: Final = Limit("exports_of_actor", 6, MINUTE)
"""Exports of the log by one user or client through pages or API; each recomputes the whole log (ours)."""

CPR_LIMIT_NOTIFIED: Final = Limit("cpr_limit_told", 1, DAY)
"""A reached limit of CPR numbers is recorded, and reported by mail, once a day per user or client (ours)."""


def cpr_limits(per_minute: int, per_day: int) -> tuple[Limit, ...]:
    """Return the installation's limits of whole CPR numbers shown to one user or client."""
    return Limit("cpr_a_minute", per_minute, MINUTE), Limit("cpr_a_day", per_day, DAY)


@dataclass(eq=False)
class CprLimitMet(TooManyTries):
    """The actor has reached a limit of whole CPR numbers."""

    code = "cpr_limit_met"
    danish = (
        "Der er vist så mange CPR-numre, som én bruger eller klient må se på kort tid. Vent, og prøv igen. "
        "Organisationens administratorer får besked."
    )
    english = (
        "As many whole CPR numbers have been shown to this actor as may be for a while. "
        "Try again in {retry_after} seconds. The organisation's administrators are told."
    )
