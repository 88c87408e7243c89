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
from tests.org_driver import OrgDriver, open_org, register_org


@pytest.fixture
def org() -> Iterator[OrgDriver]:
    with open_org() as org:
        yield org


def log(org: OrgDriver, **asked: Any) -> list[LogEntry]:  # noqa: ANN401 - any field of AuditLogQuery
    """All that is found but the readings of the log, the newest first."""
    page = org.queries.audit_log(org.actor, AuditLogQuery(**({"limit": 1000} | asked)))
    return [one for one in page.entries if one.kind != LogRead.TOPIC]


def kinds(org: OrgDriver, **asked: Any) -> list[str]:  # noqa: ANN401 - as above
    return [one.kind for one in log(org, **asked)]


def readings(org: OrgDriver) -> list[LogRead]:
    return list(org.service.log.events.get(log_reading_stream_id(org.id)))  # type: ignore[arg-type]


def test_an_entry_has_actor_kind_user_time_and_door(org: OrgDriver) -> None:
    ida = org.create_active("Ida", "Prøve")
    chief = org.create_active("Bo", "Chef")
    org.administration.give_role(org.actor, chief, Role.USER_ADMINISTRATOR)
    by_file = OrgDriver(org.service, Actor(chief, org.id, Door.API), org.clock)
    org.clock.advance(timedelta(1))
    by_file.edit(ida, surname="Ny")

    entry = log(org)[0]

    assert (entry.kind, entry.deed) == ("user.name_corrected", "Navn rettet")
    assert (entry.subject_id, entry.subject) == (ida, "Ida Ny")
    assert (entry.actor_id, entry.actor) == (chief, "Bo Chef")
    assert (entry.role, entry.door) == ("user_administrator", "api")
    assert entry.recorded_at == org.clock.now()
    assert [(one.label, one.before, one.after) for one in entry.changes] == [("Efternavn", "Prøve", "Ny")]


def test_the_entry_of_a_new_user_has_no_cpr_number(org: OrgDriver) -> None:
    org.create(cpr=CPR)
    entry = next(one for one in log(org) if one.kind == "user.created")
    told = {one.label: one.after for one in entry.changes}

    assert told["CPR-nummer"] == f"{CPR[:6]}-xxxx"
    assert CPR not in str(told)
    assert {one.before for one in entry.changes} == {None}
    assert "Anonym" not in told


def test_entries_of_an_erased_user_have_no_personal_data(org: OrgDriver) -> None:
    ida = org.create("Ida", "Prøve", email="ida@by.test")
    org.delete(ida)
    entries = log(org, about=ida)

    assert {one.subject for one in entries} == {"Slettet bruger"}
    text = str([[(one.before, one.after) for one in entry.changes] for entry in entries])
    assert "Ida" not in text
    assert "ida@by.test" not in text
    assert "Slettet" in text


def test_filters_are_combined(org: OrgDriver) -> None:
    ida, bo = org.create_active("Ida"), org.create_active("Bo")
    begun = org.clock.advance(timedelta(1))
    org.edit(ida, surname="Ny")
    org.edit(bo, surname="Ny")
    ended = org.clock.advance(timedelta(1))
    org.edit(ida, phone="12345678")

    assert {one.subject_id for one in log(org, about=ida)} == {ida}
    assert kinds(org, about=ida, since=begun) == ["user.contact_changed", "user.name_corrected"]
    assert kinds(org, about=ida, since=begun, until=ended) == ["user.name_corrected"]
    assert kinds(org, kind="user.name_corrected") == ["user.name_corrected"] * 2
    assert {one.actor for one in log(org, by=operator().id)} == {"operatør"}
    assert log(org, by=ida) == []


def test_a_granted_role_is_found_by_its_user(org: OrgDriver) -> None:
    ida, bo = org.create_active("Ida"), org.create_active("Bo")
    org.administration.give_role(org.actor, ida, Role.TRUSTED_EMPLOYEE)

    assert kinds(org, about=ida)[0] == "organisation.role_given"
    assert "organisation.role_given" not in kinds(org, about=bo)


def test_entries_of_one_command_are_found_by_correlation_id(org: OrgDriver) -> None:
    command_id = uuid4()
    ida = org.create_active("Ida", cpr=CPR)
    org.administration.show_cpr(org.actor, ida, command_id=command_id)

    assert kinds(org, correlation_id=command_id) == ["user.cpr_shown"]


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
def test_words_match_beginnings_of_names_addresses_and_kinds(
    org: OrgDriver, words: str, *, some: bool
) -> None:
    user_id = org.create_active("Ægidius", "Ørn", email="aegidius@by.test")
    org.edit(user_id, first_name="Ægidius", surname="Åben")

    assert ("user.name_corrected" in kinds(org, words=words)) is some


