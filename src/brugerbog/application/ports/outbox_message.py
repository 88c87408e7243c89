"""Messages of the outbox: mails to be sent, recorded with the events that call for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5


class MailKind(StrEnum):
    """The subject of a mail; each kind has its own Danish template."""

    ACTIVATION = "activation"
    ACTIVATION_RESENT = "activation_resent"
    MEANS_ASSIGNED = "means_assigned"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    ANONYMITY_REQUESTED = "anonymity_asked"
    ANONYMITY_DECLINED = "anonymity_declined"
    CODE_VOIDED = "code_voided"
    CPR_LIMIT_MET = "cpr_limit_met"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A mail to be sent, stored in the transaction of the event that calls for it; ids only.

    `recipient` is the addressee, `about` the user whom the mail concerns (often the same), `actor` the user
    or system that caused it. `generation` is the version of the event. `detail` distinguishes mails of one
    kind that one event calls for, such as the role; never anything personal.
    """

    kind: MailKind
    recipient: UUID
    about: UUID
    generation: int
    organisation_id: UUID
    actor: UUID
    detail: str = ""

    @property
    def id(self) -> UUID:
        """An id computed from the event, so that one event never calls for the same mail twice."""
        return uuid5(self.about, f"{self.kind}:{self.recipient}:{self.generation}:{self.detail}")
