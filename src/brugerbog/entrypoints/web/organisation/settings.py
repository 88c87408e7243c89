"""Indstillinger: the organisation's settings, changed by organisation administrators."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Form as FormBody
from fastapi import HTTPException
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_ERRORS, FormErrors
from brugerbog.entrypoints.web.organisation.affected_users import affected_users
from brugerbog.entrypoints.web.organisation.setting_sections import GROUPS, SECTIONS, Section
from brugerbog.entrypoints.web.organisation.setting_values import (
    DEVICES,
    MAX_RIGHTS,
    SettingsForm,
    current_values,
    entered_values,
    errors_of,
    fingerprint_of,
    form_values,
    read_values,
    sent_fields,
    summary,
)
from brugerbog.entrypoints.web.request_context import LoggedIn, RequestContext

router = Router()

CONFIRMED: Final = "confirmed"
MORE: Final = "more"
BACK: Final = "back"
CONFLICT: Final = 409
_CHANGED_MEANWHILE: Final = (
    "Indstillingen er ændret af en anden, siden du åbnede siden. Her er det, du har udfyldt. "
    "Sammenlign med det, der gælder nu, før du gemmer."
)


@router.get("/indstillinger")
def overview(context: LoggedIn) -> HTMLResponse:
    """Return the overview of all settings."""
    context.require("change_settings")
    settings = context.menu.settings
    return context.page("settings.html", groups=GROUPS, summary=lambda section: summary(section, settings))


@router.get("/indstillinger/{key}")
def section(context: LoggedIn, key: str) -> HTMLResponse:
    """Return the form of one section."""
    context.require("change_settings")
    chosen = _section(key)
    return _form(context, chosen, form_values(chosen, context.menu.settings))


@router.post("/indstillinger/{key}")
def change(context: LoggedIn, key: str, form: Annotated[SettingsForm, FormBody()]) -> Response:
    """Save a section; if users have things that are no longer allowed, show these users first."""
    chosen = _section(key)
    context.require("change_settings")
    if form.step == BACK:
        return _form(context, chosen, entered_values(chosen, form), form)
    if form.step == MORE:
        values = entered_values(chosen, form)
        return _form(context, chosen, values | {"rights": [*values["rights"], ("", "", "")]}, form)
    try:
        settings = read_values(chosen, form)
        if _changed_meanwhile(context, chosen, form, settings):
            errors = FormErrors([(None, _CHANGED_MEANWHILE)])
            return _form(context, chosen, entered_values(chosen, form), form, errors=errors, status=CONFLICT)
        concerns = [] if form.step == CONFIRMED else context.queries.concerned_by(context.actor, settings)
        if concerns:
            return context.page(
                "settings_concern.html",
                section=chosen,
                concerns=affected_users(context, concerns, context.menu.settings),
                fields=list(sent_fields(chosen, form)),
                form=form,
            )
        context.administration.change_settings(context.actor, settings, command_id=form.command_id)
    except Refusal as refusal:
        errors = errors_of(refusal, chosen, form)
        return _form(context, chosen, entered_values(chosen, form), form, errors=errors, status=422)
    return context.redirect("/indstillinger", flash=f"{chosen.title} er gemt.")


def _section(key: str) -> Section:
    """Return the section of an address. Raises: HTTPException 404."""
    if key not in SECTIONS:
        raise HTTPException(404)
    return SECTIONS[key]


def _changed_meanwhile(
    context: RequestContext, section: Section, form: SettingsForm, settings: dict[str, Any]
) -> bool:
    """Whether saving would overwrite another user's change since the form was opened."""
    now = context.menu.settings
    return form.seen != fingerprint_of(section, now) and settings != current_values(section, now)


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
        seen=fingerprint_of(section, context.menu.settings),
        now=summary(section, context.menu.settings) if status == CONFLICT else None,
        levels=tuple(Ial),
        devices=DEVICES,
        too_many=len(values.get("rights", ())) > MAX_RIGHTS,
    )
