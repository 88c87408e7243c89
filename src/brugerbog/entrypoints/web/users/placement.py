"""Organisation: a user's P- and SE-number (guide, Tilknyt et P- eller SE-nummer til brugere)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.user.details import KEEP
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import Form, Text, Values
from brugerbog.entrypoints.web.request_context import LoggedIn
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


class PlacementForm(Form):
    """The chosen numbers. `shows` names the fields of the page, as browsers send no empty choice."""

    p_number: Text = ""
    se_number: Text = ""
    shows: Values = ()


class InvoiceForm(Form):
    """The chosen EAN, or an empty string."""

    ean: Text = ""


@router.post("/brugere/{user_id:uuid}/organisation")
def place(context: LoggedIn, user_id: UUID, form: Annotated[PlacementForm, FormBody()]) -> Response:
    """Place the user at the chosen numbers; an empty choice removes the number."""
    try:
        context.administration.place_user(
            context.actor,
            user_id,
            p_number=form.p_number if "p_number" in form.shows else KEEP,
            se_number=form.se_number if "se_number" in form.shows else KEEP,
            command_id=form.command_id,
        )
    except Refusal as refusal:
        return refused(context, user_id, refusal, "organisation")
    user = context.queries.user(context.actor, user_id)
    numbers = [
        f"{label} {number}"
        for label, number in (("P-nummer", user.p_number), ("SE-nummer", user.se_number))
        if number
    ]
    placement = " og ".join(numbers) if numbers else "intet P- eller SE-nummer"
    return context.redirect(
        f"/brugere/{user_id}#organisation", flash=f"Ændringen er gemt: brugeren er tilknyttet {placement}."
    )


@router.post("/brugere/{user_id:uuid}/faktureringsmetode")
def invoice(context: LoggedIn, user_id: UUID, form: Annotated[InvoiceForm, FormBody()]) -> Response:
    """Change the EAN that is invoiced for the user."""
    try:
        context.administration.edit_user(
            context.actor, user_id, UserEdits(ean=form.ean), command_id=form.command_id
        )
    except Refusal as refusal:
        return refused(context, user_id, refusal, "organisation")
    return context.redirect(f"/brugere/{user_id}#organisation", flash="Faktureringsmetoden er gemt.")
