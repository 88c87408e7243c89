"""Every report equals a count by hand over the events of the log, at any instant."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from brugerbog.application.queries import reports
from brugerbog.application.queries.reports import Report
from brugerbog.application.refusals.requests import NotAllowed
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import ASSIGNABLE_ROLES, Role
from brugerbog.domain.values.means import Means
from brugerbog.projections.charges.table import charges
from brugerbog.projections.user_status.table import user_status
from tests.application.catalogue import REPORTS
from tests.application.queries.replayed_reports import by_hand, order
from tests.given import EAN, P_NUMBER
from tests.journeys.random_steps import STEPS, Step, StepExecutor
from tests.org_driver import BORN, Town
from tests.people import made_up_cpr

OTHER_EAN = "5790000000005"
A_DAY = timedelta(1)


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Iterator[None]:
    """What is charged is read in pieces that end within a life."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "_BATCH", 3)
        yield


def told(town: Town, at: datetime | None = None) -> dict[str, list[tuple[Any, ...]]]:
    return {name: list(getattr(town.queries, name)(town.actor, at=at).rows) for name in REPORTS}


# Any life


def _order(executor: StepExecutor, step: Step) -> None:
    devices = [Means.CHIP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.PRIVATE, Means.CHIP]
    with suppress(Refusal):
        executor.town.administration.activate_user(executor.town.actor, executor.target(step))
    order(executor.town, executor.target(step), devices[step.first], take=step.second % 2 == 1)


def _withdraw(executor: StepExecutor, step: Step) -> None:
    executor.town.administration.withdraw_consent(executor.town.seen_by(executor.target(step)).actor)


def _prices(executor: StepExecutor, step: Step) -> None:
    said = {"user": 1000 * step.first, "free_users": step.second, "chip": 100 + step.first}
    executor.town.administration.change_settings(executor.town.actor, {"prices": said})


def _invoice(executor: StepExecutor, step: Step) -> None:
    executor.town.edit(executor.target(step), ean=(EAN, OTHER_EAN, None)[step.first % 3])


def _send_all(executor: StepExecutor, _: Step) -> None:
    town = executor.town
    town.administration.send_many_to_activation(town.actor, town.ids(imported=True), means=[Means.APP])


OURS = {
    "order": _order,
    "withdraw": _withdraw,
    "prices": _prices,
    "invoice": _invoice,
    "send all": _send_all,
}
MORE = st.builds(
    Step, st.sampled_from([*OURS, "order"]), st.integers(0, 3), st.integers(0, 4), st.integers(0, 4)
)


def live(executor: StepExecutor, step: Step) -> None:
    if step.command not in OURS or not executor.user_ids:
        executor.execute(step)
        return
    executor.town.clock.advance(timedelta(hours=11 * step.first, microseconds=1))
    try:
        OURS[step.command](executor, step)
    except Refusal as refusal:
        executor.outcome = refusal.code


