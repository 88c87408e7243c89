"""Min profil: the user's own data and roles, consent, and request to become anonymous."""

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
    """The request to become anonymous; `accepts` is the consent to losing rights."""

    accepts: bool = False


@router.get(MINE)
def my_profile(context: LoggedIn) -> HTMLResponse:
    """Return the user's own data (guide, Stamdata), and the commands for oneself."""
    myself = context.queries.myself(context.actor)
    return context.page(
        "my_profile.html",
        user=myself.user,
        my_roles=myself.roles,
        rights=[right.name for right in context.menu.settings.rights if right.id in myself.user.rights],
        has_consented=Means.PRIVATE in myself.user.active_means,
        sessions=context.queries.own_sessions(context.actor),
        command_id=context.new_id(),
    )


@router.get(f"{MINE}/samtykke")
def consent(context: LoggedIn) -> Response:
    """Return the page to withdraw the consent, with the consequences."""
    user = context.queries.myself(context.actor).user
    if Means.PRIVATE not in user.active_means:
        return context.redirect(
            MINE, flash="Du bruger ikke dit private MitID for organisationen.", kind="info"
        )
    others = [kind for kind in user.active_means if kind != Means.PRIVATE]
    return context.page("consent.html", others=others, command_id=context.new_id())


@router.post(f"{MINE}/samtykke")
def withdraw_consent(context: LoggedIn, form: Annotated[Form, FormBody()]) -> Response:
    """Trække samtykket tilbage: withdraw the consent to use a private MitID."""
    try:
        context.administration.withdraw_consent(context.actor, command_id=form.command_id)
    except Refusal as refusal:
        return context.redirect(MINE, flash=refusal.message, kind="warning")
    return context.redirect(
        MINE, flash="Dit samtykke til at bruge dit private MitID for organisationen er trukket tilbage."
    )


@router.get(f"{MINE}/anonym")
def anonymity(context: LoggedIn) -> Response:
    """Return the page to request anonymity, with the consequences."""
    return _anonymity(context, AnonymityRequestForm(command_id=context.new_id()))


@router.post(f"{MINE}/anonym")
def request_anonymity(context: LoggedIn, form: Annotated[AnonymityRequestForm, FormBody()]) -> Response:
    """Request anonymity, which an administrator approves or declines."""
    try:
        context.administration.request_anonymity(
            context.actor, accepts_losing_rights=form.accepts, command_id=form.command_id
        )
    except LossOfRightsNotAccepted as refusal:
        return _anonymity(context, form, FormErrors([("accepts", refusal.message)]))
    except Refusal as refusal:
        return context.redirect(MINE, flash=refusal.message, kind="warning")
    return context.redirect(
        MINE, flash="Din anmodning om at blive anonym er sendt til jeres administratorer."
    )


def _anonymity(
    context: RequestContext, form: AnonymityRequestForm, errors: FormErrors = NO_ERRORS
) -> Response:
    user, may_be = context.queries.myself(context.actor).user, context.menu.settings.allow_anonymous
    if user.asks_for_anonymity or user.anonymous or context.menu.roles or not may_be:
        return context.redirect(f"{MINE}#anonym")
    return context.page(
        "ask_for_anonymity.html",
        status=422 if errors.reasons else 200,
        loses=context.queries.anonymity_terms(context.actor).rights,
        form=form,
        errors=errors,
    )
