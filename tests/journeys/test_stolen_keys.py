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
from tests.org_driver import Town, open_service, open_town
from tests.stores import rows

Rotation = Callable[[Service], object]
ROTATIONS = [
    pytest.param(lambda service: service.keys.rotate_master(), id="master"),
    pytest.param(lambda service: service.keys.rotate_tokens(), id="tokens"),
]


@pytest.fixture
def town(prepared_url: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(prepared_url, tmp_path) as town:
        yield town


@pytest.fixture
def other(town: Town, prepared_url: str, tmp_path: Path) -> Iterator[Service]:
    """A second service on the same store, which isn't notified of a rotation."""
    with open_service(prepared_url, tmp_path, clock=town.clock) as other:
        yield other


@pytest.fixture
def thief(town: Town) -> KeyThief:
    return KeyThief.copying(town)


def client_of(town: Town) -> tuple[str, Secret[str]]:
    made = town.administration.create_client(town.actor, "Løn", [Role.READER])
    assert made.subject is not None
    assert made.secret is not None
    return public_id_of("90000001", made.subject), made.secret


# The token key


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_no_access_token_can_be_forged_after_a_rotation(
    town: Town, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    public_id, secret = client_of(town)
    genuine = town.service.access.issue_access_token(public_id, secret, Door.API).token
    actor = town.service.access.authenticate_token(genuine, Door.API)
    assert other.access.authenticate_token(thief.access_token(actor.id), Door.API) == actor
    rotate(town.service)

    for shown in (thief.access_token(actor.id), genuine):
        for service in (other, town.service):
            with pytest.raises(TokenNotGood):
                service.access.authenticate_token(shown, Door.API)
    anew = town.service.access.issue_access_token(public_id, secret, Door.API).token
    assert other.access.authenticate_token(anew, Door.API) == actor


def test_the_key_in_use_makes_no_token_of_a_user_and_none_valid_for_years(
    town: Town, thief: KeyThief
) -> None:
    public_id, secret = client_of(town)
    genuine = town.service.access.issue_access_token(public_id, secret, Door.API).token
    client = town.service.access.authenticate_token(genuine, Door.API).id
    administrator = town.create_active("Eva")
    town.administration.give_role(town.actor, administrator, Role.ORGANISATION_ADMINISTRATOR)
    for shown in (
        thief.access_token(administrator),
        thief.access_token(client, lifetime=timedelta(days=3650)),
    ):
        with pytest.raises(TokenNotGood):
            town.service.access.authenticate_token(shown, Door.API)
    assert town.service.access.authenticate_token(thief.access_token(client), Door.API).id == client
    town.administration.revoke_client(town.actor, client)
    with pytest.raises(TokenNotGood):
        town.service.access.authenticate_token(thief.access_token(client), Door.API)


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_session_row_made_with_the_old_key_logs_nobody_in(
    town: Town, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    user_id = town.create_active("Ida")
    sessions = web_stores(town.service, SessionLimits()).sessions
    genuine = sessions.begin(user_id, town.id, frozenset({Role.USER_ADMINISTRATOR}))
    forged = thief.session(user_id)
    assert sessions.find(forged) is not None
    rotate(town.service)

    assert _rows_of_sessions(town) == 0
    forged = thief.session(user_id)
    for token in (genuine, forged):
        assert sessions.find(token) is None
        theirs = web_stores(other, SessionLimits()).sessions
        found = theirs.find(token)
        # Another process notices the rotation when it loads the organisation.
        other.queries.organisation(town.actor)
        assert found is None or not theirs.is_in_force(found)
        assert theirs.find(token) is None


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_links_made_with_the_old_key_are_unknown_and_mailed_ones_still_work(
    town: Town, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    user_id = town.create("Ida")
    mailed = CapturedMails(town).token(user_id)
    (row,) = rows(town.service, link_tokens)
    before = thief.link(user_id, row.generation)
    assert other.self_service.open_activation(before).organisation
    rotate(town.service)

    for service in (other, town.service):
        assert service.self_service.open_activation(mailed).organisation
        with pytest.raises(LinkUnknown):
            service.self_service.open_activation(thief.link(user_id, row.generation))


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_client_recorded_with_the_old_key_is_refused(town: Town, thief: KeyThief, rotate: Rotation) -> None:
    rotate(town.service)
    client_id, secret = thief.own_client()
    with pytest.raises((OrganisationForged, CredentialsWrong)):
        town.service.access.issue_access_token(public_id_of("90000001", client_id), Secret(secret), Door.API)


def test_a_client_recorded_with_the_key_in_use_is_accepted(town: Town, thief: KeyThief) -> None:
    client_id, secret = thief.own_client()
    assert town.service.access.issue_access_token(
        public_id_of("90000001", client_id), Secret(secret), Door.API
    )


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_login_started_before_a_rotation_is_refused_by_every_process(
    town: Town, other: Service, thief: KeyThief, rotate: Rotation
) -> None:
    stores = [web_stores(service, SessionLimits()) for service in (other, town.service)]
    genuine = stores[0].login_tokens.seal_with_current_key({"purpose": "login"})
    made = thief.login_token()
    assert all(each.login_tokens.open_with_current_key(shown) for each in stores for shown in (made, genuine))
    rotate(town.service)

    for each in stores:
        for shown in (made, genuine):
            assert each.login_tokens.open_with_current_key(shown) is None


def test_a_process_that_was_not_notified_of_a_rotation_seals_with_the_new_key(
    town: Town, other: Service
) -> None:
    here, there = (web_stores(service, SessionLimits()).login_tokens for service in (town.service, other))
    town.service.keys.rotate_tokens()
    assert here.open_with_current_key(there.seal_with_current_key({"purpose": "login"})) is not None


def test_a_cursor_from_before_a_rotation_is_refused(town: Town, thief: KeyThief) -> None:
    town.create_many(3)
    vault = Vault()
    vault.use_token_key(thief.keys[TOKENS].key)
    genuine = town.page(limit=1).next
    assert genuine is not None
    forged = SealedCursors(vault).seal(town.id, SealedCursors(town.service.log.vault).open(town.id, genuine))
    assert town.page(limit=1, after=forged).users
    town.service.keys.rotate_tokens()

    for shown in (genuine, forged):
        with pytest.raises(CursorInvalid):
            town.queries.users(town.actor, UserQuery(limit=1, after=shown))


# The other keys


def test_the_old_master_key_opens_no_key_of_the_store(town: Town, tmp_path: Path) -> None:
    town.create_many(2)
    stolen = Vault(*KeyFile(tmp_path / "master.key").read())
    town.service.keys.rotate_master()

    users = [(row.user_id.bytes, row) for row in rows(town.service, user_keys)]
    own = [(key_owner(row.name, bytes(row.id)), row) for row in rows(town.service, installation_keys)]
    assert len(users) == 2
    assert len(own) == 4
    for name, row in users + own:
        with pytest.raises(MasterKeyUnknown):
            stolen.unwrap(name, row.wrapped, bytes(row.master))


def test_the_old_index_key_finds_no_user(town: Town, thief: KeyThief) -> None:
    (user_id,) = town.create_many(1)
    user = town.service.log.user(user_id)
    assert user is not None
    stolen = IndexKey.of(thief.keys["index"].key).digest_of(town.id, user.identity)
    found = {bytes(row.digest) for row in _claims(town)}
    assert stolen in found
    town.service.keys.rotate_index()

    assert stolen not in {bytes(row.digest) for row in _claims(town)}


def test_a_checkpoint_signed_with_the_old_key_is_forged(town: Town, thief: KeyThief) -> None:
    checkpoint_signer = town.service.checkpoint_signer
    town.service.keys.rotate_signing(checkpoint_signer.sign_with_both)
    town.create("Ida")
    stored = checkpoint_signer.verifier.head()
    checkpoint = Checkpoint(stored.log_id, stored.size, stored.root)
    note = checkpoint.sign([Ed25519Signer(key_name(stored.log_id), thief.keys["signing"].key.reveal())])
    with town.service.log.backend.log.begin() as connection:
        row = {"size": stored.size, "made_at": microseconds(town.clock.now()), "frontier": stored.frontier}
        connection.execute(insert(checkpoints).values(note=note, **row))

    with pytest.raises(CheckpointForged):
        checkpoint_signer.verify()


def test_the_memory_key_forges_no_token(town: Town, thief: KeyThief) -> None:
    """It was the only key once, and tokens, cursors and logins were sealed under digests of it."""
    public_id, secret = client_of(town)
    client = town.service.access.issue_access_token(public_id, secret, Door.API).token
    as_token_key = KeyThief(town, thief.keys | {TOKENS: thief.keys["memory"]})
    actor = town.service.access.authenticate_token(client, Door.API)
    with pytest.raises(TokenNotGood):
        town.service.access.authenticate_token(as_token_key.access_token(actor.id), Door.API)


def _claims(town: Town) -> list[object]:
    return rows(town.service, reservations)


def _rows_of_sessions(town: Town) -> int:
    with town.service.log.backend.read.connect() as connection:
        return len(connection.execute(web_sessions.select()).all())
