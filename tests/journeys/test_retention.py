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
from tests.org_driver import Town, digests, open_town
from tests.stores import rows

A_MONTH = timedelta(days=31)
THIRTEEN_MONTHS = timedelta(days=397)


@pytest.fixture
def town(prepared_url: str, tmp_path: Path) -> Iterator[Town]:
    mail = MailSettings(tmp_path / "outbox", Sender("mitid@by.test"), "http://127.0.0.1:8000")
    with open_town(prepared_url, tmp_path, mail=mail) as opened:
        yield opened


def log_ins(town: Town, user_id: UUID) -> int:
    return sum(one.service_provider == "Prøveborger" for one in town.queries.history(town.actor, user_id))


def recorded(town: Town) -> list[object]:
    """Return every row of the log."""
    return [tuple(row) for row in rows(town.service, events)]


def activity_ciphertexts(town: Town, user_id: UUID) -> int:
    return sum(row.stream_id == activity_stream_id(user_id) for row in rows(town.service, ciphertexts))


def test_activities_are_deleted_after_thirteen_months_and_newer_ones_stay(town: Town) -> None:
    user_id = town.create_active()
    record_reports(town, *(activity_report(user_id, f"old {at}", town.clock.now()) for at in range(3)))
    town.clock.advance(A_MONTH)
    record_reports(town, activity_report(user_id, "young", town.clock.now()))
    before = recorded(town)

    town.clock.advance(THIRTEEN_MONTHS - A_MONTH + timedelta(days=1))
    town.service.worker.run_once()

    assert log_ins(town, user_id) == 1
    assert activity_ciphertexts(town, user_id) == 1
    assert recorded(town)[: len(before)] == before
    assert_log_is_sound(town.service)
    assert digests(town.service)


def test_the_events_of_a_user_stay_in_their_history(town: Town) -> None:
    user_id = town.create_active()
    entries = town.queries.history(town.actor, user_id)

    town.clock.advance(4 * THIRTEEN_MONTHS)
    town.service.worker.run_once()

    assert [one.transaction for one in town.queries.history(town.actor, user_id)][: len(entries)] == [
        one.transaction for one in entries
    ]
    assert town.queries.user(town.actor, user_id).first_name == "Ida"


def test_an_organisation_may_retain_activities_for_one_month(town: Town) -> None:
    town.administration.change_settings(town.actor, {"activity_retention_months": 1})
    user_id = town.create_active()
    record_reports(town, activity_report(user_id, "one", town.clock.now()))

    town.clock.advance(timedelta(days=29))
    town.service.worker.run_once()
    assert log_ins(town, user_id) == 1

    town.clock.advance(timedelta(days=3))
    town.service.worker.run_once()
    assert log_ins(town, user_id) == 0


@pytest.mark.parametrize("cut", ["_forget_rows", "record_run"])
def test_an_interrupted_run_is_resumed(town: Town, cut: str) -> None:
    user_id = town.create_active()
    record_reports(town, *(activity_report(user_id, f"old {at}", town.clock.now()) for at in range(3)))
    town.clock.advance(THIRTEEN_MONTHS + timedelta(days=1))
    original = getattr(StoredRetention, cut)

    def run_and_fail(*args: object) -> None:
        if cut == "_forget_rows":
            original(*args)
        raise RuntimeError("injected")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(StoredRetention, cut, run_and_fail)
        with pytest.raises(RuntimeError):
            town.service.worker.run_once()
    town.service.worker.run_once()

    assert (log_ins(town, user_id), activity_ciphertexts(town, user_id)) == (0, 0)
    assert digests(town.service)


def test_a_second_run_on_a_day_deletes_nothing(town: Town) -> None:
    town.service.worker.run_once()
    with pytest.MonkeyPatch.context() as broken:
        broken.delattr(StoredRetention, "delete_mail_records")

        town.service.worker.run_once()


def test_the_record_of_a_sent_mail_is_deleted_with_its_link(town: Town) -> None:
    town.create()
    town.service.worker.run_once()
    assert town.queries.mail_counts(town.actor)[MailState.SENT] == 1
    assert len(rows(town.service, link_tokens)) == 1

    town.clock.advance(THIRTEEN_MONTHS + timedelta(days=1))
    town.service.worker.run_once()

    assert rows(town.service, link_tokens) == []
    assert rows(town.service, mail_intents) == []


def test_a_waiting_mail_is_not_deleted(prepared_url: str, tmp_path: Path) -> None:
    with open_town(prepared_url, tmp_path) as town:
        town.create()
        town.clock.advance(4 * THIRTEEN_MONTHS)
        town.service.worker.run_once()

        assert town.queries.mail_counts(town.actor)[MailState.WAITING] == 1