@settings(max_examples=15)
@given(steps=st.lists(st.one_of(STEPS, MORE), min_size=8, max_size=24))
def test_each_report_of_past_present_and_future_equals_a_count_over_the_log(
    found_town: Callable[..., Town], tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    town = found_town(eans=[EAN, OTHER_EAN], prices={"free_users": 2})
    executor, moments = StepExecutor(town, tmp_path_factory.getbasetemp()), [town.clock.now()]
    for step in steps:
        live(executor, step)
        assert told(town) == by_hand(town, town.clock.now())
        moments.append(town.clock.now())

    ends = [row[3] for row in told(town)["report_pending"]]
    for at in (*moments, *ends, *(town.clock.now() + days * A_DAY for days in (1, 3, 29, 31, 400))):
        assert told(town, at) == by_hand(town, at)


# One at a time


def rows_of(report: Report) -> list[dict[str, Any]]:
    return report.as_dicts()


def cost(town: Town) -> dict[tuple[str, str], tuple[int, int]]:
    """Count and amount by month and kind."""
    lines = rows_of(town.queries.report_cost(town.actor))
    return {(one["month"], one["kind"]): (one["count"], one["amount"]) for one in lines}


def statuses(town: Town, at: datetime | None = None) -> dict[str, int]:
    return {status: users for status, users in town.queries.report_status(town.actor, at=at).rows if users}


def test_a_future_report_knows_ends_of_deactivations_and_links(town: Town) -> None:
    town.create()
    town.deactivate(town.create_active(cpr=made_up_cpr(BORN, 0)), to_date=date(2026, 3, 22))

    assert statuses(town) == {"pending": 1, "deactivated": 1}
    assert statuses(town, datetime(2026, 3, 22, 23, tzinfo=UTC)) == {"pending": 1, "active": 1}
    assert statuses(town, datetime(2026, 4, 19, 10, tzinfo=UTC)) == {"link_expired": 1, "active": 1}


def test_a_deleted_user_counts_until_the_deletion_and_stays_charged(town: Town) -> None:
    user_id = town.create_active(means=(Means.APP,), p_number=P_NUMBER)
    then, paid = town.clock.now(), cost(town)
    town.clock.advance()
    town.delete(user_id)

    assert (statuses(town), statuses(town, then)) == ({}, {"active": 1})
    assert town.queries.report_placement(town.actor).rows == []
    assert not any(sum(row[1:]) for row in town.queries.report_means(town.actor).rows)
    assert cost(town) == paid == {("2026-03", "user"): (1, 0)}


def test_the_first_three_users_are_free_and_later_ones_cost_the_price_of_then(town: Town) -> None:
    town.create_many(5)
    town.clock.advance()
    town.administration.change_settings(town.actor, {"prices": {"user": 500, "free_users": 6}})
    town.clock.advance()
    town.create("Bo")
    town.create("Bo", "To")

    assert cost(town) == {("2026-03", "user"): (7, 2 * 2000 + 0 + 500)}


def test_an_imported_user_is_charged_when_sent_to_the_ean_of_then(
    found_town: Callable[..., Town], tmp_path: Path
) -> None:
    town = found_town(prices={"free_users": 0})
    sent, _, gone = town.import_people(tmp_path, 3)
    town.edit(sent, ean=EAN)
    town.delete(gone)
    assert cost(town) == {}

    town.clock.set_to(date(2026, 5, 2))
    town.administration.send_to_activation(town.actor, sent)
    town.edit(sent, ean=None)

    assert town.queries.report_cost(town.actor).rows == [("2026-05", EAN, "user", 1, 2000)]


def test_the_first_users_sent_to_activation_are_free(found_town: Callable[..., Town], tmp_path: Path) -> None:
    town = found_town(prices={"free_users": 1})
    imported = town.import_people(tmp_path, 1)
    town.create(ean=EAN)
    town.administration.send_many_to_activation(town.actor, imported)

    assert town.queries.report_cost(town.actor).rows == [
        ("2026-03", None, "user", 1, 2000),
        ("2026-03", EAN, "user", 1, 0),
    ]


def test_a_device_costs_the_price_at_the_time_of_the_order(town: Town) -> None:
    user_id = town.create_active()
    order(town, user_id, Means.CHIP, take=True)
    town.clock.advance()
    town.administration.change_settings(town.actor, {"prices": {"chip": 1}})
    town.edit(user_id, ean=EAN)
    order(town, user_id, Means.CHIP)

    lines = [row for row in town.queries.report_cost(town.actor).rows if row[2] == "chip"]
    assert lines == [("2026-03", None, "chip", 1, 11_500), ("2026-03", EAN, "chip", 1, 1)]


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 2, 28, 22, 59, tzinfo=UTC), "2026-02"),
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "2026-03"),
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), "2026-03"),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "2026-04"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "2027-01"),
    ],
)
def test_months_are_those_of_copenhagen(town: Town, at: datetime, month: str) -> None:
    town.clock.set_to(at)
    town.create()

    assert list(cost(town)) == [(month, "user")]


def test_report_tables_have_no_personal_columns(town: Town, tmp_path: Path) -> None:
    said = {"first_name": "Kanariefugl", "surname": "Gulfjersen", "email": "kanarie@fugl.test"}
    said |= {"phone": "40414243", "cpr": made_up_cpr(BORN, 7), "reference_text": "Redekasse 9"}
    user_id = town.create_active(**said)
    order(town, town.create_active("Kanariefugl"), Means.CHIP)
    town.edit(user_id, surname="Gulfjersen-Næb")
    town.import_people(tmp_path, 1)

    with town.service.log.backend.read.connect() as connection:
        found = [
            str(value)
            for table in (user_status, charges)
            for row in connection.execute(select(table))
            for value in row
        ]
    marks = ["Kanarie", "Gulfjer", "kanarie", "40414243", "Redekasse", BORN.isoformat(), f"{BORN:%d%m%y}"]
    assert found
    assert [one for one in found if any(mark in one for mark in marks)] == []


@pytest.mark.parametrize("role", [*ASSIGNABLE_ROLES, Role.USER])
@pytest.mark.parametrize("name", REPORTS)
def test_only_administrators_read_reports(town: Town, name: str, role: Role) -> None:
    user_id = town.create_active()
    if role is not Role.USER:
        town.administration.give_role(town.actor, user_id, role)
    ask = getattr(town.queries, name)

    if role in {Role.USER, Role.TRUSTED_EMPLOYEE}:
        with pytest.raises(NotAllowed):
            ask(town.seen_by(user_id).actor)
    else:
        assert ask(town.seen_by(user_id).actor) == ask(town.actor)


def test_reports_count_the_own_organisation_only(town: Town, neighbours: Town) -> None:
    before = told(neighbours)
    town.create_active(means=(Means.CHIP,), p_number=P_NUMBER)
    town.create("Bo")

    assert told(neighbours) == before
