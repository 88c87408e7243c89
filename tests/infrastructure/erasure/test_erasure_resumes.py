"""An erasure that was cut off is finished before anything is served."""

from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.infrastructure.database.schema import ciphertexts, erasures, user_keys
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from brugerbog.infrastructure.keys.user_keys import UserKeyRing
from brugerbog.infrastructure.projections.runner import ProjectionRunner
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import EVENTS_OF_ONE, create, office, open_store, rows, somebody, user_of

CUTS = pytest.mark.parametrize(
    ("room", "step"),
    [
        (BrugerbogLog, "pending_erasures"),
        (UserKeyRing, "destroy"),
        (ProjectionRunner, "catch_up"),
        (BrugerbogLog, "purge_deleted"),
        (BrugerbogLog, "erasures_done"),
    ],
    ids=[
        "after the log",
        "before the key",
        "before the read tables",
        "before the scrubbing",
        "before the end",
    ],
)


class CutOff(Exception):
    """Stands for the end of the process."""


def cut_off(*_: object) -> None:
    raise CutOff


def delete_and_be_cut_off(service: Service, actor: Actor, user_id: UUID, room: type, step: str) -> None:
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(room, step, cut_off)
        with pytest.raises(CutOff):
            service.administration.delete_user(actor, user_id)


@CUTS
def test_the_next_open_finishes_what_was_cut_off(
    tmp_path: Path, store_url: str, room: type, step: str
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
        delete_and_be_cut_off(service, actor, user_id, room, step)

    with open_store(store_url, tmp_path) as service:
        assert rows(service, ciphertexts) == rows(service, user_keys) == rows(service, erasures) == []
        assert service.queries.users(actor).users == []
        assert user_of(service, user_id).first_name is ERASED
        assert assert_log_is_sound(service) == 1 + EVENTS_OF_ONE + 2


@CUTS
def test_another_command_finishes_what_was_cut_off(
    tmp_path: Path, store_url: str, room: type, step: str
) -> None:
    with office(store_url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
        delete_and_be_cut_off(service, actor, user_id, room, step)
        other = create(service, actor, somebody(1))

        assert [row.user_id for row in rows(service, user_keys)] == [other]
        assert rows(service, erasures) == []


def test_the_key_is_destroyed_before_the_erasure_counts_as_done(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0))
        delete_and_be_cut_off(service, actor, user_id, UserKeyRing, "destroy")

        assert [row.user_id for row in rows(service, erasures)] == [user_id]
        assert rows(service, ciphertexts) == []


def test_finishing_twice_does_no_harm(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        service.administration.delete_user(actor, create(service, actor, somebody(0)))
        kept = create(service, actor, somebody(1))
        finish_erasures(service.log, service.runner)
        finish_erasures(service.log, service.runner)

        assert user_of(service, kept).first_name == "Ida"


def test_what_was_finished_by_the_next_open_is_in_no_file_any_more(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with office(url, tmp_path) as (service, actor):
        user_id = create(service, actor, somebody(0, first_name="Krabbeløs"))
        wrapped = bytes(rows(service, user_keys)[0].wrapped)
        delete_and_be_cut_off(service, actor, user_id, UserKeyRing, "destroy")

    with open_store(url, tmp_path):
        left = {path.name: path.read_bytes() for path in tmp_path.glob("store*")}
    assert [name for name, found in left.items() if "Krabbeløs".encode() in found or wrapped in found] == []
