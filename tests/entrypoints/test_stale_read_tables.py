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
from tests.org_driver import Town, open_town

WARNING = "Visningen kan være forældet: user_list"


@pytest.fixture(params=[True, False], ids=["catching_up", "as_they_stand"])
def town(request: pytest.FixtureRequest, prepared_url: str, tmp_path: Path) -> Iterator[Town]:
    with open_town(prepared_url, tmp_path, clock=FrozenClock(), catches_up=request.param) as opened:
        yield opened


def stop(town: Town, name: str = "user_list") -> None:
    """Mark a projection as failed, as if by another process."""
    backend = town.service.log.backend
    with backend.write_transaction(backend.read) as connection:
        one = positions.c.name == name
        connection.execute(
            update(positions).where(one).values(state=FAILED, failed_at=9, failure="ValueError")
        )
    town.service.runner._stale.reset()


def administrator(town: Town) -> UUID:
    user_id = town.create_active("Ida", "Administrator")
    town.administration.give_role(town.actor, user_id, Role.USER_ADMINISTRATOR)
    return user_id


def test_an_embedded_page_of_users_carries_it(town: Town) -> None:
    before = town.page().is_stale
    stop(town)

    assert not before
    assert town.page().is_stale


def test_an_embedding_application_can_collect_notices_of_every_query(town: Town) -> None:
    ida = town.create("Ida")
    stop(town)
    with collect_stale() as stale:
        town.queries.report_cost(town.actor)
        assert stale == set()
        town.queries.history(town.actor, ida)
        assert stale == {"user_list"}
        stop(town, "charges")
        town.queries.report_cost(town.actor)
        assert stale == {"user_list", "charges"}


def test_a_page_shows_the_notice_above_the_list(town: Town) -> None:
    ida = administrator(town)
    browser = Browser(application(town.service, WebSettings(base_url=BASE_URL), DemoLogin([]))).log_in(
        ida, town.id
    )
    before = browser.open("/brugere")
    stop(town)

    after = browser.open("/brugere")

    assert WARNING not in before.text
    assert WARNING in after.text
    assert after.text.index(WARNING) < after.text.rindex("Ida")


def test_the_api_and_scim_say_it_in_a_header(town: Town) -> None:
    app = application(town.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
    api = connect(app, town, Role.USER_ADMINISTRATOR)
    before = api.get("/users")
    stop(town)

    assert "brugerbog-stale" not in before.headers
    assert api.get("/users").headers["brugerbog-stale"] == "user_list"
    assert "brugerbog-stale" not in api.get("/reports/cost").headers


def test_a_stopped_table_delays_no_wait_for_a_position(town: Town) -> None:
    app = application(town.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
    api = connect(app, town, Role.USER_ADMINISTRATOR)
    stop(town, "charges")
    town.create("Ida")
    position = str(town.service.runner.catch_up())

    answer = api.get("/users", headers={"brugerbog-position": position})
    assert (answer.status_code, "brugerbog-stale" in answer.headers) == (200, False)


def test_a_table_that_lacks_an_old_event_is_stale_and_a_young_one_none(town: Town) -> None:
    backend = town.service.log.backend
    town.create("Ida")
    with backend.write_transaction(backend.read) as connection:
        # As it is left by a process that was killed between recording and projecting.
        connection.execute(update(positions).values(position=positions.c.position - 1))
    assert set(town.service.runner.find_stale(town.clock.now())) == set()

    later = town.clock.now() + SILENT_AFTER + timedelta(seconds=1)

    assert "user_list" in set(town.service.runner.find_stale(later))


def test_a_table_built_anew_is_stale_no_more(town: Town) -> None:
    stop(town)
    before = town.page().is_stale
    town.service.runner.rebuild("user_list")

    assert before
    assert not town.page().is_stale


def test_readyz_warns_of_it(town: Town) -> None:
    town.service.worker.run_once()

    def projection_status() -> str:
        # A process keeps what it found for a second, so another one is asked.
        app = application(town.service, WebSettings(base_url=BASE_URL), DemoLogin([]))
        watcher = TestClient(app, base_url=BASE_URL)
        return str(watcher.get("/readyz").json()["checks"]["projections"]["status"])

    before = projection_status()
    stop(town)
    assert (before, projection_status()) == ("pass", "warn")
