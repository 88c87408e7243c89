"""Bare `eventsourcing` in a separate environment: reads "create 200", executes it and prints the seconds.

It seals, claims, proves and remembers nothing. Started by `bench.peers`; imports nothing of Brugerbog.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

if TYPE_CHECKING:
    from collections.abc import Callable


class User(Aggregate):
    """A user written as in the library's documentation, with the fields of Brugerbog's user."""

    @event("Created")
    def __init__(  # noqa: PLR0917 - the fields of an event
        self,
        first_name: str,
        surname: str,
        cpr: str,
        date_of_birth: str,
        email: str,
        phone: str,
        organisation_id: str,
        actor: str,
        role: str,
        door: str,
        command_id: str,
    ) -> None:
        self.first_name, self.surname, self.cpr, self.date_of_birth = first_name, surname, cpr, date_of_birth
        self.email, self.phone, self.organisation_id = email, phone, organisation_id
        self.last = (actor, role, door, command_id)

    @event("ContactChanged")
    def change_contact(self, *, phone: str, actor: str, role: str, door: str, command_id: str) -> None:
        self.phone, self.last = phone, (actor, role, door, command_id)


def main() -> None:
    app = Application[UUID](env=json.loads(sys.argv[1]))
    organisation, actor, known = str(uuid4()), str(uuid4()), list[UUID]()

    def create() -> None:
        user = User(
            first_name="Åse",
            surname="Bæk",
            cpr="0302801234",
            date_of_birth="1980-02-03",
            email=f"{uuid4().hex}@kommune.example",
            phone="20000000",
            organisation_id=organisation,
            actor=actor,
            role="operator",
            door="embedded",
            command_id=str(uuid4()),
        )
        app.save(user)
        known.append(user.id)

    def change() -> None:
        user: User = app.repository.get(known.pop(0))
        user.change_contact(
            phone="20000001", actor=actor, role="operator", door="embedded", command_id=str(uuid4())
        )
        app.save(user)

    works: dict[str, Callable[[], None]] = {"create": create, "change": change}
    for line in sys.stdin:
        name, count = line.split()
        begun = time.perf_counter()
        for _ in range(int(count)):
            works[name]()
        sys.stdout.write(f"{time.perf_counter() - begun}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
