"""Exports handed over as a zip, by the pages and by the API alike: of the log, and of one person."""

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


def export_of_log(
    queries: Queries, actor: Actor, since: datetime | None, until: datetime | None
) -> StreamingResponse:
    """The organisation's events with their proof. Nobody's name is in it, and no file of it stays here."""
    name = f"brugerbog-eksport-{danish_day(queries.now())}"
    with private_folder() as folder:
        queries.export_log(actor, folder / name, since=since, until=until)
        packed = zip_folder(name, folder / name)
    headers = _to_keep(name) | {"content-length": str(remaining_bytes(packed))}
    return StreamingResponse(
        chunks(packed), media_type=ZIP, headers=headers, background=BackgroundTask(packed.close)
    )


def export_of_person(queries: Queries, actor: Actor, user_id: UUID, *, with_personal_data: bool) -> Response:
    """All that is recorded of one person, made in memory: it never lies on a disk of ours."""
    at_hand = queries.person_at_hand(actor, user_id, with_personal_data=with_personal_data)
    name = f"brugerbog-{user_id}-{danish_day(queries.now())}"
    return Response(zip_in_memory(name, at_hand.files), media_type=ZIP, headers=_to_keep(name))


def _to_keep(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}.zip"'}
