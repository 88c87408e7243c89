"""A request for anonymity warns of its cost, reaches the administrators, and is answered once."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from brugerbog.application.commands.administration import CommandResult
from brugerbog.application.commands.user_input import NewUser
from brugerbog.application.ports.event_log import Conflict
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.application.refusals.requests import CprInUse, NotAllowed, TooBusy
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.organisation.organisation import AnonymousHoldsNoRole
from brugerbog.domain.settings import AnonymityNotAllowed
from brugerbog.domain.user.anonymity import (
    AlreadyAnonymous,
    LossOfRightsNotAccepted,
    NoAnonymityRequest,
    RoleHolderCannotBeAnonymous,
)
from brugerbog.domain.user.refusals import AlreadyDeleted
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.personal_data import ReasonMissing
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import ciphertexts, mail_intents
from tests.clock import ONE_SECOND
from tests.org_driver import BORN, Town
from tests.people import made_up_cpr
from tests.stores import rows

CPR = made_up_cpr(BORN, 0)


@pytest.fixture
def ida(town: Town) -> UUID:
    """Known by CPR number, active, with rights and means."""
    user_id = town.create_active("Ida", cpr=CPR, means=(Means.APP, Means.CHIP), rights=("r1",), can_sign=True)
    town.administration.assign_sealing_profiles(town.actor, user_id, ["p1"])
    return user_id


def ask(town: Town, user_id: UUID, *, accepts: bool = True) -> CommandResult:
    actor = town.seen_by(user_id).actor
    return town.administration.request_anonymity(actor, accepts_losing_rights=accepts)


def approve(town: Town, user_id: UUID, command_id: UUID | None = None) -> CommandResult:
    return town.administration.approve_anonymity(town.actor, user_id, command_id=command_id)


def decline(town: Town, user_id: UUID, reason: str = "Det går ikke") -> CommandResult:
    return town.administration.decline_anonymity(town.actor, user_id, reason)


def made_anonymous(town: Town, user_id: UUID) -> UUID:
    ask(town, user_id)
    made = approve(town, user_id).subject
    assert made is not None
    return made


def administrator(town: Town, role: Role, **said: str) -> UUID:
    user_id = town.create_active(f"Admin {role}", email=f"{role}@by.test", **said)
    town.administration.give_role(town.actor, user_id, role)
    return user_id


def mailed(town: Town, kind: MailKind) -> list[UUID]:
    """To whom mails of a kind are to go."""
    asked = [one for one in rows(town.service, mail_intents) if one.organisation_id == town.id]
    return [one.recipient for one in asked if one.kind == kind]


def asked_about(town: Town) -> list[UUID]:
    return [one.user_id for one in town.queries.notices(town.actor)]


# Requesting


def test_the_user_sees_first_which_rights_are_lost(town: Town, ida: UUID) -> None:
    terms = town.queries.anonymity_terms(town.seen_by(ida).actor)

    assert "rettigheder ikke overført" in terms.text
    assert [right.name for right in terms.rights] == ["Læse"]


def test_a_request_without_acceptance_is_refused_and_sends_no_mail(town: Town, ida: UUID) -> None:
    administrator(town, Role.USER_ADMINISTRATOR)

    with pytest.raises(LossOfRightsNotAccepted):
        ask(town, ida, accepts=False)

    assert (asked_about(town), mailed(town, MailKind.ANONYMITY_REQUESTED)) == ([], [])


def test_only_user_administrators_get_notice_and_mail(town: Town, ida: UUID) -> None:
    told = [
        administrator(town, Role.USER_ADMINISTRATOR),
        administrator(town, Role.USER_ADMINISTRATOR, surname="To"),
    ]
    for role in (Role.ORGANISATION_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.TRUSTED_EMPLOYEE):
        administrator(town, role)

    ask(town, ida)

    (notice,) = town.queries.notices(town.seen_by(told[0]).actor)
    assert (notice.user_id, notice.first_name, notice.asked_at) == (ida, "Ida", town.clock.now())
    assert sorted(mailed(town, MailKind.ANONYMITY_REQUESTED)) == sorted(told)


def test_without_user_administrators_the_organisation_administrators_get_the_mail(
    town: Town, ida: UUID
) -> None:
    told = administrator(town, Role.ORGANISATION_ADMINISTRATOR)
    administrator(town, Role.RIGHTS_ADMINISTRATOR)

    ask(town, ida)

    assert mailed(town, MailKind.ANONYMITY_REQUESTED) == [told]


def test_where_nobody_holds_a_role_the_operator_finds_the_notice(town: Town, ida: UUID) -> None:
    ask(town, ida)

    assert (asked_about(town), mailed(town, MailKind.ANONYMITY_REQUESTED)) == ([ida], [])


def test_a_repeated_request_sends_no_second_mail(town: Town, ida: UUID) -> None:
    administrator(town, Role.USER_ADMINISTRATOR)
    ask(town, ida)
    town.clock.advance(ONE_SECOND)
    ask(town, ida)

    assert len(mailed(town, MailKind.ANONYMITY_REQUESTED)) == len(asked_about(town)) == 1


def test_notices_are_of_one_organisation_in_the_order_of_the_requests(
    town: Town, neighbours: Town, ida: UUID
) -> None:
    bo = town.create_active("Bo", email="bo@by.test")
    for user_id in (bo, ida):
        ask(town, user_id)
        town.clock.advance(ONE_SECOND)

    assert asked_about(town) == [bo, ida]
    assert asked_about(neighbours) == []


@pytest.mark.parametrize("role", [*ASSIGNABLE_ROLES, Role.USER])
def test_only_user_administrators_see_notices_and_answer(town: Town, ida: UUID, role: Role) -> None:
    bo = town.create_active("Bo", email="bo@by.test")
    seen = town.seen_by(bo if role is Role.USER else administrator(town, role))
    ask(town, ida)

    for deed in (asked_about, lambda town: decline(town, ida)):
        if role is Role.USER_ADMINISTRATOR:
            deed(seen)
        else:
            with pytest.raises(NotAllowed):
                deed(seen)


# Approving


def test_a_new_anonymous_user_without_rights_replaces_the_user(town: Town, ida: UUID) -> None:
    was = town.show(ida)
    new = town.show(made_anonymous(town, ida))

    assert new.id != ida
    assert (new.status, new.anonymous, new.means) == (Status.PENDING, True, ["app", "chip"])
    assert (new.rights, new.can_sign, new.sealing_profiles) == ([], False, [])
    assert (new.first_name, new.email, new.cpr_masked) == (was.first_name, was.email, was.cpr_masked)


def test_the_new_user_takes_over_the_cpr_number(town: Town, ida: UUID) -> None:
    new = made_anonymous(town, ida)

    again = NewUser(first_name="Ida", surname="Prøve", cpr=CPR, email="ida@by.test")
    with pytest.raises(CprInUse) as refusal:
        town.administration.create_user(town.actor, again)
    assert refusal.value.user_id == new


def test_the_old_user_is_deleted_and_erased(town: Town, ida: UUID) -> None:
    new = made_anonymous(town, ida)

    old = town.show(ida)
    assert (old.status, old.first_name, old.email) == (Status.DELETED, "Slettet bruger", None)
    assert town.ids() == [new]
    assert ida not in {row.stream_id for row in rows(town.service, ciphertexts)}
    assert town.service.log.keys.load([ida]) == {}
    assert ida not in {one.recipient for one in rows(town.service, mail_intents)}


def test_with_retention_the_old_user_is_deleted_and_the_data_kept(town: Town, ida: UUID) -> None:
    town.administration.change_settings(town.actor, {"erasure_retention_days": 10})
    new = made_anonymous(town, ida)

    assert (town.show(ida).status, town.show(ida).first_name) == (Status.DELETED, "Ida")
    assert town.ids(search="ida") == [new]


@pytest.mark.parametrize("role", [Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.USER])
def test_only_user_administrators_see_the_replaced_user(town: Town, ida: UUID, role: Role) -> None:
    new = made_anonymous(town, ida)
    if role is Role.USER:
        town.administration.activate_user(town.actor, new)
    other = town.seen_by(new if role is Role.USER else administrator(town, role)).actor

    if role is Role.USER_ADMINISTRATOR:
        assert town.queries.replaced_by(other, new) == ida
    else:
        with pytest.raises(NotAllowed):
            town.queries.replaced_by(other, new)


def test_after_erasure_the_replaced_user_is_unknown(town: Town, ida: UUID) -> None:
    new = made_anonymous(town, ida)
    town.delete(new)

    assert town.queries.replaced_by(town.actor, new) is None


def test_a_new_user_known_by_cpr_number_gets_a_link_and_no_code(town: Town, ida: UUID) -> None:
    ask(town, ida)
    made = approve(town, ida)

    assert made.code is None
    assert [one for one in mailed(town, MailKind.ACTIVATION) if one in {ida, made.subject}] == [made.subject]


def test_a_new_user_known_by_birth_date_gets_a_link_and_a_code_shown_once(town: Town) -> None:
    old, command_id = town.create_active("Bo"), uuid4()
    ask(town, old)
    made = approve(town, old, command_id)

    assert made.code is not None
    assert town.service.log.activation_code_hash(made.subject)
    assert town.service.log.activation_code_hash(old) is None
    again = approve(town, old, command_id)
    assert (again.subject, again.code, again.code_already_shown) == (made.subject, None, True)


def test_means_no_longer_offered_are_not_carried_over(town: Town, ida: UUID) -> None:
    town.administration.change_settings(town.actor, {"dedicated_means": ["app"]})

    assert town.show(made_anonymous(town, ida)).means == ["app"]


def test_endless_conflicts_change_nothing(town: Town, ida: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(town, ida)
    was = town.users()

    def conflict(*_: object) -> int:
        raise Conflict

    with monkeypatch.context() as patch:
        patch.setattr(town.service.log, "record", conflict)
        with pytest.raises(TooBusy):
            approve(town, ida)

    assert (town.users(), asked_about(town)) == (was, [ida])


# Declining, and answering twice


def test_a_declined_user_does_not_change_and_gets_the_reason_by_mail(town: Town, ida: UUID) -> None:
    was = town.show(ida)
    ask(town, ida)
    decline(town, ida)

    assert replace(town.show(ida), version=was.version, changed_at=was.changed_at) == was
    assert (asked_about(town), mailed(town, MailKind.ANONYMITY_DECLINED)) == ([], [ida])


def test_declining_takes_a_reason(town: Town, ida: UUID) -> None:
    ask(town, ida)

    with pytest.raises(ReasonMissing):
        decline(town, ida, " ")
    assert asked_about(town) == [ida]


def test_a_declined_user_may_request_anonymity_again(town: Town, ida: UUID) -> None:
    ask(town, ida)
    decline(town, ida)

    assert town.show(made_anonymous(town, ida)).anonymous


@pytest.mark.parametrize("first", [approve, decline])
@pytest.mark.parametrize("second", [approve, decline])
def test_a_request_is_answered_once(
    town: Town,
    ida: UUID,
    first: Callable[[Town, UUID], CommandResult],
    second: Callable[[Town, UUID], CommandResult],
) -> None:
    ask(town, ida)
    first(town, ida)

    with pytest.raises(AlreadyDeleted if first is approve else NoAnonymityRequest):
        second(town, ida)


# Roles, and users who cannot


def test_a_user_with_a_role_cannot_request_anonymity(town: Town) -> None:
    user_id = administrator(town, Role.TRUSTED_EMPLOYEE)

    with pytest.raises(RoleHolderCannotBeAnonymous):
        ask(town, user_id)


def test_a_request_of_a_user_with_a_role_is_approved_after_the_role_is_taken(town: Town, ida: UUID) -> None:
    ask(town, ida)
    town.administration.give_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)
    with pytest.raises(RoleHolderCannotBeAnonymous):
        approve(town, ida)
    assert asked_about(town) == [ida]

    town.administration.take_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)
    assert approve(town, ida)


def test_an_anonymous_user_gets_no_role_and_cannot_request_anonymity(town: Town, ida: UUID) -> None:
    new = made_anonymous(town, ida)
    town.administration.activate_user(town.actor, new)

    with pytest.raises(AnonymousHoldsNoRole):
        town.administration.give_role(town.actor, new, Role.TRUSTED_EMPLOYEE)
    with pytest.raises(AlreadyAnonymous):
        ask(town, new)


def test_an_organisation_without_anonymity_refuses_requests_and_approvals(town: Town, ida: UUID) -> None:
    ask(town, ida)
    town.administration.change_settings(town.actor, {"allow_anonymous": False})

    for command in (ask, approve):
        with pytest.raises(AnonymityNotAllowed):
            command(town, ida)
    decline(town, ida)


def test_a_deactivated_user_cannot_request_anonymity(town: Town, ida: UUID) -> None:
    town.deactivate(ida)

    with pytest.raises(NotAllowed):
        ask(town, ida)
