"""Master keys come from a file, from the environment, or wrapped by a key service; never from a default."""

import base64
import os
import stat
from pathlib import Path

import pytest

import brugerbog
from brugerbog.application.refusals.keys import (
    MasterKeyIsDefault,
    MasterKeyMissing,
    MasterKeyNamedTwice,
    MasterKeyNotPrivate,
    MasterKeyNotWritable,
    MasterKeyWrong,
)
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.key_file import KeyFile, KmsKeyFile
from brugerbog.infrastructure.crypto.master_key import (
    KeyInEnvironment,
    MasterKeys,
    is_predictable,
    new_master_key,
)
from tests.stores import create, register, somebody, user_of


class Drawer:
    """A key service that keeps what it closes in a drawer of its own."""

    def __init__(self) -> None:
        self.closed: dict[bytes, bytes] = {}

    def wrap(self, key: bytes) -> bytes:
        ticket = os.urandom(16)
        self.closed[ticket] = key
        return ticket

    def unwrap(self, wrapped: bytes) -> bytes:
        return self.closed[wrapped]


def written(key: Secret[bytes]) -> str:
    return base64.b64encode(key.reveal()).decode()


@pytest.fixture(params=["file", "wrapped"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> KeyFile | KmsKeyFile:
    path = tmp_path / "keys" / "master.key"
    return KeyFile(path) if request.param == "file" else KmsKeyFile(path, Drawer())


def test_a_first_key_is_drawn_once(place: KeyFile | KmsKeyFile) -> None:
    assert (place.make(), place.make()) == (True, False)
    assert len(place.read()) == 1


def test_keys_are_read_in_the_order_they_were_written(place: KeyFile | KmsKeyFile) -> None:
    keys = [new_master_key() for _ in range(3)]
    place.write(keys)
    assert list(place.read()) == keys


def test_a_file_of_keys_is_its_owners_alone_and_leaves_no_draft(place: KeyFile | KmsKeyFile) -> None:
    place.make()
    place.write([new_master_key()])
    assert [stat.S_IMODE(path.stat().st_mode) for path in place.path.parent.iterdir()] == [0o600]


def test_a_key_file_behind_a_symbolic_link_is_written_where_it_is(tmp_path: Path) -> None:
    KeyFile(tmp_path / "real").make()
    (tmp_path / "link").symlink_to("real")
    KeyFile(tmp_path / "link").write([new_master_key()])
    assert (tmp_path / "link").is_symlink()
    assert KeyFile(tmp_path / "real").read() == KeyFile(tmp_path / "link").read()


def test_keys_that_cannot_be_written_leave_those_that_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = KeyFile(tmp_path / "master.key")
    place.make()
    before = place.read()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        place.write([new_master_key()])
    assert place.read() == before
    assert list(tmp_path.iterdir()) == [place.path]


def test_a_missing_file_is_a_missing_key(place: KeyFile | KmsKeyFile) -> None:
    with pytest.raises(MasterKeyMissing):
        place.read()


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o620, 0o644])
def test_a_key_that_others_have_access_to_is_refused(tmp_path: Path, mode: int) -> None:
    place = KeyFile(tmp_path / "master.key")
    place.make()
    place.path.chmod(mode)
    with pytest.raises(MasterKeyNotPrivate) as refused:
        place.read()
    assert "chmod 600" in refused.value.message


def test_the_files_of_a_key_service_hold_no_key(tmp_path: Path) -> None:
    drawer = Drawer()
    place = KmsKeyFile(tmp_path / "master.key", drawer)
    place.make()
    content = place.path.read_bytes()
    (key,) = drawer.closed.values()
    assert key not in base64.b64decode(content)
    assert base64.b64encode(key) not in content


