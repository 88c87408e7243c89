"""Stolen copies of keys are useless after a rotation, as docs/operations.md says.

Each test first checks that the copy works before the rotation, where it can: nothing is refused for
another reason.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from brugerbog.application.client_authentication import CredentialsWrong, TokenNotGood, public_id_of
from brugerbog.application.queries.user_list import UserQuery
from brugerbog.application.refusals.log import CheckpointForged, OrganisationForged
from brugerbog.application.refusals.requests import CursorInvalid
from brugerbog.bootstrap import web_stores
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.links import LinkUnknown
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.crypto.sealed_cursors import SealedCursors
from brugerbog.infrastructure.crypto.vault import IndexKey, MasterKeyUnknown, Vault
from brugerbog.infrastructure.database.schema import (
    checkpoints,
    installation_keys,
    link_tokens,
    reservations,
    user_keys,
)
from brugerbog.infrastructure.keys.installation_keys import TOKENS, key_owner
from brugerbog.infrastructure.transparency_log.checkpoints import Checkpoint
from brugerbog.infrastructure.transparency_log.signed_notes import Ed25519Signer, key_name
from brugerbog.infrastructure.web.sessions import SessionLimits, web_sessions
from brugerbog.service import Service
from tests.application.mail.captured_mails import CapturedMails
from tests.journeys.key_thief import KeyThief
from tests.org_driver import OrgDriver, open_org, open_service
from tests.stores import rows

Rotation = Callable[[Service], object]
ROTATIONS = [
    pytest.param(lambda service: service.keys.rotate_master(), id="master"),
    pytest.param(lambda service: service.keys.rotate_tokens(), id="tokens"),
]


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path) as org:
        yield org


@pytest.fixture
def other(org: OrgDriver, prepared_url: str, tmp_path: Path) -> Iterator[Service]:
    """A second service on the same store, which isn't notified of a rotation."""
    with open_service(prepared_url, tmp_path, clock=org.clock) as other:
        yield other


@pytest.fixture
def thief(org: OrgDriver) -> KeyThief:
    return KeyThief.copying(org)


def client_of(org: OrgDriver) -> tuple[str, Secret[str]]:
    made = org.administration.create_client(org.actor, "Løn", [Role.READER])
    assert made.subject is not None
    assert made.secret is not None
    return public_id_of("90000001", made.subject), made.secret


