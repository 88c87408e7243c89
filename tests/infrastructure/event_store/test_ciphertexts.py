"""Personal data lies only in sealed boxes while somebody lives here, and nowhere once he is erased."""

import base64
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update

import brugerbog
from brugerbog.application.actors import Actor
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.refusals.keys import MasterKeyMissing, MasterKeyNotNamed, MasterKeyWrong
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.crypto.vault import DecryptionFailed
from brugerbog.infrastructure.database.schema import (
    ciphertexts,
    erasures,
    events,
    reservations,
    user_keys,
)
from brugerbog.service import Service
from tests.infrastructure.database.tampering import tampering
from tests.infrastructure.erasure.traces import LATER, files_of, found_in, live, person
from tests.people import made_up_cpr
from tests.stores import EVENTS_OF_ONE, at_once, create, office, open_store, register, rows, somebody, user_of


@pytest.fixture
def in_files(tmp_path: Path) -> Iterator[tuple[Service, Actor]]:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as opened:
        yield opened


# While he lives


def test_no_event_holds_anything_personal(service: Service, actor: Actor) -> None:
    live(service, actor)

    assert found_in({f"event {row.position}": bytes(row.payload) for row in rows(service, events)}) == []


def test_the_scan_would_find_what_lies_open(in_files: tuple[Service, Actor], tmp_path: Path) -> None:
    live(*in_files)

    assert found_in(files_of(tmp_path, "store.read*"))
    assert found_in({"encoded": base64.b64encode(b"x" + str(person().email).encode())})


def test_neither_log_nor_keys_hold_anything_personal(in_files: tuple[Service, Actor], tmp_path: Path) -> None:
    live(*in_files)

    assert found_in(files_of(tmp_path, "store.db*") | files_of(tmp_path, "store.keys*")) == []


def test_no_file_holds_a_cpr_number_in_the_clear(in_files: tuple[Service, Actor], tmp_path: Path) -> None:
    live(*in_files)

    cpr = str(person().cpr).encode()
    assert [name for name, content in files_of(tmp_path).items() if cpr in content] == []


