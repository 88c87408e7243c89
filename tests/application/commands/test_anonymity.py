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
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr
from tests.stores import rows

CPR = made_up_cpr(BORN, 0)


@pytest.fixture
def ida(org: OrgDriver) -> UUID:
    """Known by CPR number, active, with rights and means."""
    user_id = org.create_active("Ida", cpr=CPR, means=(Means.APP, Means.CHIP), rights=("r1",), can_sign=True)
    org.administration.assign_sealing_profiles(org.actor, user_id, ["p1"])
    return user_id


def ask(org: OrgDriver, user_id: UUID, *, accepts: bool = True) -> CommandResult:
    actor = org.seen_by(user_id).actor
    return org.administration.request_anonymity(actor, accepts_losing_rights=accepts)


def approve(org: OrgDriver, user_id: UUID, command_id: UUID | None = None) -> CommandResult:
    return org.administration.approve_anonymity(org.actor, user_id, command_id=command_id)


def decline(org: OrgDriver, user_id: UUID, reason: str = "Det går ikke") -> CommandResult:
    return org.administration.decline_anonymity(org.actor, user_id, reason)


def made_anonymous(org: OrgDriver, user_id: UUID) -> UUID:
    ask(org, user_id)
    made = approve(org, user_id).subject
    assert made is not None
    return made


def administrator(org: OrgDriver, role: Role, **said: str) -> UUID:
    user_id = org.create_active(f"Admin {role}", email=f"{role}@by.test", **said)
    org.administration.give_role(org.actor, user_id, role)
    return user_id


def mailed(org: OrgDriver, kind: MailKind) -> list[UUID]:
    """To whom mails of a kind are to go."""
    asked = [one for one in rows(org.service, mail_intents) if one.organisation_id == org.id]
    return [one.recipient for one in asked if one.kind == kind]


def asked_about(org: OrgDriver) -> list[UUID]:
    return [one.user_id for one in org.queries.notices(org.actor)]


# Requesting


def test_the_user_sees_first_which_rights_are_lost(org: OrgDriver, ida: UUID) -> None:
    terms = org.queries.anonymity_terms(org.seen_by(ida).actor)

    assert "rettigheder ikke overført" in terms.text
    assert [right.name for right in terms.rights] == ["Læse"]


def test_a_request_without_acceptance_is_refused_and_sends_no_mail(org: OrgDriver, ida: UUID) -> None:
    administrator(org, Role.USER_ADMINISTRATOR)

    with pytest.raises(LossOfRightsNotAccepted):
        ask(org, ida, accepts=False)

    assert (asked_about(org), mailed(org, MailKind.ANONYMITY_REQUESTED)) == ([], [])


def test_only_user_administrators_get_notice_and_mail(org: OrgDriver, ida: UUID) -> None:
    told = [
        administrator(org, Role.USER_ADMINISTRATOR),
        administrator(org, Role.USER_ADMINISTRATOR, surname="To"),
    ]
    for role in (Role.ORGANISATION_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.TRUSTED_EMPLOYEE):
        administrator(org, role)

    ask(org, ida)

    (notice,) = org.queries.notices(org.seen_by(told[0]).actor)
    assert (notice.user_id, notice.first_name, notice.asked_at) == (ida, "Ida", org.clock.now())
    assert sorted(mailed(org, MailKind.ANONYMITY_REQUESTED)) == sorted(told)


def test_without_user_administrators_the_organisation_administrators_get_the_mail(
    org: OrgDriver, ida: UUID
) -> None:
    told = administrator(org, Role.ORGANISATION_ADMINISTRATOR)
    administrator(org, Role.RIGHTS_ADMINISTRATOR)

    ask(org, ida)

    assert mailed(org, MailKind.ANONYMITY_REQUESTED) == [told]


def test_where_nobody_holds_a_role_the_operator_finds_the_notice(org: OrgDriver, ida: UUID) -> None:
    ask(org, ida)

    assert (asked_about(org), mailed(org, MailKind.ANONYMITY_REQUESTED)) == ([ida], [])


