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
from tests.org_driver import OrgDriver, open_org, register_org
from tests.stores import rows

ADMINISTRATOR = frozenset({Role.USER_ADMINISTRATOR})
LARGEST = (1 << 63) - 1
"""The largest number that a column of either engine holds."""


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path) as org:
        yield org


@pytest.fixture
def attacker(org: OrgDriver) -> KeyThief:
    """An attacker who uses none of the store's keys."""
    return KeyThief.copying(org)


@pytest.fixture
def sessions(org: OrgDriver) -> StoredSessions:
    return web_stores(org.service, SessionLimits()).sessions


def write(org: OrgDriver, table: Table, where: Any, **values: object) -> None:  # noqa: ANN401 - a condition
    backend = org.service.log.backend
    with (backend.read if table is web_sessions else backend.log).begin() as connection:
        assert connection.execute(update(table).where(where).values(**values)).rowcount


# Sessions


def test_a_session_with_another_user_organisation_role_or_start_is_unknown(
    org: OrgDriver, sessions: StoredSessions
) -> None:
    ida, bo = org.create_active("Ida"), org.create_active("Bo")
    changes = (
        {"user_id": bo},
        {"organisation_id": bo},
        {"roles": "organisation_administrator"},
        {"roles": "no_role"},
        {"begun_at": microseconds(org.clock.now() + timedelta(hours=1))},
    )
    for change in changes:
        token = sessions.begin(ida, org.id, ADMINISTRATOR)
        session = sessions.find(token)
        assert session is not None
        write(org, web_sessions, web_sessions.c.digest == session.digest, **change)
        assert sessions.find(token) is None, change


def test_a_session_with_the_ciphertext_of_another_is_unknown(
    org: OrgDriver, sessions: StoredSessions
) -> None:
    tokens = [sessions.begin(org.create_active(name), org.id, ADMINISTRATOR) for name in ("Ida", "Bo")]
    one, other = (sessions.find(token) for token in tokens)
    assert one is not None
    assert other is not None
    with org.service.log.backend.read.connect() as connection:
        ciphertexts = {row.digest: row.box for row in connection.execute(web_sessions.select())}
    write(org, web_sessions, web_sessions.c.digest == one.digest, box=ciphertexts[other.digest])
    assert sessions.find(tokens[0]) is None
    assert sessions.find(tokens[1]) is not None


@pytest.mark.parametrize("days", [1, 10**6, None])
def test_a_session_in_the_future_is_not_listed_and_hides_no_other(
    org: OrgDriver, sessions: StoredSessions, days: int | None
) -> None:
    ida, bo = org.create_active("Ida"), org.create_active("Bo")
    for who in (ida, bo):
        sessions.begin(who, org.id, ADMINISTRATOR)
    assert {one.user_id for one in org.queries.sessions(org.actor)} == {ida, bo}
    now = microseconds(org.clock.now())
    far = LARGEST if days is None else now + days * 86_400_000_000
    for changed in ({"begun_at": far}, {"begun_at": now, "seen_at": far}, {"begun_at": far}):
        write(org, web_sessions, web_sessions.c.user_id == bo, **changed)
        assert [one.user_id for one in org.queries.sessions(org.actor)] == [ida]


# Links and codes


@pytest.mark.parametrize("mac", [b"", bytes(32)])
def test_a_link_made_by_hand_is_unknown(org: OrgDriver, attacker: KeyThief, mac: bytes) -> None:
    user_id = org.create("Ida")
    with pytest.raises(LinkUnknown):
        org.service.self_service.open_activation(attacker.link(user_id, 1, mac=mac))


