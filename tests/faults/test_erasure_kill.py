"""Promise 6, with a kill in the way: the next open finishes an erasure before anything is served."""

from collections.abc import Callable
from pathlib import Path

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.infrastructure.database.schema import ciphertexts, erasures, user_keys
from brugerbog.service import Service
from tests.faults.command_process import be_killed_while_deleting, be_killed_with_the_key_gone
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.processes import run
from tests.stores import EVENTS_OF_ONE, create, office, rows, somebody, user_of


def assert_erasure_resumes(url: str, folder: Path, deed: Callable[..., None], *cut: str) -> None:
    with office(url, folder) as (service, actor):
        user_id, kept = (create(service, actor, somebody(serial)) for serial in range(2))

    assert run(deed, url, folder, user_id, *cut) == -9

    with office(url, folder) as (service, actor):
        assert _users_with_secrets(service) == {kept}
        assert [user.id for user in service.queries.users(actor).users] == [kept]
        assert user_of(service, user_id).first_name is ERASED
        assert assert_log_is_sound(service) == 1 + 2 * EVENTS_OF_ONE + 2


def _users_with_secrets(service: Service) -> set[object]:
    boxes = {row.stream_id for row in rows(service, ciphertexts)}
    keys = {row.user_id for row in rows(service, user_keys)}
    return boxes | keys | {row.user_id for row in rows(service, erasures)}


@pytest.mark.parametrize(
    "cut", ["after the log", "before his key", "before the read tables", "before the end"]
)
def test_an_erasure_killed_between_its_steps_is_finished_by_the_next_open(
    tmp_path: Path, store_url: str, cut: str
) -> None:
    assert_erasure_resumes(store_url, tmp_path, be_killed_while_deleting, cut)


def test_an_erasure_killed_before_it_noted_its_end_is_finished_by_the_next_open(
    tmp_path: Path, store_url: str
) -> None:
    assert_erasure_resumes(store_url, tmp_path, be_killed_with_the_key_gone)
