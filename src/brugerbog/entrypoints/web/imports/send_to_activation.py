"""Send flere brugere til aktivering: chosen, given means, summed up, confirmed; then the mails go out.

Whom the summary names is kept sealed with it: exactly they are sent, however long somebody looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Form as FormBody
from pydantic import Field
from pydantic_core import from_json, to_json
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import counted, name_of
from brugerbog.entrypoints.web.background_jobs import Outcome
from brugerbog.entrypoints.web.danish_format import listed, thousands
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors, Text, Tick
from brugerbog.entrypoints.web.imports.imported_users import PATH, ImportedUsersParams, list_page
from brugerbog.entrypoints.web.job_progress import found, has_died, part_of
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.means_choice import MOST, NewMeansForm, offered
from brugerbog.infrastructure.web.uploads import State, UploadKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.application.commands.activation import SendingResult
    from brugerbog.application.queries.previews.effects import SendingPreview
    from brugerbog.entrypoints.web.background_jobs import Follow, UnitOfWork

router = Router()

SENDING: Final = PATH + "/aktivering"
MOST_NAMED: Final = 20
MOST_SHOWN: Final = 100


@dataclass(eq=False)
class NobodyChosen(Refusal):
    """No box is ticked."""

    code = "nobody_chosen"
    concerns = "valgt"
    danish = "Sæt flueben ud for mindst én bruger."
    english = "Nobody was chosen."


class SendingForm(NewMeansForm):
    """Who was ticked, or `alle` who wait, and which means they may use; and where in the list that was."""

    valgt: Annotated[tuple[UUID, ...], Field(max_length=1000)] = ()
    alle: Tick = False
    soegning: Text = ""
    efter: UUID | Literal[""] = ""

    @property
    def user_ids(self) -> list[UUID] | None:
        """Those chosen; None is all who wait."""
        return None if self.alle else list(self.valgt)

    def narrowed_to(self, user_ids: Sequence[UUID]) -> SendingForm:
        """The same without those who can't be sent among many."""
        return self if self.alle else self.model_copy(update={"valgt": tuple(user_ids)})


@router.post(SENDING + "/midler")
def choose_means(context: LoggedIn, form: Annotated[SendingForm, FormBody()]) -> Response:
    """Go on with those who have a CPR number; the others are named and their ticks are gone."""
    context.must("send_many_to_activation")
    sending = context.queries.sending(context.actor, form.user_ids).sending
    if not sending.sent:
        return _back_to_list(context, form, sending)
    return _means_page(context, form.narrowed_to(sending.sent), left_out=_left_out(context, sending))


@router.post(SENDING + "/opsummering")
def sum_up(context: LoggedIn, form: Annotated[SendingForm, FormBody()]) -> Response:
    """Say who will be sent, with which means, and what that costs at most; nobody is sent yet."""
    context.must("send_many_to_activation")
    try:
        means = form.means
        planned = context.queries.sending(context.actor, form.user_ids, means=means)
    except Refusal as refusal:
        return _means_page(context, form, FormErrors.of(refusal))
    if not planned.sending.sent:
        return _back_to_list(context, form, planned.sending)
    upload_id = context.new_id()
    context.web_context.uploads.add(
        context.session,
        upload_id,
        UploadKind.SENDING,
        to_json({"user_ids": planned.sending.sent, "means": means}),
        state=State.CHECKED,
        told=_summary(context, planned, form.narrowed_to(planned.sending.sent), means),
    )
    return context.go(f"{SENDING}/{upload_id}")


@router.get(SENDING + "/{upload_id:uuid}")
def look(context: LoggedIn, upload_id: UUID) -> Response:
    """The summary, then how far the sending is, then the confirmation."""
    context.must("send_many_to_activation")
    upload = found(context, upload_id, UploadKind.SENDING)
    if upload.state is State.CHECKED:
        return context.page("sending_summary.html", upload=upload, told=upload.result)
    if upload.state is State.DONE:
        return context.page("sending_done.html", told=upload.result)
    if upload.state is State.REFUSED:
        return context.page("sending_refused.html", status=422, said_no=upload.result["refused"])
    return context.page("sending_progress.html", upload=upload, has_died=has_died(context, upload))


