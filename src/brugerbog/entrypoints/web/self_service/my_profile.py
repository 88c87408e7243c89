"""Min profil: a user's own data and roles, his consent, and his wish to be anonymous."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form as FormBody
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.anonymity import LossOfRightsNotAccepted
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Form, Trouble
from brugerbog.entrypoints.web.request_context import Visit, Visiting

router = Router()

MINE = "/min-profil"


class AskingForm(Form):
    """That a user wants to be anonymous, and knows that he loses his rights."""

    accepts: bool = False


@router.get(MINE)
def my_profile(visit: Visiting) -> HTMLResponse:
    """Stamdata (guide, at the top), and what somebody may do for himself."""
    myself = visit.queries.myself(visit.actor)
    return visit.page(
        "my_profile.html",
        user=myself.user,
        my_roles=myself.roles,
        rights=[one.name for one in visit.menu.settings.rights if one.id in myself.user.rights],
        has_consented=Means.PRIVATE in myself.user.active_means,
        sessions=visit.queries.own_sessions(visit.actor),
        command_id=visit.new_id(),
    )


@router.get(f"{MINE}/samtykke")
def consent(visit: Visiting) -> Response:
    """What withdrawing the consent comes to."""
    user = visit.queries.myself(visit.actor).user
    if Means.PRIVATE not in user.active_means:
        return visit.go(MINE, said="Du bruger ikke dit private MitID for organisationen.", kind="info")
    others = [one for one in user.active_means if one != Means.PRIVATE]
    return visit.page("consent.html", others=others, command_id=visit.new_id())


@router.post(f"{MINE}/samtykke")
def withdraw_consent(visit: Visiting, form: Annotated[Form, FormBody()]) -> Response:
    """Trække samtykket tilbage."""
    try:
        visit.administration.withdraw_consent(visit.actor, command_id=form.command_id)
    except Refusal as refusal:
        return visit.go(MINE, said=refusal.message, kind="warning")
    return visit.go(
        MINE, said="Dit samtykke til at bruge dit private MitID for organisationen er trukket tilbage."
    )


@router.get(f"{MINE}/anonym")
def anonymity(visit: Visiting) -> Response:
    """What becoming anonymous means, before it is asked for."""
    return _anonymity(visit, AskingForm(command_id=visit.new_id()))


@router.post(f"{MINE}/anonym")
def request_anonymity(visit: Visiting, form: Annotated[AskingForm, FormBody()]) -> Response:
    """Ask to become anonymous; the administrators answer."""
    try:
        visit.administration.request_anonymity(
            visit.actor, accepts_losing_rights=form.accepts, command_id=form.command_id
        )
    except LossOfRightsNotAccepted as refusal:
        return _anonymity(visit, form, Trouble([("accepts", refusal.message)]))
    except Refusal as refusal:
        return visit.go(MINE, said=refusal.message, kind="warning")
    return visit.go(MINE, said="Din anmodning om at blive anonym er sendt til jeres administratorer.")


def _anonymity(visit: Visit, form: AskingForm, trouble: Trouble = NO_TROUBLE) -> Response:
    user, may_be = visit.queries.myself(visit.actor).user, visit.menu.settings.allow_anonymous
    if user.asks_for_anonymity or user.anonymous or visit.menu.roles or not may_be:
        return visit.go(f"{MINE}#anonym")
    return visit.page(
        "ask_for_anonymity.html",
        status=422 if trouble.reasons else 200,
        loses=visit.queries.anonymity_terms(visit.actor).rights,
        form=form,
        trouble=trouble,
    )