@pytest.mark.parametrize("content", ["not base64!", base64.b64encode(b"short").decode(), "é"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    KeyFile(tmp_path / "master.key").make()
    (tmp_path / "master.key").write_text(content)
    for place in (
        KeyFile(tmp_path / "master.key"),
        KeyInEnvironment({"BRUGERBOG_MASTER_KEY": content}),
    ):
        with pytest.raises(MasterKeyWrong) as refused:
            place.read()
        assert content not in refused.value.message


# The environment


def test_the_environment_holds_one_key_or_several_parted_by_blanks() -> None:
    keys = [new_master_key(), new_master_key()]
    for blank in (" ", "\n", "   "):
        place = KeyInEnvironment({"BRUGERBOG_MASTER_KEY": blank.join(map(written, keys))})
        assert place.read() == keys


def test_the_environment_is_the_operators_to_write() -> None:
    place = KeyInEnvironment({"BRUGERBOG_MASTER_KEY": written(new_master_key())})
    with pytest.raises(MasterKeyNotWritable) as refused:
        place.write([new_master_key()])
    assert "BRUGERBOG_MASTER_KEY" in refused.value.message


def test_an_environment_without_a_key_makes_none() -> None:
    place = KeyInEnvironment({})
    assert place.make() is False
    with pytest.raises(MasterKeyMissing):
        place.read()


def test_a_store_opens_with_the_key_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY", written(new_master_key()))
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with brugerbog.open(url) as service:
        user_id = create(service, register(service), somebody(0))
    with brugerbog.open(url) as service:
        assert user_of(service, user_id).first_name == "Ida"
    assert [path.name for path in tmp_path.iterdir() if "master" in path.name] == []


def test_a_key_and_a_file_of_one_are_not_guessed_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY", written(new_master_key()))
    monkeypatch.setenv("BRUGERBOG_MASTER_KEY_FILE", str(tmp_path / "master.key"))
    with pytest.raises(MasterKeyNamedTwice):
        brugerbog.open(f"sqlite:///{tmp_path / 'store.db'}")


# An application's own


def test_a_store_opens_with_keys_that_a_service_wraps(tmp_path: Path) -> None:
    drawer, url = Drawer(), f"sqlite:///{tmp_path / 'store.db'}"
    with brugerbog.open(url, kms=drawer) as service:
        user_id = create(service, register(service), somebody(0))
    with brugerbog.open(url, kms=drawer) as service:
        assert user_of(service, user_id).first_name == "Ida"
    assert len(drawer.closed) == 1


def test_a_store_opens_with_a_place_of_the_applications_own(tmp_path: Path) -> None:
    key = written(new_master_key())
    place: MasterKeys = KeyInEnvironment({"BRUGERBOG_MASTER_KEY": key})
    with brugerbog.open(f"sqlite:///{tmp_path / 'store.db'}", master_keys=place) as service:
        assert service.keys.status().place == place.place


# Keys that nobody drew


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),
        b"\xff" * 32,
        b"\x07" * 32,
        b"\xde\xad\xbe\xef" * 8,
        bytes.fromhex("000102030405060708090a0b0c0d0e0f") * 2,
        bytes(range(32)),
        bytes(range(1, 33)),
        bytes(range(255, 223, -1)),
        b"changeme-changeme-changeme-12345",
        b"0123456789abcdef0123456789ABCDEF",
        b"Correct horse battery staple, 1!",
        bytes([1, 2, 3, 5] * 7 + [1, 1, 2, 0]),
    ],
    ids=repr,
)
def test_a_key_that_nobody_drew_is_refused_everywhere(tmp_path: Path, key: bytes) -> None:
    drawer = Drawer()
    KmsKeyFile(tmp_path / "wrapped", drawer).write([Secret(key)])
    KeyFile(tmp_path / "plain").write([new_master_key(), Secret(key)])
    environment = {"BRUGERBOG_MASTER_KEY": base64.b64encode(key).decode()}
    places: list[MasterKeys] = [
        *(KeyFile(tmp_path / "plain"), KmsKeyFile(tmp_path / "wrapped", drawer)),
        KeyInEnvironment(environment),
    ]
    for place in places:
        with pytest.raises(MasterKeyIsDefault):
            place.read()


def test_a_key_drawn_at_random_is_not_taken_for_one_that_was_not() -> None:
    assert not any(is_predictable(os.urandom(32)) for _ in range(100_000))
