"""Helpers of tests of commands."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from brugerbog.domain.kernel.refusals import Refusal, Refusals
from tests.org_driver import OrgDriver

T = TypeVar("T")


def at_once(count: int, call: Callable[[int], T]) -> list[T]:
    """Call a function in this many threads that start together; return the results."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait(30)
        return call(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def refusal_classes(error: Refusal) -> set[type[Refusal]]:
    """Return the classes of a refusal, or of all refusals in one."""
    if isinstance(error, Refusals):
        return {type(objection.refusal) for objection in error.objections}
    return {type(error)}


def event_count(org: OrgDriver) -> int:
    """Return the number of events in the log."""
    return org.service.log.recorder.max_notification_id() or 0
