"""Tilføj identifikationsmidler (guide, Tildel identifikationsmidler)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.commands.user_input import NamedShared
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.danish_format import capital, listed
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Several, Text
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.creation import means_of
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


class MeansForm(Form):
    """Which means are to be added, and whose the shared one is."""

    means: Several = ()
    shared_cvr: Text = ""
    shared_id: Text = ""


@router.get("/brugere/{user_id:uuid}/identifikationsmidler")
def form(context: LoggedIn, user_id: UUID) -> Response:
    """The window `Tilføj identifikationsmiddel`: what the organisation offers."""
    context.must("assign_means")
    return _page(context, user_id, MeansForm(command_id=context.new_id()))


@router.post("/brugere/{user_id:uuid}/identifikationsmidler")
def assign(context: LoggedIn, user_id: UUID, form: Annotated[MeansForm, FormBody()]) -> Response:
    """Assign them; the user gets a mail, and the confirmation names what was added."""
    context.must("assign_means")
    means = means_of(form.means)
    if not means:
        nothing: list[tuple[str | None, str]] = [("means", "Vælg mindst ét identifikationsmiddel.")]
        return _page(context, user_id, form, FormErrors(nothing))
    named = NamedShared(owner_cvr=form.shared_cvr, identifier=form.shared_id)
    is_named = bool(form.shared_cvr.strip() or form.shared_id.strip())
    before = context.queries.user(context.actor, user_id).means
    try:
        context.administration.assign_means(
            context.actor, user_id, means, shared=named if is_named else None, command_id=form.command_id
        )
    except Refusal as refusal:
        return _page(context, user_id, form, FormErrors.of(refusal))
    return context.go(
        f"/brugere/{user_id}#identifikationsmidler", said=_said(context, user_id, before, means)
    )


@router.post("/brugere/{user_id:uuid}/identifikationsmidler/gensend")
def resend(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Send the mail about assigned means again; the earlier link is void."""
    try:
        context.administration.resend_means_mail(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "identifikationsmidler")
    said = "E-mailen om identifikationsmidler er gensendt. Det tidligere link gælder ikke længere."
    return context.go(f"/brugere/{user_id}#identifikationsmidler", said=said)


def _said(context: RequestContext, user_id: UUID, before: list[str], means: tuple[Means, ...]) -> str:
    user = context.queries.user(context.actor, user_id)
    if user.means == before:
        return f"{name_of(user)} har allerede det, du har valgt. Intet er ændret."
    names = capital(listed([DANISH_MEANS[one] for one in means]))
    return f"{names} er tilføjet. Brugeren modtager en e-mail med et link."


def _page(
    context: RequestContext, user_id: UUID, form: MeansForm, errors: FormErrors = NO_ERRORS
) -> Response:
    facts: dict[str, Any] = {
        "user": context.living_user(user_id),
        "form": form,
        "errors": errors,
        "offered": [one for one in Means if context.menu.settings.offers(one)],
    }
    return context.page("means.html", status=422 if errors.reasons else 200, **facts)
