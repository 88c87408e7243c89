"""Encodings of standard output and standard error, independent of the locale."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOR_PROGRAMS: Final = frozenset({"--json", "--csv"})


def set_up_streams(arguments: Sequence[str]) -> None:
    """Write UTF-8 with LF to files and pipes and, with --json or --csv, to terminals too.

    Otherwise a terminal gets its own encoding, with a question mark for each character that it lacks.
    """
    set_up(sys.stdout, in_utf_8=not _FOR_PROGRAMS.isdisjoint(arguments))
    set_up(sys.stderr)


def set_up(stream: Any, *, in_utf_8: bool = False) -> None:  # noqa: ANN401 - sys.stdout can be any object
    """Set up one stream; a closed or replaced stream stays unchanged."""
    if not isinstance(stream, io.TextIOWrapper) or stream.closed:
        return
    if in_utf_8 or not stream.isatty():
        stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    else:
        stream.reconfigure(errors="replace")
