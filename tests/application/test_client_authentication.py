"""API clients authenticate by secret or token and act in their roles, until they are revoked or expire."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.client_authentication import CredentialsWrong, TokenNotGood, public_id_of
from brugerbog.application.commands.execution import CommandResult
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.application.refusals.requests import CommandIdReused, NotAllowed, UserChanged
from brugerbog.domain.kernel.days import danish_day, first_moment
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.clients import (
    ClientExpiryPast,
    ClientNameInvalid,
    ClientRoleMissing,
    ClientUnknown,
    NotAClientRole,
)
from tests.org_driver import OrgDriver, open_org, register_org


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org() as org:
        yield org


def created(org: OrgDriver, *roles: Role) -> tuple[CommandResult, str]:
    """A client, and what it is named by outside."""
    answer = org.administration.create_client(org.actor, "Løn og HR", roles or [Role.USER_ADMINISTRATOR])
    assert answer.subject is not None
    return answer, public_id_of("90000001", answer.subject)


def token_of(org: OrgDriver, *roles: Role) -> str:
    answer, public_id = created(org, *roles)
    assert answer.secret is not None
    return org.service.access.issue_access_token(public_id, answer.secret, Door.API).token


def as_client(org: OrgDriver, *roles: Role) -> OrgDriver:
    actor = org.service.access.authenticate_token(token_of(org, *roles), Door.API)
    return OrgDriver(org.service, actor, org.clock)


def test_a_client_acts_by_itself_and_the_log_says_so(org: OrgDriver) -> None:
    system = as_client(org)
    user_id = system.create("Ida")
    entries = org.queries.audit_log(org.actor, AuditLogQuery(about=user_id)).entries
    assert {(one.actor, one.door) for one in entries if one.kind != "log.read"} == {("Løn og HR", "api")}


def test_its_secret_is_shown_once_and_nowhere_kept(org: OrgDriver) -> None:
    first, again = (
        org.administration.create_client(org.actor, "Løn", [Role.READER], command_id=org.id) for _ in range(2)
    )
    assert first.secret is not None
    assert (again.subject, again.secret, again.secret_already_shown) == (first.subject, None, True)
    stored = org.service.log.recorder.select_positions(0, 100)
    assert not any(first.secret.reveal().encode() in event.payload for event in stored)


def test_a_token_is_good_for_an_hour(org: OrgDriver) -> None:
    token = token_of(org)
    org.clock.advance(timedelta(minutes=59))
    assert org.service.access.authenticate_token(token, Door.API).organisation_id == org.id
    org.clock.advance(timedelta(minutes=1))
    with pytest.raises(TokenNotGood):
        org.service.access.authenticate_token(token, Door.API)


def test_a_revoked_client_is_out_at_once(org: OrgDriver) -> None:
    answer, public_id = created(org)
    assert answer.secret is not None
    assert answer.subject is not None
    access = org.service.access
    token = access.issue_access_token(public_id, answer.secret, Door.API).token
    actor = access.authenticate_token(token, Door.API)
    org.administration.revoke_client(org.actor, answer.subject)
    with pytest.raises(TokenNotGood):
        access.authenticate_token(token, Door.API)
    with pytest.raises(CredentialsWrong):
        access.issue_access_token(public_id, answer.secret, Door.API)
    with pytest.raises(NotAllowed):
        org.queries.users(actor)


def test_revoking_once_more_records_nothing(org: OrgDriver) -> None:
    answer, _ = created(org)
    assert answer.subject is not None
    once = org.administration.revoke_client(org.actor, answer.subject).position
    assert org.administration.revoke_client(org.actor, answer.subject).position == once
    (client,) = org.queries.clients(org.actor)
    assert client.is_revoked


def test_a_key_is_id_and_secret_in_one(org: OrgDriver) -> None:
    answer, public_id = created(org)
    assert answer.secret is not None
    actor = org.service.access.authenticate_key(f"{public_id}.{answer.secret.reveal()}", Door.SCIM)
    assert (actor.id, actor.organisation_id, actor.door) == (answer.subject, org.id, Door.SCIM)


def test_a_key_and_a_token_are_distinguished(org: OrgDriver) -> None:
    answer, public_id = created(org)
    assert answer.secret is not None
    access = org.service.access
    token = access.issue_access_token(public_id, answer.secret, Door.SCIM).token
    for shown in (token, f"{public_id}.{answer.secret.reveal()}"):
        assert access.authenticate(shown, Door.SCIM).id == answer.subject


def test_what_a_client_may_is_shown_beforehand(org: OrgDriver) -> None:
    system = as_client(org, Role.READER)
    may = org.service.access.is_allowed
    assert (may("see_users", system.actor), may("import_users", system.actor)) == (True, False)


@pytest.mark.parametrize(
    "wrong", ["", "x", "90000001", "90000001.x.y", "90000009.{id}.{secret}", "{id}.{secret}"]
)
def test_what_is_no_key_lets_nobody_in(org: OrgDriver, wrong: str) -> None:
    answer, _ = created(org)
    assert answer.secret is not None
    with pytest.raises(TokenNotGood):
        org.service.access.authenticate_key(
            wrong.format(id=answer.subject, secret=answer.secret.reveal()), Door.SCIM
        )


def test_a_wrong_secret_is_refused_and_heard_of(org: OrgDriver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "brugerbog.refusals")
    answer, public_id = created(org)
    with pytest.raises(CredentialsWrong):
        org.service.access.issue_access_token(public_id, Secret("guessed"), Door.API)
    assert "code=invalid_client" in caplog.text
    assert str(answer.subject) in caplog.text
    assert "guessed" not in caplog.text


def test_a_token_of_one_organisation_is_of_no_use_in_another(org: OrgDriver) -> None:
    other = register_org(org.service, org.clock, cvr="90000002")
    stranger = other.create("Fremmed")
    system = as_client(org, Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR)
    assert stranger not in system.ids()
    with pytest.raises(NotAllowed):
        org.queries.users(Actor(system.actor.id, other.id, Door.API))


@pytest.mark.parametrize(
    ("name", "roles", "refusal"),
    [
        ("Løn", [], ClientRoleMissing),
        ("Løn", [Role.TRUSTED_EMPLOYEE], NotAClientRole),
        ("Løn", [Role.USER], NotAClientRole),
        ("L" * 61, [Role.READER], ClientNameInvalid),
        ("070961-4000 0709614000", [Role.READER], ClientNameInvalid),
        ("L\uff10\uff17\uff10\uff19\uff16\uff11", [Role.READER], ClientNameInvalid),
        ("L\u0660\u0667\u0660\u0669\u0666\u0661", [Role.READER], ClientNameInvalid),
    ],
)
def test_a_client_that_makes_no_sense_is_refused(
    org: OrgDriver, name: str, roles: list[Role], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        org.administration.create_client(org.actor, name, roles)


def test_only_the_operator_makes_an_operator(org: OrgDriver) -> None:
    administrator = as_client(org, Role.ORGANISATION_ADMINISTRATOR)
    with pytest.raises(NotAClientRole):
        administrator.administration.create_client(administrator.actor, "Drift", [Role.OPERATOR])


def test_an_operating_client_makes_no_other(org: OrgDriver) -> None:
    system = as_client(org, Role.OPERATOR)
    with pytest.raises(NotAClientRole):
        system.administration.create_client(system.actor, "Efterfølger", [Role.OPERATOR])


def test_an_operating_client_takes_in_organisations(org: OrgDriver) -> None:
    system = as_client(org, Role.OPERATOR)
    answer = system.administration.register_organisation(system.actor, cvr="90000003", name="Ny")
    assert answer.subject in org.service.log.organisation_ids()


def test_nobody_revokes_who_is_not_there(org: OrgDriver) -> None:
    with pytest.raises(ClientUnknown):
        org.administration.revoke_client(org.actor, org.id)


def test_a_command_on_a_condition_is_refused_once_the_user_has_changed(org: OrgDriver) -> None:
    user_id = org.create("Ida")
    version = org.service.log.last_versions([user_id])[user_id]
    careful = org.administration.only_if(user_id, version)
    careful.edit_user(org.actor, user_id, UserEdits(phone="12345678"))
    with pytest.raises(UserChanged):
        careful.edit_user(org.actor, user_id, UserEdits(phone="87654321"))
    assert org.show(user_id).phone == "12345678"


def test_a_condition_of_one_command_binds_no_other(org: OrgDriver) -> None:
    user_id = org.create("Ida")
    org.administration.only_if(user_id, 99)
    org.edit(user_id, phone="12345678")
    assert org.show(user_id).phone == "12345678"


# Expiry


def test_its_secret_is_good_to_the_end_of_its_last_day_and_no_longer(
    org: OrgDriver, caplog: pytest.LogCaptureFixture
) -> None:
    today = danish_day(org.clock.now())
    made = org.administration.create_client(org.actor, "Løn", [Role.READER], expires_on=today)
    assert made.subject is not None
    assert made.secret is not None
    public_id, access = public_id_of("90000001", made.subject), org.service.access
    key = f"{public_id}.{made.secret.reveal()}"
    org.clock.set_to(first_moment(today + timedelta(days=1)) - timedelta(seconds=1))
    token = access.issue_access_token(public_id, made.secret, Door.API).token
    assert (
        access.authenticate_key(key, Door.SCIM).id
        == access.authenticate_token(token, Door.API).id
        == made.subject
    )
    org.clock.advance(timedelta(seconds=1))

    caplog.set_level("INFO", "brugerbog.refusals")
    with pytest.raises(CredentialsWrong) as refused:
        access.issue_access_token(public_id, made.secret, Door.API)
    assert refused.value.code == "invalid_client"
    assert "client_expired" in caplog.text
    for show in (
        lambda: access.authenticate_key(key, Door.SCIM),
        lambda: access.authenticate_token(token, Door.API),
    ):
        with pytest.raises(TokenNotGood):
            show()
    assert made.secret.reveal() not in caplog.text


def test_one_that_has_expired_already_is_not_made(org: OrgDriver) -> None:
    yesterday = danish_day(org.clock.now()) - timedelta(days=1)
    with pytest.raises(ClientExpiryPast):
        org.administration.create_client(org.actor, "Løn", [Role.READER], expires_on=yesterday)


def test_the_same_client_with_another_last_day_is_another_command(org: OrgDriver) -> None:
    today = danish_day(org.clock.now())
    make = partial(org.administration.create_client, org.actor, "Løn", [Role.READER], command_id=org.id)
    first = make(expires_on=today)
    assert make(expires_on=today).subject == first.subject
    with pytest.raises(CommandIdReused):
        make()
