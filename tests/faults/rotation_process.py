"""Programs of processes that a test kills while they rotate keys; without pytest, to start quickly."""

import os
import signal
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from typing import Any
from uuid import UUID

from brugerbog.infrastructure.crypto.key_file import KeyFile
from brugerbog.infrastructure.key_rotation import index_key, token_key
from brugerbog.infrastructure.key_rotation.index_key import IndexKeyRotation
from brugerbog.infrastructure.key_rotation.master_key import MasterKeyRotation
from brugerbog.infrastructure.key_rotation.token_key import TokenKeyRotation
from brugerbog.infrastructure.keys.installation_keys import InstallationKeys
from brugerbog.infrastructure.keys.signing_keys import SigningKeys
from tests.stores import create, open_store, somebody

CUTS: dict[str, list[tuple[object, str]]] = {
    "master": [
        (KeyFile, "write"),
        (MasterKeyRotation, "_make_known"),
        (MasterKeyRotation, "_rewrap_all"),
        (MasterKeyRotation, "_rewrap_some"),
        (MasterKeyRotation, "_rewrap"),
        (MasterKeyRotation, "_retire"),
        (TokenKeyRotation, "change"),
        (MasterKeyRotation, "_remove_old_keys"),
    ],
    "index": [
        (InstallationKeys, "add"),
        (IndexKeyRotation, "_change"),
        (index_key, "reservations_for"),
        (IndexKeyRotation, "_forget_others"),
    ],
    "tokens": [
        (InstallationKeys, "add"),
        (token_key, "reauthenticate"),
        (TokenKeyRotation, "_forget_others"),
    ],
    "signing": [
        (InstallationKeys, "add"),
        (SigningKeys, "_changed"),
        (InstallationKeys, "destroy_others"),
    ],
}
"""The steps of each rotation; the process is killed right before and right after each."""


def be_killed_while_rotating(url: str, folder: Path, key: str, cut: int, *, after: bool) -> None:
    """Rotate a key; the process is killed before or after one of the steps."""
    owner, function = CUTS[key][cut]
    with open_store(url, folder) as service:
        rotate: Callable[..., object] = getattr(service.keys, f"rotate_{key}")
        original: Callable[..., object] = getattr(owner, function)

        def run_and_die(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the step's
            if after:
                original(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, function, run_and_die)
        rotate(*([_sign_nothing] if key == "signing" else []))


def create_until_stopped(
    url: str,
    folder: Path,
    first: int,
    signals: tuple[Semaphore, Event],
    results: "SimpleQueue[tuple[int, list[UUID]] | str]",
) -> None:
    """Create users numbered from `first` on until `stop` is set; put their ids into `results`."""
    created: list[UUID] = []
    begun, stop = signals
    try:
        with open_store(url, folder) as service:
            actor = service.operator()
            while not stop.is_set():
                created.append(create(service, actor, somebody(first + len(created))))
                begun.release()
    except Exception as error:  # noqa: BLE001 - the test fails with what is reported
        results.put(f"{type(error).__name__}: {error}")
    else:
        results.put((first, created))


def _sign_nothing(*_: object) -> None:
    pass
