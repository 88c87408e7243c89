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
from tests.org_driver import OrgDriver, open_org, write_file

CatalogueEntry = Callable[[OrgDriver, UUID, Path], Any]


def import_a_few(org: OrgDriver, _: UUID, folder: Path) -> object:
    return org.import_people(folder, 6)


COMMANDS: dict[str, CatalogueEntry] = {
    "create": lambda org, *_: org.create("Ny"),
    "edit": lambda org, whom, _: org.edit(whom, surname="Ny"),
    "delete": lambda org, whom, _: org.delete(whom),
    "resend": lambda org, whom, _: org.administration.resend_activation_mail(org.actor, whom),
    "grant rights": lambda org, whom, _: org.administration.grant_rights(org.actor, whom, ["r1"]),
    "give a role": lambda org, whom, _: org.administration.give_role(org.actor, whom, Role.TRUSTED_EMPLOYEE),
    "change settings": lambda org, *_: org.administration.change_settings(
        org.actor, {"erasure_retention_days": 9}
    ),
    "import": import_a_few,
}


def take_roles(org: OrgDriver, administrator: UUID) -> None:
    for role in ASSIGNABLE_ROLES:
        org.administration.take_role(org.actor, administrator, role)


LOSSES: dict[str, Callable[[OrgDriver, UUID], None]] = {
    "his roles are taken": take_roles,
    "he is deactivated": lambda org, administrator: org.deactivate(administrator),
    "he is deleted": lambda org, administrator: org.delete(administrator),
}


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path) as org:
        yield org


def administrator(org: OrgDriver, name: str) -> OrgDriver:
    user_id = org.create_active(name, email=f"{name}@by.test")
    for role in ASSIGNABLE_ROLES:
        org.administration.give_role(org.actor, user_id, role)
    return org.seen_by(user_id)


def before_it_is_stored(org: OrgDriver, interfere: Callable[[], None], *, at: int = 1) -> pytest.MonkeyPatch:
    """Let something else be done right before the n-th thing from now is stored."""
    patch, record, left = pytest.MonkeyPatch(), org.service.log.record, at

    def interfere_and_record(*said: Any, **named: Any) -> int:  # noqa: ANN401 - as `record`
        nonlocal left
        left -= 1
        if left == 0:
            patch.undo()
            interfere()
        return record(*said, **named)

    patch.setattr(org.service.log, "record", interfere_and_record)
    return patch


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("command", COMMANDS)
def test_anyone_who_loses_their_role_on_the_way_has_done_nothing(
    org: OrgDriver, tmp_path: Path, command: str, loss: str
) -> None:
    administrator(org, "bo")
    ida, whom = administrator(org, "ida"), org.create("Ada")
    before_it_is_stored(org, lambda: LOSSES[loss](org, ida.actor.id))

    with pytest.raises(NotAllowed):
        COMMANDS[command](ida, whom, tmp_path)

    assert not [event for _, event in recorded(org) if event.actor == ida.actor.id]
    assert_every_actor_held_their_role(org)


def recorded(org: OrgDriver) -> list[Any]:
    return list(org.service.log.events_until(org.id, org.clock.now()))


def test_anyone_who_gets_another_role_on_the_way_has_done_it_once(org: OrgDriver) -> None:
    ida, whom = administrator(org, "ida"), org.create("Ada")
    take = org.administration.take_role
    before_it_is_stored(org, lambda: take(org.actor, ida.actor.id, Role.TRUSTED_EMPLOYEE) and None)

    ida.edit(whom, surname="Ny")

    assert org.transactions(whom).count("Navn rettet") == 1


def test_an_import_stops_at_the_chunk_in_which_its_administrator_loses_the_role(
    org: OrgDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "CHUNK", 2)
    administrator(org, "bo")
    ida = administrator(org, "ida")
    before_it_is_stored(org, lambda: take_roles(org, ida.actor.id), at=2)

    with pytest.raises(NotAllowed):
        ida.import_people(tmp_path, 6)

    assert org.names(imported=True) == ["Ib0", "Ib1"]
    assert_every_actor_held_their_role(org)


def test_sending_many_stops_at_the_transaction_in_which_its_administrator_loses_the_role(
    org: OrgDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "BATCH", 2)
    administrator(org, "bo")
    ida, people = administrator(org, "ida"), org.import_people(tmp_path, 6)
    before_it_is_stored(org, lambda: LOSSES["he is deactivated"](org, ida.actor.id), at=2)

    with pytest.raises(NotAllowed):
        ida.administration.send_many_to_activation(ida.actor, people)

    assert [org.show(one).status for one in people] == [Status.PENDING] * 2 + [Status.IMPORTED] * 4


def test_an_import_of_all_or_nothing_authorizes_with_the_store_locked(org: OrgDriver, tmp_path: Path) -> None:
    administrator(org, "bo")
    ida, file, transaction = administrator(org, "ida"), tmp_path / "one.csv", org.service.log.transaction
    write_file(file, [{"Aktion": "D", "UUID": str(org.create("Ada"))}])

    with pytest.MonkeyPatch.context() as patch:

        def lose_the_role_and_begin() -> Any:  # noqa: ANN401 - as `transaction`
            patch.undo()
            take_roles(org, ida.actor.id)
            return transaction()

        patch.setattr(org.service.log, "transaction", lose_the_role_and_begin)
        with pytest.raises(NotAllowed):
            org.administration.import_users(ida.actor, file, all_or_nothing=True)

    assert "Ada" in org.names()
