"""Every refusal has a SCIM error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import brugerbog.entrypoints.scim.endpoint
import brugerbog.maintenance  # noqa: F401 - so that every refusal there is has been defined
from brugerbog.domain.kernel.refusals import Refusal, Refusals
from brugerbog.entrypoints.scim.errors import error_kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYWORDS = {
    400: {"invalidValue", "mutability"},
    401: {None},
    403: {None},
    404: {None},
    405: {None},
    408: {None},
    409: {None, "uniqueness"},
    412: {None},
    413: {None},
    429: {None},
    500: {None},
    503: {None},
}
"""The statuses and keywords of RFC 7644, section 3.12, with 408 (slow request) and 503 (temporary error)."""


def kinds_of(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for one in kind.__subclasses__():
        yield one
        yield from kinds_of(one)


@pytest.mark.parametrize("refusal", [one for one in kinds_of(Refusal) if one is not Refusals])
def test_every_refusal_has_a_status_and_a_keyword_of_scim(refusal: type[Refusal]) -> None:
    kind = error_kind_of(refusal.__new__(refusal))
    assert kind.scim_type in KEYWORDS[kind.status]
