"""What a request is known by in logs and answers: what whoever sent it calls it, if that is well said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from brugerbog.domain.values.masking import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from brugerbog.application.ports.clock import Ids

REQUEST_ID: Final = "x-request-id"
TRACEPARENT: Final = "traceparent"

_SHORT_AND_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACE: Final = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent_of(headers: Mapping[str, str]) -> str | None:
    """The trace that a request is part of (W3C Trace Context), if it says so in the proper form."""
    said = headers.get(TRACEPARENT, "")
    return said if _TRACE.fullmatch(said) else None


def request_id_of(headers: Mapping[str, str], ids: Ids) -> str:
    """What it is called, else the trace it is part of, else an id of ours.

    What could be a CPR number would be masked in the log, and is no name for a request.
    """
    said = headers.get(REQUEST_ID, "")
    if _SHORT_AND_PLAIN.fullmatch(said) and masked(said) == said:
        return said
    trace = _TRACE.fullmatch(headers.get(TRACEPARENT, ""))
    return trace[1] if trace else ids.random_id().hex
