"""Standard output and standard error as programs and people read them, whatever the locale says."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOR_PROGRAMS: Final = frozenset({"--json", "--csv"})


def set_up_streams(arguments: Sequence[str]) -> None:
    """Write UTF-8 with LF to files and pipes, and of a call with --json or --csv everywhere.

    A terminal gets its own encoding; what that can't show is a question mark, and stops nobody.
    """
    set_up(sys.stdout, in_utf_8=not _FOR_PROGRAMS.isdisjoint(arguments))
    set_up(sys.stderr)


def set_up(stream: Any, *, in_utf_8: bool = False) -> None:  # noqa: ANN401 - anything may stand in a stream's place
    """Set up one stream; a stream that is closed, or no stream of Python's own, stays as it is."""
    if not isinstance(stream, io.TextIOWrapper) or stream.closed:
        return
    if in_utf_8 or not stream.isatty():
        stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    else:
        stream.reconfigure(errors="replace")
