"""A store copied to another engine is the same log with the same people, and goes on from there."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import brugerbog
from brugerbog import maintenance
from brugerbog.application.actors import Actor, operator
from brugerbog.application.refusals.backup import PlaceTaken, StoreBeingCopied
from brugerbog.application.refusals.log import LogDamaged
from brugerbog.application.refusals.requests import CommandIdReused, CprInUse, UserNameInUse
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.infrastructure.backup.copy import StoreCopy
from brugerbog.infrastructure.database.schema import ciphertexts, reservations, user_keys
from brugerbog.infrastructure.erasure.erase_list import FileEraseList
from brugerbog.infrastructure.transparency_log.log_verifier import LogVerifier
from brugerbog.service import Service
from tests.application.activity_reports import activity_report
from tests.clock import NOON
from tests.infrastructure.database.tampering import tampering
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.infrastructure.transparency_log.test_log_verifier import ALTERATIONS
from tests.stores import create, register, rows, somebody, user_of

PEOPLE = 5


@pytest.fixture(params=["sqlite to postgres", "postgres to sqlite", "sqlite to sqlite"])
def ends(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The addresses to copy from and to."""
    file, other = f"sqlite:///{tmp_path / 'a' / 'store.db'}", f"sqlite:///{tmp_path / 'b' / 'store.db'}"
    if request.param == "sqlite to sqlite":
        return file, other
    server: str = request.getfixturevalue("postgres_url")
    return (file, server) if request.param == "sqlite to postgres" else (server, file)


def opened(url: str, folder: Path, end: str) -> Service:
    return brugerbog.open(url, master_key_file=folder / f"{end}.key")


def copied(ends: tuple[str, str], folder: Path) -> object:
    return maintenance.copy(*ends, source_key_file=folder / "from.key", target_key_file=folder / "to.key")


@pytest.fixture
def people(ends: tuple[str, str], tmp_path: Path) -> list[UUID]:
    """Some people in two organisations, one of them erased, one with an activity."""
    with opened(ends[0], tmp_path, "from") as service:
        actor = register(service)
        users = [create(service, actor, somebody(at, user_name=f"u{at}")) for at in range(PEOPLE)]
        service.administration.activate_user(actor, users[1])
        service.administration.record_activities(actor, "nemlogin", [activity_report(users[1], "one", NOON)])
        service.administration.delete_user(actor, users[0])
        elsewhere = service.administration.register_organisation(operator(), cvr="90000002", name="Nabo")
        create(service, Actor(actor.id, elsewhere.subject), somebody(1))
    return users


def test_the_copy_is_the_same_log_with_the_same_people(
    ends: tuple[str, str], people: list[UUID], tmp_path: Path
) -> None:
    copied(ends, tmp_path)

    with opened(ends[0], tmp_path, "from") as source, opened(ends[1], tmp_path, "to") as target:
        actor = source.operator("90000001")
        assert LogVerifier(source.log.backend).head() == LogVerifier(target.log.backend).head()
        assert_log_is_sound(target)
        assert source.queries.users(actor) == target.queries.users(actor)
        assert source.queries.history(actor, people[1]) == target.queries.history(actor, people[1])
        assert user_of(target, people[0]).first_name is ERASED
        assert user_of(target, people[1]).cpr == user_of(source, people[1]).cpr


def test_look_ups_and_keys_are_the_copys_own(
    ends: tuple[str, str], people: list[UUID], tmp_path: Path
) -> None:
    copied(ends, tmp_path)

    with opened(ends[0], tmp_path, "from") as source, opened(ends[1], tmp_path, "to") as target:
        assert {row.holder for row in rows(source, reservations)} == {
            row.holder for row in rows(target, reservations)
        }
        assert not {row.digest for row in rows(source, reservations)} & {
            row.digest for row in rows(target, reservations)
        }
        assert not {row.wrapped for row in rows(source, user_keys)} & {
            row.wrapped for row in rows(target, user_keys)
        }
        with pytest.raises(CprInUse):
            create(target, target.operator("90000001"), somebody(2))
        with pytest.raises(UserNameInUse):
            create(target, target.operator("90000001"), somebody(99, user_name="U2"))
        assert create(target, target.operator("90000001"), somebody(0, user_name="u0")) not in people


