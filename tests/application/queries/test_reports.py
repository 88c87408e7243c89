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
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

OTHER_EAN = "5790000000005"
A_DAY = timedelta(1)


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Iterator[None]:
    """What is charged is read in pieces that end within a life."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reports, "_BATCH", 3)
        yield


def reports_at(org: OrgDriver, at: datetime | None = None) -> dict[str, list[tuple[Any, ...]]]:
    return {name: list(getattr(org.queries, name)(org.actor, at=at).rows) for name in REPORTS}


# Any life


def _order(executor: StepExecutor, step: Step) -> None:
    devices = [Means.CHIP, Means.CODE_DISPLAY, Means.AUDIO_CODE_READER, Means.PRIVATE, Means.CHIP]
    with suppress(Refusal):
        executor.org.administration.activate_user(executor.org.actor, executor.target(step))
    order(executor.org, executor.target(step), devices[step.first], take=step.second % 2 == 1)


def _withdraw(executor: StepExecutor, step: Step) -> None:
    executor.org.administration.withdraw_consent(executor.org.seen_by(executor.target(step)).actor)


def _prices(executor: StepExecutor, step: Step) -> None:
    said = {"user": 1000 * step.first, "free_users": step.second, "chip": 100 + step.first}
    executor.org.administration.change_settings(executor.org.actor, {"prices": said})


def _invoice(executor: StepExecutor, step: Step) -> None:
    executor.org.edit(executor.target(step), ean=(EAN, OTHER_EAN, None)[step.first % 3])


def _send_all(executor: StepExecutor, _: Step) -> None:
    org = executor.org
    org.administration.send_many_to_activation(org.actor, org.ids(imported=True), means=[Means.APP])


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
    executor.org.clock.advance(timedelta(hours=11 * step.first, microseconds=1))
    try:
        OURS[step.command](executor, step)
    except Refusal as refusal:
        executor.outcome = refusal.code


@settings(max_examples=15)
@given(steps=st.lists(st.one_of(STEPS, MORE), min_size=8, max_size=24))
def test_each_report_of_past_present_and_future_equals_a_count_over_the_log(
    make_org: Callable[..., OrgDriver], tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    org = make_org(eans=[EAN, OTHER_EAN], prices={"free_users": 2})
    executor, moments = StepExecutor(org, tmp_path_factory.getbasetemp()), [org.clock.now()]
    for step in steps:
        live(executor, step)
        assert reports_at(org) == by_hand(org, org.clock.now())
        moments.append(org.clock.now())

    ends = [row[3] for row in reports_at(org)["report_pending"]]
    for at in (*moments, *ends, *(org.clock.now() + days * A_DAY for days in (1, 3, 29, 31, 400))):
        assert reports_at(org, at) == by_hand(org, at)


# One at a time


def rows_of(report: Report) -> list[dict[str, Any]]:
    return report.as_dicts()


def cost(org: OrgDriver) -> dict[tuple[str, str], tuple[int, int]]:
    """Count and amount by month and kind."""
    lines = rows_of(org.queries.report_cost(org.actor))
    return {(one["month"], one["kind"]): (one["count"], one["amount"]) for one in lines}


def statuses(org: OrgDriver, at: datetime | None = None) -> dict[str, int]:
    return {status: users for status, users in org.queries.report_status(org.actor, at=at).rows if users}


def test_a_future_report_knows_ends_of_deactivations_and_links(org: OrgDriver) -> None:
    org.create()
    org.deactivate(org.create_active(cpr=made_up_cpr(BORN, 0)), to_date=date(2026, 3, 22))

    assert statuses(org) == {"pending": 1, "deactivated": 1}
    assert statuses(org, datetime(2026, 3, 22, 23, tzinfo=UTC)) == {"pending": 1, "active": 1}
    assert statuses(org, datetime(2026, 4, 19, 10, tzinfo=UTC)) == {"link_expired": 1, "active": 1}


def test_a_deleted_user_counts_until_the_deletion_and_stays_charged(org: OrgDriver) -> None:
    user_id = org.create_active(means=(Means.APP,), p_number=P_NUMBER)
    then, paid = org.clock.now(), cost(org)
    org.clock.advance()
    org.delete(user_id)

    assert (statuses(org), statuses(org, then)) == ({}, {"active": 1})
    assert org.queries.report_placement(org.actor).rows == []
    assert not any(sum(row[1:]) for row in org.queries.report_means(org.actor).rows)
    assert cost(org) == paid == {("2026-03", "user"): (1, 0)}


def test_the_first_three_users_are_free_and_later_ones_cost_the_price_of_then(org: OrgDriver) -> None:
    org.create_many(5)
    org.clock.advance()
    org.administration.change_settings(org.actor, {"prices": {"user": 500, "free_users": 6}})
    org.clock.advance()
    org.create("Bo")
    org.create("Bo", "To")

    assert cost(org) == {("2026-03", "user"): (7, 2 * 2000 + 0 + 500)}


def test_an_imported_user_is_charged_when_sent_to_the_ean_of_then(
    make_org: Callable[..., OrgDriver], tmp_path: Path
) -> None:
    org = make_org(prices={"free_users": 0})
    sent, _, gone = org.import_people(tmp_path, 3)
    org.edit(sent, ean=EAN)
    org.delete(gone)
    assert cost(org) == {}

    org.clock.set_to(date(2026, 5, 2))
    org.administration.send_to_activation(org.actor, sent)
    org.edit(sent, ean=None)

    assert org.queries.report_cost(org.actor).rows == [("2026-05", EAN, "user", 1, 2000)]


def test_the_first_users_sent_to_activation_are_free(
    make_org: Callable[..., OrgDriver], tmp_path: Path
) -> None:
    org = make_org(prices={"free_users": 1})
    imported = org.import_people(tmp_path, 1)
    org.create(ean=EAN)
    org.administration.send_many_to_activation(org.actor, imported)

    assert org.queries.report_cost(org.actor).rows == [
        ("2026-03", None, "user", 1, 2000),
        ("2026-03", EAN, "user", 1, 0),
    ]


def test_a_device_costs_the_price_at_the_time_of_the_order(org: OrgDriver) -> None:
    user_id = org.create_active()
    order(org, user_id, Means.CHIP, take=True)
    org.clock.advance()
    org.administration.change_settings(org.actor, {"prices": {"chip": 1}})
    org.edit(user_id, ean=EAN)
    order(org, user_id, Means.CHIP)

    lines = [row for row in org.queries.report_cost(org.actor).rows if row[2] == "chip"]
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
def test_months_are_those_of_copenhagen(org: OrgDriver, at: datetime, month: str) -> None:
    org.clock.set_to(at)
    org.create()

    assert list(cost(org)) == [(month, "user")]


def test_report_tables_have_no_personal_columns(org: OrgDriver, tmp_path: Path) -> None:
    said = {"first_name": "Kanariefugl", "surname": "Gulfjersen", "email": "kanarie@fugl.test"}
    said |= {"phone": "40414243", "cpr": made_up_cpr(BORN, 7), "reference_text": "Redekasse 9"}
    user_id = org.create_active(**said)
    order(org, org.create_active("Kanariefugl"), Means.CHIP)
    org.edit(user_id, surname="Gulfjersen-Næb")
    org.import_people(tmp_path, 1)

    with org.service.log.backend.read.connect() as connection:
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
def test_only_administrators_read_reports(org: OrgDriver, name: str, role: Role) -> None:
    user_id = org.create_active()
    if role is not Role.USER:
        org.administration.give_role(org.actor, user_id, role)
    ask = getattr(org.queries, name)

    if role in {Role.USER, Role.TRUSTED_EMPLOYEE}:
        with pytest.raises(NotAllowed):
            ask(org.seen_by(user_id).actor)
    else:
        assert ask(org.seen_by(user_id).actor) == ask(org.actor)


def test_reports_count_the_own_organisation_only(org: OrgDriver, neighbours: OrgDriver) -> None:
    before = reports_at(neighbours)
    org.create_active(means=(Means.CHIP,), p_number=P_NUMBER)
    org.create("Bo")

    assert reports_at(neighbours) == before
