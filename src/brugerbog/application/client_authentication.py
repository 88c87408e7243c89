"""Authentication of clients: by secret, or by an access token issued for the secret."""

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

    from brugerbog.application.mail.link_tokens import LinkTokenGenerator
    from brugerbog.application.ports.clock import Clock
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.observation import Observer
    from brugerbog.domain.kernel.doors import Door


class SealedTokens(Protocol):
    """Encrypts data into tokens that only this installation opens, and only for their lifetime."""

    lifetime: timedelta

    def seal(self, claims: Mapping[str, Any]) -> str:
        """Return the data as a token."""
        ...

    def open(self, ticket: str) -> dict[str, Any] | None:
        """Return the data of a token; None if the token is too old or not ours."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken:
    """The token that a client sends with each request, and its lifetime in seconds."""

    token: str
    expires_in: int


class ClientAuthentication:
    """Authenticates clients. Their roles are looked up for each command, as for every actor."""

    def __init__(
        self,
        log: EventLog,
        tokens: LinkTokenGenerator,
        access_tokens: SealedTokens,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self._log = log
        self._clock = clock
        self._tokens = tokens
        self._access_tokens = access_tokens
        self._observer = observer

    def issue_access_token(self, public_id: str, secret: Secret[str], door: Door) -> AccessToken:
        """Return a token for a client that gives its secret. Raises: CredentialsWrong."""
        actor = self._verify_secret(public_id, secret, door)
        data = {"organisation": str(actor.organisation_id), "client": str(actor.id)}
        return AccessToken(self._access_tokens.seal(data), int(self._access_tokens.lifetime.total_seconds()))

    def authenticate_token(self, token: str, door: Door) -> Actor:
        """Return the client of a token. Raises: TokenNotGood, also once the client is revoked."""
        data = self._access_tokens.open(token)
        if data is None:
            raise TokenNotGood
        actor = Actor(UUID(data["client"]), UUID(data["organisation"]), door)
        organisation = self._log.organisation(UUID(data["organisation"]))
        # The lookup has followed a key rotation, if any, so a token of the old key no longer opens.
        if organisation is None or self._access_tokens.open(token) is None:
            raise TokenNotGood
        # A token authenticates clients only: a user's id in it is refused.
        client = organisation.clients.get(actor.id)
        if client is None or client.is_revoked or client.is_expired_at(self._clock.now()):
            raise TokenNotGood
        return actor

    def authenticate_key(self, key: str, door: Door) -> Actor:
        """Return the client of a key: public id, dot and secret in one, for clients that use no tokens.

        Raises: TokenNotGood.
        """
        public_id, _, secret = key.rpartition(".")
        try:
            return self._verify_secret(public_id, Secret(secret), door)
        except CredentialsWrong:
            raise TokenNotGood from None

    def authenticate(self, credentials: str, door: Door) -> Actor:
        """Return the client of a key or a token; a token has no dots. Raises: TokenNotGood."""
        return (
            self.authenticate_key(credentials, door)
            if "." in credentials
            else self.authenticate_token(credentials, door)
        )

    def is_allowed(self, command: str, actor: Actor) -> bool:
        """Return whether an actor may execute a command now: checked before a large request is read."""
        try:
            authorize(command, actor, self._log, self._clock.now())
        except NotAllowed:
            return False
        return True

    def _verify_secret(self, public_id: str, secret: Secret[str], door: Door) -> Actor:
        cvr, _, client_id = public_id.partition(".")
        identity = cvr_identity(cvr)
        scope = self._log.identity_holders(INSTALLATION_SCOPE, [identity]).get(identity)
        organisation = scope and self._log.organisation(scope)
        client = organisation and organisation.clients.get(_as_id(client_id))
        if not organisation or not client:
            raise CredentialsWrong
        actor = Actor(client.id, organisation.id, door)
        is_correct = Secret(client.digest) == Secret(self._tokens.digest(secret).hex())
        expired = client.is_expired_at(self._clock.now())
        if client.is_revoked or expired or not is_correct:
            wrong = CredentialsWrong()
            # The response is the same as for a wrong secret; only the operator's log has the reason.
            self._observer.refused(
                "authenticate", actor, ClientExpired() if is_correct and expired else wrong
            )
            raise wrong
        return actor


def public_id_of(cvr: str, client_id: UUID) -> str:
    """Return a client's public id: its organisation's CVR number, a dot and its id."""
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
    """The client's secret has expired; only the log says so."""

    code = "client_expired"
    danish = "Klientens hemmelighed er udløbet. Opret en ny klient."
    english = "The client's secret has expired."


@dataclass(eq=False)
class TokenNotGood(Refusal):
    """The token is invalid or expired, or its client is revoked."""

    code = "invalid_token"
    danish = "Adgangen er udløbet eller ugyldig. Hent et nyt token med klientens id og hemmelighed."
    english = "The access token is missing, expired or not one of ours, or its client is revoked."
