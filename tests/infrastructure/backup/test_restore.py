"""Every documented way to put a store back, copy or move it: the erased stay erased, or it isn't opened."""

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

import brugerbog
from brugerbog import maintenance
from brugerbog.application.refusals.erase_list import (
    EraseListCutOff,
    EraseListForeign,
    EraseListMissing,
    EraseListShort,
    EraseListUnreadable,
)
from brugerbog.application.refusals.keys import MasterKeyMissing
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.infrastructure.backup.backup import MANIFEST
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.stores import create, register, somebody, user_of

LINE = 37


def address(path: Path) -> str:
    return f"sqlite:///{path}"


def living(service: Service) -> list[UUID]:
    return [user.id for user in service.queries.users(service.operator()).users]


class OrgDriver:
    """A store with two users of whom one is deleted after the backup; another was deleted before it."""

    def __init__(self, folder: Path, *, erased_before: bool) -> None:
        self.folder = folder
        self.store = folder / "org" / "a.db"
        self.list = self.store.with_suffix(".erased")
        with brugerbog.open(address(self.store)) as service:
            actor = register(service)
            if erased_before:
                service.administration.delete_user(actor, create(service, actor, somebody(9)))
            self.gone, self.stays = (create(service, actor, somebody(at)) for at in range(2))
        maintenance.back_up(folder / "backup", address(self.store))
        shutil.copytree(folder / "org", folder / "copied")
        self.list_of_then = self.list.read_bytes()
        with brugerbog.open(address(self.store)) as service:
            service.administration.delete_user(service.operator(), self.gone)

    def new(self, name: str = "b.db") -> Path:
        """Another place, which the master key has been copied to."""
        path = self.folder / "new" / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(self.store.with_suffix(".master.key"), path.with_suffix(".master.key"))
        return path

    def restore(self, path: Path, **how: object) -> None:
        maintenance.restore(self.folder / "backup", address(path), **how)  # type: ignore[arg-type]


@pytest.fixture(params=[True, False], ids=["somebody erased before", "nobody erased before"])
def org(request: pytest.FixtureRequest, tmp_path: Path) -> OrgDriver:
    return OrgDriver(tmp_path, erased_before=request.param)


def left_at(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()} - {path.with_suffix(".master.key").name}


def test_a_restore_to_another_name_erases_again_whom_the_old_stores_list_names(org: OrgDriver) -> None:
    new = org.new()

    org.restore(new)

    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]
        assert user_of(service, org.gone).erased
        assert_log_is_sound(service)
    assert new.with_suffix(".erased").read_bytes().startswith(org.list.read_bytes())


def test_a_restore_that_finds_no_list_is_refused_and_leaves_nothing(org: OrgDriver) -> None:
    new = org.new()
    org.list.rename(org.folder / "elsewhere")

    with pytest.raises(EraseListMissing):
        org.restore(new)

    assert left_at(new) == set()
    org.restore(new, erase_list=org.folder / "elsewhere")
    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]


def test_a_list_that_is_named_and_isnt_there_is_refused_whatever_lies_elsewhere(org: OrgDriver) -> None:
    with pytest.raises(EraseListMissing):
        org.restore(org.new(), erase_list=org.folder / "nowhere")


def test_a_shorter_list_is_refused(org: OrgDriver, tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(org.list_of_then[:-LINE])

    with pytest.raises(EraseListShort):
        org.restore(org.new(), erase_list=tmp_path / "short")


@pytest.mark.parametrize("lost", [1, 5, LINE - 1])
def test_a_list_that_lost_a_part_of_its_last_line_is_refused(
    org: OrgDriver, tmp_path: Path, lost: int
) -> None:
    cut_off = tmp_path / "cut_off"
    cut_off.write_bytes(org.list.read_bytes()[:-lost])
    org.list.unlink()

    with pytest.raises(EraseListCutOff):
        org.restore(org.new(), erase_list=cut_off)
    copied = org.folder / "copied" / "a.db"
    shutil.copy(cut_off, copied.with_suffix(".erased"))
    with pytest.raises(EraseListCutOff):
        brugerbog.open(address(copied), create=False)


def test_an_older_list_is_passed_over_for_one_that_goes_on_from_it(org: OrgDriver, tmp_path: Path) -> None:
    (tmp_path / "older").write_bytes(org.list_of_then)
    new = org.new()

    org.restore(new, erase_list=tmp_path / "older")

    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]


@pytest.mark.parametrize("with_header", [True, False])
def test_the_list_of_another_installation_is_refused(
    org: OrgDriver, tmp_path: Path, *, with_header: bool
) -> None:
    with brugerbog.open(address(tmp_path / "other.db")) as service:
        actor = register(service)
        for serial in range(4):
            service.administration.delete_user(actor, create(service, actor, somebody(serial)))
    other = tmp_path / "other.erased"
    if not with_header:
        other.write_bytes(other.read_bytes()[LINE:])

    with pytest.raises(EraseListForeign):
        org.restore(org.new(), erase_list=other)


