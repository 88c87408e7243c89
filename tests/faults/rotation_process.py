"""What processes of their own do to the keys while a test kills them; apart, to start without pytest."""

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
"""The steps of each change: it is killed right before and right after each."""


def be_killed_while_rotating(url: str, folder: Path, what: str, cut: int, *, after: bool) -> None:
    """Change a key, and be killed before or after one of the steps."""
    room, step = CUTS[what][cut]
    with open_store(url, folder) as service:
        rotate: Callable[..., object] = getattr(service.keys, f"rotate_{what}")
        undisturbed: Callable[..., object] = getattr(room, step)

        def disturbed(*given: Any, **named: Any) -> None:  # noqa: ANN401 - the step's
            if after:
                undisturbed(*given, **named)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(room, step, disturbed)
        rotate(*([_sign_nothing] if what == "signing" else []))


def create_until_told(
    url: str,
    folder: Path,
    first: int,
    signals: tuple[Semaphore, Event],
    told: "SimpleQueue[tuple[int, list[UUID]] | str]",
) -> None:
    """Create users, from that serial number on, until the end; tell their ids."""
    created: list[UUID] = []
    begun, stop = signals
    try:
        with open_store(url, folder) as service:
            actor = service.operator()
            while not stop.is_set():
                created.append(create(service, actor, somebody(first + len(created))))
                begun.release()
    except Exception as error:  # noqa: BLE001 - whatever comes is told, and fails the test
        told.put(f"{type(error).__name__}: {error}")
    else:
        told.put((first, created))


def _sign_nothing(*_: object) -> None:
    pass
