"""The views for reporting tools tell what the reports tell, of now, of the past and of the future."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from brugerbog.domain.kernel.days import danish_day, first_moment
from brugerbog.domain.values.means import Means
from brugerbog.projections.activity_history.projection import OWN_PROVIDER
from tests.application.activity_reports import activity_report, record_reports
from tests.infrastructure.database.reporting_store import Seen, live, seen_org, turns_to_come
from tests.org_driver import P_NUMBER, SE_NUMBER
from tests.people import made_up_cpr
from tests.postgres import PostgresServer

DOCS = Path(__file__).parents[3] / "docs" / "reporting.md"
A_DAY = timedelta(1)
AS_REPORTS_TELL = {
    "status": "SELECT CASE WHEN link_has_expired THEN 'link_expired' ELSE status END, count(*)"
    " FROM reporting.users WHERE {mine} GROUP BY 1",
    "placement": "SELECT p_number, se_number, ean, status, count(*) FROM reporting.users WHERE {mine}"
    " GROUP BY 1, 2, 3, 4",
    "means": "SELECT means, sum(assigned), sum(ordered), sum(active) FROM reporting.means WHERE {mine}"
    " GROUP BY 1",
    "pending": "SELECT user_id, pending_since, days, link_expires_at, link_has_expired"
    " FROM reporting.pending_activations WHERE {mine}",
    "cost": "SELECT month, ean, kind, count(*), sum(amount_ore) FROM reporting.charges WHERE {mine}"
    " GROUP BY 1, 2, 3",
}


@pytest.fixture(scope="module")
def life(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Seen, list[datetime], list[datetime]]]:
    """An organisation, the times at which events happened there, and the times of later changes."""
    postgres_server.start()
    with seen_org(postgres_server, tmp_path_factory.mktemp("org")) as seen:
        seen.neighbours.create_active(means=(Means.APP,))
        yield seen, live(seen, seed=7, steps=160), turns_to_come(seen)


@pytest.fixture
def seen(life: tuple[Seen, list[datetime], list[datetime]]) -> Seen:
    seen = life[0]
    seen.tell_of(seen.org.clock.now())
    return seen


@pytest.fixture
def past(life: tuple[Seen, list[datetime], list[datetime]]) -> list[datetime]:
    return life[1]


@pytest.fixture
def turns(life: tuple[Seen, list[datetime], list[datetime]]) -> list[datetime]:
    return life[2]


def reported(seen: Seen, name: str, at: datetime | None = None) -> Counter[tuple[Any, ...]]:
    """A report's rows, but for those that count nobody."""
    rows = getattr(seen.org.queries, f"report_{name}")(seen.org.actor, at=at).rows
    return Counter(row for row in rows if name in {"pending", "cost"} or any(row[4 if len(row) > 4 else 1 :]))


@pytest.mark.parametrize("name", AS_REPORTS_TELL)
def test_the_views_show_what_the_reports_show_now_and_as_time_goes_on(
    seen: Seen, turns: list[datetime], name: str
) -> None:
    assert len(turns) > 10
    for at in (seen.org.clock.now(), *turns):
        seen.tell_of(at)
        assert Counter(seen.of_org(AS_REPORTS_TELL[name])) == reported(seen, name, at), at
    assert len(reported(seen, name)) > 2


def test_todays_numbers_are_those_of_now(seen: Seen, turns: list[datetime]) -> None:
    today = "SELECT status, users FROM reporting.status_per_day WHERE {mine} AND day = reporting.today()"
    for at in turns:
        seen.tell_of(at)
        assert Counter(row for row in seen.of_org(today) if row[1]) == reported(seen, "status", at), at


