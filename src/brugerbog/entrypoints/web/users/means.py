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
from brugerbog.entrypoints.web.forms import NO_ERRORS, Form, FormErrors, Text, Values
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext
from brugerbog.entrypoints.web.users.creation import means_of
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


class MeansForm(Form):
    """The means to add, and the owner and identifier of a shared means."""

    means: Values = ()
    shared_cvr: Text = ""
    shared_id: Text = ""


@router.get("/brugere/{user_id:uuid}/identifikationsmidler")
def form(context: LoggedIn, user_id: UUID) -> Response:
    """Return the page `Tilføj identifikationsmiddel`, with the means that the organisation offers."""
    context.require("assign_means")
    return _page(context, user_id, MeansForm(command_id=context.new_id()))


@router.post("/brugere/{user_id:uuid}/identifikationsmidler")
def assign(context: LoggedIn, user_id: UUID, form: Annotated[MeansForm, FormBody()]) -> Response:
    """Assign the means, which sends the user a mail."""
    context.require("assign_means")
    means = means_of(form.means)
    if not means:
        reasons: list[tuple[str | None, str]] = [("means", "Vælg mindst ét identifikationsmiddel.")]
        return _page(context, user_id, form, FormErrors(reasons))
    shared = NamedShared(owner_cvr=form.shared_cvr, identifier=form.shared_id)
    has_shared = bool(form.shared_cvr.strip() or form.shared_id.strip())
    before = context.queries.user(context.actor, user_id).means
    try:
        context.administration.assign_means(
            context.actor, user_id, means, shared=shared if has_shared else None, command_id=form.command_id
        )
    except Refusal as refusal:
        return _page(context, user_id, form, FormErrors.from_refusal(refusal))
    return context.redirect(
        f"/brugere/{user_id}#identifikationsmidler", flash=_confirmation(context, user_id, before, means)
    )


@router.post("/brugere/{user_id:uuid}/identifikationsmidler/gensend")
def resend(context: LoggedIn, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Send the mail about assigned means again; this voids the earlier link."""
    try:
        context.administration.resend_means_mail(context.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(context, user_id, refusal, "identifikationsmidler")
    flash = "E-mailen om identifikationsmidler er gensendt. Det tidligere link gælder ikke længere."
    return context.redirect(f"/brugere/{user_id}#identifikationsmidler", flash=flash)


def _confirmation(context: RequestContext, user_id: UUID, before: list[str], means: tuple[Means, ...]) -> str:
    user = context.queries.user(context.actor, user_id)
    if user.means == before:
        return f"{name_of(user)} har allerede det, du har valgt. Intet er ændret."
    names = capital(listed([DANISH_MEANS[kind] for kind in means]))
    return f"{names} er tilføjet. Brugeren modtager en e-mail med et link."


def _page(
    context: RequestContext, user_id: UUID, form: MeansForm, errors: FormErrors = NO_ERRORS
) -> Response:
    facts: dict[str, Any] = {
        "user": context.undeleted_user(user_id),
        "form": form,
        "errors": errors,
        "offered": [kind for kind in Means if context.menu.settings.offers(kind)],
    }
    return context.page("means.html", status=422 if errors.reasons else 200, **facts)
