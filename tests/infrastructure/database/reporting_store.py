"""An organisation that is served with the least privilege on PostgreSQL, and seen through the views."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from brugerbog.domain.kernel.days import danish_day, first_moment
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from tests.application.queries.replayed_reports import order
from tests.clock import FrozenClock
from tests.given import EAN
from tests.infrastructure.database.roles import drop_roles, login, native, run_script
from tests.journeys.random_steps import StepExecutor, random_steps
from tests.org_driver import OrgDriver, open_service, register_org
from tests.postgres import PostgresServer
from tests.stores import open_store

OTHER_EAN = "5790000000005"
READER, NAMES_READER = "brugerbog_reporting", "brugerbog_reporting_names"
ROLES = ("brugerbog_service", "brugerbog_auditor", READER, NAMES_READER)


@dataclass
class Seen:
    """An organisation with its neighbours, and those who look at it through the views."""

    org: OrgDriver
    neighbours: OrgDriver
    folder: Path
    owner: str
    service: str
    reader: str
    names_reader: str

    def ask(self, question: str, *values: object, by: str | None = None) -> list[tuple[Any, ...]]:
        """What a reader is answered, he of no names unless said otherwise."""
        with psycopg.connect(native(by or self.reader), autocommit=True) as connection:
            return connection.execute(question, values).fetchall()

    def do(self, statement: str) -> None:
        """What only the owner of the database may do."""
        with psycopg.connect(native(self.owner), autocommit=True) as owner:
            owner.execute(statement)

    def of_org(self, question: str, **by: str) -> list[tuple[Any, ...]]:
        """The answer to a question with `{mine}` where only the organisation's rows are wanted."""
        return self.ask(question.format(mine=f"organisation_id = '{self.org.id}'"), **by)

    def tell_of(self, at: datetime) -> None:
        """Let the views tell of an instant, as if it were now."""
        self.do(
            "CREATE OR REPLACE FUNCTION reporting.as_of() RETURNS timestamptz LANGUAGE sql STABLE"
            f" RETURN timestamptz '{at.isoformat()}'"
        )


@contextmanager
def seen_org(server: PostgresServer, folder: Path) -> Iterator[Seen]:
    """The store made by its owner, the roles' scripts run, and served from then on by the service's login."""
    database = server.create_database()
    owner, clock = server.url(database), FrozenClock()
    open_store(owner, folder).close()
    run_script(owner, "postgresql-roles.sql")
    run_script(owner, "postgresql-reporting.sql")
    try:
        service = login(owner, "brugerbog_service", acts_as_it=True)
        readers = [login(owner, role) for role in (READER, NAMES_READER)]
        with open_service(service, folder, clock=clock) as opened:
            org = register_org(opened, clock, eans=[EAN, OTHER_EAN], prices={"free_users": 2})
            seen = Seen(org, register_org(opened, clock, cvr="90000002"), folder, owner, service, *readers)
            opened.make_views()
            seen.tell_of(clock.now())
            yield seen
    finally:
        drop_roles(owner, ROLES)
        server.drop_database(database)


def live(seen: Seen, seed: int, steps: int) -> list[datetime]:
    """Any life, with devices and prices; the instants at which something happened."""
    org = seen.org
    _begin(seen)
    moments = [org.clock.now()]
    executor = StepExecutor(org, seen.folder)
    for number, step in enumerate(random_steps(seed, steps), 1):
        executor.execute(step)
        if number % 9 == 0:
            kinds = [Means.CHIP, Means.CODE_DISPLAY, Means.PRIVATE]
            with suppress(Refusal):
                order(org, executor.target(step), kinds[step.first % 3], take=step.second % 2 == 1)
        if number % 20 == 0:
            prices = {"user": 1000 + number, "free_users": step.second, "chip": 100 + number}
            org.administration.change_settings(org.actor, {"prices": prices})
        moments.append(org.clock.now())
    return moments


def _begin(seen: Seen) -> None:
    """Who comes first is asked last, and pays; the others come as a month begins in Copenhagen only."""
    org = seen.org
    (imported,) = org.import_people(seen.folder, 1, first=900)
    org.clock.set_to(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    org.create()
    org.create("Bo", ean=OTHER_EAN)
    org.administration.send_to_activation(org.actor, imported)


def turns_to_come(seen: Seen) -> list[datetime]:
    """The instants at which something changes though nothing happens, and those right before."""
    org = seen.org
    today = danish_day(org.clock.now())
    org.deactivate(org.create_active("Væk"), today + timedelta(1), today + timedelta(3))
    expiries = [row[3] for row in org.queries.report_pending(org.actor).rows]
    turns = sorted({*expiries, *(first_moment(today + timedelta(days)) for days in (1, 2, 3, 4, 5))})
    later = [turn for turn in turns if turn > org.clock.now()]
    return [at for turn in later for at in (turn - timedelta(microseconds=1), turn)]
