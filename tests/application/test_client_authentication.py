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
from tests.org_driver import Town, found, open_town


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town() as town:
        yield town


def created(town: Town, *roles: Role) -> tuple[CommandResult, str]:
    """A client, and what it is named by outside."""
    answer = town.administration.create_client(town.actor, "Løn og HR", roles or [Role.USER_ADMINISTRATOR])
    assert answer.subject is not None
    return answer, public_id_of("90000001", answer.subject)


def token_of(town: Town, *roles: Role) -> str:
    answer, public_id = created(town, *roles)
    assert answer.secret is not None
    return town.service.access.issue_access_token(public_id, answer.secret, Door.API).token


def as_client(town: Town, *roles: Role) -> Town:
    actor = town.service.access.authenticate_token(token_of(town, *roles), Door.API)
    return Town(town.service, actor, town.clock)


def test_a_client_acts_by_itself_and_the_log_says_so(town: Town) -> None:
    system = as_client(town)
    user_id = system.create("Ida")
    entries = town.queries.audit_log(town.actor, AuditLogQuery(about=user_id)).entries
    assert {(one.actor, one.door) for one in entries if one.kind != "log.read"} == {("Løn og HR", "api")}


def test_its_secret_is_shown_once_and_nowhere_kept(town: Town) -> None:
    first, again = (
        town.administration.create_client(town.actor, "Løn", [Role.READER], command_id=town.id)
        for _ in range(2)
    )
    assert first.secret is not None
    assert (again.subject, again.secret, again.secret_already_shown) == (first.subject, None, True)
    stored = town.service.log.recorder.select_positions(0, 100)
    assert not any(first.secret.reveal().encode() in event.payload for event in stored)


def test_a_token_is_good_for_an_hour(town: Town) -> None:
    token = token_of(town)
    town.clock.advance(timedelta(minutes=59))
    assert town.service.access.authenticate_token(token, Door.API).organisation_id == town.id
    town.clock.advance(timedelta(minutes=1))
    with pytest.raises(TokenNotGood):
        town.service.access.authenticate_token(token, Door.API)


def test_a_revoked_client_is_out_at_once(town: Town) -> None:
    answer, public_id = created(town)
    assert answer.secret is not None
    assert answer.subject is not None
    access = town.service.access
    token = access.issue_access_token(public_id, answer.secret, Door.API).token
    actor = access.authenticate_token(token, Door.API)
    town.administration.revoke_client(town.actor, answer.subject)
    with pytest.raises(TokenNotGood):
        access.authenticate_token(token, Door.API)
    with pytest.raises(CredentialsWrong):
        access.issue_access_token(public_id, answer.secret, Door.API)
    with pytest.raises(NotAllowed):
        town.queries.users(actor)


def test_revoking_once_more_records_nothing(town: Town) -> None:
    answer, _ = created(town)
    assert answer.subject is not None
    once = town.administration.revoke_client(town.actor, answer.subject).position
    assert town.administration.revoke_client(town.actor, answer.subject).position == once
    (client,) = town.queries.clients(town.actor)
    assert client.is_revoked


def test_a_key_is_id_and_secret_in_one(town: Town) -> None:
    answer, public_id = created(town)
    assert answer.secret is not None
    actor = town.service.access.authenticate_key(f"{public_id}.{answer.secret.reveal()}", Door.SCIM)
    assert (actor.id, actor.organisation_id, actor.door) == (answer.subject, town.id, Door.SCIM)


def test_a_key_and_a_token_are_told_apart(town: Town) -> None:
    answer, public_id = created(town)
    assert answer.secret is not None
    access = town.service.access
    token = access.issue_access_token(public_id, answer.secret, Door.SCIM).token
    for shown in (token, f"{public_id}.{answer.secret.reveal()}"):
        assert access.authenticate(shown, Door.SCIM).id == answer.subject


def test_what_a_client_may_is_told_beforehand(town: Town) -> None:
    system = as_client(town, Role.READER)
    may = town.service.access.is_allowed
    assert (may("see_users", system.actor), may("import_users", system.actor)) == (True, False)


@pytest.mark.parametrize(
    "wrong", ["", "x", "90000001", "90000001.x.y", "90000009.{id}.{secret}", "{id}.{secret}"]
)
def test_what_is_no_key_lets_nobody_in(town: Town, wrong: str) -> None:
    answer, _ = created(town)
    assert answer.secret is not None
    with pytest.raises(TokenNotGood):
        town.service.access.authenticate_key(
            wrong.format(id=answer.subject, secret=answer.secret.reveal()), Door.SCIM
        )


