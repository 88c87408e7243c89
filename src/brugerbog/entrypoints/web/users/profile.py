"""Brugerprofil: all that is known of one user, and what can be done with him, section by section."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse

from brugerbog.application.queries.queries import Activity, HistorySort, UserView
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.danish_format import DayUnreadable, read_day
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Text, Trouble
from brugerbog.entrypoints.web.remembered_searches import recall
from brugerbog.entrypoints.web.request_context import Visit, Visiting
from brugerbog.entrypoints.web.users.status_tags import absence_in_words

router = Router()

HISTORY_COLUMNS: Final = (
    (HistorySort.TIME, "Tidspunkt"),
    (HistorySort.TRANSACTION, "Transaktion"),
    (HistorySort.PROVIDER, "Tjenesteudbyder"),
    (HistorySort.TYPE, "Type"),
)


class AskedHistory(BaseModel):
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
def profile(visit: Visiting, user_id: UUID, asked: Annotated[AskedHistory, Query()]) -> HTMLResponse:
    """The profile of a living user. Raises: UserUnknown, AlreadyDeleted."""
    return profile_page(visit, user_id, asked)


def profile_page(
    visit: Visit,
    user_id: UUID,
    asked: AskedHistory | None = None,
    *,
    status: int = 200,
    open_section: str = "brugerinformation",
    trouble: Trouble = NO_TROUBLE,
    **facts: Any,  # noqa: ANN401 - what a deed shows besides, such as a CPR number
) -> HTMLResponse:
    """The profile, with what came of a deed on it. Raises: UserUnknown, AlreadyDeleted."""
    user = visit.living_user(user_id)
    asked = asked or AskedHistory()
    history, history_trouble = _history(visit, user, asked)
    told: dict[str, Any] = {
        "user": user,
        "open_section": "historik" if asked.is_narrowed else open_section,
        "trouble": trouble,
        "rights": {one.id: one for one in visit.menu.settings.rights},
        "user_roles": [role for holder, role in visit.queries.roles(visit.actor) if holder == user_id],
        "replaced": _replaced(visit, user),
        "absence": absence_in_words(user),
        "history": history,
        "history_asked": asked,
        "history_trouble": history_trouble,
        "history_columns": HISTORY_COLUMNS,
        "history_words": recall(visit, asked.filter),
        "offered": [one for one in Means if visit.menu.settings.offers(one)],
        "cpr": None,
    }
    return visit.page("profile.html", status=status, **(told | facts))


def _replaced(visit: Visit, user: UserView) -> UUID | None:
    """Whom an anonymous user has taken the place of, for those who may know."""
    if not user.anonymous or not visit.may("see_replaced"):
        return None
    return visit.queries.replaced_by(visit.actor, user.id)


def _history(visit: Visit, user: UserView, asked: AskedHistory) -> tuple[list[Activity], Trouble]:
    """The activities asked for; all of them, and what is wrong, when a date can't be read."""
    if not visit.may("see_history"):
        return [], NO_TROUBLE
    order: dict[str, Any] = {"sort": asked.sortering, "descending": asked.retning == "ned"}
    dates: dict[str, Any] = {}
    wrong: list[tuple[str | None, str]] = []
    for name, text, field in (("from_date", asked.fra, "fra"), ("to_date", asked.til, "til")):
        try:
            dates[name] = read_day(text)
        except DayUnreadable as refusal:
            wrong.append((field, refusal.message))
    try:
        found = visit.queries.history(
            visit.actor, user.id, words=recall(visit, asked.filter) or None, **dates, **order
        )
    except UserUnknown:
        return [], NO_TROUBLE
    return found, Trouble(wrong)


def refused(visit: Visit, user_id: UUID, refusal: Refusal, section: str, **facts: Any) -> HTMLResponse:  # noqa: ANN401
    """The profile with what is wrong at its top, and the section open that it is about.

    Raises: as `Trouble.of`.
    """
    return profile_page(
        visit, user_id, status=422, open_section=section, trouble=Trouble.of(refusal), **facts
    )
