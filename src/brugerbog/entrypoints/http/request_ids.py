"""The id of a request in logs and responses: the client's own, if its form is valid."""

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
    """Return the header `traceparent` of a request, if its form is valid (W3C Trace Context)."""
    traceparent = headers.get(TRACEPARENT, "")
    return traceparent if _TRACE.fullmatch(traceparent) else None


def request_id_of(headers: Mapping[str, str], ids: Ids) -> str:
    """Return the client's request id, else its trace id, else a random id.

    An id that could be a CPR number would be masked in the log, and isn't used.
    """
    request_id = headers.get(REQUEST_ID, "")
    if _SHORT_AND_PLAIN.fullmatch(request_id) and masked(request_id) == request_id:
        return request_id
    trace = _TRACE.fullmatch(headers.get(TRACEPARENT, ""))
    return trace[1] if trace else ids.random_id().hex
