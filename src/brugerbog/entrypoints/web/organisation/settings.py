"""Indstillinger: what the organisation allows its users, changed by its organisation administrators."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Form as FormBody
from fastapi import HTTPException
from starlette.responses import HTMLResponse, Response

from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.http.routing import Router
from brugerbog.entrypoints.web.forms import NO_TROUBLE, Trouble
from brugerbog.entrypoints.web.organisation.affected_users import told
from brugerbog.entrypoints.web.organisation.setting_sections import GROUPS, SECTIONS, Section
from brugerbog.entrypoints.web.organisation.setting_values import (
    DEVICES,
    MOST_RIGHTS,
    SettingsForm,
    entered,
    filled_in,
    mark_of,
    read,
    sent,
    standing,
    summary,
    trouble_of,
)
from brugerbog.entrypoints.web.request_context import Visit, Visiting

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
def overview(visit: Visiting) -> HTMLResponse:
    """How everything is set."""
    visit.must("change_settings")
    settings = visit.menu.settings
    return visit.page("settings.html", groups=GROUPS, summary=lambda section: summary(section, settings))


@router.get("/indstillinger/{key}")
def section(visit: Visiting, key: str) -> HTMLResponse:
    """The form of one section."""
    visit.must("change_settings")
    chosen = _section(key)
    return _form(visit, chosen, filled_in(chosen, visit.menu.settings))


@router.post("/indstillinger/{key}")
def change(visit: Visiting, key: str, form: Annotated[SettingsForm, FormBody()]) -> Response:
    """Save a section; where somebody has what is allowed no more, he who saves is told of it first."""
    chosen = _section(key)
    visit.must("change_settings")
    if form.step == BACK:
        return _form(visit, chosen, entered(chosen, form), form)
    if form.step == MORE:
        values = entered(chosen, form)
        return _form(visit, chosen, values | {"rights": [*values["rights"], ("", "", "")]}, form)
    try:
        settings = read(chosen, form)
        if _changed_meanwhile(visit, chosen, form, settings):
            told_of = Trouble([(None, _MEANWHILE)])
            return _form(visit, chosen, entered(chosen, form), form, trouble=told_of, status=CONFLICT)
        concerns = [] if form.step == CONFIRMED else visit.queries.concerned_by(visit.actor, settings)
        if concerns:
            return visit.page(
                "settings_concern.html",
                section=chosen,
                concerns=told(visit, concerns, visit.menu.settings),
                fields=list(sent(chosen, form)),
                form=form,
            )
        visit.administration.change_settings(visit.actor, settings, command_id=form.command_id)
    except Refusal as refusal:
        trouble = trouble_of(refusal, chosen, form)
        return _form(visit, chosen, entered(chosen, form), form, trouble=trouble, status=422)
    return visit.go("/indstillinger", said=f"{chosen.title} er gemt.")


def _section(key: str) -> Section:
    """Raises: HTTPException, when there is no such page."""
    if key not in SECTIONS:
        raise HTTPException(404)
    return SECTIONS[key]


def _changed_meanwhile(visit: Visit, section: Section, form: SettingsForm, settings: dict[str, Any]) -> bool:
    """Whether somebody else has changed this, so that saving would undo what he did without a word."""
    now = visit.menu.settings
    return form.seen != mark_of(section, now) and settings != standing(section, now)


def _form(
    visit: Visit,
    section: Section,
    values: dict[str, Any],
    form: SettingsForm | None = None,
    *,
    trouble: Trouble = NO_TROUBLE,
    status: int = 200,
) -> HTMLResponse:
    return visit.page(
        "settings_section.html",
        status=status,
        section=section,
        values=values,
        trouble=trouble,
        command_id=form.command_id if form else visit.new_id(),
        seen=mark_of(section, visit.menu.settings),
        now=summary(section, visit.menu.settings) if status == CONFLICT else None,
        levels=tuple(Ial),
        devices=DEVICES,
        too_many=len(values.get("rights", ())) > MOST_RIGHTS,
    )
