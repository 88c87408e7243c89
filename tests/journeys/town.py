"""A municipality in a real store at a frozen time, and the few words in which tests speak to it."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import brugerbog
from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.administration import Administration
from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.application.queries.queries import Queries
from brugerbog.application.queries.user_list import UserPage, UserQuery, UserView
from brugerbog.service import Service
from tests.clock import FrozenClock
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.people import made_up_cpr

BORN = date(1961, 9, 7)
CPRS_A_DAY = 3600
CREATED = ["Bruger oprettet", "Aktiveringsmail sendt", "Midlertidig aktiveringskode dannet"]
"""How the history of somebody begins who is known by birth date only."""

OTHER_P_NUMBER = "1000000002"
LIBERAL: dict[str, Any] = {
    "allow_anonymous": True,
    "allow_private_means": True,
    "allow_shared_means": True,
    "use_p_numbers": True,
    "use_se_numbers": True,
    "use_reference_text": True,
    "dedicated_means": ["app", "code_display", "audio_code_reader", "chip"],
    "p_numbers": [P_NUMBER, OTHER_P_NUMBER],
    "se_numbers": [SE_NUMBER],
    "eans": [EAN],
    "ial": "high",
    "rights": [
        {"id": "r1", "name": "Læse", "service_provider": "Skat"},
        {"id": "r2", "name": "Skrive", "service_provider": "Skat"},
    ],
    "allow_sealing": True,
    "certificate_profiles": ["p1", "p2"],
}


@dataclass(frozen=True)
class Town:
    """One organisation, seen by somebody who acts in it: the operator unless said otherwise."""

    service: Service
    actor: Actor
    clock: FrozenClock

    @property
    def administration(self) -> Administration:
        return self.service.administration

    @property
    def queries(self) -> Queries:
        return self.service.queries

    @property
    def id(self) -> UUID:
        assert self.actor.organisation_id is not None
        return self.actor.organisation_id

    def seen_by(self, user_id: UUID) -> "Town":
        return replace(self, actor=Actor(user_id, self.id))

    def create(self, first_name: str = "Ida", surname: str = "Prøve", **said: Any) -> UUID:  # noqa: ANN401
        """Create somebody, known by birth date unless a CPR number is said."""
        known = {"email": "ida@by.test", "date_of_birth": None if "cpr" in said else BORN}
        new = NewUser(first_name=first_name, surname=surname, **(known | said))
        created = self.administration.create_user(self.actor, new)
        assert created.subject is not None
        return created.subject

    def create_active(self, first_name: str = "Ida", surname: str = "Prøve", **said: Any) -> UUID:  # noqa: ANN401
        user_id = self.create(first_name, surname, **said)
        self.administration.activate_user(self.actor, user_id)
        return user_id

    def create_many(self, count: int, **said: Any) -> list[UUID]:  # noqa: ANN401 - any field of NewUser
        """So many people of different CPR numbers and otherwise the same."""
        return [self.create(cpr=made_up_cpr(BORN, serial), **said) for serial in range(count)]

    def edit(self, user_id: UUID, **edits: Any) -> None:  # noqa: ANN401 - any field of UserEdits
        self.administration.edit_user(self.actor, user_id, UserEdits(**edits))

    def deactivate(self, user_id: UUID, from_date: date | None = None, to_date: date | None = None) -> None:
        self.administration.deactivate_user(self.actor, user_id, from_date=from_date, to_date=to_date)

    def delete(self, user_id: UUID) -> None:
        self.administration.delete_user(self.actor, user_id)

    def import_people(self, folder: Path, count: int, first: int = 0) -> list[UUID]:
        """So many people by a file, with CPR numbers and means."""
        file = folder / "people.csv"
        write_file(
            file,
            [
                {
                    "Aktion": "C",
                    "Fornavn": f"Ib{serial}",
                    "Efternavn": "Import",
                    "CPR": made_up_cpr(BORN + timedelta(serial // CPRS_A_DAY), serial % CPRS_A_DAY),
                    "E-mail": f"ib{serial}@by.test",
                    "TargetIAL": "3",
                    "Loginmiddel": "PrivatID",
                }
                for serial in range(first, first + count)
            ],
        )
        receipt = self.administration.import_users(self.actor, file)
        assert receipt.created == count
        return [one.id for one in receipt.outcomes if one.id]

    def show(self, user_id: UUID) -> UserView:
        return self.queries.user(self.actor, user_id)

    def page(self, **asked: Any) -> UserPage:  # noqa: ANN401 - any field of UserQuery
        return self.queries.users(self.actor, UserQuery(**asked))

    def users(self, **asked: Any) -> list[UserView]:  # noqa: ANN401 - any field of UserQuery
        """All of them, on one page."""
        return self.page(**({"limit": 1000} | asked)).users

    def names(self, **asked: Any) -> list[str]:  # noqa: ANN401 - any field of UserQuery
        return [user.first_name for user in self.users(**asked)]

    def ids(self, **asked: Any) -> list[UUID]:  # noqa: ANN401 - any field of UserQuery
        return [user.id for user in self.users(**asked)]

    def transactions(self, user_id: UUID, **asked: Any) -> list[str]:  # noqa: ANN401 - as `history`
        return [one.transaction for one in self.queries.history(self.actor, user_id, **asked)]


def found(service: Service, clock: FrozenClock, *, cvr: str = "90000001", **settings: Any) -> Town:  # noqa: ANN401
    """Register a town that allows everything, unless settings say otherwise."""
    registered = service.administration.register_organisation(
        operator(), cvr=cvr, name="Prøve Kommune", settings=LIBERAL | settings
    )
    return Town(service, operator(registered.subject), clock)


def open_service(url: str = "sqlite://", folder: Path | None = None, **opened: Any) -> Service:  # noqa: ANN401
    """Open a store whose master key lies in `folder`."""
    key_file = None if folder is None else folder / "master.key"
    return brugerbog.open(url, master_key_file=key_file, **opened)


@contextmanager
def open_town(url: str = "sqlite://", folder: Path | None = None, **opened: Any) -> Iterator[Town]:  # noqa: ANN401
    """A store with one town in it, founded unless it is there."""
    clock = opened.setdefault("clock", FrozenClock())
    with open_service(url, folder, **opened) as service:
        if service.log.organisation_ids():
            yield Town(service, service.operator(), clock)
        else:
            yield found(service, clock)


def write_file(path: Path, rows: list[dict[str, str]]) -> None:
    """A file of users as the guide wants it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def digests(service: Service) -> dict[str, str]:
    """The digest of every read table, each of which must equal its rebuilt twin."""
    told = {}
    for status in service.runner.status():
        live, rebuilt = service.runner.digests(status.name)
        assert live == rebuilt, status.name
        told[status.name] = live
    return told
