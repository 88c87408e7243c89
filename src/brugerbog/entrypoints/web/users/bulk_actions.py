"""Bulk actions on users ticked in the user list: a preview to confirm, and a result for each user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import UUID, uuid5

from fastapi import Form as FormBody
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.danish_format import day, read_day
from brugerbog.entrypoints.web.forms import NO_ERRORS, FieldReader, Form, FormErrors, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.deactivation import days_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

router = Router()

PATH: Final = "/brugere/valgte"
_RESULT: Final = "chosen"
"""The key of the latest result in the session's data."""


BulkAction = Literal["gensend", "deaktiver", "slet"]
ChosenIds = Annotated[tuple[UUID, ...], Field(max_length=1000)]


@dataclass(frozen=True, slots=True)
class ActionTexts:
    """The command of a bulk action, which must be permitted, and the Danish texts of its pages."""

    command: str
    heading: str
    button: str
    done: str
    explains: str


ACTIONS: Final[Mapping[str, ActionTexts]] = {
    "gensend": ActionTexts(
        "resend_activation_mail",
        "Gensend aktiveringsmail",
        "Gensend aktiveringsmail",
        "Aktiveringsmailen er gensendt",
        "Hver bruger får en ny aktiveringsmail med et link, der gælder i 30 dage. Det tidligere link virker "
        "ikke længere.",
    ),
    "deaktiver": ActionTexts(
        "deactivate_user",
        "Deaktivér brugere",
        "Deaktivér",
        "Deaktiveret",
        "Brugerne kan ikke bruge MitID Erhverv i perioden. De bliver ikke slettet, og du kan altid aktivere "
        "dem igen.",
    ),
    "slet": ActionTexts(
        "delete_user",
        "Slet brugere",
        "Ok",
        "Slettet permanent",
        "Brugerne bliver slettet permanent. Skal de igen have MitID Erhverv, skal de oprettes på ny.",
    ),
}


class TickedUsersForm(BaseModel):
    """The form of the user list: `goer` is the action of the pressed button, `valgt` the ticked users."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    goer: BulkAction
    valgt: ChosenIds = ()


class ConfirmationForm(Form):
    """The form of the confirmation page; the days are those of a deactivation, else empty."""

    valgt: ChosenIds = ()
    from_date: Text = ""
    to_date: Text = ""

    def read(self) -> tuple[date | None, date | None]:
        """Return the two days. Raises: Refusals."""
        reader = FieldReader()
        days = (
            reader.read("from_date", self.from_date, read_day),
            reader.read("to_date", self.to_date, read_day),
        )
        reader.raise_objections()
        return days


@router.post(PATH)
def confirmation(context: LoggedIn, ticked: Annotated[TickedUsersForm, FormBody()]) -> Response:
    """Return the confirmation page: the users of the action, and those for whom it would be refused."""
    context.require(ACTIONS[ticked.goer].command)
    if not ticked.valgt:
        return context.redirect("/brugere", flash="Sæt flueben ud for mindst én bruger.", kind="warning")
    today = day(danish_day(context.queries.now()))
    return _page(
        context,
        ticked.goer,
        ConfirmationForm(command_id=context.new_id(), valgt=ticked.valgt, from_date=today),
    )


@router.get(PATH + "/resultat")
def result(context: LoggedIn) -> Response:
    """Return the results of the latest bulk action."""
    previous = context.session.data.get(_RESULT)
    return (
        context.page("chosen_done.html", result=previous, texts=ACTIONS[previous["goer"]])
        if previous
        else context.redirect("/brugere")
    )


@router.post(PATH + "/{goer}")
def execute(context: LoggedIn, goer: BulkAction, form: Annotated[ConfirmationForm, FormBody()]) -> Response:
    """Execute the action for each user; if the form is sent twice, each command is executed once."""
    context.require(ACTIONS[goer].command)
    previous = context.session.data.get(_RESULT)
    if previous and previous["id"] == str(form.command_id):
        return context.redirect(f"{PATH}/resultat")
    try:
        days = form.read() if goer == "deaktiver" else (None, None)
        _check_days(_refusals(context, goer, form.valgt, *days))
    except Refusal as refusal:
        return _page(context, goer, form, FormErrors.from_refusal(refusal))
    names = context.queries.names(context.actor, form.valgt)
    rows = [
        [str(user_id), names[user_id], *_execute(context, goer, user_id, form, days)]
        for user_id in form.valgt
    ]
    days_text = " ".join(days_in_words(days[0] or danish_day(context.queries.now()), days[1]))
    result = {
        "id": str(form.command_id),
        "goer": goer,
        "rows": rows,
        "days": days_text if goer == "deaktiver" else "",
    }
    context.web_context.sessions.keep(context.session, **{_RESULT: result})
    return context.redirect(f"{PATH}/resultat")


def _execute(
    context: RequestContext,
    goer: BulkAction,
    user_id: UUID,
    form: ConfirmationForm,
    days: tuple[date | None, date | None],
) -> tuple[bool, str]:
    """Execute the action for one user; return whether it was done, and the text to show."""
    administration, actor, command_id = (
        context.administration,
        context.actor,
        uuid5(form.command_id, str(user_id)),
    )
    try:
        if goer == "gensend":
            administration.resend_activation_mail(actor, user_id, command_id=command_id)
        elif goer == "slet":
            administration.delete_user(actor, user_id, command_id=command_id)
        else:
            administration.deactivate_user(
                actor, user_id, from_date=days[0], to_date=days[1], command_id=command_id
            )
    except Refusal as refusal:
        return False, refusal.message
    return True, ACTIONS[goer].done


def _refusals(
    context: RequestContext,
    goer: BulkAction,
    user_ids: tuple[UUID, ...],
    first: date | None = None,
    last: date | None = None,
) -> dict[UUID, Refusal | None]:
    """Preview the action: return the refusal of each user, or None."""
    if goer == "gensend":
        return context.queries.resending(context.actor, user_ids)
    if goer == "slet":
        return context.queries.deleting(context.actor, user_ids)
    return context.queries.deactivating(context.actor, user_ids, from_date=first, to_date=last)


def _check_days(refusals: Mapping[UUID, Refusal | None]) -> None:
    """Raises: Refusal, if the days are invalid, which is the same for all users."""
    for refusal in refusals.values():
        if refusal is not None and refusal.concerns in ("from_date", "to_date"):
            raise refusal


def _page(
    context: RequestContext, goer: BulkAction, form: ConfirmationForm, errors: FormErrors = NO_ERRORS
) -> Response:
    refusals, names = _refusals(context, goer, form.valgt), context.queries.names(context.actor, form.valgt)
    facts: dict[str, Any] = {
        "able": [(user_id, names[user_id]) for user_id in form.valgt if refusals[user_id] is None],
        "unable": [
            (names[user_id], refusal.message) for user_id, refusal in refusals.items() if refusal is not None
        ],
    }
    return context.page(
        "chosen.html",
        status=422 if errors.reasons else 200,
        goer=goer,
        texts=ACTIONS[goer],
        form=form,
        errors=errors,
        **facts,
    )
