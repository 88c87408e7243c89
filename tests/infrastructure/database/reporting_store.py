"""A town that is served with the least privilege on PostgreSQL, and seen through the views."""

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
from tests.org_driver import Town, found, open_service
from tests.postgres import PostgresServer
from tests.stores import open_store

OTHER_EAN = "5790000000005"
READER, NAMES_READER = "brugerbog_reporting", "brugerbog_reporting_names"
ROLES = ("brugerbog_service", "brugerbog_auditor", READER, NAMES_READER)


@dataclass
class Seen:
    """A town with its neighbours, and those who look at it through the views."""

    town: Town
    neighbours: Town
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

    def of_town(self, question: str, **by: str) -> list[tuple[Any, ...]]:
        """The answer to a question with `{mine}` where only the town's rows are wanted."""
        return self.ask(question.format(mine=f"organisation_id = '{self.town.id}'"), **by)

    def tell_of(self, at: datetime) -> None:
        """Let the views tell of an instant, as if it were now."""
        self.do(
            "CREATE OR REPLACE FUNCTION reporting.as_of() RETURNS timestamptz LANGUAGE sql STABLE"
            f" RETURN timestamptz '{at.isoformat()}'"
        )


@contextmanager
def seen_town(server: PostgresServer, folder: Path) -> Iterator[Seen]:
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
            town = found(opened, clock, eans=[EAN, OTHER_EAN], prices={"free_users": 2})
            seen = Seen(town, found(opened, clock, cvr="90000002"), folder, owner, service, *readers)
            opened.make_views()
            seen.tell_of(clock.now())
            yield seen
    finally:
        drop_roles(owner, ROLES)
        server.drop_database(database)


def live(seen: Seen, seed: int, steps: int) -> list[datetime]:
    """Any life, with devices and prices; the instants at which something happened."""
    town = seen.town
    _begin(seen)
    moments = [town.clock.now()]
    executor = StepExecutor(town, seen.folder)
    for number, step in enumerate(random_steps(seed, steps), 1):
        executor.execute(step)
        if number % 9 == 0:
            kinds = [Means.CHIP, Means.CODE_DISPLAY, Means.PRIVATE]
            with suppress(Refusal):
                order(town, executor.target(step), kinds[step.first % 3], take=step.second % 2 == 1)
        if number % 20 == 0:
            prices = {"user": 1000 + number, "free_users": step.second, "chip": 100 + number}
            town.administration.change_settings(town.actor, {"prices": prices})
        moments.append(town.clock.now())
    return moments


def _begin(seen: Seen) -> None:
    """Who comes first is asked last, and pays; the others come as a month begins in Copenhagen only."""
    town = seen.town
    (imported,) = town.import_people(seen.folder, 1, first=900)
    town.clock.set_to(datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    town.create()
    town.create("Bo", ean=OTHER_EAN)
    town.administration.send_to_activation(town.actor, imported)


def turns_to_come(seen: Seen) -> list[datetime]:
    """The instants at which something changes though nothing happens, and those right before."""
    town = seen.town
    today = danish_day(town.clock.now())
    town.deactivate(town.create_active("Væk"), today + timedelta(1), today + timedelta(3))
    expiries = [row[3] for row in town.queries.report_pending(town.actor).rows]
    turns = sorted({*expiries, *(first_moment(today + timedelta(days)) for days in (1, 2, 3, 4, 5))})
    later = [turn for turn in turns if turn > town.clock.now()]
    return [at for turn in later for at in (turn - timedelta(microseconds=1), turn)]