def test_what_was_remembered_is_remembered_in_the_copy(
    ends: tuple[str, str], people: list[UUID], tmp_path: Path
) -> None:
    command_id = uuid4()
    with opened(ends[0], tmp_path, "from") as source:
        actor = source.operator("90000001")
        first = source.administration.create_user(actor, somebody(9), command_id=command_id)
    copied(ends, tmp_path)

    with opened(ends[1], tmp_path, "to") as target:
        again = target.administration.create_user(actor, somebody(9), command_id=command_id)
        assert (again.position, again.subject) == (first.position, first.subject)
        with pytest.raises(CommandIdReused):
            target.administration.create_user(actor, somebody(8), command_id=command_id)
        taken = target.administration.record_activities(
            actor, "nemlogin", [activity_report(people[1], "one", NOON)]
        )
        assert taken.count("already_recorded") == 1


@pytest.mark.usefixtures("people")
def test_checkpoints_of_the_source_bind_the_copy(ends: tuple[str, str], tmp_path: Path) -> None:
    with opened(ends[0], tmp_path, "from") as source:
        signed = source.checkpoint_signer.sign()
    copied(ends, tmp_path)

    with opened(ends[1], tmp_path, "to") as target:
        assert target.checkpoint_signer.sign().note == signed.note
        create(target, target.operator("90000001"), somebody(7))
        assert target.checkpoint_signer.verify().checkpoints == 1
        assert target.checkpoint_signer.verify().is_sound


def test_the_erase_list_goes_with_it(ends: tuple[str, str], people: list[UUID], tmp_path: Path) -> None:
    copied(ends, tmp_path)

    beside = tmp_path / "to.erased"
    at = beside if beside.exists() else Path(ends[1].removeprefix("sqlite:///")).with_suffix(".erased")
    assert FileEraseList(at).after(0)[0] == [people[0]]


def cut_off(monkeypatch: pytest.MonkeyPatch, step: str, after: int) -> None:
    """Let the n-th call of a step be the last thing that happens."""
    whole: Callable[..., object] = getattr(StoreCopy, step)
    calls = iter(range(1_000))

    def dying(*said: object) -> object:
        if next(calls) == after:
            raise RuntimeError("planted")
        return whole(*said)

    monkeypatch.setattr(StoreCopy, step, dying)


@pytest.mark.parametrize(("step", "after"), [("_copy_events", 1), ("_finish", 0), ("_delete_ciphertexts", 0)])
def test_one_that_was_cut_off_cannot_be_opened_and_goes_on(
    ends: tuple[str, str], people: list[UUID], tmp_path: Path, step: str, after: int
) -> None:
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("brugerbog.infrastructure.backup.copy._BATCH_SIZE", 7)
        cut_off(broken, step, after)
        with pytest.raises(RuntimeError):
            copied(ends, tmp_path)
    with pytest.raises(StoreBeingCopied):
        opened(ends[1], tmp_path, "to")
    with opened(ends[0], tmp_path, "from") as source:
        # Erased after his boxes were copied; and another key signs now.
        source.administration.delete_user(source.operator("90000001"), people[1])
        source.keys.rotate_signing(source.checkpoint_signer.sign_with_both)

    copied(ends, tmp_path)

    with opened(ends[0], tmp_path, "from") as source, opened(ends[1], tmp_path, "to") as target:
        assert_log_is_sound(target)
        assert target.checkpoint_signer.sign().note == source.checkpoint_signer.sign().note
        assert rows(target, ciphertexts) == rows(source, ciphertexts)
        assert {row.user_id for row in rows(target, user_keys)} == {
            row.user_id for row in rows(source, user_keys)
        }


@pytest.mark.usefixtures("people")
def test_nothing_that_exists_is_copied_over(ends: tuple[str, str], tmp_path: Path) -> None:
    copied(ends, tmp_path)

    with pytest.raises(PlaceTaken):
        copied(ends, tmp_path)


@pytest.mark.usefixtures("people")
def test_a_damaged_log_is_not_copied(ends: tuple[str, str], tmp_path: Path) -> None:
    with opened(ends[0], tmp_path, "from") as source, tampering(source) as connection:
        ALTERATIONS["time"](connection)

    with pytest.raises(LogDamaged):
        copied(ends, tmp_path)
