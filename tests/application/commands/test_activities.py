"""Activity reports are recorded once each, or refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.commands.activity_report import ActivityReport, ReporterInvalid
from brugerbog.application.ports.event_log import Conflict
from brugerbog.application.refusals.requests import CommandIdReused, NotAllowed, TooBusy
from brugerbog.domain.kernel.refusals import Refusals
from brugerbog.domain.user.activity import activity_stream_id
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from tests.application.activity_reports import activity_report, outcomes, record_reports, refusal_of
from tests.clock import NOON
from tests.given import CPR
from tests.org_driver import OrgDriver

Found = Callable[..., OrgDriver]


@pytest.fixture
def ida(org: OrgDriver) -> UUID:
    return org.create_active()


def recorded(org: OrgDriver, user_id: UUID) -> list[Any]:
    return list(org.service.log.events.get(activity_stream_id(user_id)))


def test_a_report_is_recorded_with_all_its_fields(org: OrgDriver, ida: UUID) -> None:
    receipt = record_reports(org, activity_report(ida, at=NOON - timedelta(hours=1)))

    (event,) = recorded(org, ida)
    assert [one.outcome for one in receipt.outcomes] == ["recorded"]
    assert (event.occurred_at, event.timestamp) == (NOON - timedelta(hours=1), NOON)
    assert (event.transaction, event.service_provider, event.service_type, event.reporter) == (
        "Log ind",
        "Prøveborger",
        "public",
        "nemlogin",
    )
    assert event.correlation_id == event.command_id


def test_a_report_that_comes_again_is_recorded_already(org: OrgDriver, ida: UUID) -> None:
    record_reports(org, activity_report(ida))

    assert (
        outcomes(org, activity_report(ida), activity_report(ida, transaction="Andet"))
        == ["already_recorded"] * 2
    )
    assert len(recorded(org, ida)) == 1


def test_what_comes_twice_in_one_call_is_recorded_once(org: OrgDriver, ida: UUID) -> None:
    told = [activity_report(ida, "a"), activity_report(ida, "b"), activity_report(ida, " a ")]

    assert outcomes(org, *told) == ["recorded", "recorded", "already_recorded"]


def test_references_are_each_reporter_s_own(org: OrgDriver, ida: UUID) -> None:
    record_reports(org, activity_report(ida))

    assert outcomes(org, activity_report(ida), reporter="andre-tjenester") == ["recorded"]


def test_references_are_each_organisation_s_own(org: OrgDriver, neighbours: OrgDriver, ida: UUID) -> None:
    record_reports(org, activity_report(ida))

    assert outcomes(neighbours, activity_report(neighbours.create())) == ["recorded"]


def test_reports_may_come_in_any_order_of_time(org: OrgDriver, ida: UUID) -> None:
    days = [3, 1, 2, 900]
    told = [activity_report(ida, str(day), NOON - timedelta(day)) for day in days]

    assert outcomes(org, *told) == ["recorded"] * 4
    assert [event.occurred_at for event in recorded(org, ida)] == [NOON - timedelta(day) for day in days]


def test_anyone_who_is_not_yet_active_has_activities_too(org: OrgDriver) -> None:
    assert outcomes(org, activity_report(org.create())) == ["recorded"]


def test_each_report_stands_alone(org: OrgDriver, ida: UUID) -> None:
    told = [
        activity_report(ida, "1", transaction=""),
        activity_report(uuid4(), "2"),
        activity_report(ida, "3"),
    ]

    assert outcomes(org, *told) == ["refused", "refused", "recorded"]


def test_a_refused_report_uses_up_no_reference(org: OrgDriver, ida: UUID) -> None:
    told = [activity_report(uuid4()), activity_report(ida), activity_report(ida)]

    assert outcomes(org, *told) == ["refused", "recorded", "already_recorded"]


def test_more_than_one_transaction_holds_are_done_in_several(org: OrgDriver, ida: UUID) -> None:
    told = [activity_report(ida, str(number % 1_100)) for number in range(2_300)]

    receipt = record_reports(org, *told)

    assert (receipt.count("recorded"), receipt.count("already_recorded")) == (1_100, 1_200)
    assert receipt.position == org.service.log.recorder.max_notification_id()
    assert [event.originator_version for event in recorded(org, ida)] == list(range(1, 1_101))


def test_no_report_at_all_is_no_fault(org: OrgDriver) -> None:
    assert list(record_reports(org).outcomes) == []


# Refused


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"transaction": " "}, "activity_text_missing"),
        ({"service_provider": ""}, "activity_text_missing"),
        ({"reference": "\u00a0"}, "activity_text_missing"),
        ({"transaction": "x" * 201}, "activity_text_too_long"),
        ({"service_provider": "x" * 201}, "activity_text_too_long"),
        ({"reference": "x" * 201}, "activity_text_too_long"),
        ({"transaction": "Log\nind"}, "control_character"),
        ({"service_provider": "\ud800"}, "control_character"),
        ({"reference": "a\x00b"}, "control_character"),
        ({"service_type": "Public"}, "service_type_unknown"),
        ({"at": NOON.replace(tzinfo=None)}, "occurred_at_invalid"),
        ({"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "occurred_at_invalid"),
        ({"at": NOON + timedelta(minutes=5, microseconds=1)}, "occurred_in_the_future"),
        ({"at": datetime.max.replace(tzinfo=UTC)}, "occurred_in_the_future"),
    ],
)
def test_a_report_that_can_not_be_so_is_refused_by_name(
    org: OrgDriver, ida: UUID, said: dict[str, Any], code: str
) -> None:
    assert refusal_of(org, activity_report(ida, **said)).code == code
    assert recorded(org, ida) == []


@pytest.mark.parametrize(
    "said",
    [
        {"transaction": "x" * 200, "service_provider": "æ" * 200, "reference": "y" * 200},
        {"transaction": "  Log ind  "},
        {"at": NOON + timedelta(minutes=5)},
        {"at": datetime(1, 1, 1, tzinfo=UTC)},
        {"at": NOON.astimezone(timezone(timedelta(hours=-9)))},
        {"service_type": "private"},
    ],
)
def test_a_report_at_the_edge_is_taken_in(org: OrgDriver, ida: UUID, said: dict[str, Any]) -> None:
    assert outcomes(org, activity_report(ida, **said)) == ["recorded"]
    assert [event.transaction for event in recorded(org, ida)] == [said.get("transaction", "Log ind").strip()]


def test_all_that_is_wrong_with_a_report_is_said_at_once(org: OrgDriver, ida: UUID) -> None:
    without_offset = datetime(2026, 3, 1)  # noqa: DTZ001 - refused

    refusal = refusal_of(org, activity_report(ida, transaction="", service_type="?", at=without_offset))

    assert isinstance(refusal, Refusals)
    assert [one.field for one in refusal.objections] == ["transaction", "service_type", "occurred_at"]


def test_nobody_is_unknown_and_in_the_future_by_halves(org: OrgDriver) -> None:
    refusal = refusal_of(org, activity_report(uuid4(), at=NOON + timedelta(1)))

    assert [one.refusal.code for one in refusal.objections] == ["user_unknown", "occurred_in_the_future"]


@pytest.mark.parametrize("days", [0, 30])
def test_the_deleted_have_no_more_activities(org: OrgDriver, ida: UUID, days: int) -> None:
    record_reports(org, activity_report(ida, "before"))
    org.administration.change_settings(org.actor, {"erasure_retention_days": days})
    org.delete(ida)

    assert refusal_of(org, activity_report(ida, "after")).code == "already_deleted"
    assert outcomes(org, activity_report(ida, "before")) == ["already_recorded"]


def test_users_of_others_organisations_and_streams_are_nobody(
    org: OrgDriver, neighbours: OrgDriver, ida: UUID
) -> None:
    record_reports(org, activity_report(ida))

    for nobody in (neighbours.create(), org.id, activity_stream_id(ida), org.actor.id):
        assert refusal_of(org, activity_report(nobody, "2")).code == "user_unknown"


@pytest.mark.parametrize("field", ["transaction", "service_provider", "service_type", "reference"])
def test_a_cpr_number_in_any_text_is_in_no_refusal(org: OrgDriver, ida: UUID, field: str) -> None:
    refusal = refusal_of(org, activity_report(ida, **{field: f"\t{CPR}\t {CPR * 30}"}))

    assert CPR not in refusal.message + refusal.detail + repr(refusal) + repr(vars(refusal))


@pytest.mark.parametrize(
    "name", ["", "Nemlogin", "nem login", "1nemlogin", "x" * 33, f"x{CPR}", "x-010190", "nemlogin\n", "æ"]
)
def test_a_reporter_has_a_short_plain_name(org: OrgDriver, ida: UUID, name: str) -> None:
    with pytest.raises(ReporterInvalid) as refused:
        outcomes(org, activity_report(ida), reporter=name)
    assert CPR not in refused.value.message + refused.value.detail


def test_only_the_operator_reports(org: OrgDriver, ida: UUID) -> None:
    with pytest.raises(NotAllowed):
        outcomes(org.seen_by(ida), activity_report(ida))


def test_a_report_s_repr_shows_nothing(ida: UUID) -> None:
    assert "Prøveborger" not in repr(activity_report(ida))


# Command ids


def test_a_call_sent_again_records_nothing_again(org: OrgDriver, ida: UUID) -> None:
    command_id, told = uuid4(), [activity_report(ida, str(number)) for number in range(3)]
    first = org.administration.record_activities(org.actor, "nemlogin", told, command_id=command_id)
    again = org.administration.record_activities(org.actor, "nemlogin", told, command_id=command_id)

    assert (first.count("recorded"), again.count("already_recorded")) == (3, 3)
    assert {event.command_id for event in recorded(org, ida)} == {command_id}


def test_a_call_that_was_cut_off_goes_on_when_it_is_sent_again(
    org: OrgDriver, ida: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    command_id, told = uuid4(), [activity_report(ida, str(number)) for number in range(1_500)]
    with monkeypatch.context() as broken:
        broken.setattr(
            BrugerbogLog, "known_report_digests", _fails_the_second_time(BrugerbogLog.known_report_digests)
        )
        with pytest.raises(ConnectionError):
            org.administration.record_activities(org.actor, "nemlogin", told, command_id=command_id)

    receipt = org.administration.record_activities(org.actor, "nemlogin", told, command_id=command_id)

    assert (receipt.count("already_recorded"), receipt.count("recorded")) == (1_000, 500)


def _fails_the_second_time(done: Callable[..., Any]) -> Callable[..., Any]:
    calls = iter(range(10))

    def known_report_digests(*given: Any) -> Any:  # noqa: ANN401
        if next(calls) == 1:
            raise ConnectionError
        return done(*given)

    return known_report_digests


def test_a_command_id_stands_for_one_call_only(org: OrgDriver, ida: UUID) -> None:
    command_id = uuid4()
    org.administration.record_activities(org.actor, "nemlogin", [activity_report(ida)], command_id=command_id)

    with pytest.raises(CommandIdReused):
        org.administration.record_activities(
            org.actor, "nemlogin", [activity_report(ida, "2")], command_id=command_id
        )
    with pytest.raises(CommandIdReused):
        org.administration.activate_user(org.actor, org.create("Ada"), command_id=command_id)


def test_another_command_s_id_is_refused(org: OrgDriver, ida: UUID) -> None:
    command_id = uuid4()
    org.administration.delete_user(org.actor, org.create("Ada"), command_id=command_id)

    with pytest.raises(CommandIdReused):
        org.administration.record_activities(
            org.actor, "nemlogin", [activity_report(ida)], command_id=command_id
        )


# Others at the same time


def test_when_others_keep_writing_first_they_are_shut_out(
    org: OrgDriver, ida: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = org.service.log
    last_versions, others = log.last_versions, iter(range(10))

    def then_others_write(streams: Any) -> Any:  # noqa: ANN401
        versions = last_versions(streams)
        if not log.recorder.in_transaction:
            monkeypatch.undo()
            record_reports(org, activity_report(ida, f"other {next(others)}"))
            monkeypatch.setattr(log, "last_versions", then_others_write)
        return versions

    monkeypatch.setattr(log, "last_versions", then_others_write)

    assert outcomes(org, activity_report(ida)) == ["recorded"]
    assert [event.originator_version for event in recorded(org, ida)] == list(range(1, next(others) + 2))


def test_a_conflict_without_end_is_said_to_be_one(
    org: OrgDriver, ida: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conflict(*_: object) -> int:
        raise Conflict

    monkeypatch.setattr(org.service.log, "record", conflict)

    with pytest.raises(TooBusy):
        record_reports(org, activity_report(ida))


def test_anyone_who_is_deleted_meanwhile_gets_no_activity(
    org: OrgDriver, ida: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = org.create("Ada")
    standing = org.service.log.user_versions

    def then_ida_is_deleted(*asked: Any) -> Any:  # noqa: ANN401
        found = standing(*asked)
        monkeypatch.undo()
        org.delete(ida)
        return found

    monkeypatch.setattr(org.service.log, "user_versions", then_ida_is_deleted)

    assert outcomes(org, activity_report(ida, "1"), activity_report(ada, "2")) == ["refused", "recorded"]


def test_a_report_may_say_anything_a_text_may_hold(org: OrgDriver, ida: UUID) -> None:
    said: list[ActivityReport] = [
        activity_report(ida, text, transaction=text) for text in ('"', "\\", "日本", "{}", "%s")
    ]

    assert outcomes(org, *said) == ["recorded"] * 5
    assert [event.transaction for event in recorded(org, ida)] == ['"', "\\", "日本", "{}", "%s"]
