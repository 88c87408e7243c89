"""The key that signs can be changed: public ones are known for good, the old seed goes once both signed."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete

from brugerbog.application.refusals.keys import SigningKeyMissing
from brugerbog.infrastructure.database.schema import installation_keys, signing_keys
from brugerbog.infrastructure.keys.installation_keys import SIGNING, new_key
from brugerbog.infrastructure.keys.signing_keys import SigningKey, SigningKeys
from brugerbog.service import Service
from tests.stores import create, office, open_store, rows, somebody


def public_of(key: SigningKey) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key.seed.reveal()).public_key().public_bytes_raw()


def seeds(service: Service) -> set[bytes]:
    return {bytes(row.id) for row in rows(service, installation_keys) if row.name == SIGNING}


def nothing(*_: object) -> None:
    """Sign no checkpoint."""


def test_a_new_store_has_a_key_that_signs_from_its_beginning(tmp_path: Path, store_url: str) -> None:
    with open_store(store_url, tmp_path) as service:
        current = service.keys.signing.current()
        assert public_of(current) == current.public_key
        assert service.keys.signing.active_keys() == [current]
        (known,) = service.keys.signing.public_keys()
        assert (known.public_key, known.since_size, known.retired_at_size) == (current.public_key, 0, None)
    with open_store(store_url, tmp_path) as service:
        assert service.keys.signing.current() == current


def test_two_stores_sign_with_keys_of_their_own(tmp_path: Path) -> None:
    keys = set()
    for name in ("one", "other"):
        with open_store(f"sqlite:///{tmp_path / name}.db", tmp_path) as service:
            keys.add(service.keys.signing.current().public_key)
    assert len(keys) == 2


def test_the_old_key_and_the_new_one_are_handed_on_and_then_the_old_seed_goes(
    tmp_path: Path, store_url: str
) -> None:
    heard: list[tuple[SigningKey | None, SigningKey]] = []
    with office(store_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        size = service.log.recorder.max_notification_id()
        before = service.keys.signing.current()

        def sign(old: SigningKey | None, new: SigningKey) -> None:
            heard.append((old, new))
            assert service.keys.signing.active_keys() == [new, old]
            assert seeds(service) == {before.public_key, new.public_key}

        old, new = service.keys.rotate_signing(sign)

        assert heard == [(old, new)]
        assert (old, public_of(new)) == (before, new.public_key)
        assert service.keys.signing.active_keys() == [new]
        assert seeds(service) == {new.public_key}
        known = [(one.public_key, one.since_size, one.retired_at_size) for one in keys_of(service)]
        assert known == [(new.public_key, size, None), (before.public_key, 0, size)]


def keys_of(service: Service) -> list[Any]:
    return list(service.keys.signing.public_keys())


def test_every_key_that_ever_signed_is_known_the_latest_first(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        made = [service.keys.signing.current().public_key]
        for serial in range(3):
            create(service, actor, somebody(serial))
            made.append(service.keys.rotate_signing(nothing)[1].public_key)
        assert [one.public_key for one in keys_of(service)] == made[::-1]


def test_a_change_whose_checkpoint_failed_goes_on_with_the_same_two(tmp_path: Path, store_url: str) -> None:
    heard: list[tuple[SigningKey | None, SigningKey]] = []

    def fail(*both: Any) -> None:  # noqa: ANN401 - the keys
        heard.append(both)
        raise ConnectionError

    with office(store_url, tmp_path) as (service, _):
        for _ in range(2):
            with pytest.raises(ConnectionError):
                service.keys.rotate_signing(fail)
    with office(store_url, tmp_path) as (service, _):
        assert service.keys.rotate_signing(nothing) == heard[0] == heard[1]
        assert len(keys_of(service)) == 2
        assert service.keys.rotate_signing(nothing)[0] == heard[0][1]


def test_a_change_cut_off_before_the_log_knew_takes_the_key_that_was_made(
    tmp_path: Path, store_url: str
) -> None:
    with office(store_url, tmp_path) as (service, _):
        before, made = service.keys.signing.current(), new_key(SIGNING)
        service.log.installation_keys.add(SIGNING, made)
        assert service.keys.signing.active_keys() == [before]
        assert service.keys.rotate_signing(nothing)[1].public_key == made.id
        assert seeds(service) == {made.id}


def test_a_lost_seed_is_shown_and_a_new_key_made(tmp_path: Path, store_url: str) -> None:
    heard: list[Any] = []
    with office(store_url, tmp_path) as (service, _):
        lost = service.keys.signing.current().public_key
        with service.log.backend.write_transaction(service.log.backend.keys) as connection:
            connection.execute(delete(installation_keys).where(installation_keys.c.name == SIGNING))
        with pytest.raises(SigningKeyMissing):
            service.keys.signing.current()

        old, new = service.keys.rotate_signing(lambda *both: heard.append(both))

        assert (old, heard) == (None, [(None, new)])
        assert service.keys.signing.current() == new
        assert [one.public_key for one in keys_of(service)] == [new.public_key, lost]


def test_the_seed_outlives_a_change_of_the_master_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        before = service.keys.signing.current()
        service.keys.rotate_master()
        assert service.keys.signing.current() == before


def test_one_public_key_is_current(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        for _ in range(2):
            service.keys.rotate_signing(nothing)
        assert [row.retired_at_size for row in rows(service, signing_keys)].count(None) == 1
        assert isinstance(service.keys.signing, SigningKeys)
