"""The status row of each user, which reports count."""

from typing import Any

import pytest

from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.values.means import Means
from brugerbog.projections.user_list.projection import UserListProjection
from brugerbog.projections.user_status.projection import UserStatusProjection
from brugerbog.projections.user_status.table import user_status
from tests.given import (
    CPR,
    EAN,
    NOON,
    ORGANISATION,
    P_NUMBER,
    SE_NUMBER,
    USER,
    Step,
    a_user,
    activated,
    an_imported_user,
    deactivated,
    deleted,
    edited,
    given_means,
    moment,
    ordered,
    reactivated,
    resent,
    sent,
    today,
    took,
)
from tests.projections.folds import erased, fold, only_row, story

LINK_ENDS = microseconds(moment("2026-04-19T12:00:00+02:00"))


def row_after(*steps: Step) -> dict[str, Any]:
    return only_row(UserStatusProjection(), *steps)


def test_a_created_user_is_pending_with_the_links_expiry() -> None:
    assert row_after(a_user(cpr=CPR, p_number=P_NUMBER, se_number=SE_NUMBER, ean=EAN)) == {
        "user_id": USER,
        "organisation_id": ORGANISATION,
        "phase": "pending",
        "deactivated_from": None,
        "deactivated_to": None,
        "p_number": P_NUMBER,
        "se_number": SE_NUMBER,
        "ean": EAN,
        "means": "",
        "ordered_means": "",
        "active_means": "",
        "pending_since": microseconds(NOON),
        "link_expires_at": LINK_ENDS,
    }


def test_an_imported_user_is_pending_from_sending() -> None:
    waiting, pending = row_after(an_imported_user()), row_after(an_imported_user(), today("2026-03-25"), sent)

    assert (waiting["phase"], waiting["pending_since"], waiting["link_expires_at"]) == (
        "imported",
        None,
        None,
    )
    assert pending["pending_since"] == microseconds(moment("2026-03-25T11:00:00+00:00"))


def test_a_resent_mail_keeps_the_start_of_pending() -> None:
    row = row_after(a_user(), today("2026-03-25"), resent)

    assert row["pending_since"] == microseconds(NOON)
    assert row["link_expires_at"] == microseconds(moment("2026-04-24T12:00:00+02:00"))


MIGRATIONS: list[Step] = [
    given_means(Means.APP, Means.CHIP, Means.CHIP),
    ordered(Means.CHIP),
    activated,
    took(Means.APP),
    edited(p_number=P_NUMBER, ean=EAN),
    deactivated("2026-04-01", "2026-04-02"),
    reactivated,
]


@pytest.mark.parametrize("count", range(len(MIGRATIONS) + 1))
def test_the_row_equals_that_of_the_user_list(count: int) -> None:
    steps = [a_user(), *MIGRATIONS[:count]]
    listed, stands = only_row(UserListProjection(), *steps), row_after(*steps)

    shared = stands.keys() & listed.keys()
    assert {name: stands[name] for name in shared} == {name: listed[name] for name in shared}
    assert stands.keys() - shared == {"pending_since"}


@pytest.mark.parametrize("end", [deleted(), deleted(retention_days=30)], ids=["erased", "kept a while"])
def test_deleted_users_have_no_status_row(end: Step) -> None:
    assert fold(UserStatusProjection(), story(a_user(), end)) == []


def test_the_table_has_no_personal_columns() -> None:
    facts = story(a_user(cpr=CPR), *MIGRATIONS)

    assert fold(UserStatusProjection(), erased(facts)) == fold(UserStatusProjection(), facts)
    assert not {"first_name", "surname", "email", "cpr_masked", "reference_text"} & set(user_status.c.keys())