# The token key


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_no_access_token_can_be_forged_after_a_rotation(
    org: OrgDriver, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    public_id, secret = client_of(org)
    genuine = org.service.access.issue_access_token(public_id, secret, Door.API).token
    actor = org.service.access.authenticate_token(genuine, Door.API)
    assert other.access.authenticate_token(thief.access_token(actor.id), Door.API) == actor
    rotate(org.service)

    for shown in (thief.access_token(actor.id), genuine):
        for service in (other, org.service):
            with pytest.raises(TokenNotGood):
                service.access.authenticate_token(shown, Door.API)
    anew = org.service.access.issue_access_token(public_id, secret, Door.API).token
    assert other.access.authenticate_token(anew, Door.API) == actor


def test_the_key_in_use_makes_no_token_of_a_user_and_none_valid_for_years(
    org: OrgDriver, thief: KeyThief
) -> None:
    public_id, secret = client_of(org)
    genuine = org.service.access.issue_access_token(public_id, secret, Door.API).token
    client = org.service.access.authenticate_token(genuine, Door.API).id
    administrator = org.create_active("Eva")
    org.administration.give_role(org.actor, administrator, Role.ORGANISATION_ADMINISTRATOR)
    for shown in (
        thief.access_token(administrator),
        thief.access_token(client, lifetime=timedelta(days=3650)),
    ):
        with pytest.raises(TokenNotGood):
            org.service.access.authenticate_token(shown, Door.API)
    assert org.service.access.authenticate_token(thief.access_token(client), Door.API).id == client
    org.administration.revoke_client(org.actor, client)
    with pytest.raises(TokenNotGood):
        org.service.access.authenticate_token(thief.access_token(client), Door.API)


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_session_row_made_with_the_old_key_logs_nobody_in(
    org: OrgDriver, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    user_id = org.create_active("Ida")
    sessions = web_stores(org.service, SessionLimits()).sessions
    genuine = sessions.begin(user_id, org.id, frozenset({Role.USER_ADMINISTRATOR}))
    forged = thief.session(user_id)
    assert sessions.find(forged) is not None
    rotate(org.service)

    assert _rows_of_sessions(org) == 0
    forged = thief.session(user_id)
    for token in (genuine, forged):
        assert sessions.find(token) is None
        theirs = web_stores(other, SessionLimits()).sessions
        found = theirs.find(token)
        # Another process notices the rotation when it loads the organisation.
        other.queries.organisation(org.actor)
        assert found is None or not theirs.is_in_force(found)
        assert theirs.find(token) is None


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_links_made_with_the_old_key_are_unknown_and_mailed_ones_still_work(
    org: OrgDriver, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    user_id = org.create("Ida")
    mailed = CapturedMails(org).token(user_id)
    (row,) = rows(org.service, link_tokens)
    before = thief.link(user_id, row.generation)
    assert other.self_service.open_activation(before).organisation
    rotate(org.service)

    for service in (other, org.service):
        assert service.self_service.open_activation(mailed).organisation
        with pytest.raises(LinkUnknown):
            service.self_service.open_activation(thief.link(user_id, row.generation))


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_client_recorded_with_the_old_key_is_refused(
    org: OrgDriver, thief: KeyThief, rotate: Rotation
) -> None:
    rotate(org.service)
    client_id, secret = thief.own_client()
    with pytest.raises((OrganisationForged, CredentialsWrong)):
        org.service.access.issue_access_token(public_id_of("90000001", client_id), Secret(secret), Door.API)


def test_a_client_recorded_with_the_key_in_use_is_accepted(org: OrgDriver, thief: KeyThief) -> None:
    client_id, secret = thief.own_client()
    assert org.service.access.issue_access_token(
        public_id_of("90000001", client_id), Secret(secret), Door.API
    )


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_login_started_before_a_rotation_is_refused_by_every_process(
    org: OrgDriver, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    stores = [web_stores(service, SessionLimits()) for service in (other, org.service)]
    genuine = stores[0].login_tokens.seal_with_current_key({"purpose": "login"})
    made = thief.login_token()
    assert all(each.login_tokens.open_with_current_key(shown) for each in stores for shown in (made, genuine))
    rotate(org.service)

    for each in stores:
        for shown in (made, genuine):
            assert each.login_tokens.open_with_current_key(shown) is None


def test_a_process_that_was_not_notified_of_a_rotation_seals_with_the_new_key(
    org: OrgDriver, other: Service
) -> None:
    here, there = (web_stores(service, SessionLimits()).login_tokens for service in (org.service, other))
    org.service.keys.rotate_tokens()
    assert here.open_with_current_key(there.seal_with_current_key({"purpose": "login"})) is not None


def test_a_cursor_from_before_a_rotation_is_refused(org: OrgDriver, thief: KeyThief) -> None:
    org.create_many(3)
    vault = Vault()
    vault.use_token_key(thief.keys[TOKENS].key)
    genuine = org.page(limit=1).next
    assert genuine is not None
    forged = SealedCursors(vault).seal(org.id, SealedCursors(org.service.log.vault).open(org.id, genuine))
    assert org.page(limit=1, after=forged).users
    org.service.keys.rotate_tokens()

    for shown in (genuine, forged):
        with pytest.raises(CursorInvalid):
            org.queries.users(org.actor, UserQuery(limit=1, after=shown))


# The other keys


def test_the_old_master_key_opens_no_key_of_the_store(org: OrgDriver, tmp_path: Path) -> None:
    org.create_many(2)
    stolen = Vault(*KeyFile(tmp_path / "master.key").read())
    org.service.keys.rotate_master()

    users = [(row.user_id.bytes, row) for row in rows(org.service, user_keys)]
    own = [(key_owner(row.name, bytes(row.id)), row) for row in rows(org.service, installation_keys)]
    assert len(users) == 2
    assert len(own) == 4
    for name, row in users + own:
        with pytest.raises(MasterKeyUnknown):
            stolen.unwrap(name, row.wrapped, bytes(row.master))


def test_the_old_index_key_finds_no_user(org: OrgDriver, thief: KeyThief) -> None:
    (user_id,) = org.create_many(1)
    user = org.service.log.user(user_id)
    assert user is not None
    stolen = IndexKey.of(thief.keys["index"].key).digest_of(org.id, user.identity)
    found = {bytes(row.digest) for row in _claims(org)}
    assert stolen in found
    org.service.keys.rotate_index()

    assert stolen not in {bytes(row.digest) for row in _claims(org)}


def test_a_checkpoint_signed_with_the_old_key_is_forged(org: OrgDriver, thief: KeyThief) -> None:
    checkpoint_signer = org.service.checkpoint_signer
    org.service.keys.rotate_signing(checkpoint_signer.sign_with_both)
    org.create("Ida")
    stored = checkpoint_signer.verifier.head()
    checkpoint = Checkpoint(stored.log_id, stored.size, stored.root)
    note = checkpoint.sign([Ed25519Signer(key_name(stored.log_id), thief.keys["signing"].key.reveal())])
    with org.service.log.backend.log.begin() as connection:
        row = {"size": stored.size, "made_at": microseconds(org.clock.now()), "frontier": stored.frontier}
        connection.execute(insert(checkpoints).values(note=note, **row))

    with pytest.raises(CheckpointForged):
        checkpoint_signer.verify()


def test_the_memory_key_forges_no_token(org: OrgDriver, thief: KeyThief) -> None:
    """It was the only key once, and tokens, cursors and logins were sealed under digests of it."""
    public_id, secret = client_of(org)
    client = org.service.access.issue_access_token(public_id, secret, Door.API).token
    as_token_key = KeyThief(org, thief.keys | {TOKENS: thief.keys["memory"]})
    actor = org.service.access.authenticate_token(client, Door.API)
    with pytest.raises(TokenNotGood):
        org.service.access.authenticate_token(as_token_key.access_token(actor.id), Door.API)


def _claims(org: OrgDriver) -> list[object]:
    return rows(org.service, reservations)


def _rows_of_sessions(org: OrgDriver) -> int:
    with org.service.log.backend.read.connect() as connection:
        return len(connection.execute(web_sessions.select()).all())
