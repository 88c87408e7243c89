"""Starts processes of its own and sees to it that none outlives its test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess

SPAWN = get_context("spawn")
FORKED = get_context("forkserver")
PATIENCE = 60


@contextmanager
def running(
    count: int, deed: Callable[..., None], arguments: Callable[[int], tuple[object, ...]]
) -> Iterator[list[SpawnProcess]]:
    """So many processes; on leaving they are waited for, or killed if the test has failed."""
    started = [SPAWN.Process(target=deed, args=arguments(number)) for number in range(count)]
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


def run_forked(deed: Callable[..., None], *arguments: object) -> int | None:
    """As `run`, from a process that has loaded the deed's module already: for hundreds of short lives."""
    FORKED.set_forkserver_preload([deed.__module__, "brugerbog.infrastructure.store.sqlite"])
    process = FORKED.Process(target=deed, args=arguments)
    process.start()
    try:
        process.join(PATIENCE)
        return process.exitcode
    finally:
        if process.is_alive():
            process.kill()
            process.join()
