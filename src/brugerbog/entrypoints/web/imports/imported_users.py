"""The list of imported users who aren't sent to activation yet (guide, Send flere brugere)."""

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
PAGE_SIZE: Final = 50


class ImportedUsersParams(BaseModel):
    """The query parameters of the list.

    `soegning` is the id of the search words in the session, `efter` the last user of the page before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    soegning: Text = ""
    efter: UUID | None = None

    def address(self, efter: UUID | None = None) -> str:
        """Return the address of a page of this search; without `efter`, of the first page."""
        params = self.model_copy(update={"efter": efter}).model_dump(exclude_defaults=True, mode="json")
        return f"{PATH}?{urlencode(params)}" if params else PATH


@router.get(PATH)
def imported(context: LoggedIn, params: Annotated[ImportedUsersParams, Query()]) -> HTMLResponse:
    """Return a page of the list."""
    context.require("send_to_activation")
    return list_page(context, params)


@router.post(PATH + "/soeg")
def search(context: LoggedIn, ord_: Annotated[Text, FormBody(alias="ord")] = "") -> RedirectResponse:
    """Store the search words in the session, so that no address contains names; redirect to the results."""
    context.require("send_to_activation")
    return context.redirect(ImportedUsersParams(soegning=remember(context, ord_)).address())


def list_page(
    context: RequestContext, params: ImportedUsersParams, errors: FormErrors = NO_ERRORS
) -> HTMLResponse:
    """Return a page of the list, with the errors of a selection of users in it.

    Return the first page, with a notice, if the user `efter` is unknown or erased.
    """
    words = "" if context.menu.has_few_users else recall(context, params.soegning)
    try:
        page, is_outdated = _load_page(context, params, words), False
    except CursorInvalid:
        page, is_outdated = _load_page(context, ImportedUsersParams(soegning=params.soegning), words), True
    return context.page(
        "imported.html",
        status=422 if errors.reasons else 200,
        page=page,
        params=params,
        words=words,
        is_outdated=is_outdated,
        errors=errors,
    )


def _load_page(context: RequestContext, params: ImportedUsersParams, words: str) -> UserPage:
    return context.queries.users(
        context.actor,
        UserQuery(imported=True, search=words or None, limit=PAGE_SIZE, after_user=params.efter),
    )
