"""Stores with one organisation, commands on their users, and the rows of their tables."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Engine, Table, func, select

import brugerbog
from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.reservations import reservation_for
from brugerbog.application.commands.user_input import NewUser
from brugerbog.application.ports.event_log import AppendRequest, CommandRecord
from brugerbog.domain.kernel.command_context import CommandContext
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.settings import Settings
from brugerbog.domain.user.details import Details, Edits
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial
from brugerbog.infrastructure.database.schema import key_tables, log_tables, user_keys
from brugerbog.service import Service
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
BORN = date(1985, 3, 14)
SETTINGS = Settings()
EVENTS_OF_ONE = 2
"""The events of creating a user with CPR number: the creation and the activation mail."""


def open_store(url: str, folder: Path, *, create: bool = True) -> Service:
    """Open a store on either engine, with its master key in `folder`."""
    return brugerbog.open(url, master_key_file=folder / "master.key", create=create)


def register(service: Service, cvr: str = "90000001") -> Actor:
    """Register an organisation; return the operator as its actor."""
    registered = service.administration.register_organisation(operator(), cvr=cvr, name="Prøve A/S")
    return operator(registered.subject)


@contextmanager
def office(url: str, folder: Path) -> "Iterator[tuple[Service, Actor]]":
    """A store with one organisation, registered unless it is there already."""
    with open_store(url, folder) as service:
        yield service, service.operator() if service.log.organisation_ids() else register(service)


@contextmanager
def head_locked(service: Service) -> "Iterator[None]":
    """Hold another append open, with its lock on the head."""
    done: list[BaseException] = []

    def hold(begun: list[bool], ends: list[bool]) -> None:
        try:
            with service.log.recorder.transaction():
                begun.append(True)
                while not ends:
                    time.sleep(0.01)
        except BaseException as error:  # noqa: BLE001 - reported to the test
            done.append(error)

    begun: list[bool] = []
    ends: list[bool] = []
    thread = Thread(target=hold, args=(begun, ends))
    thread.start()
    while not begun:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield
    finally:
        ends.append(True)
        thread.join()
    assert not done


def somebody(serial: int, **facts: object) -> NewUser:
    """Return the `serial`-th user (from 0), by CPR number unless `facts` differ."""
    said: dict[str, Any] = {
        "first_name": "Ida",
        "surname": "Prøve",
        "email": f"ida{serial}@example.org",
        "cpr": made_up_cpr(BORN, serial),
    }
    return NewUser(**(said | facts))


def without_cpr(**facts: object) -> NewUser:
    """Return a user known by names, birth date and e-mail only."""
    return somebody(0, **({"cpr": None, "date_of_birth": BORN} | facts))


def create(service: Service, actor: Actor, new: NewUser) -> UUID:
    """Create a user; return the id."""
    created = service.administration.create_user(actor, new)
    assert created.subject is not None
    return created.subject


def user_of(service: Service, user_id: UUID) -> User:
    """A user that must be there."""
    user = service.log.user(user_id)
    assert user is not None
    return user


def act_of(actor: Actor) -> CommandContext:
    """An occasion for decisions that a test takes itself."""
    assert actor.organisation_id is not None
    command_id = uuid4()
    return CommandContext(
        organisation_id=actor.organisation_id,
        actor=actor.id,
        role=Role.OPERATOR,
        door=actor.door,
        recorded_at=datetime.now(UTC),
        command_id=command_id,
        correlation_id=command_id,
    )


def decided_user(actor: Actor, user_id: UUID, first_name: str = "Bo") -> User:
    """A new user of one event, decided and not yet recorded."""
    details = Details(
        first_name=first_name,
        surname="Prøve",
        email="bo@example.org",
        date_of_birth=BORN,
        target_ial=Ial.SUBSTANTIAL,
    )
    return User.import_(act_of(actor), user_id, details, SETTINGS)


def rename(service: Service, actor: Actor, user: User, first_name: str) -> AppendRequest:
    """Change the first name on this object; return the request that stores the change."""
    context = act_of(actor)
    user.edit(context, Edits(first_name=first_name), SETTINGS)
    fingerprint = service.log.fingerprint(context.organisation_id, "rename", first_name)
    return AppendRequest(
        [reservation_for(user)],
        CommandRecord(context.organisation_id, context.command_id, fingerprint, "edit_user", user.id),
    )


def rows(service: Service, table: Table) -> list[Any]:
    """All rows of one of the store's tables, by key."""
    with _engine_of(service, table).connect() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)).all())


def row_count(service: Service, table: Table) -> int:
    """Return the number of rows in one of the store's tables."""
    with _engine_of(service, table).connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _engine_of(service: Service, table: Table) -> Engine:
    backend = service.log.backend
    return backend.keys if table.metadata is key_tables else backend.log


def everything(service: Service) -> dict[str, list[Any]]:
    """All rows of the log's tables and of the users' keys."""
    return {table.name: rows(service, table) for table in (*log_tables.sorted_tables, user_keys)}


def at_once(count: int, deed: Callable[[int], T]) -> list[T]:
    """What `deed` gives in so many threads that all start together."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait()
        return deed(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))
