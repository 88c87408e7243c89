"""Refusals in the log of the running service, so that somebody can be told who tried what."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.domain.errors import Refusal


class LoggedComplaints:
    """Logs a refusal by ids and codes only."""

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        if not logging.getLogger(__name__).isEnabledFor(logging.INFO):
            return
        logger(__name__).info(
            "refused",
            command=command,
            code=refusal.code,
            actor=str(actor.id),
            organisation=str(actor.organisation_id),
            door=actor.door.value,
        )
