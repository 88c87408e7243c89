"""Rows written in the database without the keys give no access, on either engine."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, update

from brugerbog.application.client_authentication import public_id_of
from brugerbog.application.refusals.log import OrganisationForged
from brugerbog.bootstrap import web_stores
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.activation_code import CodeWrong
from brugerbog.domain.user.links import LinkUnknown
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.crypto.activation_codes import ScryptCodes
from brugerbog.infrastructure.database.schema import activation_codes, event_macs, link_tokens
from brugerbog.infrastructure.web.sessions import SessionLimits, StoredSessions, web_sessions
from tests.application.mail.captured_mails import CapturedMails, PretendedIdentity
from tests.journeys.key_thief import KeyThief
from tests.org_driver import Town, found, open_town
from tests.stores import rows

ADMINISTRATOR = frozenset({Role.USER_ADMINISTRATOR})
LARGEST = (1 << 63) - 1
"""The largest number that a column of either engine holds."""


@pytest.fixture
def town(prepared_url: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(prepared_url, tmp_path) as town:
        yield town


@pytest.fixture
def attacker(town: Town) -> KeyThief:
    """An attacker who uses none of the store's keys."""
    return KeyThief.copying(town)


@pytest.fixture
def sessions(town: Town) -> StoredSessions:
    return web_stores(town.service, SessionLimits()).sessions


def write(town: Town, table: Table, where: Any, **values: object) -> None:  # noqa: ANN401 - a condition
    backend = town.service.log.backend
    with (backend.read if table is web_sessions else backend.log).begin() as connection:
        assert connection.execute(update(table).where(where).values(**values)).rowcount


# Sessions


def test_a_session_with_another_user_organisation_role_or_start_is_unknown(
    town: Town, sessions: StoredSessions
) -> None:
    ida, bo = town.create_active("Ida"), town.create_active("Bo")
    changes = (
        {"user_id": bo},
        {"organisation_id": bo},
        {"roles": "organisation_administrator"},
        {"roles": "no_role"},
        {"begun_at": microseconds(town.clock.now() + timedelta(hours=1))},
    )
    for change in changes:
        token = sessions.begin(ida, town.id, ADMINISTRATOR)
        session = sessions.find(token)
        assert session is not None
        write(town, web_sessions, web_sessions.c.digest == session.digest, **change)
        assert sessions.find(token) is None, change


def test_a_session_with_the_ciphertext_of_another_is_unknown(town: Town, sessions: StoredSessions) -> None:
    tokens = [sessions.begin(town.create_active(name), town.id, ADMINISTRATOR) for name in ("Ida", "Bo")]
    one, other = (sessions.find(token) for token in tokens)
    assert one is not None
    assert other is not None
    with town.service.log.backend.read.connect() as connection:
        ciphertexts = {row.digest: row.box for row in connection.execute(web_sessions.select())}
    write(town, web_sessions, web_sessions.c.digest == one.digest, box=ciphertexts[other.digest])
    assert sessions.find(tokens[0]) is None
    assert sessions.find(tokens[1]) is not None


@pytest.mark.parametrize("days", [1, 10**6, None])
def test_a_session_in_the_future_is_not_listed_and_hides_no_other(
    town: Town, sessions: StoredSessions, days: int | None
) -> None:
    ida, bo = town.create_active("Ida"), town.create_active("Bo")
    for who in (ida, bo):
        sessions.begin(who, town.id, ADMINISTRATOR)
    assert {one.user_id for one in town.queries.sessions(town.actor)} == {ida, bo}
    now = microseconds(town.clock.now())
    far = LARGEST if days is None else now + days * 86_400_000_000
    for changed in ({"begun_at": far}, {"begun_at": now, "seen_at": far}, {"begun_at": far}):
        write(town, web_sessions, web_sessions.c.user_id == bo, **changed)
        assert [one.user_id for one in town.queries.sessions(town.actor)] == [ida]


# Links and codes


@pytest.mark.parametrize("mac", [b"", bytes(32)])
def test_a_link_made_by_hand_is_unknown(town: Town, attacker: KeyThief, mac: bytes) -> None:
    user_id = town.create("Ida")
    with pytest.raises(LinkUnknown):
        town.service.self_service.open_activation(attacker.link(user_id, 1, mac=mac))


