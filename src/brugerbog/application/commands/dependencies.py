"""The dependencies of commands: ports and settings that the bootstrap provides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brugerbog.application.mail.link_tokens import LinkTokenGenerator, LinkTokenStore
    from brugerbog.application.ports.activation_codes import ActivationCodes
    from brugerbog.application.ports.clock import Clock, Ids
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.ports.read_store import Projector
    from brugerbog.application.ports.transparency_log import CheckpointSigner
    from brugerbog.application.rate_limits import Limit, RateLimiter


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The ports and settings that commands use."""

    log: EventLog
    projector: Projector
    clock: Clock
    ids: Ids
    codes: ActivationCodes
    tokens: LinkTokenGenerator
    links: LinkTokenStore
    observer: Observer
    checkpoint_signer: CheckpointSigner
    rate_limiter: RateLimiter
    cpr_limits: tuple[Limit, ...]
    allow_fictitious_cvr: bool = True
