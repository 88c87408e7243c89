"""An attacker with copies of master key and installation keys, and write access to the database."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.infrastructure.crypto.tree_hash import Frontier, LeafEncoder
from brugerbog.infrastructure.crypto.vault import TokenKey
from brugerbog.infrastructure.database.schema import event_macs, events, head, link_tokens
from brugerbog.infrastructure.keys.installation_keys import INDEX, MEMORY, SIGNING, TOKENS, InstallationKey
from brugerbog.infrastructure.keys.row_macs import event_mac, link_mac
from brugerbog.infrastructure.keys.sealed_tokens import ACCESS_TOKEN_LIFETIME, LOGIN_LIFETIME, SealedTokens
from brugerbog.infrastructure.web.sessions import StoredSessions
from tests.org_driver import OrgDriver


@dataclass(frozen=True)
class StolenTokenKey:
    """A stolen copy of the token key, which never follows a rotation (stands in for InstallationKeys)."""

    token_key: TokenKey

    def poll_token_key(self) -> bool:
        return False


@dataclass(frozen=True)
class KeyThief:
    """An attacker with copied keys, who writes in the current database."""

    org: OrgDriver
    keys: dict[str, InstallationKey]

    @classmethod
    def copying(cls, org: OrgDriver) -> Self:
        found = org.service.log.installation_keys
        return cls(org, {name: found.load(name)[0] for name in (INDEX, MEMORY, SIGNING, TOKENS)})

    @property
    def tokens(self) -> TokenKey:
        return TokenKey.of(self.keys[TOKENS].key)

    def access_token(self, client: UUID, *, lifetime: timedelta = ACCESS_TOKEN_LIFETIME) -> str:
        tokens = SealedTokens(StolenTokenKey(self.tokens), self.org.clock, "access-token", lifetime)  # type: ignore[arg-type]
        return tokens.seal({"organisation": str(self.org.id), "client": str(client)})

    def login_token(self) -> str:
        """Return the cookie of a login in progress, with a known state."""
        tokens = SealedTokens(
            StolenTokenKey(self.tokens),  # type: ignore[arg-type]
            self.org.clock,
            "web-ticket",
            LOGIN_LIFETIME,
        )
        return tokens.seal({"purpose": "login", "state": "kendt"})

    def session(self, user_id: UUID) -> Any:  # noqa: ANN401 - a secret
        """Insert the row of a session; return the token for its cookie."""
        backend = self.org.service.log.backend
        stolen: Any = StolenTokenKey(self.tokens)
        sessions = StoredSessions(backend, stolen, self.org.clock)
        return sessions.begin(user_id, self.org.id, frozenset({Role.USER_ADMINISTRATOR}))

    def link(self, user_id: UUID, generation: int, *, mac: bytes | None = None) -> str:
        """Insert the row of a mailed link; return its token."""
        token = f"lavet-{uuid4()}"
        at = microseconds(self.org.clock.now())
        row = (sha256(token.encode()).digest(), user_id, "activation", generation, at)
        with self.org.service.log.backend.log.begin() as connection:
            new_mac = link_mac(self.tokens, row) if mac is None else mac
            connection.execute(insert(link_tokens).values((*row, new_mac)))
        return token

    def record(self, event: str, payload: bytes, *, mac: bytes | None = None) -> None:
        """Insert an event at the end of the organisation's stream, with a matching head."""
        org, backend = self.org, self.org.service.log.backend
        with backend.log.begin() as connection:
            at = connection.execute(select(head)).one()
            own_events = select(events).where(events.c.stream_id == org.id).order_by(events.c.version.desc())
            last = connection.execute(own_events).first()
            assert last is not None
            row = {
                "position": at.size + 1,
                "organisation_id": org.id,
                "stream_id": org.id,
                "version": last.version + 1,
                "topic": event,
                "schema_version": 1,
                "recorded_at": microseconds(org.clock.now()),
                "actor": last.actor,
                "command_id": uuid4(),
                "payload": payload,
                "commitment": b"",
            }
            ids = {name: row[name].bytes for name in ("organisation_id", "stream_id", "actor", "command_id")}
            fields = {name: value for name, value in row.items() if name != "recorded_at"}
            leaf = LeafEncoder(at.log_id).leaf_hash(**(fields | ids), recorded_at_us=row["recorded_at"])
            frontier = Frontier.from_bytes(at.size, at.frontier)
            frontier.append(leaf)
            connection.execute(insert(events).values(row))
            new_mac = event_mac(self.tokens, leaf) if mac is None else mac
            if new_mac:
                connection.execute(
                    insert(event_macs).values(stream_id=org.id, version=row["version"], mac=new_mac)
                )
            connection.execute(update(head).values(size=frontier.size, frontier=frontier.to_bytes()))

    def role(self, user_id: UUID, role: Role, *, mac: bytes | None = None) -> None:
        """Insert the event that gives a role."""
        payload = (
            f'{{"role":"operator","door":"cli","correlation_id":"{uuid4()}","effective_at":null,'
            f'"user_id":"{user_id}","role_given":"{role.value}"}}'
        )
        self.record(Organisation.RoleGiven.TOPIC, payload.encode(), mac=mac)

    def own_client(self, *, mac: bytes | None = None) -> tuple[UUID, str]:
        """Insert the event that creates a client; return its id and secret."""
        client_id, secret = uuid4(), "hemmelig"
        digest = sha256(secret.encode()).hexdigest()
        payload = (
            f'{{"role":"operator","door":"cli","correlation_id":"{uuid4()}","effective_at":null,"client_id":"{client_id}",'
            f'"client_name":"L\\u00f8n","client_roles":["user_administrator"],"secret_digest":"{digest}"}}'
        )
        self.record(Organisation.ClientCreated.TOPIC, payload.encode(), mac=mac)
        return client_id, secret