def test_a_link_with_anything_changed_is_unknown(town: Town) -> None:
    ida, bo = town.create("Ida"), town.create("Bo", email="bo@by.test")
    post = CapturedMails(town)
    token, other = post.token(ida), post.token(bo)
    (row,) = [row for row in rows(town.service, link_tokens) if row.user_id == ida]
    (others,) = [row for row in rows(town.service, link_tokens) if row.user_id == bo]
    open_link = town.service.self_service.open_activation
    for change in (
        {"user_id": bo},
        {"generation": row.generation + 1},
        {"purpose": "means"},
        {"made_at": row.made_at + 1},
    ):
        write(town, link_tokens, link_tokens.c.digest == row.digest, **change)
        with pytest.raises(LinkUnknown):
            open_link(token)
        write(town, link_tokens, link_tokens.c.digest == row.digest, **dict(row._mapping))
    assert open_link(token)
    write(town, link_tokens, link_tokens.c.digest == row.digest, user_id=bo, mac=others.mac)
    with pytest.raises(LinkUnknown):
        open_link(token)
    assert open_link(other)


def test_a_code_written_by_hand_is_wrong(town: Town) -> None:
    ida = town.create("Ida")
    link = CapturedMails(town).token(ida)
    town.service.self_service.confirm_identity(link, PretendedIdentity())
    known = Secret("2345-6789-ABCD")
    write(town, activation_codes, activation_codes.c.user_id == ida, kept=ScryptCodes().seal(known))
    with pytest.raises(CodeWrong):
        town.service.self_service.enter_code(link, known.reveal())


# Events that give permissions


@pytest.mark.parametrize("mac", [b"", bytes(32)])
def test_a_client_recorded_by_hand_cannot_authenticate(town: Town, attacker: KeyThief, mac: bytes) -> None:
    client_id, secret = attacker.own_client(mac=mac)
    assert town.service.checkpoint_signer.verify().damage is None
    public_id = public_id_of("90000001", client_id)
    with pytest.raises(OrganisationForged) as refused:
        town.service.access.issue_access_token(public_id, Secret(secret), Door.API)
    assert refused.value.position == town.service.checkpoint_signer.verifier.head().size
    with pytest.raises(OrganisationForged):
        town.service.access.authenticate_key(f"{public_id}.{secret}", Door.SCIM)


@pytest.mark.parametrize("mac", [b"", bytes(32)])
def test_a_role_recorded_by_hand_is_not_held(town: Town, attacker: KeyThief, mac: bytes) -> None:
    ida = town.create_active("Ida")
    attacker.role(ida, Role.ORGANISATION_ADMINISTRATOR, mac=mac)
    assert town.service.checkpoint_signer.verify().damage is None
    with pytest.raises(OrganisationForged):
        town.seen_by(ida).queries.menu(town.seen_by(ida).actor)


def test_the_mac_of_one_event_fits_no_other(town: Town, attacker: KeyThief) -> None:
    ida = town.create_active("Ida")
    town.administration.give_role(town.actor, ida, Role.USER_ADMINISTRATOR)
    genuine = rows(town.service, event_macs)[-1].mac
    attacker.role(ida, Role.ORGANISATION_ADMINISTRATOR, mac=bytes(genuine))
    with pytest.raises(OrganisationForged):
        town.seen_by(ida).queries.menu(town.seen_by(ida).actor)


def test_a_key_rotation_makes_no_forged_row_genuine(town: Town, attacker: KeyThief) -> None:
    ida = town.create("Ida")
    token = attacker.link(ida, 1, mac=bytes(32))
    attacker.role(ida, Role.ORGANISATION_ADMINISTRATOR, mac=bytes(32))
    town.service.keys.rotate_tokens()
    with pytest.raises(LinkUnknown):
        town.service.self_service.open_activation(token)
    with pytest.raises(OrganisationForged):
        town.queries.organisation(town.actor)


def test_a_forged_organisation_does_not_stop_due_work_of_others(town: Town, attacker: KeyThief) -> None:
    other = found(town.service, town.clock, cvr="90000002")
    bo = other.create_active("Bo")
    attacker.own_client(mac=bytes(32))
    with pytest.raises(OrganisationForged):
        town.queries.organisation(town.actor)

    other.deactivate(bo, to_date=date(2026, 3, 21))
    town.clock.advance(timedelta(days=3))
    assert town.service.worker.run_once().due == 1
    assert other.show(bo).status is Status.ACTIVE
    with pytest.raises(OrganisationForged):
        town.service.check_organisations()
