"""Imports files made to fill memory or to hold up other threads, and prints what each did to them.

Run as: python -m tests.application.commands.imports.import_hostile BYTES
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import brugerbog
from brugerbog.application.actors import operator
from brugerbog.application.commands.imports.file_refusals import FileRefused
from brugerbog.application.commands.imports.sources import InMemory
from tests.application.commands.imports.csv_rows import HEADER

BEGIN = f"{HEADER}\n".encode()
FILES: dict[str, Callable[[int], bytes]] = {
    "one quoted cell": lambda size: BEGIN + b'C;;"' + b"a" * size + b'";x\n',
    "one cell without end": lambda size: BEGIN + b"a" * size,
    "semicolons": lambda size: BEGIN + b";" * size,
    "quotation marks": lambda size: BEGIN + b'"' * size,
    "digits": lambda size: BEGIN + b"1" * size,
    "equals signs": lambda size: BEGIN + b"=" * size,
    "line feeds": lambda size: BEGIN + b"\n" * size,
    "carriage returns": lambda size: BEGIN + b"\r" * size,
    "NULs": lambda size: BEGIN + b"\0" * size,
    "UTF-16": lambda size: (BEGIN.decode() + "a" * (size // 2)).encode("utf-16"),
    "a header without end": lambda size: b"Aktion" * (size // 6),
    "a cell of many lines": lambda size: BEGIN + b'C;;"' + (b"a" * 200 + b"\n") * (size // 201),
    "many cells with line breaks": lambda size: BEGIN + (b'"\n";"";"' + b"a" * 200) * (size // 209),
    "apostrophes": lambda size: BEGIN + b"\x92" * (size // 10),
    "rows with many reasons": lambda size: (
        BEGIN + (b";".join([b"C"] + [b"\x01bcdefghijk"] * 14) + b"\n") * (size // 210)
    ),
    "rows misread": lambda size: (
        BEGIN + ("C;;S\u00c3\u00b8ren;" + "Kj\u00c3\u00a6r " * 20 + "\n").encode() * (size // 180)
    ),
    "rows of digits": lambda size: BEGIN + (b"C;" + b"1" * 195 + b"\n") * (size // 210),
}


def most_memory() -> int:
    """KiB that this process held at most; `ru_maxrss` on Linux counts the process that started it, too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1])


def main(size: int) -> None:
    """Import each file in a dry run, with a thread beside it that only wants to go on."""
    with brugerbog.open("sqlite://") as service:
        service.administration.register_organisation(operator(), cvr="90000001", name="Firma")
        for name, made in FILES.items():
            content, longest, is_over = made(size - len(BEGIN) * 2), [0.0], Event()
            before = most_memory()

            def go_on(longest: list[float] = longest, is_over: Event = is_over) -> None:
                seen = time.process_time()
                while not is_over.wait(0.001):
                    now = time.process_time()
                    longest[0], seen = max(longest[0], now - seen), now

            other = Thread(target=go_on)
            other.start()
            with suppress(FileRefused):
                service.administration.import_users(service.operator(), InMemory(content), dry_run=True)
            is_over.set()
            other.join()
            after = most_memory()
            growth, peak = (after - before) / 1024, after / 1024
            sys.stdout.write(
                json.dumps({"file": name, "growth": growth, "peak": peak, "pause": longest[0]}) + "\n"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]))
