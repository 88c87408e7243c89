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
from tests.org_driver import OrgDriver, digests, open_org


class Broken(Exception):
    """The embedding application fails in the middle."""


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def org(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OrgDriver]:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'store.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    with open_org(url, tmp_path) as opened:
        yield opened


def do_and_break(org: OrgDriver, *commands: Callable[[], object]) -> None:
    """Give commands in a transaction, and fail before its end."""
    with org.service.transaction():
        for command in commands:
            command()
        raise Broken


def roll_back(org: OrgDriver, *commands: Callable[[], object]) -> None:
    with pytest.raises(Broken):
        do_and_break(org, *commands)


def everything_is_sound(org: OrgDriver) -> bool:
    """Every table is up with the log, well, and equal to one built anew."""
    standing = {(one.state, one.lag) for one in org.service.runner.status()}
    return standing == {("ok", 0)} and bool(digests(org.service))


def test_a_rolled_back_transaction_leaves_no_user_and_hides_no_later_one(org: OrgDriver) -> None:
    roll_back(org, lambda: org.create("Spøgelse"))
    assert org.names() == []

    org.create("Ida")

    assert org.names() == ["Ida"]
    assert everything_is_sound(org)


def test_commands_of_a_transaction_show_once_it_is_committed(org: OrgDriver) -> None:
    with org.service.transaction():
        ida = org.create("Ida")
        org.edit(ida, first_name="Ada")
        org.create("Eva")
        meanwhile = org.names()

    assert meanwhile == []
    assert org.names() == ["Ada", "Eva"]
    assert everything_is_sound(org)


def test_a_refusal_caught_inside_undoes_one_command_only(org: OrgDriver) -> None:
    with org.service.transaction():
        org.create("Ida", email="ida@by.test")
        with pytest.raises(PersonInUse):
            org.create("Ida", email="ida@by.test")
        org.create("Eva")

    assert org.names() == ["Eva", "Ida"]


def test_a_refusal_that_leaves_the_block_undoes_all(org: OrgDriver) -> None:
    with pytest.raises(UserUnknown):
        do_and_break(org, lambda: org.create("Ida"), lambda: org.delete(uuid4()))

    assert org.names() == []


def test_undoing_leaves_the_block_with_nothing_stored(org: OrgDriver) -> None:
    with org.service.transaction() as transaction:
        org.create("Ida")
        transaction.rollback()

    assert org.names() == []
    assert everything_is_sound(org)


def test_a_transaction_inside_another_can_be_undone_alone(org: OrgDriver) -> None:
    with org.service.transaction():
        org.create("Ida")
        with org.service.transaction() as inner:
            org.create("Spøgelse")
            inner.rollback()
        roll_back(org, lambda: org.create("Genfærd"))
        with org.service.transaction():
            org.create("Eva")

    assert org.names() == ["Eva", "Ida"]
    assert everything_is_sound(org)


def test_undoing_the_outer_one_from_inside_undoes_both(org: OrgDriver) -> None:
    with org.service.transaction() as outer:
        org.create("Ida")
        with org.service.transaction():
            org.create("Eva")
            outer.rollback()

    assert org.names() == []


def test_a_deletion_that_is_rolled_back_destroys_nothing(org: OrgDriver) -> None:
    ida = org.create("Ida")
    roll_back(org, lambda: org.delete(ida))

    org.edit(ida, surname="Lever")
    assert org.show(ida).surname == "Lever"
    assert org.service.log.erase_list.after(0)[0] == []


def test_a_deletion_that_is_committed_is_finished_at_once(org: OrgDriver) -> None:
    ida = org.create("Ida")
    with org.service.transaction():
        org.delete(ida)

    assert org.service.log.pending_erasures() == []
    assert org.service.log.keys.load([ida]) == {}
    assert org.service.log.erase_list.after(0)[0] in ([ida], [])
    assert everything_is_sound(org)


def test_mails_are_asked_for_only_by_what_is_committed(org: OrgDriver) -> None:
    roll_back(org, lambda: org.create("Spøgelse"))
    assert org.queries.mails(org.actor, MailState.WAITING) == []

    with org.service.transaction():
        ida = org.create("Ida")

    assert [mail.about for mail in org.queries.mails(org.actor, MailState.WAITING)] == [ida]


def test_a_command_id_stands_for_its_command_once_it_is_committed(org: OrgDriver) -> None:
    again, ida = uuid4(), org.create_active("Ida")

    def give_role() -> object:
        return org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR, command_id=again)

    roll_back(org, give_role)
    with org.service.transaction():
        first = give_role()
        second = give_role()

    assert first == second == give_role()


def test_other_threads_record_nothing_until_it_ends(org: OrgDriver) -> None:
    with ThreadPoolExecutor(1) as other:
        with org.service.transaction():
            org.create("Ida")
            creating = other.submit(org.create, "Eva")
            with pytest.raises(TimeoutError):
                creating.result(timeout=0.3)
        creating.result(timeout=20)

    assert org.names() == ["Eva", "Ida"]


def test_a_failure_of_the_store_ends_it_even_if_it_is_caught(
    org: OrgDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("database or disk is full"))

    def go_on_after_a_failure() -> None:
        with org.service.transaction():
            org.create("Ida")
            with monkeypatch.context() as patch:
                patch.setattr(org.service.log.recorder._appender._writes, "store", fail)
                with pytest.raises(OperationalError):
                    org.create("Ada")
            with pytest.raises(OperationalError):
                org.create("Eva")

    with pytest.raises(OperationalError):
        go_on_after_a_failure()

    assert org.names() == []
    org.create("Bo")
    assert org.names() == ["Bo"]
    assert everything_is_sound(org)


def test_what_must_stay_or_acts_outside_is_refused_in_it(org: OrgDriver, tmp_path: Path) -> None:
    ida, service, actor = org.create("Ida"), org.service, org.actor
    (tmp_path / "brugere.csv").write_text("")
    refused: list[Callable[[], object]]
    with service.transaction():
        refused = [
            lambda: org.administration.show_cpr(actor, ida),
            lambda: org.administration.import_users(actor, tmp_path / "brugere.csv"),
            lambda: service.self_service.open_activation("x" * 43),
            lambda: service.self_service.enter_code("x" * 43, "code"),
            lambda: org.queries.audit_log(actor),
            lambda: org.queries.mails(actor, MailState.WAITING),
            service.run_due,
            service.worker.run_once,
            lambda: service.runner.rebuild("due"),
            lambda: service.runner.digests("due"),
        ]
        for one in refused:
            with pytest.raises(NotInTransaction):
                one()
        org.edit(ida, surname="Efter")

    assert org.show(ida).surname == "Efter"
