"""Brugere: the list of users with search, filters and order."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse, RedirectResponse

from brugerbog.application.queries.user_list import Sort, UserPage, UserQuery
from brugerbog.application.refusals.requests import CursorInvalid
from brugerbog.domain.values.status import DANISH_STATUS, Status
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import LINK_EXPIRED
from brugerbog.entrypoints.web.forms import Text
from brugerbog.entrypoints.web.remembered_searches import recall, remember
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()

PAGE: Final = 25
EXPIRED: Final = "link_expired"
STATUSES: Final = (
    ("", "Alle"),
    *((status.value, DANISH_STATUS[status]) for status in Status if status is not Status.DELETED),
    (EXPIRED, LINK_EXPIRED),
)


class UserListParams(BaseModel):
    """The query of the list's address: filters and order as numbers, ids and codes, never names.

    `soegning` is the id of words in the session, `efter` the last user of the page before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["", "imported", "pending", "link_expired", "active", "deactivated"] = ""
    p: Text = ""
    se: Text = ""
    sortering: Sort = Sort.NAME
    retning: Literal["op", "ned"] = "op"
    soegning: Text = ""
    efter: UUID | None = None

    def address(self, **changed: object) -> str:
        """Return the list's address with changed parameters; defaults are left out."""
        params = {**vars(self), "efter": None, **changed}
        fields = UserListParams.model_fields
        query = {name: value for name, value in params.items() if value != fields[name].default}
        return f"/brugere?{urlencode(query)}" if query else "/brugere"

    def with_sort(self, sort: str) -> str:
        """Return the list's address in this order, reversed if the list already has it."""
        goes_down = self.sortering == sort and self.retning == "op"
        return self.address(sortering=Sort(sort), retning="ned" if goes_down else "op")

    def aria_sort(self, sort: str) -> str | None:
        """Return the value of `aria-sort` of a column; None if the list isn't ordered by it."""
        if self.sortering != sort:
            return None
        return "ascending" if self.retning == "op" else "descending"


@router.get("/brugere")
def users(context: LoggedIn, params: Annotated[UserListParams, Query()]) -> HTMLResponse:
    """Return a page of the list; an outdated `efter` returns the first page."""
    words = "" if context.menu.has_few_users else recall(context, params.soegning)
    try:
        page, lost = _load_page(context, params, words), False
    except CursorInvalid:
        page, lost = _load_page(context, params.model_copy(update={"efter": None}), words), True
    return context.page(
        "users.html", page=page, params=params, words=words, lost=lost, statuses=STATUSES, sorts=Sort
    )


@router.post("/brugere/soeg")
def search(
    context: LoggedIn, ord_: Annotated[Text, Form(alias="ord")] = "", status: Annotated[Text, Form()] = ""
) -> RedirectResponse:
    """Store the words in the session, and redirect to their results: addresses contain no names."""
    return context.redirect(
        UserListParams.model_validate({"status": status}).address(soegning=remember(context, ord_))
    )


def _load_page(context: RequestContext, params: UserListParams, words: str) -> UserPage:
    return context.queries.users(
        context.actor,
        UserQuery(
            search=words or None,
            status=Status(params.status) if params.status not in ("", EXPIRED) else None,
            link_expired=params.status == EXPIRED,
            p_number=params.p or None,
            se_number=params.se or None,
            sort=params.sortering,
            descending=params.retning == "ned",
            limit=PAGE,
            after_user=params.efter,
        ),
    )
