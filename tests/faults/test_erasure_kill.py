"""Promise 6: opening a store finishes an erasure that was killed, before anything is served."""

from collections.abc import Callable
from pathlib import Path

import pytest

from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.infrastructure.database.schema import ciphertexts, erasures, user_keys
from brugerbog.service import Service
from tests.faults.command_process import be_killed_after_key_destruction, delete_and_be_killed
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.processes import run
from tests.stores import EVENTS_OF_ONE, create, office, rows, somebody, user_of


def assert_erasure_resumes(url: str, folder: Path, program: Callable[..., None], *kill_at: str) -> None:
    with office(url, folder) as (service, actor):
        user_id, kept = (create(service, actor, somebody(serial)) for serial in range(2))

    assert run(program, url, folder, user_id, *kill_at) == -9

    with office(url, folder) as (service, actor):
        assert _users_with_secrets(service) == {kept}
        assert [user.id for user in service.queries.users(actor).users] == [kept]
        assert user_of(service, user_id).first_name is ERASED
        assert assert_log_is_sound(service) == 1 + 2 * EVENTS_OF_ONE + 2


def _users_with_secrets(service: Service) -> set[object]:
    with_ciphertext = {row.stream_id for row in rows(service, ciphertexts)}
    keys = {row.user_id for row in rows(service, user_keys)}
    return with_ciphertext | keys | {row.user_id for row in rows(service, erasures)}


@pytest.mark.parametrize(
    "kill_at", ["after the log", "before the key", "before the read tables", "before the end"]
)
def test_an_erasure_killed_between_its_steps_is_finished_by_the_next_open(
    tmp_path: Path, store_url: str, kill_at: str
) -> None:
    assert_erasure_resumes(store_url, tmp_path, delete_and_be_killed, kill_at)


def test_an_erasure_killed_after_key_destruction_is_finished_by_the_next_open(
    tmp_path: Path, store_url: str
) -> None:
    assert_erasure_resumes(store_url, tmp_path, be_killed_after_key_destruction)
