"""Serialises the receipt of an import in the thread of the import, in batches.

FastAPI would serialise the whole receipt on the event loop, and block all other requests meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, ParamSpec

from pydantic import TypeAdapter
from starlette.responses import Response

from brugerbog.application.gc_throttling import exclude_existing_objects, gc_throttled
from brugerbog.entrypoints.api.responses.imports import Receipt, RowOutcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from brugerbog.application.commands.imports.receipt import ImportReceipt

P = ParamSpec("P")
_BATCH_SIZE: Final = 1000
_OUTCOMES: Final = TypeAdapter(list[RowOutcome])


def receipt_response(
    import_users: Callable[P, ImportReceipt], *args: P.args, **options: P.kwargs
) -> Response:
    """Run the import and return its `Receipt` as the response. Raises: as the import."""
    with gc_throttled():
        content = _as_json(import_users(*args, **options))
    return Response(content, media_type="application/json")


def _as_json(receipt: ImportReceipt) -> bytes:
    exclude_existing_objects()
    return b"".join(_parts(receipt))


def _parts(receipt: ImportReceipt) -> Iterator[bytes]:
    counts = {name: getattr(receipt, name) for name in Receipt.model_fields if name != "outcomes"}
    yield Receipt(**counts, outcomes=[]).model_dump_json().encode().removesuffix(b"]}")
    for at in range(0, len(receipt.outcomes), _BATCH_SIZE):
        outcomes = _OUTCOMES.validate_python(receipt.outcomes[at : at + _BATCH_SIZE], from_attributes=True)
        yield (b"," if at else b"") + _OUTCOMES.dump_json(outcomes)[1:-1]
    yield b"]}"