def test_a_repeated_request_sends_no_second_mail(org: OrgDriver, ida: UUID) -> None:
    administrator(org, Role.USER_ADMINISTRATOR)
    ask(org, ida)
    org.clock.advance(ONE_SECOND)
    ask(org, ida)

    assert len(mailed(org, MailKind.ANONYMITY_REQUESTED)) == len(asked_about(org)) == 1


def test_notices_are_of_one_organisation_in_the_order_of_the_requests(
    org: OrgDriver, neighbours: OrgDriver, ida: UUID
) -> None:
    bo = org.create_active("Bo", email="bo@by.test")
    for user_id in (bo, ida):
        ask(org, user_id)
        org.clock.advance(ONE_SECOND)

    assert asked_about(org) == [bo, ida]
    assert asked_about(neighbours) == []


@pytest.mark.parametrize("role", [*ASSIGNABLE_ROLES, Role.USER])
def test_only_user_administrators_see_notices_and_answer(org: OrgDriver, ida: UUID, role: Role) -> None:
    bo = org.create_active("Bo", email="bo@by.test")
    seen = org.seen_by(bo if role is Role.USER else administrator(org, role))
    ask(org, ida)

    for deed in (asked_about, lambda org: decline(org, ida)):
        if role is Role.USER_ADMINISTRATOR:
            deed(seen)
        else:
            with pytest.raises(NotAllowed):
                deed(seen)


# Approving


def test_a_new_anonymous_user_without_rights_replaces_the_user(org: OrgDriver, ida: UUID) -> None:
    was = org.show(ida)
    new = org.show(made_anonymous(org, ida))

    assert new.id != ida
    assert (new.status, new.anonymous, new.means) == (Status.PENDING, True, ["app", "chip"])
    assert (new.rights, new.can_sign, new.sealing_profiles) == ([], False, [])
    assert (new.first_name, new.email, new.cpr_masked) == (was.first_name, was.email, was.cpr_masked)


def test_the_new_user_takes_over_the_cpr_number(org: OrgDriver, ida: UUID) -> None:
    new = made_anonymous(org, ida)

    again = NewUser(first_name="Ida", surname="Prøve", cpr=CPR, email="ida@by.test")
    with pytest.raises(CprInUse) as refusal:
        org.administration.create_user(org.actor, again)
    assert refusal.value.user_id == new


def test_the_old_user_is_deleted_and_erased(org: OrgDriver, ida: UUID) -> None:
    new = made_anonymous(org, ida)

    old = org.show(ida)
    assert (old.status, old.first_name, old.email) == (Status.DELETED, "Slettet bruger", None)
    assert org.ids() == [new]
    assert ida not in {row.stream_id for row in rows(org.service, ciphertexts)}
    assert org.service.log.keys.load([ida]) == {}
    assert ida not in {one.recipient for one in rows(org.service, mail_intents)}


def test_with_retention_the_old_user_is_deleted_and_the_data_kept(org: OrgDriver, ida: UUID) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": 10})
    new = made_anonymous(org, ida)

    assert (org.show(ida).status, org.show(ida).first_name) == (Status.DELETED, "Ida")
    assert org.ids(search="ida") == [new]


@pytest.mark.parametrize("role", [Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR, Role.USER])
def test_only_user_administrators_see_the_replaced_user(org: OrgDriver, ida: UUID, role: Role) -> None:
    new = made_anonymous(org, ida)
    if role is Role.USER:
        org.administration.activate_user(org.actor, new)
    other = org.seen_by(new if role is Role.USER else administrator(org, role)).actor

    if role is Role.USER_ADMINISTRATOR:
        assert org.queries.replaced_by(other, new) == ida
    else:
        with pytest.raises(NotAllowed):
            org.queries.replaced_by(other, new)


def test_after_erasure_the_replaced_user_is_unknown(org: OrgDriver, ida: UUID) -> None:
    new = made_anonymous(org, ida)
    org.delete(new)

    assert org.queries.replaced_by(org.actor, new) is None


def test_a_new_user_known_by_cpr_number_gets_a_link_and_no_code(org: OrgDriver, ida: UUID) -> None:
    ask(org, ida)
    made = approve(org, ida)

    assert made.code is None
    assert [one for one in mailed(org, MailKind.ACTIVATION) if one in {ida, made.subject}] == [made.subject]