def test_activities_are_listed_only_on_request(org: OrgDriver) -> None:
    ida = org.create_active("Ida")
    record_reports(org, activity_report(ida, transaction="Log ind"))

    assert "activity.reported" not in kinds(org, about=ida)
    entry = log(org, about=ida, with_activities=True)[0]
    assert {one.label: one.after for one in entry.changes}["Transaktion"] == "Log ind"
    assert kinds(org, kind="activity.reported") == ["activity.reported"]


def test_pages_of_the_log_are_complete(org: OrgDriver) -> None:
    for number in range(4):
        org.create_active(f"Ida{number}", email=f"{number}@by.test")
    whole = [one.position for one in log(org)]
    seen: list[int] = []
    after = None
    while True:
        page = org.queries.audit_log(org.actor, AuditLogQuery(limit=3, after=after))
        seen += [one.position for one in page.entries if one.kind != LogRead.TOPIC]
        after = page.next
        if after is None:
            break

    assert seen == whole
    assert seen == sorted(seen, reverse=True)


def test_reading_is_recorded_with_its_filters_and_without_its_words(org: OrgDriver) -> None:
    ida = org.create_active("Ida")
    log(org, about=ida, words="hemmelig", since=org.clock.now())
    (reading,) = readings(org)

    assert (reading.what, reading.about, reading.by_words) == ("log", ida, True)
    assert (reading.since, reading.until) == (org.clock.now(), None)
    assert "hemmelig" not in str(vars(reading))
    assert org.service.log.organisation(org.id).version == 1  # type: ignore[union-attr]


def test_a_reading_is_an_entry_of_the_log(org: OrgDriver) -> None:
    chief = org.create_active("Bo")
    org.administration.give_role(org.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
    org.seen_by(chief).queries.audit_log(org.seen_by(chief).actor)

    page = org.queries.audit_log(org.actor, AuditLogQuery(kind=LogRead.TOPIC, by=chief))
    assert [(one.actor_id, one.deed) for one in page.entries] == [(chief, "Loggen læst")]


def test_a_refused_reading_is_not_recorded(org: OrgDriver) -> None:
    for wrong, refusal in (
        ({"limit": 0}, LimitOutOfRange),
        ({"limit": 1001}, LimitOutOfRange),
        ({"after": "x"}, CursorInvalid),
        ({"kind": "user.flew"}, KindUnknown),
        ({"about": uuid4()}, UserUnknown),
    ):
        with pytest.raises(refusal):
            log(org, **wrong)
    with pytest.raises(NotAllowed):
        log(org.seen_by(org.create_active()))
    assert readings(org) == []


def test_a_cursor_of_the_user_list_is_refused_by_the_log(org: OrgDriver) -> None:
    org.create_many(3)
    with pytest.raises(CursorInvalid):
        log(org, after=org.page(limit=1).next)


def test_an_organisation_sees_only_its_own_log(org: OrgDriver) -> None:
    other = register_org(org.service, org.clock, cvr="90000002")
    stranger: UUID = other.create()

    assert {one.subject_id for one in log(org, words="ida")} == set()
    with pytest.raises(UserUnknown):
        log(org, about=stranger)
    assert stranger not in {one.subject_id for one in log(org)}


def test_concurrent_readings_are_all_recorded(store_url: str, tmp_path: Path) -> None:
    with open_org(store_url, tmp_path) as org:

        def read() -> None:
            for _ in range(3):
                org.queries.audit_log(org.actor)

        with ThreadPoolExecutor(4) as threads:
            for one in [threads.submit(read) for _ in range(4)]:
                one.result()

        assert [one.originator_version for one in readings(org)] == list(range(1, 13))


def test_an_actor_who_loses_the_role_during_the_query_reads_nothing(
    org: OrgDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = org.create_active("Bo")
    org.administration.give_role(org.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
    record = org.service.log.record

    def too_late(*facts: Any, **append_request: Any) -> int:  # noqa: ANN401 - as the log takes them
        monkeypatch.undo()
        org.administration.give_role(org.actor, org.create_active("Ny"), Role.ORGANISATION_ADMINISTRATOR)
        org.administration.take_role(org.actor, chief, Role.ORGANISATION_ADMINISTRATOR)
        return record(*facts, **append_request)

    monkeypatch.setattr(org.service.log, "record", too_late)
    with pytest.raises(NotAllowed):
        org.queries.audit_log(org.seen_by(chief).actor)
    assert readings(org) == []
