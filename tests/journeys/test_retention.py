"""Data older than its retention period is deleted; the log, its proof and newer data stay unchanged."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.mail.outbox import MailState
from brugerbog.domain.user.activity import activity_stream_id
from brugerbog.infrastructure.database.schema import ciphertexts, events, link_tokens, mail_intents
from brugerbog.infrastructure.event_store.retention import StoredRetention
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.settings import MailSettings
from tests.application.activity_reports import activity_report, record_reports
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.org_driver import OrgDriver, digests, open_org
from tests.stores import rows

A_MONTH = timedelta(days=31)
THIRTEEN_MONTHS = timedelta(days=397)


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    mail = MailSettings(tmp_path / "outbox", Sender("mitid@by.test"), "http://127.0.0.1:8000")
    with open_org(prepared_url, tmp_path, mail=mail) as opened:
        yield opened


def log_ins(org: OrgDriver, user_id: UUID) -> int:
    return sum(one.service_provider == "Prøveborger" for one in org.queries.history(org.actor, user_id))


def recorded(org: OrgDriver) -> list[object]:
    """Return every row of the log."""
    return [tuple(row) for row in rows(org.service, events)]


def activity_ciphertexts(org: OrgDriver, user_id: UUID) -> int:
    return sum(row.stream_id == activity_stream_id(user_id) for row in rows(org.service, ciphertexts))


def test_activities_are_deleted_after_thirteen_months_and_newer_ones_stay(org: OrgDriver) -> None:
    user_id = org.create_active()
    record_reports(org, *(activity_report(user_id, f"old {at}", org.clock.now()) for at in range(3)))
    org.clock.advance(A_MONTH)
    record_reports(org, activity_report(user_id, "young", org.clock.now()))
    before = recorded(org)

    org.clock.advance(THIRTEEN_MONTHS - A_MONTH + timedelta(days=1))
    org.service.worker.run_once()

    assert log_ins(org, user_id) == 1
    assert activity_ciphertexts(org, user_id) == 1
    assert recorded(org)[: len(before)] == before
    assert_log_is_sound(org.service)
    assert digests(org.service)


def test_the_events_of_a_user_stay_in_their_history(org: OrgDriver) -> None:
    user_id = org.create_active()
    entries = org.queries.history(org.actor, user_id)

    org.clock.advance(4 * THIRTEEN_MONTHS)
    org.service.worker.run_once()

    assert [one.transaction for one in org.queries.history(org.actor, user_id)][: len(entries)] == [
        one.transaction for one in entries
    ]
    assert org.queries.user(org.actor, user_id).first_name == "Ida"


def test_an_organisation_may_retain_activities_for_one_month(org: OrgDriver) -> None:
    org.administration.change_settings(org.actor, {"activity_retention_months": 1})
    user_id = org.create_active()
    record_reports(org, activity_report(user_id, "one", org.clock.now()))

    org.clock.advance(timedelta(days=29))
    org.service.worker.run_once()
    assert log_ins(org, user_id) == 1

    org.clock.advance(timedelta(days=3))
    org.service.worker.run_once()
    assert log_ins(org, user_id) == 0


@pytest.mark.parametrize("cut", ["_forget_rows", "record_run"])
def test_an_interrupted_run_is_resumed(org: OrgDriver, cut: str) -> None:
    user_id = org.create_active()
    record_reports(org, *(activity_report(user_id, f"old {at}", org.clock.now()) for at in range(3)))
    org.clock.advance(THIRTEEN_MONTHS + timedelta(days=1))
    original = getattr(StoredRetention, cut)

    def run_and_fail(*args: object) -> None:
        if cut == "_forget_rows":
            original(*args)
        raise RuntimeError("injected")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(StoredRetention, cut, run_and_fail)
        with pytest.raises(RuntimeError):
            org.service.worker.run_once()
    org.service.worker.run_once()

    assert (log_ins(org, user_id), activity_ciphertexts(org, user_id)) == (0, 0)
    assert digests(org.service)


def test_a_second_run_on_a_day_deletes_nothing(org: OrgDriver) -> None:
    org.service.worker.run_once()
    with pytest.MonkeyPatch.context() as broken:
        broken.delattr(StoredRetention, "delete_mail_records")

        org.service.worker.run_once()


def test_the_record_of_a_sent_mail_is_deleted_with_its_link(org: OrgDriver) -> None:
    org.create()
    org.service.worker.run_once()
    assert org.queries.mail_counts(org.actor)[MailState.SENT] == 1
    assert len(rows(org.service, link_tokens)) == 1

    org.clock.advance(THIRTEEN_MONTHS + timedelta(days=1))
    org.service.worker.run_once()

    assert rows(org.service, link_tokens) == []
    assert rows(org.service, mail_intents) == []


def test_a_waiting_mail_is_not_deleted(prepared_url: str, tmp_path: Path) -> None:
    with open_org(prepared_url, tmp_path) as org:
        org.create()
        org.clock.advance(4 * THIRTEEN_MONTHS)
        org.service.worker.run_once()

        assert org.queries.mail_counts(org.actor)[MailState.WAITING] == 1
