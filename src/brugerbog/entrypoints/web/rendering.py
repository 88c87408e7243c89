"""Renders the Danish pages from templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2

from brugerbog.application.queries.menu import FEW_USERS
from brugerbog.application.queries.staleness import stale_notice
from brugerbog.domain.danish.dates import day_and_time
from brugerbog.domain.kernel.roles import DANISH_ROLES
from brugerbog.domain.values.means import DANISH_MEANS, HARDWARE, Ial, Means
from brugerbog.entrypoints.presentation import words
from brugerbog.entrypoints.web import danish_format
from brugerbog.entrypoints.web.status_tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"
DESIGN_SYSTEM: Final = FOLDER / "dkfds"
STYLES: Final = "css/dkfds-virkdk.min.css"


def has_design_system() -> bool:
    """Whether the design system was fetched when the package was built; pages look plain without it."""
    return (DESIGN_SYSTEM / STYLES).is_file()


class Templates:
    """All templates, with escaped texts. An undefined variable is an error."""

    def __init__(self) -> None:
        self._templates = _templates(has_design_system=has_design_system())

    def render(self, template: str, facts: Mapping[str, Any]) -> str:
        """Return the HTML of a page."""
        return self._templates.get_template(template).render(facts)


@cache
def _templates(*, has_design_system: bool) -> jinja2.Environment:
    """Return the environment, one in a process: compiling the templates takes longer than a page."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.do"],
    )
    templates.filters |= {
        "status": words.status_text,
        "name": words.name_of,
        "kroner": words.kroner,
        "moment": words.danish_time,
        "in_words": day_and_time,
        "role": words.role_name,
        "means": lambda means: DANISH_MEANS[Means(means)],
        "capital": danish_format.capital,
        "tags": tags_of,
        "day": danish_format.day,
        "long_day": danish_format.long_day,
        "listed": danish_format.listed,
        "count": danish_format.thousands,
        "pair": lambda value: (value, value),
        "choice": lambda value: (value, value, ""),
        "right": lambda right: (right.id, f"{right.name} ({right.service_provider})", ""),
        "ial": lambda level: danish_format.capital(Ial(level).danish),
        "means_lines": lambda user: [danish_format.capital(line) for line in words.means_lines(user)],
        "level": lambda level: (level, danish_format.capital(level.danish)),
    }
    templates.tests["hardware"] = lambda means: Means(means) in HARDWARE
    templates.globals |= {
        "has_design_system": has_design_system,
        "roles": DANISH_ROLES,
        "few": FEW_USERS,
        "stale_notice": stale_notice,
    }
    return templates