def test_a_reopened_store_knows_everybody_again(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        user_id = live(service, actor)

    with open_store(store_url, tmp_path) as service:
        assert user_of(service, user_id).email == LATER["email"]


def test_every_box_and_every_key_is_closed_differently(service: Service, actor: Actor) -> None:
    for serial in range(3):
        create(service, actor, somebody(serial))

    boxes = [bytes(row.box) for row in rows(service, ciphertexts)]
    assert len({box[1:13] for box in boxes}) == len({row.wrapped for row in rows(service, user_keys)}) == 3


# Touched boxes


def move_box(service: Service, from_place: tuple[UUID, int], to_place: tuple[UUID, int]) -> None:
    boxes = {(row.stream_id, row.version): row.box for row in rows(service, ciphertexts)}
    with service.log.backend.write_transaction(service.log.backend.log) as connection:
        connection.execute(
            update(ciphertexts)
            .where(ciphertexts.c.stream_id == to_place[0], ciphertexts.c.version == to_place[1])
            .values(box=boxes[from_place])
        )


def test_a_box_moved_to_another_user_does_not_open(service: Service, actor: Actor) -> None:
    one, other = create(service, actor, somebody(0)), create(service, actor, somebody(1))
    move_box(service, (one, 1), (other, 1))

    with pytest.raises(DecryptionFailed):
        service.log.user(other)


def test_a_box_moved_together_with_its_key_does_not_open(service: Service, actor: Actor) -> None:
    one, other = create(service, actor, somebody(0)), create(service, actor, somebody(1))
    move_box(service, (one, 1), (other, 1))
    wrapped = {row.user_id: row.wrapped for row in rows(service, user_keys)}
    with service.log.backend.write_transaction(service.log.backend.keys) as connection:
        connection.execute(update(user_keys).where(user_keys.c.user_id == other).values(wrapped=wrapped[one]))

    with pytest.raises(DecryptionFailed):
        service.log.user(other)


def test_a_box_moved_to_another_version_does_not_open(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    for phone in ("11111111", "22222222"):
        service.administration.edit_user(actor, user_id, UserEdits(phone=phone))
    move_box(service, (user_id, EVENTS_OF_ONE + 1), (user_id, EVENTS_OF_ONE + 2))

    with pytest.raises(DecryptionFailed):
        service.log.user(user_id)


@pytest.mark.parametrize("at", [0, 1, 20, 80, -1])
def test_a_box_with_one_bit_turned_does_not_open(service: Service, actor: Actor, at: int) -> None:
    user_id = create(service, actor, somebody(0))
    box = bytearray(rows(service, ciphertexts)[0].box)
    box[at] ^= 1
    with service.log.backend.write_transaction(service.log.backend.log) as connection:
        connection.execute(update(ciphertexts).values(box=bytes(box)))

    with pytest.raises(DecryptionFailed):
        service.log.user(user_id)


def test_a_box_that_contradicts_its_commitment_does_not_open(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    with tampering(service) as connection:
        connection.execute(update(events).where(events.c.stream_id == user_id).values(commitment=b"\0" * 32))

    with pytest.raises(DecryptionFailed):
        service.log.user(user_id)


# Erased


def test_boxes_key_and_claim_are_gone_after_deletion(service: Service, actor: Actor) -> None:
    user_id = live(service, actor)
    service.administration.delete_user(actor, user_id)

    assert rows(service, ciphertexts) == rows(service, user_keys) == rows(service, erasures) == []
    assert [row.holder for row in rows(service, reservations)] == [actor.organisation_id]


def test_the_others_keep_their_boxes_and_keys(service: Service, actor: Actor) -> None:
    kept = create(service, actor, somebody(1))
    service.administration.delete_user(actor, live(service, actor))

    assert user_of(service, kept).email == somebody(1).email


def test_an_erased_user_reads_as_erased_and_deleted(service: Service, actor: Actor) -> None:
    user_id = live(service, actor)
    service.administration.delete_user(actor, user_id)

    user = user_of(service, user_id)
    personal = (user.first_name, user.surname, user.cpr, user.date_of_birth, user.email, user.phone)
    assert all(value is ERASED for value in (*personal, user.reference_text))
    assert user.status_at(datetime.now(UTC)) is Status.DELETED


def test_retained_data_is_still_there_after_deletion(service: Service, actor: Actor) -> None:
    service.administration.change_settings(actor, {"erasure_retention_days": 1})
    user_id = create(service, actor, somebody(0))
    service.administration.delete_user(actor, user_id)

    assert user_of(service, user_id).email == somebody(0).email
    assert rows(service, user_keys)


def test_after_deletion_no_file_holds_anything_personal(
    in_files: tuple[Service, Actor], tmp_path: Path
) -> None:
    service, actor = in_files
    service.administration.delete_user(actor, live(service, actor))

    assert found_in(files_of(tmp_path)) == []


def test_after_deletion_no_file_holds_the_boxes_or_the_wrapped_key(
    in_files: tuple[Service, Actor], tmp_path: Path
) -> None:
    service, actor = in_files
    user_id = live(service, actor)
    secrets = [bytes(row.box)[-32:] for row in rows(service, ciphertexts)]
    secrets += [bytes(row.wrapped) for row in rows(service, user_keys)]
    service.administration.delete_user(actor, user_id)

    files = files_of(tmp_path)
    assert [name for name in files if any(secret in files[name] for secret in secrets)] == []


def test_one_of_many_is_erased_from_every_file(in_files: tuple[Service, Actor], tmp_path: Path) -> None:
    service, actor = in_files
    others = [somebody(serial, cpr=made_up_cpr(date(1990, 5, 6), serial)) for serial in range(90)]
    for new in others[:60]:
        create(service, actor, new)
    user_id = live(service, actor)
    for new in others[60:]:
        create(service, actor, new)
    service.administration.delete_user(actor, user_id)

    assert found_in(files_of(tmp_path)) == []


def test_erasures_at_once_leave_nothing_in_any_file(in_files: tuple[Service, Actor], tmp_path: Path) -> None:
    service, actor = in_files
    names = [f"Krabbeløs{serial:02}Ærøskøbing" for serial in range(12)]
    users = [create(service, actor, somebody(at, first_name=name)) for at, name in enumerate(names)]

    def delete_three(thread: int) -> list[str]:
        left: list[str] = []
        for at in range(thread * 3, thread * 3 + 3):
            service.administration.delete_user(actor, users[at])
            left += [name for name, found in files_of(tmp_path).items() if names[at].encode() in found]
        return left

    assert at_once(4, delete_three) == [[], [], [], []]


def test_an_erasure_is_acknowledged_only_when_nobody_holds_the_old_pages(
    in_files: tuple[Service, Actor], tmp_path: Path
) -> None:
    service, actor = in_files
    user_id = live(service, actor)
    with ThreadPoolExecutor(1) as other, service.log.backend.read.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM user_list").scalar()
        erasing = other.submit(service.administration.delete_user, actor, user_id)
        wait([erasing], timeout=0.5)
        done_meanwhile = erasing.done()
        reader.rollback()
        erasing.result(timeout=20)

    assert not done_meanwhile
    assert found_in(files_of(tmp_path)) == []


def test_a_closed_store_holds_nothing_of_the_erased(tmp_path: Path) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, actor):
        service.administration.delete_user(actor, live(service, actor))

    assert found_in(files_of(tmp_path)) == []


# The master key


def test_the_wrong_master_key_is_refused_at_open(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path):
        pass
    (tmp_path / "master.key").write_bytes(base64.b64encode(os.urandom(32)))

    with pytest.raises(MasterKeyWrong):
        open_store(store_url, tmp_path)


@pytest.mark.parametrize("content", [b"", b"not base64 at all", base64.b64encode(b"short"), b"\xff\xfe"])
def test_what_is_no_key_is_refused_at_open(tmp_path: Path, store_url: str, content: bytes) -> None:
    with office(store_url, tmp_path):
        pass
    (tmp_path / "master.key").write_bytes(content)

    with pytest.raises(MasterKeyWrong):
        open_store(store_url, tmp_path)


def test_a_missing_master_key_is_refused_and_none_is_made(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path):
        pass
    (tmp_path / "master.key").unlink()

    with pytest.raises(MasterKeyMissing):
        open_store(store_url, tmp_path)
    assert not (tmp_path / "master.key").exists()


def test_the_master_key_lies_beside_the_file_unless_said_otherwise(tmp_path: Path) -> None:
    with brugerbog.open(f"sqlite:///{tmp_path / 'store.db'}"):
        pass

    assert (tmp_path / "store.master.key").exists()


def test_on_a_server_the_master_key_must_be_named(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRUGERBOG_MASTER_KEY_FILE", raising=False)
    with pytest.raises(MasterKeyNotNamed):
        brugerbog.open(postgres_url)


def test_a_new_master_key_is_its_owners_alone(tmp_path: Path) -> None:
    heard: list[Path] = []
    with brugerbog.open(f"sqlite:///{tmp_path / 'store.db'}", on_new_key=heard.append):
        pass

    assert heard == [tmp_path / "store.master.key"]
    assert stat.S_IMODE(heard[0].stat().st_mode) == 0o600


def test_a_key_file_that_is_there_is_used_and_not_announced(tmp_path: Path) -> None:
    key_file, written = tmp_path / "master.key", base64.b64encode(os.urandom(32))
    key_file.write_bytes(written)
    key_file.chmod(0o600)
    heard: list[Path] = []
    with brugerbog.open(
        f"sqlite:///{tmp_path / 'store.db'}", master_key_file=key_file, on_new_key=heard.append
    ):
        pass

    assert heard == []
    assert key_file.read_bytes() == written


def test_the_master_key_is_never_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as service:
        key = (tmp_path / "master.key").read_text().strip()
        create(service, register(service), somebody(0))
        shown = [repr(service), repr(service.log.vault), repr(vars(service.log.vault))]
    (tmp_path / "master.key").write_bytes(base64.b64encode(os.urandom(32)))
    with pytest.raises(MasterKeyWrong) as wrong:
        open_store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)

    said = "".join([*shown, *capfd.readouterr(), str(wrong.value), repr(wrong.value), wrong.value.message])
    assert key not in said
    assert base64.b64decode(key).hex() not in said
    assert repr(base64.b64decode(key)) not in said


def test_no_file_of_the_store_holds_the_master_key(tmp_path: Path) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        key = base64.b64decode((tmp_path / "master.key").read_bytes())
        files = files_of(tmp_path)

    assert not any(key in content or base64.b64encode(key) in content for content in files.values())
