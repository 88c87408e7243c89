"""Several commands in one transaction, for an application that embeds the service."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from brugerbog.application.mail.outbox import MailState
from brugerbog.application.refusals.requests import NotInTransaction, PersonInUse, UserUnknown
from brugerbog.domain.kernel.roles import Role
from tests.org_driver import Town, digests, open_town


class Broken(Exception):
    """The embedding application fails in the middle."""


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    with open_town(url, tmp_path) as opened:
        yield opened


def do_and_break(town: Town, *commands: Callable[[], object]) -> None:
    """Give commands in a transaction, and fail before its end."""
    with town.service.transaction():
        for command in commands:
            command()
        raise Broken


def roll_back(town: Town, *commands: Callable[[], object]) -> None:
    with pytest.raises(Broken):
        do_and_break(town, *commands)


def everything_is_sound(town: Town) -> bool:
    """Every table is up with the log, well, and equal to one built anew."""
    standing = {(one.state, one.lag) for one in town.service.runner.status()}
    return standing == {("ok", 0)} and bool(digests(town.service))


def test_a_rolled_back_transaction_leaves_no_user_and_hides_no_later_one(town: Town) -> None:
    roll_back(town, lambda: town.create("Spøgelse"))
    assert town.names() == []

    town.create("Ida")

    assert town.names() == ["Ida"]
    assert everything_is_sound(town)


def test_commands_of_a_transaction_show_once_it_is_committed(town: Town) -> None:
    with town.service.transaction():
        ida = town.create("Ida")
        town.edit(ida, first_name="Ada")
        town.create("Eva")
        meanwhile = town.names()

    assert meanwhile == []
    assert town.names() == ["Ada", "Eva"]
    assert everything_is_sound(town)


def test_a_refusal_caught_inside_undoes_one_command_only(town: Town) -> None:
    with town.service.transaction():
        town.create("Ida", email="ida@by.test")
        with pytest.raises(PersonInUse):
            town.create("Ida", email="ida@by.test")
        town.create("Eva")

    assert town.names() == ["Eva", "Ida"]


def test_a_refusal_that_leaves_the_block_undoes_all(town: Town) -> None:
    with pytest.raises(UserUnknown):
        do_and_break(town, lambda: town.create("Ida"), lambda: town.delete(uuid4()))

    assert town.names() == []


def test_undoing_leaves_the_block_with_nothing_stored(town: Town) -> None:
    with town.service.transaction() as transaction:
        town.create("Ida")
        transaction.rollback()

    assert town.names() == []
    assert everything_is_sound(town)


def test_a_transaction_inside_another_can_be_undone_alone(town: Town) -> None:
    with town.service.transaction():
        town.create("Ida")
        with town.service.transaction() as inner:
            town.create("Spøgelse")
            inner.rollback()
        roll_back(town, lambda: town.create("Genfærd"))
        with town.service.transaction():
            town.create("Eva")

    assert town.names() == ["Eva", "Ida"]
    assert everything_is_sound(town)


def test_undoing_the_outer_one_from_inside_undoes_both(town: Town) -> None:
    with town.service.transaction() as outer:
        town.create("Ida")
        with town.service.transaction():
            town.create("Eva")
            outer.rollback()

    assert town.names() == []


def test_a_deletion_that_is_rolled_back_destroys_nothing(town: Town) -> None:
    ida = town.create("Ida")
    roll_back(town, lambda: town.delete(ida))

    town.edit(ida, surname="Lever")
    assert town.show(ida).surname == "Lever"
    assert town.service.log.erase_list.after(0)[0] == []


def test_a_deletion_that_is_committed_is_finished_at_once(town: Town) -> None:
    ida = town.create("Ida")
    with town.service.transaction():
        town.delete(ida)

    assert town.service.log.pending_erasures() == []
    assert town.service.log.keys.load([ida]) == {}
    assert town.service.log.erase_list.after(0)[0] in ([ida], [])
    assert everything_is_sound(town)


def test_mails_are_asked_for_only_by_what_is_committed(town: Town) -> None:
    roll_back(town, lambda: town.create("Spøgelse"))
    assert town.queries.mails(town.actor, MailState.WAITING) == []

    with town.service.transaction():
        ida = town.create("Ida")

    assert [mail.about for mail in town.queries.mails(town.actor, MailState.WAITING)] == [ida]


def test_a_command_id_stands_for_its_command_once_it_is_committed(town: Town) -> None:
    again, ida = uuid4(), town.create_active("Ida")

    def give_role() -> object:
        return town.administration.give_role(town.actor, ida, Role.USER_ADMINISTRATOR, command_id=again)

    roll_back(town, give_role)
    with town.service.transaction():
        first = give_role()
        second = give_role()

    assert first == second == give_role()


def test_other_threads_record_nothing_until_it_ends(town: Town) -> None:
    with ThreadPoolExecutor(1) as other:
        with town.service.transaction():
            town.create("Ida")
            creating = other.submit(town.create, "Eva")
            with pytest.raises(TimeoutError):
                creating.result(timeout=0.3)
        creating.result(timeout=20)

    assert town.names() == ["Eva", "Ida"]


def test_a_failure_of_the_store_ends_it_even_if_it_is_caught(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("database or disk is full"))

    def go_on_after_a_failure() -> None:
        with town.service.transaction():
            town.create("Ida")
            with monkeypatch.context() as patch:
                patch.setattr(town.service.log.recorder._appender._writes, "store", fail)
                with pytest.raises(OperationalError):
                    town.create("Ada")
            with pytest.raises(OperationalError):
                town.create("Eva")

    with pytest.raises(OperationalError):
        go_on_after_a_failure()

    assert town.names() == []
    town.create("Bo")
    assert town.names() == ["Bo"]
    assert everything_is_sound(town)


def test_what_must_stay_or_acts_outside_is_refused_in_it(town: Town, tmp_path: Path) -> None:
    ida, service, actor = town.create("Ida"), town.service, town.actor
    (tmp_path / "brugere.csv").write_text("")
    refused: list[Callable[[], object]]
    with service.transaction():
        refused = [
            lambda: town.administration.show_cpr(actor, ida),
            lambda: town.administration.import_users(actor, tmp_path / "brugere.csv"),
            lambda: service.self_service.open_activation("x" * 43),
            lambda: service.self_service.enter_code("x" * 43, "code"),
            lambda: town.queries.audit_log(actor),
            lambda: town.queries.mails(actor, MailState.WAITING),
            service.run_due,
            service.worker.run_once,
            lambda: service.runner.rebuild("due"),
            lambda: service.runner.digests("due"),
        ]
        for one in refused:
            with pytest.raises(NotInTransaction):
                one()
        town.edit(ida, surname="Efter")

    assert town.show(ida).surname == "Efter"