def test_a_new_user_known_by_birth_date_gets_a_link_and_a_code_shown_once(org: OrgDriver) -> None:
    old, command_id = org.create_active("Bo"), uuid4()
    ask(org, old)
    made = approve(org, old, command_id)

    assert made.code is not None
    assert org.service.log.activation_code_hash(made.subject)
    assert org.service.log.activation_code_hash(old) is None
    again = approve(org, old, command_id)
    assert (again.subject, again.code, again.code_already_shown) == (made.subject, None, True)


def test_means_no_longer_offered_are_not_carried_over(org: OrgDriver, ida: UUID) -> None:
    org.administration.change_settings(org.actor, {"dedicated_means": ["app"]})

    assert org.show(made_anonymous(org, ida)).means == ["app"]


def test_endless_conflicts_change_nothing(org: OrgDriver, ida: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(org, ida)
    was = org.users()

    def conflict(*_: object) -> int:
        raise Conflict

    with monkeypatch.context() as patch:
        patch.setattr(org.service.log, "record", conflict)
        with pytest.raises(TooBusy):
            approve(org, ida)

    assert (org.users(), asked_about(org)) == (was, [ida])


# Declining, and answering twice


def test_a_declined_user_does_not_change_and_gets_the_reason_by_mail(org: OrgDriver, ida: UUID) -> None:
    was = org.show(ida)
    ask(org, ida)
    decline(org, ida)

    assert replace(org.show(ida), version=was.version, changed_at=was.changed_at) == was
    assert (asked_about(org), mailed(org, MailKind.ANONYMITY_DECLINED)) == ([], [ida])


def test_declining_takes_a_reason(org: OrgDriver, ida: UUID) -> None:
    ask(org, ida)

    with pytest.raises(ReasonMissing):
        decline(org, ida, " ")
    assert asked_about(org) == [ida]


def test_a_declined_user_may_request_anonymity_again(org: OrgDriver, ida: UUID) -> None:
    ask(org, ida)
    decline(org, ida)

    assert org.show(made_anonymous(org, ida)).anonymous


@pytest.mark.parametrize("first", [approve, decline])
@pytest.mark.parametrize("second", [approve, decline])
def test_a_request_is_answered_once(
    org: OrgDriver,
    ida: UUID,
    first: Callable[[OrgDriver, UUID], CommandResult],
    second: Callable[[OrgDriver, UUID], CommandResult],
) -> None:
    ask(org, ida)
    first(org, ida)

    with pytest.raises(AlreadyDeleted if first is approve else NoAnonymityRequest):
        second(org, ida)


# Roles, and users who cannot


def test_a_user_with_a_role_cannot_request_anonymity(org: OrgDriver) -> None:
    user_id = administrator(org, Role.TRUSTED_EMPLOYEE)

    with pytest.raises(RoleHolderCannotBeAnonymous):
        ask(org, user_id)


def test_a_request_of_a_user_with_a_role_is_approved_after_the_role_is_taken(
    org: OrgDriver, ida: UUID
) -> None:
    ask(org, ida)
    org.administration.give_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)
    with pytest.raises(RoleHolderCannotBeAnonymous):
        approve(org, ida)
    assert asked_about(org) == [ida]

    org.administration.take_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)
    assert approve(org, ida)


def test_an_anonymous_user_gets_no_role_and_cannot_request_anonymity(org: OrgDriver, ida: UUID) -> None:
    new = made_anonymous(org, ida)
    org.administration.activate_user(org.actor, new)

    with pytest.raises(AnonymousHoldsNoRole):
        org.administration.give_role(org.actor, new, Role.TRUSTED_EMPLOYEE)
    with pytest.raises(AlreadyAnonymous):
        ask(org, new)


def test_an_organisation_without_anonymity_refuses_requests_and_approvals(org: OrgDriver, ida: UUID) -> None:
    ask(org, ida)
    org.administration.change_settings(org.actor, {"allow_anonymous": False})

    for command in (ask, approve):
        with pytest.raises(AnonymityNotAllowed):
            command(org, ida)
    decline(org, ida)


def test_a_deactivated_user_cannot_request_anonymity(org: OrgDriver, ida: UUID) -> None:
    org.deactivate(ida)

    with pytest.raises(NotAllowed):
        ask(org, ida)