@router.get(SENDING + "/{upload_id:uuid}/nu")
def follow(context: LoggedIn, upload_id: UUID) -> Response:
    """How far it is."""
    return part_of(
        context, found(context, upload_id, UploadKind.SENDING), f"{SENDING}/{upload_id}", "brugere"
    )


@router.post(SENDING + "/{upload_id:uuid}")
def send(context: LoggedIn, upload_id: UUID) -> Response:
    """Aktivér brugere, or go on with what was cut off. Pressed twice, everybody gets one mail."""
    context.must("send_many_to_activation")
    found(context, upload_id, UploadKind.SENDING)
    if context.web_context.uploads.acquire(context.session, upload_id, State.CHECKED, State.WORKING):
        content = context.web_context.uploads.content(context.session, upload_id)
        if content is not None:
            context.web_context.background_jobs.start(
                context.session, upload_id, _deed(context, upload_id, content), matters=True
            )
    return context.go(f"{SENDING}/{upload_id}")


def _deed(context: RequestContext, upload_id: UUID, content: bytes) -> UnitOfWork:
    administration, actor, chosen = context.administration, context.actor, from_json(content)

    def deed(follow: Follow) -> Outcome:
        sending = administration.send_many_to_activation(
            actor,
            [UUID(one) for one in chosen["user_ids"]],
            means=[Means(one) for one in chosen["means"]],
            progress=follow,
            command_id=upload_id,
        )
        left_out = len(sending.without_cpr) + len(sending.not_waiting)
        return Outcome(State.DONE, {"sent": len(sending.sent), "left_out": left_out})

    return deed


def _summary(
    context: RequestContext, planned: SendingPreview, form: SendingForm, means: Sequence[Means]
) -> dict[str, Any]:
    sent = planned.sending.sent
    shown = [context.queries.user(context.actor, one) for one in sent[:MOST_SHOWN]]
    new = [kind for kind, many in planned.new_means.items() for _ in range(many)]
    return {
        "sent": len(sent),
        "each": counted(means),
        "new": counted(new),
        "cost": planned.cost,
        "left_out": _left_out(context, planned.sending),
        "shown": [[name_of(one), one.email, one.cpr_masked, counted(one.means)] for one in shown],
        "more": len(sent) - len(shown),
        "said": form.said | ({"alle": "true"} if form.alle else {}),
        "valgt": list(form.valgt),
    }


def _left_out(context: RequestContext, sending: SendingResult) -> list[str]:
    """Who isn't sent, and why, in words."""
    told = []
    if sending.without_cpr:
        told.append(
            f"Oprettet uden CPR-nummer: {_named(context, sending.without_cpr)}. "
            "Fluebenet er fjernet. Send dem til aktivering enkeltvis."
        )
    if sending.not_waiting:
        told.append(f"Venter ikke længere på at blive sendt: {_named(context, sending.not_waiting)}.")
    return told


def _named(context: RequestContext, user_ids: Sequence[UUID]) -> str:
    some = user_ids[:MOST_NAMED]
    names = context.queries.names(context.actor, some)
    more = [f"{thousands(len(user_ids) - len(some))} andre"] if len(user_ids) > len(some) else []
    return listed([*(names[one] for one in some), *more])


def _back_to_list(context: RequestContext, form: SendingForm, sending: SendingResult) -> Response:
    """Nobody is left to be sent among many."""
    reasons = _left_out(context, sending) or [NobodyChosen().message]
    asked = ImportedUsersParams(soegning=form.soegning, efter=form.efter or None)
    return list_page(context, asked, FormErrors([("valgt", reason) for reason in reasons]))


def _means_page(
    context: RequestContext, form: SendingForm, errors: FormErrors = NO_ERRORS, left_out: Sequence[str] = ()
) -> Response:
    return context.page(
        "sending_means.html",
        status=422 if errors.reasons else 200,
        form=form,
        errors=errors,
        left_out=left_out,
        offered=offered(context.menu.settings),
        most=MOST,
    )
