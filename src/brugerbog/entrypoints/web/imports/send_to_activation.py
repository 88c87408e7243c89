"""Send flere brugere til aktivering: selection, means, summary, confirmation; then the mails are sent.

The summary's users are stored sealed with it: exactly these are sent to activation at the confirmation.
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
from brugerbog.entrypoints.web.background_jobs import JobOutcome
from brugerbog.entrypoints.web.danish_format import listed, thousands
from brugerbog.entrypoints.web.forms import NO_ERRORS, Checkbox, FormErrors, Text
from brugerbog.entrypoints.web.imports.imported_users import PATH, ImportedUsersParams, list_page
from brugerbog.entrypoints.web.job_progress import find_upload, is_abandoned, progress_response
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.means_choice import MAX_NEW_MEANS, NewMeansForm, offered
from brugerbog.infrastructure.web.uploads import State, UploadKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.application.commands.activation import SendingResult
    from brugerbog.application.queries.previews.effects import SendingPreview
    from brugerbog.entrypoints.web.background_jobs import Job, ReportProgress

router = Router()

SENDING: Final = PATH + "/aktivering"
MAX_NAMED: Final = 20
MAX_SHOWN: Final = 100


@dataclass(eq=False)
class NobodyChosen(Refusal):
    """No user is ticked."""

    code = "nobody_chosen"
    concerns = "valgt"
    danish = "Sæt flueben ud for mindst én bruger."
    english = "Nobody was chosen."


class SendingForm(NewMeansForm):
    """The ticked users, or `alle` for all imported users; their means; the place in the list."""

    valgt: Annotated[tuple[UUID, ...], Field(max_length=1000)] = ()
    alle: Checkbox = False
    soegning: Text = ""
    efter: UUID | Literal[""] = ""

    @property
    def user_ids(self) -> list[UUID] | None:
        """The chosen users; None means all imported users."""
        return None if self.alle else list(self.valgt)

    def narrowed_to(self, user_ids: Sequence[UUID]) -> SendingForm:
        """Return the form with only these users: the others can't be sent in bulk."""
        return self if self.alle else self.model_copy(update={"valgt": tuple(user_ids)})


@router.post(SENDING + "/midler")
def choose_means(context: LoggedIn, form: Annotated[SendingForm, FormBody()]) -> Response:
    """Go on with the users who have a CPR number; the others are named and unticked."""
    context.require("send_many_to_activation")
    sending = context.queries.sending(context.actor, form.user_ids).sending
    if not sending.sent:
        return _back_to_list(context, form, sending)
    return _means_page(context, form.narrowed_to(sending.sent), left_out=_left_out(context, sending))


@router.post(SENDING + "/opsummering")
def sum_up(context: LoggedIn, form: Annotated[SendingForm, FormBody()]) -> Response:
    """Store a summary: the users, their means, and the highest cost. Nobody is sent yet."""
    context.require("send_many_to_activation")
    try:
        means = form.means
        planned = context.queries.sending(context.actor, form.user_ids, means=means)
    except Refusal as refusal:
        return _means_page(context, form, FormErrors.from_refusal(refusal))
    if not planned.sending.sent:
        return _back_to_list(context, form, planned.sending)
    upload_id = context.new_id()
    context.web_context.uploads.add(
        context.session,
        upload_id,
        UploadKind.SENDING,
        to_json({"user_ids": planned.sending.sent, "means": means}),
        state=State.CHECKED,
        result=_summary(context, planned, form.narrowed_to(planned.sending.sent), means),
    )
    return context.redirect(f"{SENDING}/{upload_id}")


@router.get(SENDING + "/{upload_id:uuid}")
def show_sending(context: LoggedIn, upload_id: UUID) -> Response:
    """Return the page of a sending by its state: summary, progress or confirmation."""
    context.require("send_many_to_activation")
    upload = find_upload(context, upload_id, UploadKind.SENDING)
    if upload.state is State.CHECKED:
        return context.page("sending_summary.html", upload=upload, result=upload.result)
    if upload.state is State.DONE:
        return context.page("sending_done.html", result=upload.result)
    if upload.state is State.REFUSED:
        return context.page("sending_refused.html", status=422, refusal=upload.result["refused"])
    return context.page("sending_progress.html", upload=upload, is_abandoned=is_abandoned(context, upload))


