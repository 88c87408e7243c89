"""Being told to stop, for commands that go on until somebody does."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stop_on_signal() -> Iterator[Event]:
    """Set by SIGTERM or SIGINT; the second one ends the process, as whoever asks twice won't wait."""
    stop = Event()

    def ask(*_: object) -> None:
        for one in before:
            signal.signal(one, signal.SIG_DFL)
        stop.set()

    before = {one: signal.signal(one, ask) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
