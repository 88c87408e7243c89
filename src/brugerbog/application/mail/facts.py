"""What each mail is to say, looked up as it is sent; a mail that has become pointless says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.mail.outbox import MailFacts, MailKind, MailLink
from brugerbog.domain.kernel.roles import DANISH_ROLES, Role
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.values.means import DANISH_MEANS
from brugerbog.domain.values.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from brugerbog.application.mail.outbox import OutboxMessage
    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.domain.organisation.organisation import Organisation
    from brugerbog.domain.user.user import User

_ANSWERING: Final = frozenset({Role.USER_ADMINISTRATOR, Role.ORGANISATION_ADMINISTRATOR})


class MailFactsLookup:
    """Looks up names, addresses and facts in the log (port: `MailFactsSource`)."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock

    def __call__(self, intent: OutboxMessage, /) -> MailFacts | None:
        to, about = self._log.user(intent.recipient), self._log.user(intent.about)
        organisation = self._log.organisation(intent.organisation_id)
        if to is None or about is None or organisation is None or Status.DELETED in (to.phase, about.phase):
            return None
        return self._FACTS[intent.kind](self, intent, to, about, organisation)

    def _activation(
        self, intent: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        link = to.link
        if to.phase is not Status.PENDING or link is None or link.generation != intent.generation:
            return None
        if self._clock.now() >= link.expires_at:
            return None
        return self._letter(
            intent,
            to,
            organisation,
            link=MailLink(LinkPurpose.ACTIVATION, link.generation, link.expires_at),
            needs_code=to.needs_code,
            hardware=_on_their_way(to),
        )

    def _means(
        self, intent: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        link = to.means_link
        if link is None or link.generation != intent.generation or not to.open_means:
            return None
        if self._clock.now() >= link.expires_at:
            return None
        return self._letter(
            intent,
            to,
            organisation,
            link=MailLink(LinkPurpose.MEANS, link.generation, link.expires_at),
            means=[DANISH_MEANS[one] for one in to.open_means],
            hardware=_on_their_way(to),
        )

    def _role(
        self, intent: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        role = Role(intent.detail)
        holds = role in organisation.roles_of(to.id)
        if holds is not (intent.kind is MailKind.ROLE_GIVEN):
            return None
        return self._letter(intent, to, organisation, role=DANISH_ROLES[role])

    def _asked(
        self, intent: OutboxMessage, to: User, about: User, organisation: Organisation
    ) -> MailFacts | None:
        if not about.asks_for_anonymity or not _ANSWERING & organisation.roles_of(to.id):
            return None
        return self._letter(intent, to, organisation, person=_name(about))

    def _declined(
        self, intent: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        if to.decline_reason is None:
            return None
        return self._letter(intent, to, organisation, reason=str(to.decline_reason))

    def _voided(
        self, intent: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        has_one = to.code_expires_at is not None or to.code_accepted_at is not None
        if not to.needs_code or has_one:
            return None
        return self._letter(intent, to, organisation)

    def _cpr_limit(
        self, intent: OutboxMessage, to: User, _about: User, organisation: Organisation
    ) -> MailFacts | None:
        if Role.ORGANISATION_ADMINISTRATOR not in organisation.roles_of(to.id):
            return None
        client = organisation.clients.get(intent.actor)
        name = self._person(intent.actor) if client is None else f"API-klienten {client.name}"
        return self._letter(intent, to, organisation, person=name or "En bruger, der er slettet siden,")

    def _letter(self, intent: OutboxMessage, to: User, organisation: Organisation, **facts: Any) -> MailFacts:  # noqa: ANN401 - fields of MailFacts
        return MailFacts(
            to_name=_name(to),
            to_address=str(to.email),
            organisation=organisation.name,
            administrator=self._administrator(intent.actor, to.id),
            **facts,
        )

    def _administrator(self, actor: UUID, recipient: UUID) -> str | None:
        """The name of whoever caused the mail; nobody's when it was the operator, the clock, or oneself."""
        return None if actor == recipient else self._person(actor)

    def _person(self, actor: UUID) -> str | None:
        person = self._log.user(actor)
        return None if person is None or person.erased else _name(person)

    _FACTS: Final[dict[MailKind, Callable[..., MailFacts | None]]] = {
        MailKind.ACTIVATION: _activation,
        MailKind.ACTIVATION_RESENT: _activation,
        MailKind.MEANS_ASSIGNED: _means,
        MailKind.ROLE_GIVEN: _role,
        MailKind.ROLE_TAKEN: _role,
        MailKind.ANONYMITY_ASKED: _asked,
        MailKind.ANONYMITY_DECLINED: _declined,
        MailKind.CODE_VOIDED: _voided,
        MailKind.CPR_LIMIT_MET: _cpr_limit,
    }


def _on_their_way(user: User) -> list[str]:
    return [DANISH_MEANS[one] for one in dict.fromkeys(user.ordered_means.values())]


def _name(user: User) -> str:
    return f"{user.first_name} {user.surname}"
