"""Starts processes for a test and ends them with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess

FORKSERVER = get_context("forkserver")
"""Processes are forked from a server process that has imported the package and nothing else."""

PATIENCE = 60

_LOADED = [
    "tests.org_driver",
    "brugerbog.infrastructure.database.sqlite",
    "brugerbog.infrastructure.database.postgres",
]


@contextmanager
def running(
    count: int, program: Callable[..., None], arguments: Callable[[int], tuple[object, ...]]
) -> Iterator[list[ForkServerProcess]]:
    """Start `count` processes; at the end wait for them, or kill them if the test has failed."""
    FORKSERVER.set_forkserver_preload(_LOADED)
    started = [FORKSERVER.Process(target=program, args=arguments(number)) for number in range(count)]
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


def run(program: Callable[..., None], *arguments: object) -> int | None:
    """Run one process to its end; return its exit code, which is negative after a kill."""
    with running(1, program, lambda _: arguments) as (process,):
        process.join(PATIENCE)
        return process.exitcode
