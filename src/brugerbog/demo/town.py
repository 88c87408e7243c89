"""Fills a new store with the demo's two organisations, by the service's own commands.

The data begins two months ago, so that there is history to look at: the clock is set back.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any, Final

from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.activity_report import ActivityReport
from brugerbog.application.queries.user_list import UserQuery
from brugerbog.demo import people as cast
from brugerbog.demo.identity_page import DemoIdentityData
from brugerbog.demo.login import Person
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.doors import Door
from brugerbog.domain.user.identity_confirmation import PRETENDED
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.numbers import birth_date_of
from brugerbog.entrypoints.web.login.completion import BrokerProof

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from brugerbog.application.commands.user_input import NewUser
    from brugerbog.application.ports.clock import Clock
    from brugerbog.service import Service

BEGINS_DAYS_AGO: Final = 60
_REPORTER: Final = "demo"


class SetBackClock:
    """A clock some days behind another clock (port: `Clock`)."""

    def __init__(self, clock: Clock, days: int = BEGINS_DAYS_AGO) -> None:
        self._clock = clock
        self._behind = timedelta(days=days)

    def now(self) -> datetime:
        return self._clock.now() - self._behind

    def set_to(self, days_ago: int) -> None:
        """Advance to a number of days ago; 0 is the other clock's time."""
        self._behind = min(self._behind, timedelta(days=days_ago))


@dataclass(frozen=True, slots=True)
class DemoData:
    """The people to log in as, and the identities of people with a link."""

    people: list[Person]
    papers: list[DemoIdentityData]


def fill_store(
    service: Service, clock: SetBackClock, settings: Mapping[str, Any], file: Path, outbox: Path
) -> DemoData:
    """Execute two months of commands in both organisations.

    `settings` are the municipality's, `file` has the users it imports, `outbox` is the folder of mails.
    """
    town = _Organisation(service, clock, cast.TOWN, cast.TOWN_CVR, settings)
    bakery = _Organisation(service, clock, cast.BAKERY, cast.BAKERY_CVR, cast.BAKERY_SETTINGS)
    for organisation, cast_there in ((town, cast.PLAYED_IN_TOWN), (bakery, cast.PLAYED_IN_BAKERY)):
        for played in cast_there:
            if not played.new.means:
                organisation.create_with_roles(played)
    emil = next(played for played in cast.PLAYED_IN_TOWN if played.new.means)
    town.create_by_link(emil, outbox)
    bakery.create_active(cast.BAKER)
    service.administration.import_users(town.actor, file)
    town.create(cast.LINK_EXPIRED)
    service.worker.run_once()

    clock.set_to(40)
    sofie, jens, mette = map(
        town.create_active, (cast.WANTS_TO_BE_ANONYMOUS, cast.IS_AWAY, cast.WILL_BE_AWAY)
    )
    for name in cast.ACTIVE_OF_THE_FILE:
        service.administration.send_to_activation(town.actor, town.find(name))
        service.administration.activate_user(town.actor, town.find(name))

    clock.set_to(12)
    service.worker.run_once()
    today = danish_day(clock.now())
    mads = town.as_user(town.people[cast.WORKS_MOST])
    service.administration.deactivate_user(mads, jens, to_date=today + timedelta(days=30))

    clock.set_to(2)
    away = danish_day(clock.now()) + timedelta(days=10)
    service.administration.deactivate_user(mads, mette, from_date=away, to_date=away + timedelta(days=20))
    service.administration.request_anonymity(town.as_user(sofie), accepts_losing_rights=True)
    town.create(cast.HAS_A_LINK)
    town.create(cast.NEEDS_A_CODE)
    bakery.create(cast.APPRENTICE)
    sent = [town.find(name) for name in cast.SENT_OF_THE_FILE]
    service.administration.send_many_to_activation(mads, sent)
    town.report([town.people[emil.name], *(town.find(name) for name in cast.ACTIVE_OF_THE_FILE)])
    service.worker.run_once()

    clock.set_to(0)
    service.worker.run_once()
    return DemoData(
        [
            *(town.person(played) for played in cast.PLAYED_IN_TOWN),
            *(bakery.person(played) for played in cast.PLAYED_IN_BAKERY),
        ],
        [
            *map(_papers, (cast.HAS_A_LINK, cast.NEEDS_A_CODE, cast.APPRENTICE, cast.LINK_EXPIRED)),
            *_papers_in(file, cast.SENT_OF_THE_FILE),
        ],
    )


