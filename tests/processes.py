"""Starts processes of its own and sees to it that none outlives its test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess

FORKSERVER = get_context("forkserver")
"""Each process is forked from one that has loaded the program already, and nothing else."""

PATIENCE = 60

_LOADED = [
    "tests.journeys.town",
    "brugerbog.infrastructure.database.sqlite",
    "brugerbog.infrastructure.database.postgres",
]


@contextmanager
def running(
    count: int, deed: Callable[..., None], arguments: Callable[[int], tuple[object, ...]]
) -> Iterator[list[ForkServerProcess]]:
    """So many processes; on leaving they are waited for, or killed if the test has failed."""
    FORKSERVER.set_forkserver_preload(_LOADED)
    started = [FORKSERVER.Process(target=deed, args=arguments(number)) for number in range(count)]
    for process in started:
        process.start()
    try:
        yield started
        for process in started:
            process.join(PATIENCE)
    finally:
        for process in started:
            if process.is_alive():
                process.kill()
                process.join()


def run(deed: Callable[..., None], *arguments: object) -> int | None:
    """Run one process to its end; its exit code, negative when it was killed."""
    with running(1, deed, lambda _: arguments) as (process,):
        process.join(PATIENCE)
        return process.exitcode
