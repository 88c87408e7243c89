"""Brugerprofil: all that is known of one user, and what can be done with him, section by section."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse

from brugerbog.application.queries.activity_history import Activity, HistorySort
from brugerbog.application.queries.user_list import UserView
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.danish_format import DayUnreadable, read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Text
from brugerbog.entrypoints.web.remembered_searches import recall
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.status_tags import absence_in_words

router = Router()

HISTORY_COLUMNS: Final = (
    (HistorySort.TIME, "Tidspunkt"),
    (HistorySort.TRANSACTION, "Transaktion"),
    (HistorySort.PROVIDER, "Tjenesteudbyder"),
    (HistorySort.TYPE, "Type"),
)


class HistoryParams(BaseModel):
    """Which of the latest 200 activities, in which order; `filter` is the id of words the session knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filter: Text = ""
    fra: Text = ""
    til: Text = ""
    sortering: HistorySort = HistorySort.TIME
    retning: Literal["op", "ned"] = "ned"

    @property
    def is_narrowed(self) -> bool:
        """Whether not all are asked for."""
        return bool(self.filter or self.fra or self.til)


@router.get("/brugere/{user_id:uuid}")
def profile(context: LoggedIn, user_id: UUID, asked: Annotated[HistoryParams, Query()]) -> HTMLResponse:
    """The profile of a living user. Raises: UserUnknown, AlreadyDeleted."""
    return profile_page(context, user_id, asked)


def profile_page(
    context: RequestContext,
    user_id: UUID,
    asked: HistoryParams | None = None,
    *,
    status: int = 200,
    open_section: str = "brugerinformation",
    errors: FormErrors = NO_ERRORS,
    **facts: Any,  # noqa: ANN401 - what a deed shows besides, such as a CPR number
) -> HTMLResponse:
    """The profile, with what came of a deed on it. Raises: UserUnknown, AlreadyDeleted."""
    user = context.living_user(user_id)
    asked = asked or HistoryParams()
    history, history_trouble = _history(context, user, asked)
    told: dict[str, Any] = {
        "user": user,
        "open_section": "historik" if asked.is_narrowed else open_section,
        "errors": errors,
        "rights": {one.id: one for one in context.menu.settings.rights},
        "user_roles": [role for holder, role in context.queries.roles(context.actor) if holder == user_id],
        "replaced": _replaced(context, user),
        "absence": absence_in_words(user),
        "history": history,
        "history_asked": asked,
        "history_trouble": history_trouble,
        "history_columns": HISTORY_COLUMNS,
        "history_words": recall(context, asked.filter),
        "offered": [one for one in Means if context.menu.settings.offers(one)],
        "cpr": None,
    }
    return context.page("profile.html", status=status, **(told | facts))


def _replaced(context: RequestContext, user: UserView) -> UUID | None:
    """Whom an anonymous user has taken the place of, for those who may know."""
    if not user.anonymous or not context.may("see_replaced"):
        return None
    return context.queries.replaced_by(context.actor, user.id)


def _history(
    context: RequestContext, user: UserView, asked: HistoryParams
) -> tuple[list[Activity], FormErrors]:
    """The activities asked for; all of them, and what is wrong, when a date can't be read."""
    if not context.may("see_history"):
        return [], NO_ERRORS
    order: dict[str, Any] = {"sort": asked.sortering, "descending": asked.retning == "ned"}
    dates: dict[str, Any] = {}
    wrong: list[tuple[str | None, str]] = []
    for name, text, field in (("from_date", asked.fra, "fra"), ("to_date", asked.til, "til")):
        try:
            dates[name] = read_day(text)
        except DayUnreadable as refusal:
            wrong.append((field, refusal.message))
    try:
        found = context.queries.history(
            context.actor, user.id, words=recall(context, asked.filter) or None, **dates, **order
        )
    except UserUnknown:
        return [], NO_ERRORS
    return found, FormErrors(wrong)


def refused(
    context: RequestContext,
    user_id: UUID,
    refusal: Refusal,
    section: str,
    **facts: Any,  # noqa: ANN401
) -> HTMLResponse:
    """The profile with what is wrong at its top, and the section open that it is about.

    Raises: as `FormErrors.of`.
    """
    return profile_page(
        context, user_id, status=422, open_section=section, errors=FormErrors.of(refusal), **facts
    )
