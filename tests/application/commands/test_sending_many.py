"""The preview of sending many users equals the result, also after interruptions and repeats."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brugerbog.application.commands import activation
from brugerbog.application.commands.activation import SendingResult
from brugerbog.application.commands.user_input import NamedShared
from brugerbog.application.ports.outbox_message import MailKind
from brugerbog.application.refusals.requests import CommandIdReused, UserUnknown
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.settings import MeansNotOffered
from brugerbog.domain.user.means_held import SharedMeansNotNamed
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import mail_intents
from tests.org_driver import BORN, OrgDriver, write_file
from tests.people import made_up_cpr
from tests.stores import rows

OERE = {Means.CODE_DISPLAY: 3_350, Means.AUDIO_CODE_READER: 23_550, Means.CHIP: 11_500}
"""The public prices; everything else costs nothing."""

KINDS = ("known", "nameless", "with means", "sharing", "pending", "active", "deleted")
WISHES = (Means.PRIVATE, Means.APP, Means.CODE_DISPLAY, Means.CHIP)


def bring(org: OrgDriver, folder: Path, kinds: list[str]) -> list[UUID]:
    """Import users and bring each into the given state; the nameless ones have no CPR number."""
    rows_of_file = [
        {
            "Aktion": "C",
            "Fornavn": f"Ib{number}",
            "Efternavn": kind,
            "E-mail": f"ib{number}@by.test",
            "TargetIAL": "3",
            **(
                {"Foedselsdato": f"{BORN:%d%m%Y}"}
                if kind == "nameless"
                else {"CPR": made_up_cpr(BORN, number)}
            ),
        }
        for number, kind in enumerate(kinds)
    ]
    write_file(folder / "people.csv", rows_of_file)
    receipt = org.administration.import_users(org.actor, folder / "people.csv")
    people = [one.id for one in receipt.outcomes if one.id]
    for kind, user_id in zip(kinds, people, strict=True):
        become(org, kind, user_id)
    return people


def become(org: OrgDriver, kind: str, user_id: UUID) -> None:
    if kind == "with means":
        org.administration.assign_means(org.actor, user_id, [Means.PRIVATE, Means.CODE_DISPLAY])
    if kind == "sharing":
        shared = NamedShared(owner_cvr="90000002", identifier="delt-1")
        org.administration.assign_means(org.actor, user_id, [Means.SHARED], shared=shared)
    if kind in {"pending", "active"}:
        org.administration.send_to_activation(org.actor, user_id)
    if kind == "active":
        org.administration.activate_user(org.actor, user_id)
    if kind == "deleted":
        org.delete(user_id)


def send(org: OrgDriver, people: list[UUID], **said: Any) -> SendingResult:  # noqa: ANN401 - as the command
    return org.administration.send_many_to_activation(org.actor, people, **said)


def outcome(do: Callable[[], Any]) -> Any:  # noqa: ANN401 - an answer, or the code of a refusal
    try:
        return do()
    except Refusal as refusal:
        return refusal.code


def means_of(org: OrgDriver, people: list[UUID]) -> Counter[str]:
    return Counter(one for user_id in people for one in org.show(user_id).means)


def mails_to(org: OrgDriver, people: list[UUID]) -> list[str]:
    """The kinds of all mails to these."""
    return [one.kind for one in rows(org.service, mail_intents) if one.recipient in people]


def statuses(org: OrgDriver, people: list[UUID]) -> list[Status]:
    return [org.show(user_id).status for user_id in people]


def recorded(org: OrgDriver) -> int:
    return org.service.log.recorder.max_notification_id() or 0


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activation, "BATCH", 2)


# What is told beforehand


@settings(max_examples=40)
@given(
    kinds=st.lists(st.sampled_from(KINDS), max_size=8),
    wishes=st.lists(st.sampled_from(WISHES), max_size=4),
    shared=st.booleans(),
    at_once=st.integers(1, 9),
    offers=st.booleans(),
)
def test_the_preview_equals_the_result(
    make_org: Callable[..., OrgDriver],
    tmp_path_factory: pytest.TempPathFactory,
    kinds: list[str],
    wishes: list[Means],
    at_once: int,
    *,
    shared: bool,
    offers: bool,
) -> None:
    org = make_org()
    people = bring(org, tmp_path_factory.getbasetemp(), kinds)
    org.administration.change_settings(org.actor, {"allow_private_means": offers})
    means = [*wishes, Means.SHARED] if shared else wishes
    had, before = means_of(org, people), recorded(org)

    planned = outcome(lambda: org.queries.sending(org.actor, people, means=means))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activation, "BATCH", at_once)
        done = outcome(lambda: send(org, people, means=means))

    if isinstance(done, str):
        assert (planned, recorded(org)) == (done, before)
        return
    new = means_of(org, people) - had
    assert planned.sending == done
    assert planned.new_means == new
    assert planned.cost == sum(OERE.get(Means(one), 0) * count for one, count in new.items())
    assert statuses(org, list(done.sent)) == [Status.PENDING] * len(done.sent)


def test_mails_name_all_waiting_users_unless_others_are_chosen(org: OrgDriver, tmp_path: Path) -> None:
    first, nameless, _, last = bring(org, tmp_path, ["known", "nameless", "pending", "known"])

    planned = org.queries.sending(org.actor)

    assert planned.sending == SendingResult(sent=(first, last), without_cpr=(nameless,), not_waiting=())


def test_asking_changes_nothing(org: OrgDriver, tmp_path: Path) -> None:
    people = bring(org, tmp_path, ["known", "nameless"])
    before = recorded(org)

    org.queries.sending(org.actor, people, means=WISHES)

    assert recorded(org) == before


def test_only_new_means_are_counted_and_priced(org: OrgDriver, tmp_path: Path) -> None:
    people = bring(org, tmp_path, ["known", "with means", "nameless", "active"])

    planned = org.queries.sending(
        org.actor, people, means=[Means.PRIVATE, Means.CODE_DISPLAY, Means.CODE_DISPLAY]
    )

    assert planned.new_means == {Means.PRIVATE: 1, Means.CODE_DISPLAY: 3}
    assert planned.cost == 3 * 3_350


# What happens


def test_those_without_cpr_are_named_and_stay(org: OrgDriver, tmp_path: Path) -> None:
    known, nameless = bring(org, tmp_path, ["known", "nameless"])

    assert send(org, [known, nameless]).without_cpr == (nameless,)

    assert statuses(org, [known, nameless]) == [Status.PENDING, Status.IMPORTED]
    assert mails_to(org, [nameless]) == []


def test_users_who_are_not_imported_are_listed_and_unchanged(org: OrgDriver, tmp_path: Path) -> None:
    people = bring(org, tmp_path, ["pending", "active", "deleted"])
    before = recorded(org)

    assert send(org, people).not_waiting == tuple(people)

    assert recorded(org) == before


@pytest.mark.usefixtures("two_at_once")
def test_everybody_sent_gets_one_mail_and_shows_no_code(org: OrgDriver, tmp_path: Path) -> None:
    people = bring(org, tmp_path, ["known"] * 5)

    send(org, people * 2)

    assert mails_to(org, people) == [MailKind.ACTIVATION] * 5
    assert [org.service.log.activation_code_hash(user_id) for user_id in people] == [None] * 5


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("who", ["nobody", "a neighbour"])
def test_one_unknown_user_refuses_all(
    org: OrgDriver, neighbours: OrgDriver, tmp_path: Path, who: str
) -> None:
    people = bring(org, tmp_path, ["known"] * 4)
    (neighbour,) = bring(neighbours, tmp_path, ["known"])
    unknown = neighbour if who == "a neighbour" else uuid4()

    for ask in (send, lambda org, all_: org.queries.sending(org.actor, all_)):
        with pytest.raises(UserUnknown) as refusal:
            ask(org, [*people, unknown])
        assert refusal.value.user_id == unknown

    assert statuses(org, people) == [Status.IMPORTED] * 4


@pytest.mark.usefixtures("two_at_once")
def test_a_shared_means_that_one_user_lacks_is_refused_for_all(org: OrgDriver, tmp_path: Path) -> None:
    people = bring(org, tmp_path, ["sharing", "sharing", "known"])

    with pytest.raises(SharedMeansNotNamed):
        send(org, people, means=[Means.SHARED])

    assert statuses(org, people) == [Status.IMPORTED] * 3


def test_means_that_are_not_offered_are_refused_even_without_users(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"dedicated_means": ["app"]})

    for ask in (send, lambda org, all_, means: org.queries.sending(org.actor, all_, means=means)):
        with pytest.raises(MeansNotOffered):
            ask(org, [], means=[Means.CHIP])


@pytest.mark.usefixtures("two_at_once")
def test_progress_is_reported_after_each_transaction_and_never_without_users(
    org: OrgDriver, tmp_path: Path
) -> None:
    people = bring(org, tmp_path, ["known", "nameless", "known", "active", "known"])
    heard: list[tuple[int, int]] = []

    send(org, people, progress=lambda done, of: heard.append((done, of)))
    send(org, [], progress=lambda done, of: heard.append((done, of)))

    assert heard == [(2, 5), (4, 5), (5, 5)]


# Cut off and repeated


class CutOff(Exception):
    """Planted."""


def cut_off(org: OrgDriver, people: list[UUID], command_id: UUID, *, answer_lost: bool) -> None:
    """Send them two by two; the second step fails, before it is stored or after."""
    record, steps = org.service.log.record, 0

    def record_or_fail(*said: Any) -> int:  # noqa: ANN401 - as `record`
        nonlocal steps
        steps += 1
        if steps < 2:
            return record(*said)
        with suppress(CutOff):
            if answer_lost:
                record(*said)
        raise CutOff

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(org.service.log, "record", record_or_fail)
        with pytest.raises(CutOff):
            send(org, people, means=[Means.CHIP], command_id=command_id)


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("answer_lost", [False, True])
@pytest.mark.parametrize("same_id", [False, True])
def test_sending_that_was_cut_off_is_made_whole_by_a_repeat(
    org: OrgDriver, tmp_path: Path, *, same_id: bool, answer_lost: bool
) -> None:
    people, command_id = bring(org, tmp_path, ["known"] * 5), uuid4()
    cut_off(org, people, command_id, answer_lost=answer_lost)
    left = 4 if answer_lost else 2
    assert statuses(org, people) == [Status.PENDING] * left + [Status.IMPORTED] * (5 - left)

    again = send(org, people, means=[Means.CHIP], command_id=command_id if same_id else uuid4())

    assert again.sent == tuple(people if same_id else people[left:])
    assert again.not_waiting == tuple(() if same_id else people[:left])
    assert statuses(org, people) == [Status.PENDING] * 5
    assert mails_to(org, people) == [MailKind.ACTIVATION] * 5
    assert means_of(org, people) == {"chip": 5}


@pytest.mark.usefixtures("two_at_once")
def test_the_same_command_again_shows_the_same_whatever_became_of_them(
    org: OrgDriver, tmp_path: Path
) -> None:
    people = bring(org, tmp_path, ["known", "known", "nameless", "active", "deleted"])
    command_id = uuid4()
    first = send(org, people, command_id=command_id)
    org.administration.activate_user(org.actor, people[0])
    org.delete(people[1])
    org.edit(people[2], cpr=made_up_cpr(BORN, 99))
    before = recorded(org)

    assert send(org, people, command_id=command_id) == first
    assert recorded(org) == before


def test_a_command_id_stands_for_one_sending_only(org: OrgDriver, tmp_path: Path) -> None:
    people, command_id = bring(org, tmp_path, ["known"]), uuid4()
    send(org, people, command_id=command_id)

    with pytest.raises(CommandIdReused):
        send(org, people, means=[Means.APP], command_id=command_id)


def test_the_same_command_id_sends_no_further_users(
    org: OrgDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "BATCH", 2)
    people, command_id = bring(org, tmp_path, ["known"] * 4), uuid4()
    send(org, people[:2], command_id=command_id)

    with pytest.raises(CommandIdReused):
        send(org, people, command_id=command_id)
    assert {org.show(one).status for one in people[2:]} == {Status.IMPORTED}


@pytest.mark.parametrize("sends_first", [True, False])
def test_the_id_of_a_sending_stands_for_nothing_else(
    org: OrgDriver, tmp_path: Path, *, sends_first: bool
) -> None:
    people, command_id = bring(org, tmp_path, ["known"] * 2), uuid4()

    def delete() -> None:
        org.administration.delete_user(org.actor, people[1], command_id=command_id)

    deeds = [lambda: send(org, people[:1], command_id=command_id), delete]
    first, second = deeds if sends_first else deeds[::-1]
    first()
    with pytest.raises(CommandIdReused):
        second()