def test_a_link_with_anything_changed_is_unknown(org: OrgDriver) -> None:
    ida, bo = org.create("Ida"), org.create("Bo", email="bo@by.test")
    post = CapturedMails(org)
    token, other = post.token(ida), post.token(bo)
    (row,) = [row for row in rows(org.service, link_tokens) if row.user_id == ida]
    (others,) = [row for row in rows(org.service, link_tokens) if row.user_id == bo]
    open_link = org.service.self_service.open_activation
    for change in (
        {"user_id": bo},
        {"generation": row.generation + 1},
        {"purpose": "means"},
        {"made_at": row.made_at + 1},
    ):
        write(org, link_tokens, link_tokens.c.digest == row.digest, **change)
        with pytest.raises(LinkUnknown):
            open_link(token)
        write(org, link_tokens, link_tokens.c.digest == row.digest, **dict(row._mapping))
    assert open_link(token)
    write(org, link_tokens, link_tokens.c.digest == row.digest, user_id=bo, mac=others.mac)
    with pytest.raises(LinkUnknown):
        open_link(token)
    assert open_link(other)


def test_a_code_written_by_hand_is_wrong(org: OrgDriver) -> None:
    ida = org.create("Ida")
    link = CapturedMails(org).token(ida)
    org.service.self_service.confirm_identity(link, PretendedIdentity())
    known = Secret("2345-6789-ABCD")
    write(org, activation_codes, activation_codes.c.user_id == ida, kept=ScryptCodes().seal(known))
    with pytest.raises(CodeWrong):
        org.service.self_service.enter_code(link, known.reveal())


# Events that give permissions


@pytest.mark.parametrize("mac", [b"", bytes(32)])
def test_a_client_recorded_by_hand_cannot_authenticate(
    org: OrgDriver, attacker: KeyThief, mac: bytes
) -> None:
    client_id, secret = attacker.own_client(mac=mac)
    assert org.service.checkpoint_signer.verify().damage is None
    public_id = public_id_of("90000001", client_id)
    with pytest.raises(OrganisationForged) as refused:
        org.service.access.issue_access_token(public_id, Secret(secret), Door.API)
    assert refused.value.position == org.service.checkpoint_signer.verifier.head().size
    with pytest.raises(OrganisationForged):
        org.service.access.authenticate_key(f"{public_id}.{secret}", Door.SCIM)


@pytest.mark.parametrize("mac", [b"", bytes(32)])
def test_a_role_recorded_by_hand_is_not_held(org: OrgDriver, attacker: KeyThief, mac: bytes) -> None:
    ida = org.create_active("Ida")
    attacker.role(ida, Role.ORGANISATION_ADMINISTRATOR, mac=mac)
    assert org.service.checkpoint_signer.verify().damage is None
    with pytest.raises(OrganisationForged):
        org.seen_by(ida).queries.menu(org.seen_by(ida).actor)


def test_the_mac_of_one_event_fits_no_other(org: OrgDriver, attacker: KeyThief) -> None:
    ida = org.create_active("Ida")
    org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    genuine = rows(org.service, event_macs)[-1].mac
    attacker.role(ida, Role.ORGANISATION_ADMINISTRATOR, mac=bytes(genuine))
    with pytest.raises(OrganisationForged):
        org.seen_by(ida).queries.menu(org.seen_by(ida).actor)


def test_a_key_rotation_makes_no_forged_row_genuine(org: OrgDriver, attacker: KeyThief) -> None:
    ida = org.create("Ida")
    token = attacker.link(ida, 1, mac=bytes(32))
    attacker.role(ida, Role.ORGANISATION_ADMINISTRATOR, mac=bytes(32))
    org.service.keys.rotate_tokens()
    with pytest.raises(LinkUnknown):
        org.service.self_service.open_activation(token)
    with pytest.raises(OrganisationForged):
        org.queries.organisation(org.actor)


def test_a_forged_organisation_does_not_stop_due_work_of_others(org: OrgDriver, attacker: KeyThief) -> None:
    other = register_org(org.service, org.clock, cvr="90000002")
    bo = other.create_active("Bo")
    attacker.own_client(mac=bytes(32))
    with pytest.raises(OrganisationForged):
        org.queries.organisation(org.actor)

    other.deactivate(bo, to_date=date(2026, 3, 21))
    org.clock.advance(timedelta(days=3))
    assert org.service.worker.run_once().due == 1
    assert other.show(bo).status is Status.ACTIVE
    with pytest.raises(OrganisationForged):
        org.service.check_organisations()