class _Organisation:
    """One organisation, with the operator as actor."""

    def __init__(
        self, service: Service, clock: Clock, name: str, cvr: str, settings: Mapping[str, Any]
    ) -> None:
        self._service = service
        self._clock = clock
        self._name = name
        registered = service.administration.register_organisation(
            operator(door=Door.CLI), cvr=cvr, name=name, settings=settings
        )
        assert registered.subject is not None  # noqa: S101 - it names what was registered
        self.id = registered.subject
        self.actor = operator(self.id, Door.CLI)
        self.people: dict[str, UUID] = {}

    def as_user(self, user_id: UUID) -> Actor:
        return Actor(user_id, self.id, Door.CLI)

    def create(self, new: NewUser) -> UUID:
        created = self._service.administration.create_user(self.actor, new).subject
        assert created is not None  # noqa: S101 - it names who was created
        self.people[f"{new.first_name} {new.surname}"] = created
        return created

    def create_active(self, new: NewUser) -> UUID:
        """Create a user, activated by the operator."""
        user_id = self.create(new)
        self._service.administration.activate_user(self.actor, user_id)
        return user_id

    def create_with_roles(self, played: cast.Played) -> None:
        user_id = self.create_active(played.new)
        for role in played.roles:
            self._service.administration.give_role(self.actor, user_id, role)

    def create_by_link(self, played: cast.Played, outbox: Path) -> None:
        """Create a user who activates themselves by the link, with consent to use their private MitID."""
        self.create(played.new)
        self._service.worker.run_once()
        token, door = _token_in(outbox, played.new.email), self._service.self_service
        assert played.new.cpr is not None  # noqa: S101 - those to play have one
        born = birth_date_of(played.new.cpr)
        proof = BrokerProof(broker=PRETENDED, date_of_birth=born, cpr=played.new.cpr, ial=Ial.SUBSTANTIAL)
        door.confirm_identity(token, proof, door=Door.CLI)
        door.activate(token, [Means.PRIVATE, Means.APP], consent=True, door=Door.CLI)

    def find(self, name: str) -> UUID:
        """Return the id of a user, by name."""
        question = UserQuery(search=name, limit=1)
        return self._service.queries.users(self.actor, question).users[0].id

    def report(self, user_ids: Sequence[UUID]) -> None:
        """Record activities of these users in the last days, as reported by made-up services."""
        reports = [
            ActivityReport(
                user_id=user_id,
                occurred_at=self._clock.now() - timedelta(days=days, hours=3 * which, minutes=7 * number),
                transaction=transaction,
                service_provider=provider,
                service_type=kind,
                reference=f"{user_id}-{days}-{which}",
            )
            for number, user_id in enumerate(user_ids)
            for days in range(1, 15 - number)
            for which, (transaction, provider, kind) in enumerate(cast.SERVICES)
            if (days + which) % 3 == 0
        ]
        self._service.administration.record_activities(self.actor, _REPORTER, reports)

    def person(self, played: cast.Played) -> Person:
        return Person(
            user_id=self.people[played.name],
            organisation_id=self.id,
            name=played.name,
            organisation=self._name,
            roles=played.roles_in_words,
            tries=played.tries,
        )


def _token_in(outbox: Path, address: str) -> str:
    """Return the token of the link in the latest mail to an address."""
    for path in sorted(outbox.glob("*.eml"), reverse=True):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        if address in str(message["To"]) and body is not None:
            return str(body.get_content()).partition("/aktivering/")[2].split()[0]
    raise LookupError


def _papers(new: NewUser) -> DemoIdentityData:
    written = new.cpr and f"{new.cpr[:6]}-{new.cpr[6:]}"
    return DemoIdentityData(
        f"{new.first_name} {new.surname}", written or f"{new.date_of_birth:%d.%m.%Y} (fødselsdato)"
    )


def _papers_in(file: Path, names: Sequence[str]) -> list[DemoIdentityData]:
    with file.open(encoding="cp1252", newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter=";"))
    cprs = {f"{row['Fornavn']} {row['Efternavn']}": row["CPR"] for row in rows}
    return [DemoIdentityData(name, f"{cprs[name][:6]}-{cprs[name][6:]}") for name in names]
