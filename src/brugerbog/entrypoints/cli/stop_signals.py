"""Graceful stop by signal, for commands that run until they are stopped."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stop_on_signal() -> Iterator[Event]:
    """Yield an event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    stop = Event()

    def handle(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
