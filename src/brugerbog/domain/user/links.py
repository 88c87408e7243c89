"""Links to activate a user or means: validity, and the refusals of a link."""

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
"""Days that a link is valid (guide, Gensend aktiveringsmail)."""


class LinkPurpose(StrEnum):
    """The purpose of a link."""

    ACTIVATION = "activation"
    MEANS = "means"


@dataclass(frozen=True, slots=True)
class Link:
    """A link without its token; every token of its generation opens the link.

    `generation` is the version of the event that issued the link; a new link voids it. The link is valid
    before, and not at, `expires_at` (UTC).
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
    """Return when a link issued now expires: after 30 days, at the same wall-clock time in Copenhagen."""
    return same_time_after(context.recorded_at, LINK_DAYS)


@dataclass(eq=False)
class LinkUnknown(Refusal):
    """No link with that token was issued by this installation."""

    code = "link_unknown"
    danish = "Linket kendes ikke. Åbn det link, der står i den seneste e-mail fra MitID Erhverv."
    english = "No link with that token was issued here. Open the one in the latest mail."


@dataclass(eq=False)
class LinkVoided(Refusal):
    """A later link replaces it, or the user is deleted."""

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
    """The link has served its purpose."""

    code = "link_used"
    danish = "Linket er allerede brugt. Du er aktiveret og skal ikke gøre mere."
    english = "The link has been used: what it was for is done."
