"""Who did what to whom, when, through which door, and what was different after it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import Actor, operator
from brugerbog.application.queries.audit.log import LogEntry
from brugerbog.application.queries.audit.search import AuditLogQuery, KindUnknown
from brugerbog.application.refusals.requests import CursorInvalid, LimitOutOfRange, NotAllowed, UserUnknown
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from tests.application.activity_reports import activity_report, record_reports
from tests.given import CPR
from tests.org_driver import Town, found, open_town


@pytest.fixture
def town() -> Iterator[Town]:
    with open_town() as town:
        yield town


def log(town: Town, **asked: Any) -> list[LogEntry]:  # noqa: ANN401 - any field of AuditLogQuery
    """All that is found but the readings of the log, the newest first."""
    page = town.queries.audit_log(town.actor, AuditLogQuery(**({"limit": 1000} | asked)))
    return [one for one in page.entries if one.kind != LogRead.TOPIC]


def kinds(town: Town, **asked: Any) -> list[str]:  # noqa: ANN401 - as above
    return [one.kind for one in log(town, **asked)]


def readings(town: Town) -> list[LogRead]:
    return list(town.service.log.events.get(log_reading_stream_id(town.id)))  # type: ignore[arg-type]


def test_an_entry_has_actor_kind_user_time_and_door(town: Town) -> None:
    ida = town.create_active("Ida", "Prøve")
    chief = town.create_active("Bo", "Chef")
    town.administration.give_role(town.actor, chief, Role.USER_ADMINISTRATOR)
    by_file = Town(town.service, Actor(chief, town.id, Door.API), town.clock)
    town.clock.advance(timedelta(1))
    by_file.edit(ida, surname="Ny")

    entry = log(town)[0]

    assert (entry.kind, entry.deed) == ("user.name_corrected", "Navn rettet")
    assert (entry.subject_id, entry.subject) == (ida, "Ida Ny")
    assert (entry.actor_id, entry.actor) == (chief, "Bo Chef")
    assert (entry.role, entry.door) == ("user_administrator", "api")
    assert entry.recorded_at == town.clock.now()
    assert [(one.label, one.before, one.after) for one in entry.changes] == [("Efternavn", "Prøve", "Ny")]


def test_the_entry_of_a_new_user_has_no_cpr_number(town: Town) -> None:
    town.create(cpr=CPR)
    entry = next(one for one in log(town) if one.kind == "user.created")
    told = {one.label: one.after for one in entry.changes}

    assert told["CPR-nummer"] == f"{CPR[:6]}-xxxx"
    assert CPR not in str(told)
    assert {one.before for one in entry.changes} == {None}
    assert "Anonym" not in told


def test_entries_of_an_erased_user_have_no_personal_data(town: Town) -> None:
    ida = town.create("Ida", "Prøve", email="ida@by.test")
    town.delete(ida)
    entries = log(town, about=ida)

    assert {one.subject for one in entries} == {"Slettet bruger"}
    text = str([[(one.before, one.after) for one in entry.changes] for entry in entries])
    assert "Ida" not in text
    assert "ida@by.test" not in text
    assert "Slettet" in text


def test_filters_are_combined(town: Town) -> None:
    ida, bo = town.create_active("Ida"), town.create_active("Bo")
    begun = town.clock.advance(timedelta(1))
    town.edit(ida, surname="Ny")
    town.edit(bo, surname="Ny")
    ended = town.clock.advance(timedelta(1))
    town.edit(ida, phone="12345678")

    assert {one.subject_id for one in log(town, about=ida)} == {ida}
    assert kinds(town, about=ida, since=begun) == ["user.contact_changed", "user.name_corrected"]
    assert kinds(town, about=ida, since=begun, until=ended) == ["user.name_corrected"]
    assert kinds(town, kind="user.name_corrected") == ["user.name_corrected"] * 2
    assert {one.actor for one in log(town, by=operator().id)} == {"operatør"}
    assert log(town, by=ida) == []


def test_a_granted_role_is_found_by_its_user(town: Town) -> None:
    ida, bo = town.create_active("Ida"), town.create_active("Bo")
    town.administration.give_role(town.actor, ida, Role.TRUSTED_EMPLOYEE)

    assert kinds(town, about=ida)[0] == "organisation.role_given"
    assert "organisation.role_given" not in kinds(town, about=bo)


def test_entries_of_one_command_are_found_by_correlation_id(town: Town) -> None:
    command_id = uuid4()
    ida = town.create_active("Ida", cpr=CPR)
    town.administration.show_cpr(town.actor, ida, command_id=command_id)

    assert kinds(town, correlation_id=command_id) == ["user.cpr_shown"]


@pytest.mark.parametrize(
    ("words", "some"),
    [
        ("ægidius", True),
        ("ÆGI", True),
        ("gidius", False),
        ("aegidius@by", True),
        ("navn", True),
        ("ægi navn", True),
        ("ægi rettigheder", False),
        ("operatør navn", True),
        ("%", True),
    ],
)
def test_words_match_beginnings_of_names_addresses_and_kinds(town: Town, words: str, *, some: bool) -> None:
    user_id = town.create_active("Ægidius", "Ørn", email="aegidius@by.test")
    town.edit(user_id, first_name="Ægidius", surname="Åben")

    assert ("user.name_corrected" in kinds(town, words=words)) is some


def test_activities_are_listed_only_on_request(town: Town) -> None:
    ida = town.create_active("Ida")
    record_reports(town, activity_report(ida, transaction="Log ind"))

    assert "activity.reported" not in kinds(town, about=ida)
    entry = log(town, about=ida, with_activities=True)[0]
    assert {one.label: one.after for one in entry.changes}["Transaktion"] == "Log ind"
    assert kinds(town, kind="activity.reported") == ["activity.reported"]


def test_pages_of_the_log_are_complete(town: Town) -> None:
    for number in range(4):
        town.create_active(f"Ida{number}", email=f"{number}@by.test")
    whole = [one.position for one in log(town)]
    seen: list[int] = []
    after = None
    while True:
        page = town.queries.audit_log(town.actor, AuditLogQuery(limit=3, after=after))
        seen += [one.position for one in page.entries if one.kind != LogRead.TOPIC]
        after = page.next
        if after is None:
            break

    assert seen == whole
    assert seen == sorted(seen, reverse=True)


def test_reading_is_recorded_with_its_filters_and_without_its_words(town: Town) -> None:
    ida = town.create_active("Ida")
    log(town, about=ida, words="hemmelig", since=town.clock.now())
    (reading,) = readings(town)

    assert (reading.what, reading.about, reading.by_words) == ("log", ida, True)
    assert (reading.since, reading.until) == (town.clock.now(), None)
    assert "hemmelig" not in str(vars(reading))
    assert town.service.log.organisation(town.id).version == 1  # type: ignore[union-attr]


def test_a_reading_is_an_entry_of_the_log(town: Town) -> None:
    chief = town.create_active("Bo")
    town.administration.give_role(town.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
    town.seen_by(chief).queries.audit_log(town.seen_by(chief).actor)

    page = town.queries.audit_log(town.actor, AuditLogQuery(kind=LogRead.TOPIC, by=chief))
    assert [(one.actor_id, one.deed) for one in page.entries] == [(chief, "Loggen læst")]


def test_a_refused_reading_is_not_recorded(town: Town) -> None:
    for wrong, refusal in (
        ({"limit": 0}, LimitOutOfRange),
        ({"limit": 1001}, LimitOutOfRange),
        ({"after": "x"}, CursorInvalid),
        ({"kind": "user.flew"}, KindUnknown),
        ({"about": uuid4()}, UserUnknown),
    ):
        with pytest.raises(refusal):
            log(town, **wrong)
    with pytest.raises(NotAllowed):
        log(town.seen_by(town.create_active()))
    assert readings(town) == []


def test_a_cursor_of_the_user_list_is_refused_by_the_log(town: Town) -> None:
    town.create_many(3)
    with pytest.raises(CursorInvalid):
        log(town, after=town.page(limit=1).next)


def test_an_organisation_sees_only_its_own_log(town: Town) -> None:
    other = found(town.service, town.clock, cvr="90000002")
    stranger: UUID = other.create()

    assert {one.subject_id for one in log(town, words="ida")} == set()
    with pytest.raises(UserUnknown):
        log(town, about=stranger)
    assert stranger not in {one.subject_id for one in log(town)}


def test_concurrent_readings_are_all_recorded(store_url: str, tmp_path: Path) -> None:
    with open_town(store_url, tmp_path) as town:

        def read() -> None:
            for _ in range(3):
                town.queries.audit_log(town.actor)

        with ThreadPoolExecutor(4) as threads:
            for one in [threads.submit(read) for _ in range(4)]:
                one.result()

        assert [one.originator_version for one in readings(town)] == list(range(1, 13))


def test_an_actor_who_loses_the_role_during_the_query_reads_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = town.create_active("Bo")
    town.administration.give_role(town.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
    record = town.service.log.record

    def too_late(*facts: Any, **append_request: Any) -> int:  # noqa: ANN401 - as the log takes them
        monkeypatch.undo()
        town.administration.give_role(town.actor, town.create_active("Ny"), Role.ORGANISATION_ADMINISTRATOR)
        town.administration.take_role(town.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
        return record(*facts, **append_request)

    monkeypatch.setattr(town.service.log, "record", too_late)
    with pytest.raises(NotAllowed):
        town.queries.audit_log(town.seen_by(chief).actor)
    assert readings(town) == []
