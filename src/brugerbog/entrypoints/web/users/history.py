"""Historik: narrowing a user's latest 200 activities (guide, Se brugerens aktivitetshistorik)."""

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
    """What is typed under Filter, and between which days."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    ord: Text = ""
    fra: Text = ""
    til: Text = ""


@router.post("/brugere/{user_id:uuid}/historik")
def narrow(context: LoggedIn, user_id: UUID, form: Annotated[HistoryForm, FormBody()]) -> RedirectResponse:
    """Remember the words in the session, and show what they leave."""
    context.must("see_history")
    asked = HistoryParams(filter=remember(context, form.ord), fra=form.fra.strip(), til=form.til.strip())
    said = urlencode(asked.model_dump(exclude_defaults=True, mode="json"))
    return context.go(f"/brugere/{user_id}{'?' if said else ''}{said}#historik")