def test_each_day_has_the_numbers_of_the_report_of_its_end(seen: Seen) -> None:
    now = seen.org.clock.now()
    told = seen.of_org("SELECT day, status, users FROM reporting.status_per_day WHERE {mine}")
    days = sorted({day for day, _, _ in told})

    assert days == [days[0] + number * A_DAY for number in range((danish_day(now) - days[0]).days + 1)]
    for day in days:
        end = min(first_moment(day + A_DAY) - timedelta(microseconds=1), now)
        numbers = [(status, users) for of, status, users in told if of == day and users]
        assert Counter(numbers) == reported(seen, "status", end), day
    assert len({status for _, status, users in told if users}) == 5


def test_users_are_reported_as_they_were(seen: Seen, past: list[datetime]) -> None:
    for at in past[::12]:
        question = ready_made("at an instant in the past")
        question = question.replace("2026-03-31 12:00 Europe/Copenhagen", at.isoformat())
        mine = question.replace("WHERE", "WHERE {mine} AND")
        by_place = Counter[tuple[Any, ...]]()
        for row in seen.org.queries.report_placement(seen.org.actor, at=at).rows:
            by_place[row[0], row[3]] += row[4]
        assert Counter({row[:2]: row[2] for row in seen.of_org(mine)}) == by_place, at


def test_activities_are_counted_by_day_and_kind(seen: Seen) -> None:
    org = seen.org
    born, yesterday = date(1970, 5, 4), org.clock.now() - A_DAY
    both = [org.create_active(cpr=made_up_cpr(born, serial)) for serial in (1, 2)]
    record_reports(
        org, *(activity_report(who, f"{who}{number}", yesterday) for who in both for number in (1, 2))
    )

    columns = "day, of_user_administration, activities, users"
    told = seen.of_org(f"SELECT {columns} FROM reporting.activities_per_day WHERE {{mine}}")
    assert (danish_day(yesterday), False, 4, 2) in told
    lines = [one for user in org.ids() for one in org.queries.history(org.actor, user)]
    own = Counter(danish_day(one.occurred_at) for one in lines if one.service_provider == OWN_PROVIDER)
    assert Counter({day: activities for day, is_own, activities, _ in told if is_own}) == own


def test_a_user_is_shown_in_full(seen: Seen) -> None:
    org, cpr = seen.org, made_up_cpr(date(1980, 5, 4), 5)
    user_id = org.create(cpr=cpr, means=(Means.APP, Means.CHIP), p_number=P_NUMBER)
    org.administration.place_user(org.actor, user_id, p_number=P_NUMBER, se_number=SE_NUMBER)
    org.administration.activate_user(org.actor, user_id)
    org.administration.grant_rights(org.actor, user_id, ["r1", "r2"])
    org.administration.allow_signing(org.actor, user_id)
    org.administration.assign_sealing_profiles(org.actor, user_id, ["p1"])
    now, today = org.clock.now(), danish_day(org.clock.now())
    org.deactivate(user_id, today, today + A_DAY)

    seen.tell_of(now)
    assert seen.ask("SELECT * FROM reporting.users WHERE user_id = %s", user_id) == [
        (user_id, org.id, "deactivated", False, False, P_NUMBER, SE_NUMBER, None, "high", ["app", "chip"],
         [], [], 2, True, 1, now, today, today + A_DAY, None, False)
    ]  # fmt: skip


def ready_made(words: str) -> str:
    """The ready-made question whose heading has these words."""
    (found,) = [sql for heading, sql in QUESTIONS if words in heading]
    return found


QUESTIONS = re.findall(r"\n([^\n]+):\n\n```sql\n(.*?);?\n```", DOCS.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(("heading", "question"), QUESTIONS, ids=[heading for heading, _ in QUESTIONS])
def test_ready_made_questions_are_answered(seen: Seen, heading: str, question: str) -> None:
    seen.tell_of(seen.org.clock.now() + 20 * A_DAY)
    reader = seen.names_reader if "by name" in heading else seen.reader
    answers = seen.ask(question, by=reader)

    assert bool(answers) != ("up to date" in heading), heading
