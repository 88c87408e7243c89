"""Links that let a user in once: how long they are good, and why one is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from brugerbog.domain.kernel.days import same_time_after
from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from brugerbog.domain.kernel.command_context import CommandContext

LINK_DAYS: Final = 30
"""A link lives so many days (guide, Gensend aktiveringsmail)."""


class LinkPurpose(StrEnum):
    """What somebody who opens a link is going to do."""

    ACTIVATION = "activation"
    MEANS = "means"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the domain knows it, without its token: every token of its generation opens it.

    `generation` is the version of the event that issued it; issuing another voids it. It is good up to, and
    not at, `expires_at` (UTC).
    """

    generation: int
    expires_at: datetime

    def check(self, generation: int, at: datetime) -> None:
        """Raises: LinkVoided, LinkExpired."""
        if generation != self.generation:
            raise LinkVoided
        if at >= self.expires_at:
            raise LinkExpired(self.expires_at)


def link_expiry(context: CommandContext) -> datetime:
    """When a link issued now ends: 30 days later at the same time by the clocks of Copenhagen."""
    return same_time_after(context.recorded_at, LINK_DAYS)


@dataclass(eq=False)
class LinkUnknown(Refusal):
    """Nobody here was ever sent a link with that token."""

    code = "link_unknown"
    danish = "Linket kendes ikke. Åbn det link, der står i den seneste e-mail fra MitID Erhverv."
    english = "No link with that token was issued here. Open the one in the latest mail."


@dataclass(eq=False)
class LinkVoided(Refusal):
    """A later link has taken its place, or its user is gone."""

    code = "link_voided"
    danish = "Linket gælder ikke længere. Brug linket i den seneste e-mail, eller spørg din administrator."
    english = "The link has been voided. Use the one in the latest mail, or ask your administrator."


@dataclass(eq=False)
class LinkExpired(Refusal):
    """More than 30 days have passed (guide, Gensend aktiveringsmail)."""

    code = "link_expired"
    danish = "Linket er udløbet. Bed din administrator om at sende en ny e-mail."
    english = "The link expired at {expires_at}. Ask the administrator to resend the mail."
    expires_at: datetime


@dataclass(eq=False)
class LinkUsed(Refusal):
    """What the link was for has been done."""

    code = "link_used"
    danish = "Linket er allerede brugt. Du er aktiveret og skal ikke gøre mere."
    english = "The link has been used: what it was for is done."