@router.get(SENDING + "/{upload_id:uuid}/nu")
def report_progress(context: LoggedIn, upload_id: UUID) -> Response:
    """Return the progress of a sending."""
    return progress_response(
        context, find_upload(context, upload_id, UploadKind.SENDING), f"{SENDING}/{upload_id}", "brugere"
    )


@router.post(SENDING + "/{upload_id:uuid}")
def send(context: LoggedIn, upload_id: UUID) -> Response:
    """Aktivér brugere, or resume a stopped job. Pressed twice, each user gets one mail."""
    context.require("send_many_to_activation")
    find_upload(context, upload_id, UploadKind.SENDING)
    if context.web_context.uploads.acquire(context.session, upload_id, State.CHECKED, State.WORKING):
        content = context.web_context.uploads.content(context.session, upload_id)
        if content is not None:
            context.web_context.background_jobs.start(
                context.session, upload_id, _sending_job(context, upload_id, content), outlives_session=True
            )
    return context.redirect(f"{SENDING}/{upload_id}")


def _sending_job(context: RequestContext, upload_id: UUID, content: bytes) -> Job:
    administration, actor, chosen = context.administration, context.actor, from_json(content)

    def job(report_progress: ReportProgress) -> JobOutcome:
        sending = administration.send_many_to_activation(
            actor,
            [UUID(user_id) for user_id in chosen["user_ids"]],
            means=[Means(means) for means in chosen["means"]],
            progress=report_progress,
            command_id=upload_id,
        )
        left_out = len(sending.without_cpr) + len(sending.not_waiting)
        return JobOutcome(State.DONE, {"sent": len(sending.sent), "left_out": left_out})

    return job


def _summary(
    context: RequestContext, planned: SendingPreview, form: SendingForm, means: Sequence[Means]
) -> dict[str, Any]:
    sent = planned.sending.sent
    shown = [context.queries.user(context.actor, user_id) for user_id in sent[:MAX_SHOWN]]
    new = [kind for kind, number in planned.new_means.items() for _ in range(number)]
    return {
        "sent": len(sent),
        "each": counted(means),
        "new": counted(new),
        "cost": planned.cost,
        "left_out": _left_out(context, planned.sending),
        "shown": [[name_of(user), user.email, user.cpr_masked, counted(user.means)] for user in shown],
        "more": len(sent) - len(shown),
        "said": form.fields | ({"alle": "true"} if form.alle else {}),
        "valgt": list(form.valgt),
    }


def _left_out(context: RequestContext, sending: SendingResult) -> list[str]:
    """Return sentences with the users who aren't sent, and the reason."""
    sentences = []
    if sending.without_cpr:
        sentences.append(
            f"Oprettet uden CPR-nummer: {_named(context, sending.without_cpr)}. "
            "Fluebenet er fjernet. Send dem til aktivering enkeltvis."
        )
    if sending.not_waiting:
        sentences.append(f"Venter ikke længere på at blive sendt: {_named(context, sending.not_waiting)}.")
    return sentences


def _named(context: RequestContext, user_ids: Sequence[UUID]) -> str:
    first = user_ids[:MAX_NAMED]
    names = context.queries.names(context.actor, first)
    more = [f"{thousands(len(user_ids) - len(first))} andre"] if len(user_ids) > len(first) else []
    return listed([*(names[user_id] for user_id in first), *more])


def _back_to_list(context: RequestContext, form: SendingForm, sending: SendingResult) -> Response:
    """Return the list with the reasons why none of the chosen users can be sent in bulk."""
    reasons = _left_out(context, sending) or [NobodyChosen().message]
    params = ImportedUsersParams(soegning=form.soegning, efter=form.efter or None)
    return list_page(context, params, FormErrors([("valgt", reason) for reason in reasons]))


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
        most=MAX_NEW_MEANS,
    )
