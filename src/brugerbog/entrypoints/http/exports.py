"""Zip responses of exports, for the pages and the API: of the log, and of one user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from brugerbog.domain.kernel.days import danish_day
from brugerbog.infrastructure.web.zip_files import (
    chunks,
    private_folder,
    remaining_bytes,
    zip_folder,
    zip_in_memory,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.queries import Queries

ZIP: Final = "application/zip"


def log_export_response(
    queries: Queries, actor: Actor, since: datetime | None, until: datetime | None
) -> StreamingResponse:
    """Return the organisation's events with their proof: no names, and no file stays on this machine."""
    name = f"brugerbog-eksport-{danish_day(queries.now())}"
    with private_folder() as folder:
        queries.export_log(actor, folder / name, since=since, until=until)
        packed = zip_folder(name, folder / name)
    headers = _as_attachment(name) | {"content-length": str(remaining_bytes(packed))}
    return StreamingResponse(
        chunks(packed), media_type=ZIP, headers=headers, background=BackgroundTask(packed.close)
    )


def person_export_response(
    queries: Queries, actor: Actor, user_id: UUID, *, with_personal_data: bool
) -> Response:
    """Return all recorded data of one user. The zip is made in memory and never written to a disk."""
    export = queries.person_at_hand(actor, user_id, with_personal_data=with_personal_data)
    name = f"brugerbog-{user_id}-{danish_day(queries.now())}"
    return Response(zip_in_memory(name, export.files), media_type=ZIP, headers=_as_attachment(name))


def _as_attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}.zip"'}
