"""Serves the web pages to one administrator until it is killed; without pytest, to start quickly."""

import logging
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event

from brugerbog.application.commands.imports import importer
from brugerbog.demo.login import DemoLogin, Person
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application, listen, serve
from brugerbog.entrypoints.web import background_jobs
from brugerbog.infrastructure.system import SystemClock
from brugerbog.infrastructure.telemetry.log_output import configure_logging
from brugerbog.infrastructure.web import uploads
from brugerbog.infrastructure.web.settings import WebSettings
from tests.org_driver import OrgDriver, open_org

CHUNK = 100
"""Small, so that there are many points between two transactions at which the process can be killed."""


def serve_until_killed(url: str, folder: Path) -> None:
    """Serve at a free port and write its address; an interrupted upload counts as stalled after a second."""
    importer.CHUNK = CHUNK  # type: ignore[misc]
    uploads.STALLED_AFTER = timedelta(seconds=1)  # type: ignore[misc]
    background_jobs.HEARTBEAT_SECONDS = 0.2  # type: ignore[misc]
    background_jobs.START_WAIT_SECONDS = 0  # type: ignore[misc]
    with open_org(url, folder, clock=SystemClock(), catches_up=False) as org:
        person = Person(_administrator(org), org.id, "Ida", "By", "", "")
        listening = listen("127.0.0.1", 0)
        settings = WebSettings(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        configure_logging(level=logging.INFO)
        sys.stdout.write(f"{settings.base_url} {person.user_id}\n")
        sys.stdout.flush()
        serve(application(org.service, settings, DemoLogin([person])), settings, listening, Event())


def _administrator(org: OrgDriver) -> object:
    holders = [user_id for user_id, role in org.queries.roles(org.actor) if role is Role.USER_ADMINISTRATOR]
    if holders:
        return holders[0]
    user_id = org.create_active("Ida", "Administrator", email="ida@by.test")
    org.administration.give_role(org.actor, user_id, Role.USER_ADMINISTRATOR)
    return user_id


if __name__ == "__main__":
    serve_until_killed(sys.argv[1], Path(sys.argv[2]))
