"""Historik: the filter of a user's latest 200 activities (guide, Se brugerens aktivitetshistorik)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form as FormBody
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse

from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import Text
from brugerbog.entrypoints.web.remembered_searches import remember
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.users.profile import HistoryParams

router = Router()


class HistoryForm(BaseModel):
    """The words under Filter, and the first and last day."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    ord: Text = ""
    fra: Text = ""
    til: Text = ""


@router.post("/brugere/{user_id:uuid}/historik")
def search(context: LoggedIn, user_id: UUID, form: Annotated[HistoryForm, FormBody()]) -> RedirectResponse:
    """Store the words in the session, and redirect to the filtered activities."""
    context.require("see_history")
    params = HistoryParams(filter=remember(context, form.ord), fra=form.fra.strip(), til=form.til.strip())
    query = urlencode(params.model_dump(exclude_defaults=True, mode="json"))
    return context.redirect(f"/brugere/{user_id}{'?' if query else ''}{query}#historik")
