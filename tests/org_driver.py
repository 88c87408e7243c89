"""A driver of one organisation in a store at a frozen time: short methods for commands and queries."""

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
"""The first entries in the history of a user known by birth date only."""

OTHER_P_NUMBER = "1000000002"
PERMISSIVE_VALUES: dict[str, Any] = {
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
class OrgDriver:
    """One organisation and the actor of its commands and queries, which is the operator by default."""

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

    def seen_by(self, user_id: UUID) -> "OrgDriver":
        return replace(self, actor=Actor(user_id, self.id))

    def create(self, first_name: str = "Ida", surname: str = "Prøve", **fields: Any) -> UUID:  # noqa: ANN401
        """Create a user, by birth date unless `cpr` is given."""
        known = {"email": "ida@by.test", "date_of_birth": None if "cpr" in fields else BORN}
        new = NewUser(first_name=first_name, surname=surname, **(known | fields))
        created = self.administration.create_user(self.actor, new)
        assert created.subject is not None
        return created.subject

    def create_active(self, first_name: str = "Ida", surname: str = "Prøve", **fields: Any) -> UUID:  # noqa: ANN401
        user_id = self.create(first_name, surname, **fields)
        self.administration.activate_user(self.actor, user_id)
        return user_id

    def create_many(self, count: int, **fields: Any) -> list[UUID]:  # noqa: ANN401 - any field of NewUser
        """Create `count` users that differ in their CPR numbers alone."""
        return [self.create(cpr=made_up_cpr(BORN, serial), **fields) for serial in range(count)]

    def edit(self, user_id: UUID, **edits: Any) -> None:  # noqa: ANN401 - any field of UserEdits
        self.administration.edit_user(self.actor, user_id, UserEdits(**edits))

    def deactivate(self, user_id: UUID, from_date: date | None = None, to_date: date | None = None) -> None:
        self.administration.deactivate_user(self.actor, user_id, from_date=from_date, to_date=to_date)

    def delete(self, user_id: UUID) -> None:
        self.administration.delete_user(self.actor, user_id)

    def import_people(self, folder: Path, count: int, first: int = 0) -> list[UUID]:
        """Import `count` users with CPR numbers and means from a file."""
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
        return [row.id for row in receipt.outcomes if row.id]

    def show(self, user_id: UUID) -> UserView:
        return self.queries.user(self.actor, user_id)

    def page(self, **question: Any) -> UserPage:  # noqa: ANN401 - any field of UserQuery
        return self.queries.users(self.actor, UserQuery(**question))

    def users(self, **question: Any) -> list[UserView]:  # noqa: ANN401 - any field of UserQuery
        """Return up to 1000 users on one page."""
        return self.page(**({"limit": 1000} | question)).users

    def names(self, **question: Any) -> list[str]:  # noqa: ANN401 - any field of UserQuery
        return [user.first_name for user in self.users(**question)]

    def ids(self, **question: Any) -> list[UUID]:  # noqa: ANN401 - any field of UserQuery
        return [user.id for user in self.users(**question)]

    def transactions(self, user_id: UUID, **question: Any) -> list[str]:  # noqa: ANN401 - as `history`
        return [entry.transaction for entry in self.queries.history(self.actor, user_id, **question)]


def register_org(
    service: Service,
    clock: FrozenClock,
    *,
    cvr: str = "90000001",
    **settings: Any,  # noqa: ANN401
) -> OrgDriver:
    """Register an organisation whose settings allow everything, unless `settings` differ."""
    registered = service.administration.register_organisation(
        operator(), cvr=cvr, name="Prøve Kommune", settings=PERMISSIVE_VALUES | settings
    )
    return OrgDriver(service, operator(registered.subject), clock)


def open_service(url: str = "sqlite://", folder: Path | None = None, **opened: Any) -> Service:  # noqa: ANN401
    """Open a store with its master key in `folder`."""
    key_file = None if folder is None else folder / "master.key"
    return brugerbog.open(url, master_key_file=key_file, **opened)


@contextmanager
def open_org(url: str = "sqlite://", folder: Path | None = None, **opened: Any) -> Iterator[OrgDriver]:  # noqa: ANN401
    """Open a store with one organisation, registered if there is none."""
    clock = opened.setdefault("clock", FrozenClock())
    with open_service(url, folder, **opened) as service:
        if service.log.organisation_ids():
            yield OrgDriver(service, service.operator(), clock)
        else:
            yield register_org(service, clock)


def write_file(path: Path, rows: list[dict[str, str]]) -> None:
    """Write a file of users in the format of the guide (Brugerimport)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def digests(service: Service) -> dict[str, str]:
    """Return the digest of every read table; each must equal the digest of its rebuilt copy."""
    found = {}
    for status in service.runner.status():
        live, rebuilt = service.runner.digests(status.name)
        assert live == rebuilt, status.name
        found[status.name] = live
    return found
