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
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Text, Tick, Trouble
from brugerbog.entrypoints.web.imports.imported_users import PATH, Asked, list_page
from brugerbog.entrypoints.web.job_progress import found, has_died, part_of
from brugerbog.entrypoints.web.request_context import Visit, Visiting
from brugerbog.entrypoints.web.users.means_choice import MOST, NewMeansForm, offered
from brugerbog.infrastructure.web.uploads import Kind, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from brugerbog.application.commands.activation import Sending
    from brugerbog.application.previews.effects import PlannedSending
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
def choose_means(visit: Visiting, form: Annotated[SendingForm, FormBody()]) -> Response:
    """Go on with those who have a CPR number; the others are named and their ticks are gone."""
    visit.must("send_many_to_activation")
    sending = visit.queries.sending(visit.actor, form.user_ids).sending
    if not sending.sent:
        return _back_to_list(visit, form, sending)
    return _means_page(visit, form.narrowed_to(sending.sent), left_out=_left_out(visit, sending))


@router.post(SENDING + "/opsummering")
def sum_up(visit: Visiting, form: Annotated[SendingForm, FormBody()]) -> Response:
    """Say who will be sent, with which means, and what that costs at most; nobody is sent yet."""
    visit.must("send_many_to_activation")
    try:
        means = form.means
        planned = visit.queries.sending(visit.actor, form.user_ids, means=means)
    except Refusal as refusal:
        return _means_page(visit, form, Trouble.of(refusal))
    if not planned.sending.sent:
        return _back_to_list(visit, form, planned.sending)
    upload_id = visit.new_id()
    visit.desk.uploads.put(
        visit.session,
        upload_id,
        Kind.SENDING,
        to_json({"user_ids": planned.sending.sent, "means": means}),
        state=State.CHECKED,
        told=_summary(visit, planned, form.narrowed_to(planned.sending.sent), means),
    )
    return visit.go(f"{SENDING}/{upload_id}")


@router.get(SENDING + "/{upload_id:uuid}")
def look(visit: Visiting, upload_id: UUID) -> Response:
    """The summary, then how far the sending is, then the confirmation."""
    visit.must("send_many_to_activation")
    upload = found(visit, upload_id, Kind.SENDING)
    if upload.state is State.CHECKED:
        return visit.page("sending_summary.html", upload=upload, told=upload.told)
    if upload.state is State.DONE:
        return visit.page("sending_done.html", told=upload.told)
    if upload.state is State.REFUSED:
        return visit.page("sending_refused.html", status=422, said_no=upload.told["refused"])
    return visit.page("sending_progress.html", upload=upload, has_died=has_died(visit, upload))


@router.get(SENDING + "/{upload_id:uuid}/nu")
def follow(visit: Visiting, upload_id: UUID) -> Response:
    """How far it is."""
    return part_of(visit, found(visit, upload_id, Kind.SENDING), f"{SENDING}/{upload_id}", "brugere")


@router.post(SENDING + "/{upload_id:uuid}")
def send(visit: Visiting, upload_id: UUID) -> Response:
    """Aktivér brugere, or go on with what was cut off. Pressed twice, everybody gets one mail."""
    visit.must("send_many_to_activation")
    found(visit, upload_id, Kind.SENDING)
    if visit.desk.uploads.begin(visit.session, upload_id, State.CHECKED, State.WORKING):
        content = visit.desk.uploads.content(visit.session, upload_id)
        if content is not None:
            visit.desk.workroom.start(
                visit.session, upload_id, _deed(visit, upload_id, content), matters=True
            )
    return visit.go(f"{SENDING}/{upload_id}")


def _deed(visit: Visit, upload_id: UUID, content: bytes) -> UnitOfWork:
    administration, actor, chosen = visit.administration, visit.actor, from_json(content)

    def uow(follow: Follow) -> Outcome:
        sending = administration.send_many_to_activation(
            actor,
            [UUID(one) for one in chosen["user_ids"]],
            means=[Means(one) for one in chosen["means"]],
            progress=follow,
            command_id=upload_id,
        )
        left_out = len(sending.without_cpr) + len(sending.not_waiting)
        return Outcome(State.DONE, {"sent": len(sending.sent), "left_out": left_out})

    return uow


def _summary(
    visit: Visit, planned: PlannedSending, form: SendingForm, means: Sequence[Means]
) -> dict[str, Any]:
    sent = planned.sending.sent
    shown = [visit.queries.user(visit.actor, one) for one in sent[:MOST_SHOWN]]
    new = [kind for kind, many in planned.new_means.items() for _ in range(many)]
    return {
        "sent": len(sent),
        "each": counted(means),
        "new": counted(new),
        "cost": planned.cost,
        "left_out": _left_out(visit, planned.sending),
        "shown": [[name_of(one), one.email, one.cpr_masked, counted(one.means)] for one in shown],
        "more": len(sent) - len(shown),
        "said": form.said | ({"alle": "true"} if form.alle else {}),
        "valgt": list(form.valgt),
    }


def _left_out(visit: Visit, sending: Sending) -> list[str]:
    """Who isn't sent, and why, in words."""
    told = []
    if sending.without_cpr:
        told.append(
            f"Oprettet uden CPR-nummer: {_named(visit, sending.without_cpr)}. "
            "Fluebenet er fjernet. Send dem til aktivering enkeltvis."
        )
    if sending.not_waiting:
        told.append(f"Venter ikke længere på at blive sendt: {_named(visit, sending.not_waiting)}.")
    return told


def _named(visit: Visit, user_ids: Sequence[UUID]) -> str:
    some = user_ids[:MOST_NAMED]
    names = visit.queries.names(visit.actor, some)
    more = [f"{thousands(len(user_ids) - len(some))} andre"] if len(user_ids) > len(some) else []
    return listed([*(names[one] for one in some), *more])


def _back_to_list(visit: Visit, form: SendingForm, sending: Sending) -> Response:
    """Nobody is left to be sent among many."""
    reasons = _left_out(visit, sending) or [NobodyChosen().message]
    asked = Asked(soegning=form.soegning, efter=form.efter or None)
    return list_page(visit, asked, Trouble([("valgt", reason) for reason in reasons]))


def _means_page(
    visit: Visit, form: SendingForm, trouble: Trouble = NO_TROUBLE, left_out: Sequence[str] = ()
) -> Response:
    return visit.page(
        "sending_means.html",
        status=422 if trouble.reasons else 200,
        form=form,
        trouble=trouble,
        left_out=left_out,
        offered=offered(visit.menu.settings),
        most=MOST,
    )
