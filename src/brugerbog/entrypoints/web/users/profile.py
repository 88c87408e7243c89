"""Brugerprofil: the data of one user and the possible commands, section by section."""

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
    """The filter and order of the latest 200 activities; `filter` is the id of words in the session."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filter: Text = ""
    fra: Text = ""
    til: Text = ""
    sortering: HistorySort = HistorySort.TIME
    retning: Literal["op", "ned"] = "ned"

    @property
    def is_narrowed(self) -> bool:
        """Whether the parameters filter the activities."""
        return bool(self.filter or self.fra or self.til)


@router.get("/brugere/{user_id:uuid}")
def profile(context: LoggedIn, user_id: UUID, params: Annotated[HistoryParams, Query()]) -> HTMLResponse:
    """Return the profile of a user. Raises: UserUnknown, AlreadyDeleted."""
    return profile_page(context, user_id, params)


def profile_page(
    context: RequestContext,
    user_id: UUID,
    params: HistoryParams | None = None,
    *,
    status: int = 200,
    open_section: str = "brugerinformation",
    errors: FormErrors = NO_ERRORS,
    **facts: Any,  # noqa: ANN401 - facts of a command, such as a CPR number
) -> HTMLResponse:
    """Return the profile, with the result of a command. Raises: UserUnknown, AlreadyDeleted."""
    user = context.undeleted_user(user_id)
    params = params or HistoryParams()
    history, history_errors = _history(context, user, params)
    profile_facts: dict[str, Any] = {
        "user": user,
        "open_section": "historik" if params.is_narrowed else open_section,
        "errors": errors,
        "rights": {right.id: right for right in context.menu.settings.rights},
        "user_roles": [role for holder, role in context.queries.roles(context.actor) if holder == user_id],
        "replaced": _replaced(context, user),
        "absence": absence_in_words(user),
        "history": history,
        "history_params": params,
        "history_errors": history_errors,
        "history_columns": HISTORY_COLUMNS,
        "history_words": recall(context, params.filter),
        "offered": [kind for kind in Means if context.menu.settings.offers(kind)],
        "cpr": None,
    }
    return context.page("profile.html", status=status, **(profile_facts | facts))


def _replaced(context: RequestContext, user: UserView) -> UUID | None:
    """Return the user whom an anonymous user replaced; None without permission to know."""
    if not user.anonymous or not context.may("see_replaced"):
        return None
    return context.queries.replaced_by(context.actor, user.id)


def _history(
    context: RequestContext, user: UserView, params: HistoryParams
) -> tuple[list[Activity], FormErrors]:
    """Return the filtered activities and the errors of dates; an unreadable date filters nothing."""
    if not context.may("see_history"):
        return [], NO_ERRORS
    order: dict[str, Any] = {"sort": params.sortering, "descending": params.retning == "ned"}
    dates: dict[str, Any] = {}
    reasons: list[tuple[str | None, str]] = []
    for name, text, field in (("from_date", params.fra, "fra"), ("to_date", params.til, "til")):
        try:
            dates[name] = read_day(text)
        except DayUnreadable as refusal:
            reasons.append((field, refusal.message))
    try:
        activities = context.queries.history(
            context.actor, user.id, words=recall(context, params.filter) or None, **dates, **order
        )
    except UserUnknown:
        return [], NO_ERRORS
    return activities, FormErrors(reasons)


def refused(
    context: RequestContext,
    user_id: UUID,
    refusal: Refusal,
    section: str,
    **facts: Any,  # noqa: ANN401
) -> HTMLResponse:
    """Return the profile with the refusal at its top, and the section of the command open.

    Raises: as `FormErrors.from_refusal`.
    """
    return profile_page(
        context, user_id, status=422, open_section=section, errors=FormErrors.from_refusal(refusal), **facts
    )
