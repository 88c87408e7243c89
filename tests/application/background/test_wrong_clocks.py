"""What a machine with a wrong clock has stored of a time that hasn't come is unknown and blocks nothing."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from brugerbog.application.mail.dispatcher import LEASE, LONGEST_WAIT
from brugerbog.application.mail.outbox import MailState
from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, microseconds
from brugerbog.domain.kernel.roles import Role
from brugerbog.infrastructure.database.schema import mail_intents
from brugerbog.infrastructure.telemetry.store_gauges import _gauges
from brugerbog.infrastructure.web.sessions import SessionLimits, StoredSessions
from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, open_org

AHEAD = timedelta(hours=2)


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path, clock=FrozenClock()) as opened:
        yield opened


@pytest.fixture
def ahead(org: OrgDriver, prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    """The same organisation, as a process sees it whose clock is two hours ahead."""
    with open_org(prepared_url, tmp_path, clock=FrozenClock(org.clock.now() + AHEAD)) as opened:
        yield opened


def test_a_heartbeat_from_the_future_is_ignored(org: OrgDriver, ahead: OrgDriver) -> None:
    ahead.service.worker.run_once()

    assert org.service.heartbeat.last(org.clock.now()) is None
    assert org.service.heartbeat.ahead(org.clock.now()) == ahead.clock.now()


def test_a_valid_heartbeat_is_read_beside_one_from_the_future(org: OrgDriver, ahead: OrgDriver) -> None:
    ahead.service.worker.run_once()
    org.service.worker.run_once()

    assert org.service.heartbeat.last(org.clock.now()) == org.clock.now()


def test_a_heartbeat_slightly_ahead_is_valid(org: OrgDriver) -> None:
    org.service.worker.run_once()

    assert org.service.heartbeat.last(org.clock.now() - MAX_CLOCK_SKEW) == org.clock.now()
    assert org.service.heartbeat.last(org.clock.now() - MAX_CLOCK_SKEW - timedelta(seconds=1)) is None


def test_a_checkpoint_from_the_future_does_not_prevent_signing(org: OrgDriver, ahead: OrgDriver) -> None:
    ahead.service.worker.run_once()
    org.create("Ida")
    org.service.worker.run_once()

    last = org.service.checkpoint_signer.last()
    assert last is not None
    assert last.made_at == org.clock.now()
    assert last.checkpoint.size == org.service.log.recorder.max_notification_id()


def test_ages_of_future_times_have_no_value(org: OrgDriver, ahead: OrgDriver) -> None:
    ahead.service.worker.run_once()
    samples = {gauge.name: gauge.samples for gauge in _gauges(org.service.store_statistics())}

    assert samples["brugerbog_worker_heartbeat_age_seconds"] == []
    assert samples["brugerbog_checkpoint_age_seconds"] == []


@pytest.mark.parametrize(
    ("put_off", "is_taken"),
    [(LEASE, False), (LONGEST_WAIT, False), (LONGEST_WAIT + MAX_CLOCK_SKEW + timedelta(seconds=1), True)],
)
def test_a_mail_delayed_beyond_the_longest_wait_is_due_now(
    org: OrgDriver, put_off: timedelta, *, is_taken: bool
) -> None:
    org.create("Ida")
    log = org.service.log.backend
    with log.write_transaction(log.log) as connection:
        at = microseconds(org.clock.now() + put_off)
        connection.execute(update(mail_intents).values(next_at=at, state=MailState.CLAIMED.value))

    mails = org.service.self_service._dependencies.links
    claimed = mails.lease(org.clock.now(), 10, LEASE)  # type: ignore[attr-defined]

    assert bool(claimed) is is_taken


def test_a_session_from_the_future_is_invalid(org: OrgDriver, ahead: OrgDriver) -> None:
    who = org.create_active("Ida")

    def sessions(of: OrgDriver) -> StoredSessions:
        log = of.service.log
        return StoredSessions(log.backend, log.installation_keys, of.clock, SessionLimits())

    token = sessions(ahead).begin(who, org.id, {Role.USER_ADMINISTRATOR})

    assert sessions(ahead).find(token) is not None
    assert sessions(org).find(token) is None
