"""Runs coroutines in a separate thread: the browser of another test may run an event loop in this one."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_in_own_thread(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end in a new thread and return its result."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
