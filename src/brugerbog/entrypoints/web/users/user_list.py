"""Brugere: the list of users, searched, narrowed and ordered."""

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
    """Which users, in which order, as an address says it: numbers, ids and codes, never a name.

    `soegning` is the id of words that the session remembers; `efter` the user behind whom the page begins.
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
        """The address that asks this, with something changed; what is as by default isn't named."""
        asked = {**vars(self), "efter": None, **changed}
        said = {
            name: value for name, value in asked.items() if value != UserListParams.model_fields[name].default
        }
        return f"/brugere?{urlencode(said)}" if said else "/brugere"

    def turned(self, sort: str) -> str:
        """The address of the list in this order, or the other way round if it is in it."""
        goes_down = self.sortering == sort and self.retning == "op"
        return self.address(sortering=Sort(sort), retning="ned" if goes_down else "op")

    def standing(self, sort: str) -> str | None:
        """How the list is ordered by a column, as `aria-sort` calls it."""
        if self.sortering != sort:
            return None
        return "ascending" if self.retning == "op" else "descending"


@router.get("/brugere")
def users(context: LoggedIn, asked: Annotated[UserListParams, Query()]) -> HTMLResponse:
    """A page of users. A place that is forgotten begins the list anew."""
    words = "" if context.menu.has_few_users else recall(context, asked.soegning)
    try:
        page, lost = _found(context, asked, words), False
    except CursorInvalid:
        page, lost = _found(context, asked.model_copy(update={"efter": None}), words), True
    return context.page(
        "users.html", page=page, asked=asked, words=words, lost=lost, statuses=STATUSES, sorts=Sort
    )


@router.post("/brugere/soeg")
def search(
    context: LoggedIn, ord_: Annotated[Text, Form(alias="ord")] = "", status: Annotated[Text, Form()] = ""
) -> RedirectResponse:
    """Remember the words in the session, and show what they find: no name is part of an address."""
    return context.go(
        UserListParams.model_validate({"status": status}).address(soegning=remember(context, ord_))
    )


def _found(context: RequestContext, asked: UserListParams, words: str) -> UserPage:
    return context.queries.users(
        context.actor,
        UserQuery(
            search=words or None,
            status=Status(asked.status) if asked.status not in ("", EXPIRED) else None,
            link_expired=asked.status == EXPIRED,
            p_number=asked.p or None,
            se_number=asked.se or None,
            sort=asked.sortering,
            descending=asked.retning == "ned",
            limit=PAGE,
            after_user=asked.efter,
        ),
    )
