"""Whatever can be reached from an open service, none of it shows a key."""

import base64
import gc
from collections.abc import Iterator
from pathlib import Path
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.keys.installation_keys import INDEX, MEMORY, SIGNING, TOKENS
from brugerbog.service import Service
from tests.stores import create, office, somebody

_ELSEWHERE = (type, ModuleType, FrameType, BuiltinFunctionType)
"""What belongs to the whole interpreter, or to this test."""


def reachable(root: object) -> Iterator[object]:
    """Everything that hangs on an object; secrets are looked at, and not into."""
    seen, waiting = {id(root)}, [root]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Secret):
            continue
        held: list[Any] = gc.get_referents(one)
        if isinstance(one, FunctionType):
            held = [one.__closure__, one.__defaults__, one.__kwdefaults__]
        for other in held:
            if id(other) not in seen and not isinstance(other, _ELSEWHERE):
                seen.add(id(other))
                waiting.append(other)


def forms_of(key: bytes) -> list[str]:
    encoded = (base64.b64encode(key), base64.urlsafe_b64encode(key))
    return [repr(key)[2:-1], key.hex(), str(list(key)), *(one.rstrip(b"=").decode() for one in encoded)]


def keys_of(service: Service, folder: Path) -> list[bytes]:
    own = [
        one.key
        for name in (INDEX, MEMORY, SIGNING, TOKENS)
        for one in service.log.installation_keys.load(name)
    ]
    return [key.reveal() for key in (*own, *KeyFile(folder / "master.key").read())]


def shown(one: object) -> str:
    try:
        return f"{one!r} {one}"
    except Exception:  # noqa: BLE001 - some objects of libraries can't be shown half-way through their life
        return ""


def test_nothing_that_can_be_reached_shows_a_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, actor):
        create(service, actor, somebody(0))
        service.keys.rotate_master(keep_old=True)
        service.keys.rotate_index()
        create(service, actor, somebody(1))
        forbidden = [form for key in keys_of(service, tmp_path) for form in forms_of(key)]
        looked_at = 0
        for one in reachable(service):
            looked_at += 1
            text = shown(one)
            assert not any(form in text for form in forbidden), type(one)
        assert looked_at > 10_000


def test_a_key_that_is_not_hidden_would_be_seen(tmp_path: Path) -> None:
    with office(f"sqlite:///{tmp_path / 'store.db'}", tmp_path) as (service, _):
        (index,) = service.log.installation_keys.load(INDEX)
        key = index.key.reveal()
        service.log.vault._planted = {"a": [key]}  # type: ignore[attr-defined]
        assert any(form in shown(one) for one in reachable(service) for form in forms_of(key))


def test_what_the_operator_is_shown_holds_no_key(tmp_path: Path, store_url: str) -> None:
    with office(store_url, tmp_path) as (service, _):
        told = [service.keys.status(), service.keys.rotate_master(), service.keys.rotate_index()]
        told.append(service.keys.rotate_signing(lambda *_: None))
        told.append(service.keys.status())
        text = repr(told)
        for key in keys_of(service, tmp_path):
            assert not any(form in text for form in forms_of(key))
