"""Rettigheder, Underskrift and Segldannelse on a user's profile, for rights administrators."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import Form, Several, Tick
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


class RightsForm(Form):
    """All rights that the user is to have, and those that stood ticked when the page was shown."""

    rights: Several = ()
    had: Several = ()


class SigningForm(Form):
    """Whether the user may sign for the organisation."""

    can_sign: Tick = False


class SealingForm(Form):
    """The certificate profiles that the user may seal with."""

    sealing_profiles: Several = ()


@router.post("/brugere/{user_id:uuid}/rettigheder")
def rights(context: LoggedIn, user_id: UUID, form: Annotated[RightsForm, FormBody()]) -> Response:
    """Grant what was ticked and revoke what was unticked; what others changed meanwhile stays."""
    wanted, had = set(form.rights), set(form.had)
    try:
        if granted := [one for one in form.rights if one not in had]:
            context.administration.grant_rights(
                context.actor, user_id, granted, command_id=uuid5(form.command_id, "grant")
            )
        if revoked := [one for one in form.had if one not in wanted]:
            context.administration.revoke_rights(
                context.actor, user_id, revoked, command_id=uuid5(form.command_id, "revoke")
            )
    except Refusal as refusal:
        return refused(context, user_id, refusal, "rettigheder")
    said = "Rettighederne er gemt." if granted or revoked else "Rettighederne er uændrede."
    return context.go(f"/brugere/{user_id}#rettigheder", said=said)


@router.post("/brugere/{user_id:uuid}/underskrift")
def signing(context: LoggedIn, user_id: UUID, form: Annotated[SigningForm, FormBody()]) -> Response:
    """Let the user sign for the organisation, or no longer."""
    said: dict[str, Any] = {"command_id": form.command_id}
    try:
        if form.can_sign:
            context.administration.allow_signing(context.actor, user_id, **said)
        else:
            context.administration.withdraw_signing(context.actor, user_id, **said)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "underskrift")
    may = "kan" if form.can_sign else "kan ikke"
    return context.go(f"/brugere/{user_id}#underskrift", said=f"Bruger {may} underskrive for organisationen.")


@router.post("/brugere/{user_id:uuid}/segldannelse")
def sealing(context: LoggedIn, user_id: UUID, form: Annotated[SealingForm, FormBody()]) -> Response:
    """Let the user seal with these profiles and no others."""
    try:
        context.administration.assign_sealing_profiles(
            context.actor, user_id, form.sealing_profiles, command_id=form.command_id
        )
    except Refusal as refusal:
        return refused(context, user_id, refusal, "segldannelse")
    return context.go(f"/brugere/{user_id}#segldannelse", said="Certifikatprofilerne er gemt.")