def test_a_list_of_something_else_is_refused(org: OrgDriver, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"x" * LINE * 9)

    with pytest.raises(EraseListUnreadable):
        org.restore(org.new(), erase_list=tmp_path / "odd")


def test_the_operator_can_say_that_nobody_was_erased_since(org: OrgDriver) -> None:
    new = org.new()
    org.list.unlink()

    org.restore(new, nobody_erased_since=True)

    with brugerbog.open(address(new), create=False) as service:
        assert set(living(service)) == {org.stays, org.gone}
        service.administration.delete_user(service.operator(), org.gone)
    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]


def test_the_list_is_looked_for_where_the_setting_says(
    org: OrgDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = org.folder / "kept" / "list"
    kept.parent.mkdir()
    org.list.rename(kept)
    monkeypatch.setenv("BRUGERBOG_ERASE_LIST", str(kept))
    new = org.new()

    org.restore(new)

    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]
    assert not new.with_suffix(".erased").exists()


def test_a_restore_without_the_master_key_leaves_nothing_and_can_be_repeated(org: OrgDriver) -> None:
    new = org.new()
    key = new.with_suffix(".master.key")
    key.rename(org.folder / "key")

    with pytest.raises(MasterKeyMissing):
        org.restore(new)

    assert left_at(new) == set()
    org.restore(new, master_key_file=org.folder / "key")
    (org.folder / "key").rename(key)
    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]


def test_a_backup_that_says_nothing_of_a_list_needs_one_to_be_named(org: OrgDriver) -> None:
    (org.folder / "backup" / MANIFEST).unlink()
    new = org.new()

    with pytest.raises(EraseListMissing):
        org.restore(new)

    org.restore(new, erase_list=org.list)
    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]


def test_a_restore_in_the_place_of_the_store_erases_again(org: OrgDriver) -> None:
    for kind in ("a.db", "a.keys.db", "a.read.db"):
        (org.store.parent / kind).unlink()

    org.restore(org.store)

    with brugerbog.open(address(org.store), create=False) as service:
        assert living(service) == [org.stays]


def _no_list(_org: OrgDriver, path: Path) -> None:
    path.with_suffix(".erased").unlink()


def _a_shorter_list(org: OrgDriver, path: Path) -> None:
    path.with_suffix(".erased").write_bytes(org.list_of_then[:-LINE])


def _another_name(_org: OrgDriver, path: Path) -> None:
    path.with_suffix(".erased").rename(path.with_name("other.erased"))


def _half_a_header(_org: OrgDriver, path: Path) -> None:
    path.with_suffix(".erased").write_bytes(b"0" * 20)


@pytest.mark.parametrize("fault", [_no_list, _a_shorter_list, _another_name, _half_a_header])
def test_a_store_copied_by_hand_without_its_list_is_refused(
    org: OrgDriver, fault: Callable[[OrgDriver, Path], None]
) -> None:
    copied = org.folder / "copied" / "a.db"
    fault(org, copied)

    with pytest.raises(Refusal) as refused:
        brugerbog.open(address(copied), create=False)

    assert refused.value.code in {"erase_list_missing", "erase_list_short"}


def test_a_store_copied_by_hand_to_another_name_is_refused_until_it_has_the_list(org: OrgDriver) -> None:
    new = org.new()
    for kind in ("", ".keys"):
        shutil.copy(org.folder / "copied" / f"a{kind}.db", new.with_name(f"b{kind}.db"))

    with pytest.raises(EraseListMissing):
        brugerbog.open(address(new), create=False)

    shutil.copy(org.list, new.with_suffix(".erased"))
    with brugerbog.open(address(new), create=False) as service:
        assert living(service) == [org.stays]


def test_a_lost_list_is_made_anew_from_the_log_when_the_operator_says_so(org: OrgDriver) -> None:
    before = org.list.read_bytes()
    org.list.unlink()

    with pytest.raises(EraseListMissing):
        brugerbog.open(address(org.store), create=False)
    maintenance.renew_erase_list(address(org.store))

    assert org.list.read_bytes() == before
    with brugerbog.open(address(org.store), create=False) as service:
        assert living(service) == [org.stays]


def test_a_list_that_goes_while_the_store_is_in_use_stops_erasing(org: OrgDriver) -> None:
    with brugerbog.open(address(org.store), create=False) as service:
        org.list.unlink()

        with pytest.raises(EraseListMissing):
            service.administration.delete_user(service.operator(), org.stays)
    assert not org.list.exists()


def test_a_store_that_never_erased_anybody_needs_nothing_to_be_set(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with brugerbog.open(address(path)) as service:
        register(service)

    with brugerbog.open(address(path), create=False) as service:
        assert service.log.erase_list.after(0)[0] == []
    assert path.with_suffix(".erased").stat().st_mode & 0o777 == 0o600
