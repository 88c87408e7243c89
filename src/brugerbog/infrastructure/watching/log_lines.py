"""What is watched, in the log of the running service: who was refused what, and each request."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from brugerbog.application.watching import Kind
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.application.watching import Counted, Work
    from brugerbog.domain.errors import Refusal
    from brugerbog.infrastructure.watching.telling import Ended

REFUSALS: Final = "brugerbog.refusals"
REQUESTS: Final = "brugerbog.web"


class LogLines:
    """Logs ids and codes only."""

    def begun(self, work: Work) -> Ended | None:
        if work.kind is not Kind.REQUEST or not logging.getLogger(REQUESTS).isEnabledFor(logging.INFO):
            return None
        return partial(_say_request, work)

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        if not logging.getLogger(REFUSALS).isEnabledFor(logging.INFO):
            return
        logger(REFUSALS).info(
            "refused",
            command=command,
            code=refusal.code,
            actor=str(actor.id),
            organisation=str(actor.organisation_id),
            door=actor.door.value,
        )

    def counted(self, what: Counted, outcome: str, many: int) -> None:
        """Say nothing."""


def _say_request(work: Work, seconds: float, _error: BaseException | None) -> None:
    logger(REQUESTS).info(
        "request",
        method=work.by,
        page=work.name,
        status=int(work.outcome),
        milliseconds=round(seconds * 1000, 1),
    )
