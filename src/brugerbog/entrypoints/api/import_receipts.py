"""Writes the receipt of an import as JSON where the import ran, a part at a time.

Written by the framework it would be one long step on the thread that answers everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, ParamSpec

from pydantic import TypeAdapter
from starlette.responses import Response

from brugerbog.application.gc_throttling import exclude_existing_objects, gc_throttled
from brugerbog.entrypoints.api.responses.imports import ImportReceipt, RowOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brugerbog.application.commands.imports.receipt import ImportReceipt as MadeReceipt

P = ParamSpec("P")
_AT_ONCE: Final = 1000
_OUTCOMES: Final = TypeAdapter(list[RowOutcome])


def answer_with_receipt(
    import_users: Callable[P, MadeReceipt], *args: P.args, **options: P.kwargs
) -> Response:
    """Import, and the response: a `ImportReceipt`. Raises: what the import raises."""
    with gc_throttled():
        content = _written(import_users(*args, **options))
    return Response(content, media_type="application/json")


def _written(receipt: MadeReceipt) -> bytes:
    exclude_existing_objects()
    return b"".join(_parts(receipt))


def _parts(receipt: MadeReceipt) -> Iterator[bytes]:
    counts = {name: getattr(receipt, name) for name in ImportReceipt.model_fields if name != "outcomes"}
    yield ImportReceipt(**counts, outcomes=[]).model_dump_json().encode().removesuffix(b"]}")
    for at in range(0, len(receipt.outcomes), _AT_ONCE):
        outcomes = _OUTCOMES.validate_python(receipt.outcomes[at : at + _AT_ONCE], from_attributes=True)
        yield (b"," if at else b"") + _OUTCOMES.dump_json(outcomes)[1:-1]
    yield b"]}"
