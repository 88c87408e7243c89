"""The facts of each kind of mail, looked up in the log when the mail is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.mail.rendering import MailFacts, MailLink
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.domain.kernel.roles import DANISH_ROLES, Role
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.values.means import DANISH_MEANS
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.outbox_message import OutboxMessage
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.domain.user.user import User

_ANSWERING_ROLES: Final = frozenset({Role.USER_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR})


class MailFactsLookup:
    """Looks up the facts of a mail in the log (port: `MailFactsSource`).

    A mail has no facts, and isn't sent, once it no longer applies.
    """

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    def __call__(self, message: OutboxMessage, /) -> MailFacts | None:
        to, about = self._log.user(message.recipient), self._log.user(message.about)
        organisation = self._log.organisation(message.organisation_id)
        if to is None or about is None or organisation is None or Status.DELETED in (to.phase, about.phase):
            return None
        return self._FACTS[message.kind](self, message, to, about, organisation)

    def _activation(
        self, message: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        link = to.link
        if to.phase is not Status.PENDING or link is None or link.generation != message.generation:
            return None
        if self._clock.now() >= link.expires_at:
            return None
        return self._facts(
            message,
            to,
            organisation,
            link=MailLink(LinkPurpose.ACTIVATION, link.generation, link.expires_at),
            needs_code=to.needs_code,
            hardware=_ordered_hardware(to),
        )

    def _means_assigned(
        self, message: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        link = to.means_link
        if link is None or link.generation != message.generation or not to.open_means:
            return None
        if self._clock.now() >= link.expires_at:
            return None
        return self._facts(
            message,
            to,
            organisation,
            link=MailLink(LinkPurpose.MEANS, link.generation, link.expires_at),
            means=[DANISH_MEANS[one] for one in to.open_means],
            hardware=_ordered_hardware(to),
        )

    def _role(
        self, message: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        role = Role(message.detail)
        holds = role in organisation.roles_of(to.id)
        if holds is not (message.kind is MailKind.ROLE_GIVEN):
            return None
        return self._facts(message, to, organisation, role=DANISH_ROLES[role])

    def _anonymity_requested(
        self, message: OutboxMessage, to: User, about: User, organisation: Organisation
    ) -> MailFacts | None:
        if not about.asks_for_anonymity or not _ANSWERING_ROLES & organisation.roles_of(to.id):
            return None
        return self._facts(message, to, organisation, person=_name(about))

    def _anonymity_declined(
        self, message: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        if to.decline_reason is None:
            return None
        return self._facts(message, to, organisation, reason=str(to.decline_reason))

    def _code_voided(
        self, message: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        has_code = to.code_expires_at is not None or to.code_accepted_at is not None
        if not to.needs_code or has_code:
            return None
        return self._facts(message, to, organisation)

    def _cpr_limit(
        self, message: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        if Role.ORGANISATION_ADMINISTRATOR not in organisation.roles_of(to.id):
            return None
        client = organisation.clients.get(message.actor)
        name = self._user_name(message.actor) if client is None else f"API-klienten {client.name}"
        return self._facts(message, to, organisation, person=name or "En bruger, der er slettet siden,")

    def _facts(self, message: OutboxMessage, to: User, organisation: Organisation, **facts: Any) -> MailFacts:  # noqa: ANN401 - fields of MailFacts
        return MailFacts(
            to_name=_name(to),
            to_address=str(to.email),
            organisation=organisation.name,
            administrator=self._administrator(message.actor, to.id),
            **facts,
        )

    def _administrator(self, actor: UUID, recipient: UUID) -> str | None:
        """Return the name of the user who caused the mail.

        None when that was the recipient, the operator or the schedule.
        """
        return None if actor == recipient else self._user_name(actor)

    def _user_name(self, actor: UUID) -> str | None:
        user = self._log.user(actor)
        return None if user is None or user.erased else _name(user)

    _FACTS: Final[dict[MailKind, Callable[..., MailFacts | None]]] = {
        MailKind.ACTIVATION: _activation,
        MailKind.ACTIVATION_RESENT: _activation,
        MailKind.MEANS_ASSIGNED: _means_assigned,
        MailKind.ROLE_GIVEN: _role,
        MailKind.ROLE_TAKEN: _role,
        MailKind.ANONYMITY_REQUESTED: _anonymity_requested,
        MailKind.ANONYMITY_DECLINED: _anonymity_declined,
        MailKind.CODE_VOIDED: _code_voided,
        MailKind.CPR_LIMIT_MET: _cpr_limit,
    }


def _ordered_hardware(user: User) -> list[str]:
    return [DANISH_MEANS[one] for one in dict.fromkeys(user.ordered_means.values())]


def _name(user: User) -> str:
    return f"{user.first_name} {user.surname}"
