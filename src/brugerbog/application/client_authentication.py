"""How a system proves who it is: by its secret, and from then on by a token that is good for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from brugerbog.application.actors import Actor
from brugerbog.application.commands.authorization import authorize
from brugerbog.application.commands.reservations import cvr_identity
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from brugerbog.application.mail.outbox import Tokens
    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.observation import Observer
    from brugerbog.domain.kernel.doors import Door


class SealedTokens(Protocol):
    """Seals what only we can open again, for a while."""

    lifetime: timedelta

    def seal(self, said: Mapping[str, Any]) -> str:
        """What was said, sealed."""
        ...

    def open(self, ticket: str) -> dict[str, Any] | None:
        """What was said; None when it is too old or not ours."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken:
    """What a system shows with each request, and for how many seconds it is good."""

    token: str
    expires_in: int


class ClientAuthentication:
    """Knows systems by their credentials. What one may do is looked up for each deed, as for anybody."""

    def __init__(
        self, log: EventLog, tokens: Tokens, tickets: SealedTokens, observer: Observer, clock: Clock
    ) -> None:
        self._log = log
        self._clock = clock
        self._tokens = tokens
        self._tickets = tickets
        self._observer = observer

    def issue_access_token(self, public_id: str, secret: Secret[str], door: Door) -> AccessToken:
        """A token for a client that knows its secret. Raises: CredentialsWrong."""
        actor = self._proved(public_id, secret, door)
        said = {"organisation": str(actor.organisation_id), "client": str(actor.id)}
        return AccessToken(self._tickets.seal(said), int(self._tickets.lifetime.total_seconds()))

    def authenticate_token(self, token: str, door: Door) -> Actor:
        """Whose token this is. Raises: TokenNotGood, also once the client is revoked."""
        said = self._tickets.open(token)
        if said is None:
            raise TokenNotGood
        actor = Actor(UUID(said["client"]), UUID(said["organisation"]), door)
        organisation = self._log.organisation(UUID(said["organisation"]))
        # Looking it up has followed a change of the key, so a token from before doesn't open any more.
        if organisation is None or self._tickets.open(token) is None:
            raise TokenNotGood
        # A user is no client, whatever a token says: users don't come this way.
        client = organisation.clients.get(actor.id)
        if client is None or client.is_revoked or client.is_expired_at(self._clock.now()):
            raise TokenNotGood
        return actor

    def authenticate_key(self, key: str, door: Door) -> Actor:
        """Whose key this is: public id, dot and secret in one, for systems that know no tokens.

        Raises: TokenNotGood.
        """
        public_id, _, secret = key.rpartition(".")
        try:
            return self._proved(public_id, Secret(secret), door)
        except CredentialsWrong:
            raise TokenNotGood from None

    def authenticate(self, shown: str, door: Door) -> Actor:
        """Whose key or token this is; a token has no dots. Raises: TokenNotGood."""
        return self.authenticate_key(shown, door) if "." in shown else self.authenticate_token(shown, door)

    def is_allowed(self, command: str, actor: Actor) -> bool:
        """Whether somebody may give a command now: asked before much is taken in that it needs."""
        try:
            authorize(command, actor, self._log, self._clock.now())
        except NotAllowed:
            return False
        return True

    def _proved(self, public_id: str, secret: Secret[str], door: Door) -> Actor:
        cvr, _, client_id = public_id.partition(".")
        wanted = cvr_identity(cvr)
        scope = self._log.identity_holders(INSTALLATION_SCOPE, [wanted]).get(wanted)
        organisation = scope and self._log.organisation(scope)
        client = organisation and organisation.clients.get(_as_id(client_id))
        if not organisation or not client:
            raise CredentialsWrong
        actor = Actor(client.id, organisation.id, door)
        known = Secret(client.digest) == Secret(self._tokens.digest(secret).hex())
        expired = client.is_expired_at(self._clock.now())
        if client.is_revoked or expired or not known:
            wrong = CredentialsWrong()
            # Whoever asks is told no more than of a wrong secret; the log tells the operator why.
            self._observer.refused("authenticate", actor, ClientExpired() if known and expired else wrong)
            raise wrong
        return actor


def public_id_of(cvr: str, client_id: UUID) -> str:
    """What a client is named by outside: its organisation's CVR number, a dot and its id."""
    return f"{cvr}.{client_id}"


def _as_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return INSTALLATION_SCOPE


@dataclass(eq=False)
class CredentialsWrong(Refusal):
    """No client has this id and secret, or it is revoked."""

    code = "invalid_client"
    danish = (
        "Klientens id eller hemmelighed er forkert, eller klienten er spærret. "
        "Kontrollér dem, eller opret en ny klient."
    )
    english = "No client has this id and secret, or it is revoked."


@dataclass(eq=False)
class ClientExpired(CredentialsWrong):
    """The client's last day is over: told in the log only."""

    code = "client_expired"
    danish = "Klientens hemmelighed er udløbet. Opret en ny klient."
    english = "The client's secret has expired."


@dataclass(eq=False)
class TokenNotGood(Refusal):
    """No token of ours, or one too old, or of a client that is revoked."""

    code = "invalid_token"
    danish = "Adgangen er udløbet eller ugyldig. Hent et nyt token med klientens id og hemmelighed."
    english = "The access token is missing, expired or not one of ours, or its client is revoked."
