"""The uploads of a session and the progress of their jobs."""

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


def find_upload(context: RequestContext, upload_id: UUID, kind: UploadKind) -> Upload:
    """Return an upload of this session. Raises: HTTPException 404, also for uploads of other sessions."""
    upload = context.web_context.uploads.find(context.session, upload_id)
    if upload is None or upload.kind is not kind:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return upload


def is_abandoned(context: RequestContext, upload: Upload) -> bool:
    """Whether no process works on an unfinished upload any more."""
    return upload.is_stalled and not context.web_context.background_jobs.is_running_here(upload.id)


def progress_response(context: RequestContext, upload: Upload, page: str, what: str) -> Response:
    """Return the progress as a part of the page; after the end of the job redirect to the page itself."""
    if not upload.is_under_way or is_abandoned(context, upload):
        return RedirectResponse(page, HTTPStatus.SEE_OTHER)
    return HTMLResponse(
        context.web_context.templates.render("progress_part.html", {"upload": upload, "what": what})
    )
