"""Importerede brugere: the list of those who wait to be sent to activation (guide, Send flere brugere)."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form as FormBody
from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse, RedirectResponse

from brugerbog.application.queries.user_list import UserPage, UserQuery
from brugerbog.application.refusals.requests import CursorInvalid
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Text
from brugerbog.entrypoints.web.remembered_searches import recall, remember
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()

PATH: Final = "/importerede"
PAGE: Final = 50


class ImportedUsersParams(BaseModel):
    """Which of them: those found by words that the session remembers, behind a user."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    soegning: Text = ""
    efter: UUID | None = None

    def address(self, efter: UUID | None = None) -> str:
        """The address that asks this; by default for its first page."""
        asked = self.model_copy(update={"efter": efter}).model_dump(exclude_defaults=True, mode="json")
        return f"{PATH}?{urlencode(asked)}" if asked else PATH


@router.get(PATH)
def imported(context: LoggedIn, asked: Annotated[ImportedUsersParams, Query()]) -> HTMLResponse:
    """A page of them. A place that is forgotten begins the list anew."""
    context.must("send_to_activation")
    return list_page(context, asked)


@router.post(PATH + "/soeg")
def search(context: LoggedIn, ord_: Annotated[Text, FormBody(alias="ord")] = "") -> RedirectResponse:
    """Remember the words in the session, and show what they find: no name is part of an address."""
    context.must("send_to_activation")
    return context.go(ImportedUsersParams(soegning=remember(context, ord_)).address())


def list_page(
    context: RequestContext, asked: ImportedUsersParams, errors: FormErrors = NO_ERRORS
) -> HTMLResponse:
    """The list, perhaps with what is wrong with what was chosen in it."""
    words = "" if context.menu.has_few_users else recall(context, asked.soegning)
    try:
        page, lost = _found(context, asked, words), False
    except CursorInvalid:
        page, lost = _found(context, ImportedUsersParams(soegning=asked.soegning), words), True
    return context.page(
        "imported.html",
        status=422 if errors.reasons else 200,
        page=page,
        asked=asked,
        words=words,
        lost=lost,
        errors=errors,
    )


def _found(context: RequestContext, asked: ImportedUsersParams, words: str) -> UserPage:
    return context.queries.users(
        context.actor,
        UserQuery(imported=True, search=words or None, limit=PAGE, after_user=asked.efter),
    )
