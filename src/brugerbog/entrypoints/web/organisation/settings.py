"""Indstillinger: what the organisation allows its users, changed by its organisation administrators."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Form as FormBody
from fastapi import HTTPException
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors
from brugerbog.entrypoints.web.organisation.affected_users import told
from brugerbog.entrypoints.web.organisation.setting_sections import GROUPS, SECTIONS, Section
from brugerbog.entrypoints.web.organisation.setting_values import (
    DEVICES,
    MOST_RIGHTS,
    SettingsForm,
    entered,
    errors_of,
    filled_in,
    mark_of,
    read,
    sent,
    standing,
    summary,
)
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()

CONFIRMED: Final = "confirmed"
MORE: Final = "more"
BACK: Final = "back"
CONFLICT: Final = 409
_MEANWHILE: Final = (
    "Indstillingen er ændret af en anden, siden du åbnede siden. Her er det, du har udfyldt. "
    "Sammenlign med det, der gælder nu, før du gemmer."
)


@router.get("/indstillinger")
def overview(context: LoggedIn) -> HTMLResponse:
    """How everything is set."""
    context.must("change_settings")
    settings = context.menu.settings
    return context.page("settings.html", groups=GROUPS, summary=lambda section: summary(section, settings))


@router.get("/indstillinger/{key}")
def section(context: LoggedIn, key: str) -> HTMLResponse:
    """The form of one section."""
    context.must("change_settings")
    chosen = _section(key)
    return _form(context, chosen, filled_in(chosen, context.menu.settings))


@router.post("/indstillinger/{key}")
def change(context: LoggedIn, key: str, form: Annotated[SettingsForm, FormBody()]) -> Response:
    """Save a section; where somebody has what is allowed no more, he who saves is told of it first."""
    chosen = _section(key)
    context.must("change_settings")
    if form.step == BACK:
        return _form(context, chosen, entered(chosen, form), form)
    if form.step == MORE:
        values = entered(chosen, form)
        return _form(context, chosen, values | {"rights": [*values["rights"], ("", "", "")]}, form)
    try:
        settings = read(chosen, form)
        if _changed_meanwhile(context, chosen, form, settings):
            describe = FormErrors([(None, _MEANWHILE)])
            return _form(context, chosen, entered(chosen, form), form, errors=describe, status=CONFLICT)
        concerns = [] if form.step == CONFIRMED else context.queries.concerned_by(context.actor, settings)
        if concerns:
            return context.page(
                "settings_concern.html",
                section=chosen,
                concerns=told(context, concerns, context.menu.settings),
                fields=list(sent(chosen, form)),
                form=form,
            )
        context.administration.change_settings(context.actor, settings, command_id=form.command_id)
    except Refusal as refusal:
        errors = errors_of(refusal, chosen, form)
        return _form(context, chosen, entered(chosen, form), form, errors=errors, status=422)
    return context.go("/indstillinger", said=f"{chosen.title} er gemt.")


def _section(key: str) -> Section:
    """Raises: HTTPException, when there is no such page."""
    if key not in SECTIONS:
        raise HTTPException(404)
    return SECTIONS[key]


def _changed_meanwhile(
    context: RequestContext, section: Section, form: SettingsForm, settings: dict[str, Any]
) -> bool:
    """Whether somebody else has changed this, so that saving would undo what he did without a word."""
    now = context.menu.settings
    return form.seen != mark_of(section, now) and settings != standing(section, now)


def _form(
    context: RequestContext,
    section: Section,
    values: dict[str, Any],
    form: SettingsForm | None = None,
    *,
    errors: FormErrors = NO_ERRORS,
    status: int = 200,
) -> HTMLResponse:
    return context.page(
        "settings_section.html",
        status=status,
        section=section,
        values=values,
        errors=errors,
        command_id=form.command_id if form else context.new_id(),
        seen=mark_of(section, context.menu.settings),
        now=summary(section, context.menu.settings) if status == CONFLICT else None,
        levels=tuple(Ial),
        devices=DEVICES,
        too_many=len(values.get("rights", ())) > MOST_RIGHTS,
    )
