"""Min profil: a user's own data and roles, his consent, and his wish to be anonymous."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form as FormBody
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.anonymity import LossOfRightsNotAccepted
from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()

MINE = "/min-profil"


class AnonymityRequestForm(Form):
    """That a user wants to be anonymous, and knows that he loses his rights."""

    accepts: bool = False


@router.get(MINE)
def my_profile(context: LoggedIn) -> HTMLResponse:
    """Stamdata (guide, at the top), and what somebody may do for himself."""
    myself = context.queries.myself(context.actor)
    return context.page(
        "my_profile.html",
        user=myself.user,
        my_roles=myself.roles,
        rights=[one.name for one in context.menu.settings.rights if one.id in myself.user.rights],
        has_consented=Means.PRIVATE in myself.user.active_means,
        sessions=context.queries.own_sessions(context.actor),
        command_id=context.new_id(),
    )


@router.get(f"{MINE}/samtykke")
def consent(context: LoggedIn) -> Response:
    """What withdrawing the consent comes to."""
    user = context.queries.myself(context.actor).user
    if Means.PRIVATE not in user.active_means:
        return context.go(MINE, said="Du bruger ikke dit private MitID for organisationen.", kind="info")
    others = [one for one in user.active_means if one != Means.PRIVATE]
    return context.page("consent.html", others=others, command_id=context.new_id())


@router.post(f"{MINE}/samtykke")
def withdraw_consent(context: LoggedIn, form: Annotated[Form, FormBody()]) -> Response:
    """Trække samtykket tilbage."""
    try:
        context.administration.withdraw_consent(context.actor, command_id=form.command_id)
    except Refusal as refusal:
        return context.go(MINE, said=refusal.message, kind="warning")
    return context.go(
        MINE, said="Dit samtykke til at bruge dit private MitID for organisationen er trukket tilbage."
    )


@router.get(f"{MINE}/anonym")
def anonymity(context: LoggedIn) -> Response:
    """What becoming anonymous means, before it is asked for."""
    return _anonymity(context, AnonymityRequestForm(command_id=context.new_id()))


@router.post(f"{MINE}/anonym")
def request_anonymity(context: LoggedIn, form: Annotated[AnonymityRequestForm, FormBody()]) -> Response:
    """Ask to become anonymous; the administrators answer."""
    try:
        context.administration.request_anonymity(
            context.actor, accepts_losing_rights=form.accepts, command_id=form.command_id
        )
    except LossOfRightsNotAccepted as refusal:
        return _anonymity(context, form, FormErrors([("accepts", refusal.message)]))
    except Refusal as refusal:
        return context.go(MINE, said=refusal.message, kind="warning")
    return context.go(MINE, said="Din anmodning om at blive anonym er sendt til jeres administratorer.")


def _anonymity(
    context: RequestContext, form: AnonymityRequestForm, errors: FormErrors = NO_ERRORS
) -> Response:
    user, may_be = context.queries.myself(context.actor).user, context.menu.settings.allow_anonymous
    if user.asks_for_anonymity or user.anonymous or context.menu.roles or not may_be:
        return context.go(f"{MINE}#anonym")
    return context.page(
        "ask_for_anonymity.html",
        status=422 if errors.reasons else 200,
        loses=context.queries.anonymity_terms(context.actor).rights,
        form=form,
        errors=errors,
    )
