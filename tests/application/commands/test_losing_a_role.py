"""A command records nothing if its actor loses the role or the status active meanwhile."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.commands import activation
from brugerbog.application.commands.imports import importer
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.values.status import Status
from tests.journeys.test_administrators_race import assert_every_actor_held_their_role
from tests.org_driver import Town, open_town, write_file

CatalogueEntry = Callable[[Town, UUID, Path], Any]


def import_a_few(town: Town, _: UUID, folder: Path) -> object:
    return town.import_people(folder, 6)


COMMANDS: dict[str, CatalogueEntry] = {
    "create": lambda town, *_: town.create("Ny"),
    "edit": lambda town, whom, _: town.edit(whom, surname="Ny"),
    "delete": lambda town, whom, _: town.delete(whom),
    "resend": lambda town, whom, _: town.administration.resend_activation_mail(town.actor, whom),
    "grant rights": lambda town, whom, _: town.administration.grant_rights(town.actor, whom, ["r1"]),
    "give a role": lambda town, whom, _: town.administration.give_role(
        town.actor, whom, Role.TRUSTED_EMPLOYEE
    ),
    "change settings": lambda town, *_: town.administration.change_settings(
        town.actor, {"erasure_retention_days": 9}
    ),
    "import": import_a_few,
}


def take_roles(town: Town, administrator: UUID) -> None:
    for role in ASSIGNABLE_ROLES:
        town.administration.take_role(town.actor, administrator, role)


LOSSES: dict[str, Callable[[Town, UUID], None]] = {
    "his roles are taken": take_roles,
    "he is deactivated": lambda town, administrator: town.deactivate(administrator),
    "he is deleted": lambda town, administrator: town.delete(administrator),
}


@pytest.fixture
def town(prepared_url: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(prepared_url, tmp_path) as town:
        yield town


def administrator(town: Town, name: str) -> Town:
    user_id = town.create_active(name, email=f"{name}@by.test")
    for role in ASSIGNABLE_ROLES:
        town.administration.give_role(town.actor, user_id, role)
    return town.seen_by(user_id)


def before_it_is_stored(town: Town, interfere: Callable[[], None], *, at: int = 1) -> pytest.MonkeyPatch:
    """Let something else be done right before the n-th thing from now is stored."""
    patch, record, left = pytest.MonkeyPatch(), town.service.log.record, at

    def interfere_and_record(*said: Any, **named: Any) -> int:  # noqa: ANN401 - as `record`
        nonlocal left
        left -= 1
        if left == 0:
            patch.undo()
            interfere()
        return record(*said, **named)

    patch.setattr(town.service.log, "record", interfere_and_record)
    return patch


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_whoever_loses_his_role_on_the_way_has_done_nothing(
    town: Town, tmp_path: Path, command: str, loss: str
) -> None:
    administrator(town, "bo")
    ida, whom = administrator(town, "ida"), town.create("Ada")
    before_it_is_stored(town, lambda: LOSSES[loss](town, ida.actor.id))

    with pytest.raises(NotAllowed):
        COMMANDS[command](ida, whom, tmp_path)

    assert not [event for _, event in recorded(town) if event.actor == ida.actor.id]
    assert_every_actor_held_their_role(town)


def recorded(town: Town) -> list[Any]:
    return list(town.service.log.events_until(town.id, town.clock.now()))


def test_whoever_gets_another_role_on_the_way_has_done_it_once(town: Town) -> None:
    ida, whom = administrator(town, "ida"), town.create("Ada")
    take = town.administration.take_role
    before_it_is_stored(town, lambda: take(town.actor, ida.actor.id, Role.TRUSTED_EMPLOYEE) and None)

    ida.edit(whom, surname="Ny")

    assert town.transactions(whom).count("Navn rettet") == 1


def test_an_import_stops_at_the_chunk_in_which_its_administrator_loses_the_role(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "CHUNK", 2)
    administrator(town, "bo")
    ida = administrator(town, "ida")
    before_it_is_stored(town, lambda: take_roles(town, ida.actor.id), at=2)

    with pytest.raises(NotAllowed):
        ida.import_people(tmp_path, 6)

    assert town.names(imported=True) == ["Ib0", "Ib1"]
    assert_every_actor_held_their_role(town)


def test_sending_many_stops_at_the_transaction_in_which_its_administrator_loses_the_role(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "BATCH", 2)
    administrator(town, "bo")
    ida, people = administrator(town, "ida"), town.import_people(tmp_path, 6)
    before_it_is_stored(town, lambda: LOSSES["he is deactivated"](town, ida.actor.id), at=2)

    with pytest.raises(NotAllowed):
        ida.administration.send_many_to_activation(ida.actor, people)

    assert [town.show(one).status for one in people] == [Status.PENDING] * 2 + [Status.IMPORTED] * 4


def test_an_import_of_all_or_nothing_authorizes_with_the_store_locked(town: Town, tmp_path: Path) -> None:
    administrator(town, "bo")
    ida, file, transaction = administrator(town, "ida"), tmp_path / "one.csv", town.service.log.transaction
    write_file(file, [{"Aktion": "D", "UUID": str(town.create("Ada"))}])

    with pytest.MonkeyPatch.context() as patch:

        def lose_the_role_and_begin() -> Any:  # noqa: ANN401 - as `transaction`
            patch.undo()
            take_roles(town, ida.actor.id)
            return transaction()

        patch.setattr(town.service.log, "transaction", lose_the_role_and_begin)
        with pytest.raises(NotAllowed):
            town.administration.import_users(ida.actor, file, all_or_nothing=True)

    assert "Ada" in town.names()
