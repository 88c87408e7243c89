"""What somebody has handed in, as long as it is under way: whose it is, how far it is, whether it goes on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.responses import Response

    from brugerbog.entrypoints.web.request_context import RequestContext
    from brugerbog.infrastructure.web.uploads import Upload, UploadKind


def found(context: RequestContext, upload_id: UUID, kind: UploadKind) -> Upload:
    """What this session has handed in; nobody else learns that it is there. Raises: HTTPException."""
    upload = context.web_context.uploads.find(context.session, upload_id)
    if upload is None or upload.kind is not kind:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return upload


def has_died(context: RequestContext, upload: Upload) -> bool:
    """Whether nobody works on it any more, though it isn't done."""
    return upload.is_stalled and not context.web_context.background_jobs.is_at(upload.id)


def part_of(context: RequestContext, upload: Upload, page: str, what: str) -> Response:
    """How far it is, as a part of the page that shows it; when it is over, that page anew."""
    if not upload.is_under_way or has_died(context, upload):
        return RedirectResponse(page, HTTPStatus.SEE_OTHER)
    return HTMLResponse(
        context.web_context.pages.render("progress_part.html", {"upload": upload, "what": what})
    )
