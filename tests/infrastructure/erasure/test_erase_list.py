"""Somebody erased stays erased, whatever backup is put back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import brugerbog
from brugerbog.application.actors import SCHEDULE_ID, Actor
from brugerbog.application.refusals.erase_list import EraseListMissing, EraseListShort
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.database.schema import ciphertexts, reservations, user_keys
from brugerbog.infrastructure.database.store_metadata import PUT_BACK, metadata_value, set_metadata
from brugerbog.infrastructure.erasure.erase_list import LINE, FileEraseList
from brugerbog.infrastructure.system import SystemIds
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.postgres import PostgresServer
from tests.stores import create, register, rows, somebody, user_of

uuid7 = SystemIds().new_id


@dataclass
class Installation:
    """A store that can be backed up and put back; key and erase list lie elsewhere."""

    url: str
    folder: Path
    server: PostgresServer | None = None

    @contextmanager
    def opened(self) -> Iterator[tuple[Service, Actor]]:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("BRUGERBOG_ERASE_LIST", str(self.folder / "erased" / "list"))
            with brugerbog.open(self.url, master_key_file=self.folder / "master.key") as service:
                known = service.log.organisation_ids()
                yield service, service.operator() if known else register(service)

    @property
    def erase_list(self) -> FileEraseList:
        return FileEraseList(self.folder / "erased" / "list")

    @property
    def database(self) -> str:
        return self.url.rpartition("/")[2]

    def back_up(self) -> None:
        if self.server is None:
            shutil.copytree(self.folder / "store", self.folder / "backup")
        else:
            self.server.copy_database(self.database, "backup")

    def put_back(self) -> None:
        if self.server is None:
            shutil.rmtree(self.folder / "store")
            shutil.copytree(self.folder / "backup", self.folder / "store")
        else:
            self.server.copy_database("backup", self.database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    if request.param == "sqlite":
        return Installation(f"sqlite:///{tmp_path / 'store' / 'store.db'}", tmp_path)
    url, server = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_server")
    return Installation(url, tmp_path, server)


@pytest.fixture
def back_from_yesterday(installation: Installation) -> tuple[Installation, UUID, UUID]:
    """Two users backed up; then one of them, an administrator, was deleted; then the backup was put back."""
    with installation.opened() as (service, actor):
        gone, stays = (create(service, actor, somebody(at)) for at in range(2))
        service.administration.activate_user(actor, gone)
        service.administration.give_role(actor, gone, Role.USER_ADMINISTRATOR)
    installation.back_up()
    with installation.opened() as (service, actor):
        service.administration.delete_user(actor, gone)
    installation.put_back()
    return installation, gone, stays


def test_an_erased_user_is_erased_again_before_a_restored_backup_serves(
    back_from_yesterday: tuple[Installation, UUID, UUID],
) -> None:
    installation, gone, stays = back_from_yesterday

    with installation.opened() as (service, actor):
        assert [user.id for user in service.queries.users(actor).users] == [stays]
        assert user_of(service, gone).first_name is ERASED
        assert user_of(service, stays).first_name == "Ida"
        assert {row.user_id for row in rows(service, user_keys)} == {stays}
        assert {row.stream_id for row in rows(service, ciphertexts)} == {stays}
        assert gone not in {row.holder for row in rows(service, reservations)}
        assert service.queries.roles(actor) == []
        assert_log_is_sound(service)


def test_the_log_shows_that_the_schedule_erased_them_again(
    back_from_yesterday: tuple[Installation, UUID, UUID],
) -> None:
    installation, gone, _ = back_from_yesterday

    with installation.opened() as (service, _):
        told = [(event.TOPIC, event.actor) for event in service.log.events.get(gone)][-2:]
    assert told == [("user.deleted", SCHEDULE_ID), ("user.personal_data_erased", SCHEDULE_ID)]


def test_opening_once_more_records_nothing(back_from_yesterday: tuple[Installation, UUID, UUID]) -> None:
    installation, _, _ = back_from_yesterday
    with installation.opened() as (service, _):
        size = service.log.recorder.max_notification_id()

    with installation.opened() as (service, _):
        assert service.log.recorder.max_notification_id() == size


def test_their_cpr_number_is_free_again(back_from_yesterday: tuple[Installation, UUID, UUID]) -> None:
    installation, gone, _ = back_from_yesterday

    with installation.opened() as (service, actor):
        anew = create(service, actor, somebody(0))
        assert anew != gone
        assert service.queries.user(actor, anew).status is Status.PENDING


def test_anyone_who_waited_for_their_erasure_is_erased_at_once(installation: Installation) -> None:
    with installation.opened() as (service, actor):
        service.administration.change_settings(actor, {"erasure_retention_days": 30})
        user_id = create(service, actor, somebody(0))
        service.administration.delete_user(actor, user_id)
    installation.erase_list.add([user_id])

    with installation.opened() as (service, _):
        assert user_of(service, user_id).erased
        assert rows(service, ciphertexts) == []


def test_ids_of_others_and_of_nobody_are_passed_over(installation: Installation) -> None:
    with installation.opened() as (service, actor):
        user_id = create(service, actor, somebody(0))
        size = service.log.recorder.max_notification_id()
    installation.erase_list.add([uuid4(), UUID(int=0)])

    with installation.opened() as (service, _):
        assert service.log.recorder.max_notification_id() == size
        assert user_of(service, user_id).first_name == "Ida"


def test_the_list_holds_ids_only_and_is_its_owners_alone(installation: Installation) -> None:
    with installation.opened() as (service, actor):
        user_id = create(service, actor, somebody(0))
        service.administration.delete_user(actor, user_id)

        log_id = service.log.erase_list.log_id()
    path = installation.erase_list.path
    assert path.read_text() == f"{log_id}\n{user_id}\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_cut_off_by_a_power_cut_is_written_anew(tmp_path: Path) -> None:
    listed, first, second = FileEraseList(tmp_path / "list"), uuid7(), uuid7()
    listed.add([first])
    with listed.path.open("ab") as file:
        file.write(str(second).encode()[:20])

    assert listed.after(0) == ([first], 37)
    listed.add([second])
    assert listed.after(37) == ([second], 74)


def test_a_store_opens_whose_own_last_line_was_cut_off_by_a_power_cut(installation: Installation) -> None:
    path = installation.erase_list.path
    with installation.opened() as (service, actor):
        users = [create(service, actor, somebody(at)) for at in range(2)]
        service.administration.delete_user(actor, users[0])
        set_metadata(service.log.backend, "erase_list", LINE)
        set_metadata(service.log.backend, "erase_list_last", 0)
    path.write_bytes(path.read_bytes()[:-9])

    with installation.opened() as (service, actor):
        service.administration.delete_user(actor, users[1])

    assert str(users[1]) in path.read_text().splitlines()


def test_a_list_that_is_shorter_than_it_was_is_not_gone_on_with(tmp_path: Path) -> None:
    listed = FileEraseList(tmp_path / "list")
    listed.add([uuid7()])

    with pytest.raises(EraseListShort):
        listed.add([uuid7()], at_least=2 * LINE)
    assert listed.size() == LINE


def test_a_list_of_an_earlier_version_is_gone_on_with(installation: Installation) -> None:
    path = installation.erase_list.path
    with installation.opened() as (service, actor):
        users = [create(service, actor, somebody(at)) for at in range(3)]
        service.administration.delete_user(actor, users[0])
        path.write_bytes(path.read_bytes()[LINE:])
        set_metadata(service.log.backend, "erase_list", 0)
        set_metadata(service.log.backend, "erase_list_last", 0)

    for erased in users[1:]:
        with installation.opened() as (service, actor):
            service.administration.delete_user(actor, erased)
    with installation.opened() as (service, actor):
        assert service.queries.users(actor).users == []
    assert installation.erase_list.after(0)[0] == users


def test_a_log_older_than_the_list_is_known_as_one_that_was_put_back(
    back_from_yesterday: tuple[Installation, UUID, UUID],
) -> None:
    installation, _, _ = back_from_yesterday

    with installation.opened() as (service, _):
        size = metadata_value(service.log.backend, PUT_BACK)
        assert 0 < size < (service.log.recorder.max_notification_id() or 0)
        service.checkpoint_signer.mark_restored(size)
        assert metadata_value(service.log.backend, PUT_BACK) == 0


@pytest.mark.parametrize("left", [None, 0, 1])
def test_a_store_that_was_put_back_without_its_newest_list_is_refused(
    installation: Installation, left: int | None
) -> None:
    path = installation.erase_list.path
    with installation.opened() as (service, actor):
        service.administration.delete_user(actor, create(service, actor, somebody(0)))
    installation.back_up()
    content = path.read_bytes()
    installation.put_back()
    path.unlink() if left is None else path.write_bytes(content[: left * LINE])

    with pytest.raises(EraseListMissing if left is None else EraseListShort), installation.opened():
        pass

    path.write_bytes(content)
    with installation.opened() as (service, actor):
        assert service.queries.users(actor).users == []


def test_two_who_erase_at_once_are_both_on_the_list_at_the_next_open(installation: Installation) -> None:
    with installation.opened() as (service, actor):
        first, second = (create(service, actor, somebody(at)) for at in range(2))
        with installation.opened() as (other, also):
            other.administration.delete_user(also, first)
            service.administration.delete_user(actor, second)

    assert installation.erase_list.after(0)[0] == [first, second]
    with installation.opened() as (service, _):
        assert service.log.erase_list.unread_users() == []
