"""Redigér: a user's e-mail address and phone number (guide, Se og redigér i brugerinformation)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.commands.user_input import UserEdits
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.personal_data import email_can_carry_certificate
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of, new_address_text
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.creation import NO_CERTIFICATE

router = Router()


class ContactForm(Form):
    """The two fields that a page can edit."""

    email: Text = ""
    phone: Text = ""


@router.get("/brugere/{user_id:uuid}/rediger")
def form(context: LoggedIn, user_id: UUID) -> Response:
    """Return the form with the present values."""
    context.require("edit_user")
    user = context.undeleted_user(user_id)
    return _page(
        context,
        user_id,
        ContactForm(command_id=context.new_id(), email=user.email or "", phone=user.phone or ""),
    )


@router.post("/brugere/{user_id:uuid}/rediger")
def update(context: LoggedIn, user_id: UUID, form: Annotated[ContactForm, FormBody()]) -> Response:
    """Opdatér: save the two fields."""
    edits = UserEdits(email=form.email, phone=form.phone)
    before = context.queries.user(context.actor, user_id)
    try:
        context.administration.edit_user(context.actor, user_id, edits, command_id=form.command_id)
    except Refusal as refusal:
        return _page(context, user_id, form, FormErrors.from_refusal(refusal))
    after = context.queries.user(context.actor, user_id)
    flash = f"Brugerinformationen er opdateret. {new_address_text(before, after)}".strip()
    if not email_can_carry_certificate(form.email):
        flash = f"{flash} {NO_CERTIFICATE}"
    return context.redirect(f"/brugere/{user_id}", flash=flash)


def _page(
    context: RequestContext, user_id: UUID, form: ContactForm, errors: FormErrors = NO_ERRORS
) -> Response:
    user = context.undeleted_user(user_id)
    status = 422 if errors.reasons else 200
    return context.page(
        "contact.html", status=status, user=user, name=name_of(user), form=form, errors=errors
    )