def test_a_wrong_secret_is_refused_and_heard_of(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "brugerbog.refusals")
    answer, public_id = created(town)
    with pytest.raises(CredentialsWrong):
        town.service.access.issue_access_token(public_id, Secret("guessed"), Door.API)
    assert "code=invalid_client" in caplog.text
    assert str(answer.subject) in caplog.text
    assert "guessed" not in caplog.text


def test_a_token_of_one_organisation_is_of_no_use_in_another(town: Town) -> None:
    other = found(town.service, town.clock, cvr="90000002")
    stranger = other.create("Fremmed")
    system = as_client(town, Role.ORGANISATION_ADMINISTRATOR, Role.USER_ADMINISTRATOR)
    assert stranger not in system.ids()
    with pytest.raises(NotAllowed):
        town.queries.users(Actor(system.actor.id, other.id, Door.API))


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
    town: Town, name: str, roles: list[Role], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        town.administration.create_client(town.actor, name, roles)


def test_only_the_operator_makes_an_operator(town: Town) -> None:
    administrator = as_client(town, Role.ORGANISATION_ADMINISTRATOR)
    with pytest.raises(NotAClientRole):
        administrator.administration.create_client(administrator.actor, "Drift", [Role.OPERATOR])


def test_an_operating_client_makes_no_other(town: Town) -> None:
    system = as_client(town, Role.OPERATOR)
    with pytest.raises(NotAClientRole):
        system.administration.create_client(system.actor, "Efterfølger", [Role.OPERATOR])


def test_an_operating_client_takes_in_organisations(town: Town) -> None:
    system = as_client(town, Role.OPERATOR)
    answer = system.administration.register_organisation(system.actor, cvr="90000003", name="Ny")
    assert answer.subject in town.service.log.organisation_ids()


def test_nobody_revokes_who_is_not_there(town: Town) -> None:
    with pytest.raises(ClientUnknown):
        town.administration.revoke_client(town.actor, town.id)


def test_a_command_on_a_condition_is_refused_once_the_user_has_changed(town: Town) -> None:
    user_id = town.create("Ida")
    version = town.service.log.last_versions([user_id])[user_id]
    careful = town.administration.only_if(user_id, version)
    careful.edit_user(town.actor, user_id, UserEdits(phone="12345678"))
    with pytest.raises(UserChanged):
        careful.edit_user(town.actor, user_id, UserEdits(phone="87654321"))
    assert town.show(user_id).phone == "12345678"


def test_a_condition_of_one_command_binds_no_other(town: Town) -> None:
    user_id = town.create("Ida")
    town.administration.only_if(user_id, 99)
    town.edit(user_id, phone="12345678")
    assert town.show(user_id).phone == "12345678"


# Expiry


def test_its_secret_is_good_to_the_end_of_its_last_day_and_no_longer(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    today = danish_day(town.clock.now())
    made = town.administration.create_client(town.actor, "Løn", [Role.READER], expires_on=today)
    assert made.subject is not None
    assert made.secret is not None
    public_id, access = public_id_of("90000001", made.subject), town.service.access
    key = f"{public_id}.{made.secret.reveal()}"
    town.clock.set_to(first_moment(today + timedelta(days=1)) - timedelta(seconds=1))
    token = access.issue_access_token(public_id, made.secret, Door.API).token
    assert (
        access.authenticate_key(key, Door.SCIM).id
        == access.authenticate_token(token, Door.API).id
        == made.subject
    )
    town.clock.advance(timedelta(seconds=1))

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


def test_one_that_has_expired_already_is_not_made(town: Town) -> None:
    yesterday = danish_day(town.clock.now()) - timedelta(days=1)
    with pytest.raises(ClientExpiryPast):
        town.administration.create_client(town.actor, "Løn", [Role.READER], expires_on=yesterday)


def test_the_same_client_with_another_last_day_is_another_command(town: Town) -> None:
    today = danish_day(town.clock.now())
    make = partial(town.administration.create_client, town.actor, "Løn", [Role.READER], command_id=town.id)
    first = make(expires_on=today)
    assert make(expires_on=today).subject == first.subject
    with pytest.raises(CommandIdReused):
        make()
