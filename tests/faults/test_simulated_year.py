"""Promise 7: in a year with two schedulers, some of them killed, each due event is recorded once."""

import os
import random
import signal
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.user.user import User
from tests.clock import FrozenClock
from tests.org_driver import OrgDriver, digests, open_org, open_service
from tests.processes import running

BEGINNING = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
A_DAY = timedelta(1)
DUE = (User.ActivationLinkExpired, User.Reactivated, User.PersonalDataErased)


def create_due_work(org: OrgDriver, chance: random.Random, people: int) -> None:
    """Create users, resend activation mails, deactivate and delete users; no due work runs meanwhile."""
    user_ids = [org.create(f"Ida{number}", email=f"ida{number}@by.test") for number in range(people)]
    for user_id in user_ids[people // 3 :]:
        org.administration.activate_user(org.actor, user_id)
    for user_id in user_ids[: people // 6]:
        org.clock.advance(timedelta(hours=chance.randrange(1, 20)))
        org.administration.resend_activation_mail(org.actor, user_id)
    for user_id in user_ids[people // 3 : 2 * people // 3]:
        today = org.clock.now().date()
        first = today + chance.randrange(0, 40) * A_DAY
        org.deactivate(user_id, first, first + chance.randrange(0, 90) * A_DAY)
    for user_id in user_ids[2 * people // 3 :]:
        org.delete(user_id)


def run_scheduler(url: str, folder: Path, now: datetime, seed: int) -> None:
    """Run one scheduler on a day; half of them are killed during their run."""
    chance = random.Random(seed)
    with open_service(url, folder, clock=FrozenClock(now)) as service:
        if chance.random() < 0.5:
            left = chance.randrange(1, 12)
            record = service.log.recorder.insert_events

            def insert_and_die(*args: object, **named: object) -> range:
                nonlocal left
                left -= 1
                positions = record(*args, **named)  # type: ignore[arg-type]
                if left <= 0 or chance.random() < 0.3:
                    os.kill(os.getpid(), signal.SIGKILL)
                return positions

            service.log.recorder.insert_events = insert_and_die  # type: ignore[method-assign]
        service.run_due()


def midnight(day: date) -> datetime:
    """Return the start of a day in Copenhagen, where summer time lasts from 29 March to 25 October 2026."""
    summer = date(2026, 3, 29) < day <= date(2026, 10, 25)
    return datetime.combine(day, time(), UTC) - timedelta(hours=2 if summer else 1)


def planned(org: OrgDriver) -> dict[tuple[UUID, type[Event]], datetime | None]:
    """Return the due event of each stream, by the latest event that planned it."""
    plans: dict[tuple[UUID, type[Event]], datetime | None] = {}
    for _, event in org.service.log.events_until(org.id, org.clock.now()):
        stream_id = event.originator_id
        if isinstance(event, User.ActivationMailIssued):
            plans[stream_id, User.ActivationLinkExpired] = event.expires_at
        elif isinstance(event, User.Activated):
            plans[stream_id, User.ActivationLinkExpired] = None
        elif isinstance(event, User.Deactivated):
            plans[stream_id, User.Reactivated] = event.to_date and midnight(event.to_date + A_DAY)
        elif isinstance(event, User.Deleted):
            plans[stream_id, User.PersonalDataErased] = event.erase_on and midnight(event.erase_on)
            plans[stream_id, User.ActivationLinkExpired] = plans[stream_id, User.Reactivated] = None
    return {key: at for key, at in plans.items() if at is not None}


def test_a_year_with_two_schedulers_and_kills(store_url: str, tmp_path: Path, *, full: bool) -> None:
    people, steps = (90, 40) if full else (18, 5)
    with open_org(store_url, tmp_path, clock=FrozenClock(BEGINNING)) as org:
        org.administration.change_settings(org.actor, {"erasure_retention_days": 45})
        create_due_work(org, random.Random(7), people)
        expected = planned(org)
        now = org.clock.now()
    for step in range(steps):
        now += timedelta(days=365 / steps)
        with running(
            2, run_scheduler, lambda number, now=now, step=step: (store_url, tmp_path, now, 2 * step + number)
        ):
            pass
    with open_org(store_url, tmp_path, clock=FrozenClock(now + A_DAY)) as org:
        org.service.run_due()
        found = [
            (event.originator_id, type(event), event.effective_at)
            for _, event in org.service.log.events_until(org.id, org.clock.now())
            if isinstance(event, DUE)
        ]
        assert sorted(map(str, found)) == sorted(str((*key, at)) for key, at in expected.items())
        assert digests(org.service)
