"""Rettigheder, Underskrift and Segldannelse on a user's profile, for rights administrators."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import Checkbox, Form, Values
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


class RightsForm(Form):
    """The ticked rights, and in `had` the rights that were ticked when the page was opened."""

    rights: Values = ()
    had: Values = ()


class SigningForm(Form):
    """Whether the user may sign for the organisation."""

    can_sign: Checkbox = False


class SealingForm(Form):
    """The certificate profiles that the user may seal with."""

    sealing_profiles: Values = ()


@router.post("/brugere/{user_id:uuid}/rettigheder")
def rights(context: LoggedIn, user_id: UUID, form: Annotated[RightsForm, FormBody()]) -> Response:
    """Grant newly ticked rights and revoke unticked ones; changes by others in the meantime stay."""
    wanted, had = set(form.rights), set(form.had)
    try:
        if granted := [right for right in form.rights if right not in had]:
            context.administration.grant_rights(
                context.actor, user_id, granted, command_id=uuid5(form.command_id, "grant")
            )
        if revoked := [right for right in form.had if right not in wanted]:
            context.administration.revoke_rights(
                context.actor, user_id, revoked, command_id=uuid5(form.command_id, "revoke")
            )
    except Refusal as refusal:
        return refused(context, user_id, refusal, "rettigheder")
    flash = "Rettighederne er gemt." if granted or revoked else "Rettighederne er uændrede."
    return context.redirect(f"/brugere/{user_id}#rettigheder", flash=flash)


@router.post("/brugere/{user_id:uuid}/underskrift")
def signing(context: LoggedIn, user_id: UUID, form: Annotated[SigningForm, FormBody()]) -> Response:
    """Allow the user to sign for the organisation, or withdraw that."""
    administration = context.administration
    try:
        if form.can_sign:
            administration.allow_signing(context.actor, user_id, command_id=form.command_id)
        else:
            administration.withdraw_signing(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "underskrift")
    may = "kan" if form.can_sign else "kan ikke"
    return context.redirect(
        f"/brugere/{user_id}#underskrift", flash=f"Bruger {may} underskrive for organisationen."
    )


@router.post("/brugere/{user_id:uuid}/segldannelse")
def sealing(context: LoggedIn, user_id: UUID, form: Annotated[SealingForm, FormBody()]) -> Response:
    """Assign these sealing profiles to the user, and no others."""
    try:
        context.administration.assign_sealing_profiles(
            context.actor, user_id, form.sealing_profiles, command_id=form.command_id
        )
    except Refusal as refusal:
        return refused(context, user_id, refusal, "segldannelse")
    return context.redirect(f"/brugere/{user_id}#segldannelse", flash="Certifikatprofilerne er gemt.")
