"""An answer from an incomplete read table carries a notice, in every entry point; other answers don't."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from brugerbog.application.diagnostics.checks import SILENT_AFTER
from brugerbog.application.queries.staleness import collect_stale
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.projections.positions import FAILED, positions
from brugerbog.infrastructure.web.settings import WebSettings
from tests.clock import FrozenClock
from tests.entrypoints.api.api_client import connect
from tests.entrypoints.web.browser import BASE_URL, Browser
from tests.org_driver import OrgDriver, open_org

WARNING = "Visningen kan være forældet: user_list"


@pytest.fixture(params=[True, False], ids=["catching_up", "as_they_stand"])
def org(request: pytest.FixtureRequest, prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    with open_org(prepared_url, tmp_path, clock=FrozenClock(), catches_up=request.param) as opened:
        yield opened


def stop(org: OrgDriver, name: str = "user_list") -> None:
    """Mark a projection as failed, as if by another process."""
    backend = org.service.log.backend
    with backend.write_transaction(backend.read) as connection:
        one = positions.c.name == name
        connection.execute(
            update(positions).where(one).values(state=FAILED, failed_at=9, failure="ValueError")
        )
    org.service.runner._stale.reset()


def administrator(org: OrgDriver) -> UUID:
    user_id = org.create_active("Ida", "Administrator")
    org.administration.give_role(org.actor, user_id, Role.USER_ADMINISTRATOR)
    return user_id


def test_an_embedded_page_of_users_carries_it(org: OrgDriver) -> None:
    before = org.page().is_stale
    stop(org)

    assert not before
    assert org.page().is_stale


def test_an_embedding_application_can_collect_notices_of_every_query(org: OrgDriver) -> None:
    ida = org.create("Ida")
    stop(org)
    with collect_stale() as stale:
        org.queries.report_cost(org.actor)
        assert stale == set()
        org.queries.history(org.actor, ida)
        assert stale == {"user_list"}
        stop(org, "charges")
        org.queries.report_cost(org.actor)
        assert stale == {"user_list", "charges"}


def test_a_page_shows_the_notice_above_the_list(org: OrgDriver) -> None:
    ida = administrator(org)
    browser = Browser(application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))).log_in(
        ida, org.id
    )
    before = browser.open("/brugere")
    stop(org)

    after = browser.open("/brugere")

    assert WARNING not in before.text
    assert WARNING in after.text
    assert after.text.index(WARNING) < after.text.rindex("Ida")


def test_the_api_and_scim_say_it_in_a_header(org: OrgDriver) -> None:
    app = application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
    api = connect(app, org, Role.USER_ADMINISTRATOR)
    before = api.get("/users")
    stop(org)

    assert "brugerbog-stale" not in before.headers
    assert api.get("/users").headers["brugerbog-stale"] == "user_list"
    assert "brugerbog-stale" not in api.get("/reports/cost").headers


def test_a_stopped_table_delays_no_wait_for_a_position(org: OrgDriver) -> None:
    app = application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
    api = connect(app, org, Role.USER_ADMINISTRATOR)
    stop(org, "charges")
    org.create("Ida")
    position = str(org.service.runner.catch_up())

    answer = api.get("/users", headers={"brugerbog-position": position})
    assert (answer.status_code, "brugerbog-stale" in answer.headers) == (200, False)


def test_a_table_that_lacks_an_old_event_is_stale_and_a_young_one_none(org: OrgDriver) -> None:
    backend = org.service.log.backend
    org.create("Ida")
    with backend.write_transaction(backend.read) as connection:
        # As it is left by a process that was killed between recording and projecting.
        connection.execute(update(positions).values(position=positions.c.position - 1))
    assert set(org.service.runner.find_stale(org.clock.now())) == set()

    later = org.clock.now() + SILENT_AFTER + timedelta(seconds=1)

    assert "user_list" in set(org.service.runner.find_stale(later))


def test_a_table_built_anew_is_stale_no_more(org: OrgDriver) -> None:
    stop(org)
    before = org.page().is_stale
    org.service.runner.rebuild("user_list")

    assert before
    assert not org.page().is_stale


def test_readyz_warns_of_it(org: OrgDriver) -> None:
    org.service.worker.run_once()

    def projection_status() -> str:
        # A process keeps what it found for a second, so another one is asked.
        app = application(org.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
        watcher = TestClient(app, base_url=BASE_URL)
        return str(watcher.get("/readyz").json()["checks"]["projections"]["status"])

    before = projection_status()
    stop(org)
    assert (before, projection_status()) == ("pass", "warn")
