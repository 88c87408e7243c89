"""Self-service by a link in a mail: the identity is confirmed, the code entered, the user activated."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from brugerbog.application.rate_limits import CHANGES_MAILED_TO_USER, TooManyTries
from brugerbog.application.refusals.requests import CommandIdReused
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.activation import MeansNotChosen
from brugerbog.domain.user.identity_confirmation import (
    AssuranceTooLow,
    IdentityDoesNotMatch,
    IdentityNotConfirmed,
)
from brugerbog.domain.user.links import LinkExpired, LinkPurpose, LinkUnknown, LinkUsed, LinkVoided
from brugerbog.domain.user.means_held import ConsentMissing, MeansNotAssigned
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from tests.application.mail.captured_mails import CapturedMails, PretendedIdentity
from tests.org_driver import BORN, OrgDriver, open_org
from tests.people import made_up_cpr
from tests.stores import at_once

CPR = made_up_cpr(BORN, 0)
IDA = PretendedIdentity(cpr=CPR)
LINK_ENDS = datetime(2026, 4, 19, 10, tzinfo=UTC)
A_MICROSECOND, AN_HOUR = timedelta(microseconds=1), timedelta(hours=1)

WAYS_IN: dict[str, Callable[[OrgDriver, str], Any]] = {
    "open": lambda org, token: org.service.self_service.open_activation(token),
    "confirm": lambda org, token: org.service.self_service.confirm_identity(token, IDA),
    "enter code": lambda org, token: org.service.self_service.enter_code(token, "ABCD"),
    "order": lambda org, token: org.service.self_service.order_means(token, Means.CHIP),
    "activate": lambda org, token: org.service.self_service.activate(token, [Means.APP]),
}
each_way_in = pytest.mark.parametrize("way", WAYS_IN)


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org() as org:
        yield org


@pytest.fixture
def post(org: OrgDriver) -> CapturedMails:
    return CapturedMails(org)


def ida(org: OrgDriver, *means: Means, **said: Any) -> Any:  # noqa: ANN401 - her id
    return org.create(cpr=CPR, means=means or (Means.APP,), **said)


def facts(org: OrgDriver, kind: type) -> list[Any]:
    told = org.service.log.events_until(org.id, org.clock.now())
    return [event for _, event in told if type(event) is kind]


def recorded(org: OrgDriver) -> int:
    return org.service.log.recorder.max_notification_id() or 0


# By link and identity


def test_the_link_in_the_mail_and_her_identity_make_a_user_active(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id = ida(org)
    token, door = post.token(user_id), org.service.self_service
    opened = door.open_activation(token)
    door.confirm_identity(token, IDA)
    confirmed = door.open_activation(token)
    door.activate(token, [Means.APP])

    assert (opened.purpose, opened.organisation, opened.expires_at) == (
        LinkPurpose.ACTIVATION,
        "Prøve Kommune",
        LINK_ENDS,
    )
    assert (opened.needs_code, opened.may_take, opened.ordered) == (False, (Means.APP,), ())
    assert (opened.identity_confirmed, confirmed.identity_confirmed) == (False, True)
    shown = org.show(user_id)
    assert (shown.status, shown.active_means, shown.link_expires_at) == (Status.ACTIVE, ["app"], None)


def test_the_log_has_the_user_as_actor(org: OrgDriver, post: CapturedMails) -> None:
    user_id = ida(org)
    token = post.token(user_id)
    org.service.self_service.confirm_identity(token, IDA)
    org.service.self_service.activate(token, [Means.APP])

    (confirmed,), (activated,) = facts(org, User.IdentityConfirmed), facts(org, User.Activated)
    assert (confirmed.actor, confirmed.role, confirmed.by, confirmed.ial) == (user_id, "user", "cpr", "high")
    assert (activated.actor, activated.role, activated.identity_proof) == (user_id, "user", confirmed.broker)


def test_an_opened_link_shows_no_personal_data(org: OrgDriver, post: CapturedMails) -> None:
    opened = org.service.self_service.open_activation(post.token(ida(org, email="ida@by.test")))

    assert repr(opened).startswith("<brugerbog.application.commands.self_service.OpenedLink object")
    told = " ".join(str(getattr(opened, name)) for name in opened.__slots__)
    assert not [word for word in ("Ida", "ida@", CPR, CPR[:6]) if word in told]


@pytest.mark.parametrize(
    ("proved", "refusal"),
    [
        (PretendedIdentity(cpr=made_up_cpr(BORN, 1)), IdentityDoesNotMatch),
        (PretendedIdentity(cpr=None), IdentityDoesNotMatch),
        (PretendedIdentity(date(1961, 9, 8), cpr=made_up_cpr(date(1961, 9, 8), 0)), IdentityDoesNotMatch),
        (PretendedIdentity(cpr=CPR, ial=Ial.SUBSTANTIAL), AssuranceTooLow),
    ],
    ids=["another", "nobody for sure", "born another day", "not sure enough"],
)
def test_another_identity_is_refused(
    org: OrgDriver, post: CapturedMails, proved: PretendedIdentity, refusal: type[Refusal]
) -> None:
    token = post.token(ida(org))
    before = recorded(org)

    with pytest.raises(refusal):
        org.service.self_service.confirm_identity(token, proved)
    with pytest.raises(IdentityNotConfirmed):
        org.service.self_service.activate(token, [Means.APP])

    assert recorded(org) == before


def test_a_confirmation_stands_for_an_hour(org: OrgDriver, post: CapturedMails) -> None:
    token, door = post.token(ida(org)), org.service.self_service
    door.confirm_identity(token, IDA)

    org.clock.advance(AN_HOUR)
    with pytest.raises(IdentityNotConfirmed):
        door.activate(token, [Means.APP])
    door.confirm_identity(token, IDA)
    org.clock.advance(AN_HOUR - A_MICROSECOND)
    door.activate(token, [Means.APP])


# Links that don't let in


@each_way_in
def test_a_link_that_was_never_sent_is_unknown(org: OrgDriver, way: str) -> None:
    with pytest.raises(LinkUnknown):
        WAYS_IN[way](org, "guessed")


@each_way_in
def test_a_link_is_void_when_a_later_one_was_sent(org: OrgDriver, post: CapturedMails, way: str) -> None:
    user_id = ida(org)
    first = post.token(user_id)
    org.administration.resend_activation_mail(org.actor, user_id)
    later = post.token(user_id)
    before = recorded(org)

    with pytest.raises(LinkVoided):
        WAYS_IN[way](org, first)

    assert recorded(org) == before
    assert org.service.self_service.open_activation(later)


@each_way_in
def test_a_link_is_good_up_to_its_end_and_no_longer(org: OrgDriver, post: CapturedMails, way: str) -> None:
    token = post.token(ida(org))
    org.clock.set_to(LINK_ENDS - A_MICROSECOND)
    assert org.service.self_service.open_activation(token).expires_at == LINK_ENDS

    org.clock.set_to(LINK_ENDS)
    for _ in ("not yet recorded", "recorded"):
        with pytest.raises(LinkExpired):
            WAYS_IN[way](org, token)
        org.service.run_due()


@each_way_in
def test_a_link_that_has_been_used_says_so(org: OrgDriver, post: CapturedMails, way: str) -> None:
    token, door = post.token(ida(org)), org.service.self_service
    door.confirm_identity(token, IDA)
    door.activate(token, [Means.APP])
    before = recorded(org)

    with pytest.raises(LinkUsed):
        WAYS_IN[way](org, token)

    assert recorded(org) == before


@each_way_in
@pytest.mark.parametrize(("days", "refusal"), [(0, LinkUnknown), (30, LinkVoided)])
def test_the_link_of_a_deleted_user_is_invalid(
    org: OrgDriver, post: CapturedMails, way: str, days: int, refusal: type[Refusal]
) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": days})
    user_id = ida(org)
    token = post.token(user_id)
    org.delete(user_id)

    with pytest.raises(refusal):
        WAYS_IN[way](org, token)


def test_a_mail_that_went_out_twice_has_two_links_and_both_are_good(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id = ida(org)
    post.failing = True
    post.dispatch()
    post.failing = False
    org.clock.advance(AN_HOUR)
    overheard, token = post.tokens(user_id)

    assert overheard != token
    assert org.service.self_service.open_activation(overheard)
    org.service.self_service.confirm_identity(token, IDA)
    assert org.service.self_service.open_activation(overheard).identity_confirmed


def test_an_expired_link_is_followed_by_a_new_one_for_thirty_days(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id = ida(org)
    org.clock.set_to(LINK_ENDS)
    org.service.run_due()
    org.administration.resend_activation_mail(org.actor, user_id)

    assert org.service.self_service.open_activation(post.token(user_id)).expires_at == datetime(
        2026, 5, 19, 10, tzinfo=UTC
    )


# Means


def test_what_is_ordered_is_waited_for_and_the_rest_comes_by_a_mail(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id = ida(org, Means.APP, Means.CODE_DISPLAY)
    token, door = post.token(user_id), org.service.self_service
    door.confirm_identity(token, IDA)
    door.order_means(token, Means.CODE_DISPLAY)
    door.activate(token, [Means.APP])

    shown, later = org.show(user_id), post.token(user_id)
    assert (shown.status, shown.active_means, shown.ordered_means) == (
        Status.ACTIVE,
        ["app"],
        ["code_display"],
    )
    assert "kodeviser" in post.mails[-1].text
    assert door.open_means(later).ordered == (Means.CODE_DISPLAY,)
    door.confirm_identity(later, IDA)
    door.take_means(later, [Means.CODE_DISPLAY])
    assert org.show(user_id).active_means == ["app", "code_display"]
    with pytest.raises(LinkUsed):
        door.open_means(later)


def test_an_order_and_a_taking_into_use_that_are_sent_twice_happen_once(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id = org.create_active(cpr=CPR)
    org.administration.assign_means(org.actor, user_id, [Means.APP, Means.APP, Means.CHIP, Means.CHIP])
    token, door, (ordering, taking) = post.token(user_id), org.service.self_service, (uuid4(), uuid4())
    door.confirm_identity(token, IDA)
    for _ in range(2):
        door.order_means(token, Means.CHIP, command_id=ordering)
        door.take_means(token, [Means.APP], command_id=taking)

    shown = org.show(user_id)
    assert (shown.ordered_means, shown.active_means) == (["chip"], ["app"])
    with pytest.raises(CommandIdReused):
        door.order_means(token, Means.CHIP, command_id=taking)


def test_what_was_ordered_is_invoiced_at_the_price_of_that_day(org: OrgDriver, post: CapturedMails) -> None:
    org.administration.change_settings(org.actor, {"prices": {"chip": 77}})
    token, door = post.token(ida(org, Means.CHIP)), org.service.self_service
    door.confirm_identity(token, IDA)
    door.order_means(token, Means.CHIP)

    (ordered,) = facts(org, User.MeansOrdered)
    assert (ordered.means, ordered.price) == ("chip", 77)


@pytest.mark.parametrize(
    ("chosen", "consent", "refusal"),
    [
        ([], False, MeansNotChosen),
        ([Means.PRIVATE], False, ConsentMissing),
        ([Means.CHIP], False, MeansNotAssigned),
        ([Means.APP, Means.APP], False, MeansNotAssigned),
    ],
)
def test_an_invalid_choice_changes_nothing(
    org: OrgDriver, post: CapturedMails, chosen: list[Means], refusal: type[Refusal], *, consent: bool
) -> None:
    user_id = ida(org, Means.PRIVATE, Means.APP)
    token, door = post.token(user_id), org.service.self_service
    door.confirm_identity(token, IDA)
    before = recorded(org)

    with pytest.raises(refusal):
        door.activate(token, chosen, consent=consent)

    assert (recorded(org), org.show(user_id).status) == (before, Status.PENDING)


def test_private_means_are_used_with_consent_until_it_is_withdrawn(
    org: OrgDriver, post: CapturedMails
) -> None:
    user_id = ida(org, Means.PRIVATE)
    token = post.token(user_id)
    org.service.self_service.confirm_identity(token, IDA)
    org.service.self_service.activate(token, [Means.PRIVATE], consent=True)
    assert org.show(user_id).active_means == ["private"]

    org.administration.withdraw_consent(org.seen_by(user_id).actor)

    assert org.show(user_id).active_means == []


def test_means_assigned_later_come_by_a_mail_of_their_own(org: OrgDriver, post: CapturedMails) -> None:
    user_id = org.create_active(cpr=CPR)
    org.administration.assign_means(org.actor, user_id, [Means.APP])
    token, door = post.token(user_id), org.service.self_service

    with pytest.raises(LinkUnknown):
        door.open_activation(token)
    with pytest.raises(IdentityNotConfirmed):
        door.take_means(token, [Means.APP])
    door.confirm_identity(token, IDA)
    door.take_means(token, [Means.APP])
    assert org.show(user_id).active_means == ["app"]


def test_anyone_who_is_deactivated_takes_nothing_into_use(org: OrgDriver, post: CapturedMails) -> None:
    user_id = org.create_active(cpr=CPR)
    org.administration.assign_means(org.actor, user_id, [Means.APP])
    token = post.token(user_id)
    org.deactivate(user_id)

    with pytest.raises(LinkVoided):
        org.service.self_service.confirm_identity(token, IDA)


# Many at once


def test_of_many_who_use_one_link_at_once_one_activates(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:
        user_id = ida(org)
        token, door = CapturedMails(org).token(user_id), org.service.self_service
        door.confirm_identity(token, IDA)

        def activate(_: int) -> str:
            try:
                door.activate(token, [Means.APP])
            except LinkUsed as refusal:
                return refusal.code
            return "active"

        assert sorted(at_once(6, activate)) == ["active", *["link_used"] * 5]
        assert len(facts(org, User.Activated)) == len(facts(org, User.MeansActivated)) == 1


def test_means_are_not_assigned_again_and_again(org: OrgDriver) -> None:
    ida = org.create_active()
    for many in range(1, CHANGES_MAILED_TO_USER.most + 1):
        org.administration.assign_means(org.actor, ida, [Means.CHIP] * many)
        org.administration.assign_means(org.actor, ida, [Means.CHIP] * many)
    with pytest.raises(TooManyTries):
        org.administration.assign_means(org.actor, ida, [Means.CHIP] * (many + 1))
