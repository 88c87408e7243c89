"""What is done to several users chosen in the list: said first, confirmed, and told of each."""

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
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Reader, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.deactivation import days_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

router = Router()

PATH: Final = "/brugere/valgte"
_RESULT: Final = "chosen"

Goer = Literal["gensend", "deaktiver", "slet"]
Chosen = Annotated[tuple[UUID, ...], Field(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Job:
    """One of the three: its command, and its words."""

    command: str
    heading: str
    button: str
    done: str
    explains: str


JOBS: Final[Mapping[str, Job]] = {
    "gensend": Job(
        "resend_activation_mail",
        "Gensend aktiveringsmail",
        "Gensend aktiveringsmail",
        "Aktiveringsmailen er gensendt",
        "Hver bruger får en ny aktiveringsmail med et link, der gælder i 30 dage. Det tidligere link virker "
        "ikke længere.",
    ),
    "deaktiver": Job(
        "deactivate_user",
        "Deaktivér brugere",
        "Deaktivér",
        "Deaktiveret",
        "Brugerne kan ikke bruge MitID Erhverv i perioden. De bliver ikke slettet, og du kan altid aktivere "
        "dem igen.",
    ),
    "slet": Job(
        "delete_user",
        "Slet brugere",
        "Ok",
        "Slettet permanent",
        "Brugerne bliver slettet permanent. Skal de igen have MitID Erhverv, skal de oprettes på ny.",
    ),
}


class Choice(BaseModel):
    """What the list sends: who was ticked, and which button was pressed."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    goer: Goer
    valgt: Chosen = ()


class ChosenForm(Form):
    """What the confirmation sends; the days are for a deactivation."""

    valgt: Chosen = ()
    from_date: Text = ""
    to_date: Text = ""

    def read(self) -> tuple[date | None, date | None]:
        """The two days. Raises: Refusals."""
        reader = Reader()
        days = (
            reader.read("from_date", self.from_date, read_day),
            reader.read("to_date", self.to_date, read_day),
        )
        reader.done()
        return days


@router.post(PATH)
def confirmation(context: LoggedIn, choice: Annotated[Choice, FormBody()]) -> Response:
    """Who was chosen, and what will happen to each."""
    context.must(JOBS[choice.goer].command)
    if not choice.valgt:
        return context.go("/brugere", said="Sæt flueben ud for mindst én bruger.", kind="warning")
    today = day(danish_day(context.queries.now()))
    return _page(
        context, choice.goer, ChosenForm(command_id=context.new_id(), valgt=choice.valgt, from_date=today)
    )


@router.get(PATH + "/resultat")
def result(context: LoggedIn) -> Response:
    """What became of each, of those done last."""
    told = context.session.data.get(_RESULT)
    return (
        context.page("chosen_done.html", told=told, job=JOBS[told["goer"]])
        if told
        else context.go("/brugere")
    )


@router.post(PATH + "/{goer}")
def do(context: LoggedIn, goer: Goer, form: Annotated[ChosenForm, FormBody()]) -> Response:
    """Do it to one after another; sent twice, each is done once."""
    context.must(JOBS[goer].command)
    told = context.session.data.get(_RESULT)
    if told and told["id"] == str(form.command_id):
        return context.go(f"{PATH}/resultat")
    try:
        days = form.read() if goer == "deaktiver" else (None, None)
        _check_days(_foreseen(context, goer, form.valgt, *days))
    except Refusal as refusal:
        return _page(context, goer, form, FormErrors.of(refusal))
    names = context.queries.names(context.actor, form.valgt)
    rows = [[str(one), names[one], *_done(context, goer, one, form, days)] for one in form.valgt]
    said = " ".join(days_in_words(days[0] or danish_day(context.queries.now()), days[1]))
    kept = {
        "id": str(form.command_id),
        "goer": goer,
        "rows": rows,
        "days": said if goer == "deaktiver" else "",
    }
    context.web_context.sessions.keep(context.session, **{_RESULT: kept})
    return context.go(f"{PATH}/resultat")


def _done(
    context: RequestContext,
    goer: Goer,
    user_id: UUID,
    form: ChosenForm,
    days: tuple[date | None, date | None],
) -> tuple[bool, str]:
    """Do it to one user: whether it was done, and what is said of it."""
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
    return True, JOBS[goer].done


def _foreseen(
    context: RequestContext,
    goer: Goer,
    user_ids: tuple[UUID, ...],
    first: date | None = None,
    last: date | None = None,
) -> dict[UUID, Refusal | None]:
    if goer == "gensend":
        return context.queries.resending(context.actor, user_ids)
    if goer == "slet":
        return context.queries.deleting(context.actor, user_ids)
    return context.queries.deactivating(context.actor, user_ids, from_date=first, to_date=last)


def _check_days(foreseen: Mapping[UUID, Refusal | None]) -> None:
    """Raises: whatever is wrong with the days themselves, once for all."""
    for refusal in foreseen.values():
        if refusal is not None and refusal.concerns in ("from_date", "to_date"):
            raise refusal


def _page(context: RequestContext, goer: Goer, form: ChosenForm, errors: FormErrors = NO_ERRORS) -> Response:
    foreseen, names = _foreseen(context, goer, form.valgt), context.queries.names(context.actor, form.valgt)
    facts: dict[str, Any] = {
        "able": [(one, names[one]) for one in form.valgt if foreseen[one] is None],
        "unable": [(names[one], refusal.message) for one, refusal in foreseen.items() if refusal is not None],
    }
    return context.page(
        "chosen.html",
        status=422 if errors.reasons else 200,
        goer=goer,
        job=JOBS[goer],
        form=form,
        errors=errors,
        **facts,
    )
