"""Tilføj identifikationsmidler (guide, Tildel identifikationsmidler)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form as FormBody
from starlette.responses import Response

from brugerbog.application.commands.user_input import NamedShared
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import DANISH_NAMES, Means
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.presentation.words import name_of
from brugerbog.entrypoints.web.danish_format import capital, listed
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Form, Several, Text, Trouble
from brugerbog.entrypoints.web.request_context import Visit, Visiting
from brugerbog.entrypoints.web.users.creation import means_of
from brugerbog.entrypoints.web.users.profile import refused

router = Router()


class MeansForm(Form):
    """Which means are to be added, and whose the shared one is."""

    means: Several = ()
    shared_cvr: Text = ""
    shared_id: Text = ""


@router.get("/brugere/{user_id:uuid}/identifikationsmidler")
def form(visit: Visiting, user_id: UUID) -> Response:
    """The window `Tilføj identifikationsmiddel`: what the organisation offers."""
    visit.must("assign_means")
    return _page(visit, user_id, MeansForm(command_id=visit.new_id()))


@router.post("/brugere/{user_id:uuid}/identifikationsmidler")
def assign(visit: Visiting, user_id: UUID, form: Annotated[MeansForm, FormBody()]) -> Response:
    """Assign them; the user gets a mail, and the confirmation names what was added."""
    visit.must("assign_means")
    means = means_of(form.means)
    if not means:
        nothing: list[tuple[str | None, str]] = [("means", "Vælg mindst ét identifikationsmiddel.")]
        return _page(visit, user_id, form, Trouble(nothing))
    named = NamedShared(owner_cvr=form.shared_cvr, identifier=form.shared_id)
    is_named = bool(form.shared_cvr.strip() or form.shared_id.strip())
    before = visit.queries.user(visit.actor, user_id).means
    try:
        visit.administration.assign_means(
            visit.actor, user_id, means, shared=named if is_named else None, command_id=form.command_id
        )
    except Refusal as refusal:
        return _page(visit, user_id, form, Trouble.of(refusal))
    return visit.go(f"/brugere/{user_id}#identifikationsmidler", said=_said(visit, user_id, before, means))


@router.post("/brugere/{user_id:uuid}/identifikationsmidler/gensend")
def resend(visit: Visiting, user_id: UUID, form: Annotated[Form, FormBody()]) -> Response:
    """Send the mail about assigned means again; the earlier link is void."""
    try:
        visit.administration.resend_means_mail(visit.actor, user_id, command_id=form.command_id)
    except Refusal as refusal:
        return refused(visit, user_id, refusal, "identifikationsmidler")
    said = "E-mailen om identifikationsmidler er gensendt. Det tidligere link gælder ikke længere."
    return visit.go(f"/brugere/{user_id}#identifikationsmidler", said=said)


def _said(visit: Visit, user_id: UUID, before: list[str], means: tuple[Means, ...]) -> str:
    user = visit.queries.user(visit.actor, user_id)
    if user.means == before:
        return f"{name_of(user)} har allerede det, du har valgt. Intet er ændret."
    names = capital(listed([DANISH_NAMES[one] for one in means]))
    return f"{names} er tilføjet. Brugeren modtager en e-mail med et link."


def _page(visit: Visit, user_id: UUID, form: MeansForm, trouble: Trouble = NO_TROUBLE) -> Response:
    facts: dict[str, Any] = {
        "user": visit.living_user(user_id),
        "form": form,
        "trouble": trouble,
        "offered": [one for one in Means if visit.menu.settings.offers(one)],
    }
    return visit.page("means.html", status=422 if trouble.reasons else 200, **facts)
