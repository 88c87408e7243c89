"""Lists page by page: all of them together are the whole, whatever happens in between."""

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.queries.user_list import Sort
from brugerbog.application.refusals.requests import CursorInvalid, LimitOutOfRange
from brugerbog.domain.values.status import Status
from tests.given import P_NUMBER
from tests.org_driver import OrgDriver

NEVER_SO_MANY = 60
NARROWED: list[dict[str, Any]] = [
    {},
    {"search": "ib"},
    {"status": Status.ACTIVE},
    {"status": Status.DEACTIVATED},
    {"p_number": P_NUMBER},
]


def walk(org: OrgDriver, limit: int, between: Callable[[], object] = list, **asked: Any) -> list[UUID]:  # noqa: ANN401
    """The ids of all pages, one after another; `between` happens after each but the last."""
    seen: list[UUID] = []
    after = None
    for _ in range(NEVER_SO_MANY):
        page = org.page(limit=limit, after=after, **asked)
        seen += [user.id for user in page.users]
        if page.next is None:
            return seen
        assert len(page.users) == limit
        after = page.next
        between()
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("moment", ["now", "then"])
@pytest.mark.parametrize("narrowed", NARROWED, ids=str)
def test_all_pages_together_are_the_whole_list(
    seen_org: OrgDriver, sort: Sort, moment: str, narrowed: dict[str, Any]
) -> None:
    asked = narrowed | ({"at": seen_org.clock.now()} if moment == "then" else {})
    whole = seen_org.ids(sort=sort, **asked)

    assert whole
    for limit in (1, 2, 5, len(whole)):
        assert walk(seen_org, limit, sort=sort, **asked) == whole


@pytest.mark.parametrize("sort", Sort)
def test_a_deletion_between_pages_hides_no_other_user(settled_org: OrgDriver, sort: Sort) -> None:
    before = settled_org.ids(sort=sort)
    deleted = Random(11).sample(before, 5)
    leaving = iter(deleted)

    seen = walk(settled_org, 2, lambda: [settled_org.delete(one) for one in leaving][:0], sort=sort)

    assert [one for one in seen if one not in deleted] == [one for one in before if one not in deleted]


@pytest.mark.parametrize("sort", Sort)
def test_a_creation_between_pages_repeats_and_hides_no_user(settled_org: OrgDriver, sort: Sort) -> None:
    before, new = settled_org.ids(sort=sort), list[UUID]()

    def somebody_comes() -> None:
        for name in ("Aaron", "Ib") if len(new) < 8 else ():
            new.append(settled_org.create(name, email=f"{len(new)}.ny@by.test"))

    seen = walk(settled_org, 3, somebody_comes, sort=sort)

    assert [one for one in seen if one not in new] == before
    assert len(seen) == len(set(seen))


def test_a_cursor_is_valid_after_its_user_is_deleted(settled_org: OrgDriver) -> None:
    whole, page = settled_org.ids(), settled_org.page(limit=4)
    for user in page.users:
        settled_org.delete(user.id)

    assert [user.id for user in settled_org.page(after=page.next).users] == whole[4:]


def test_a_full_last_page_has_no_cursor(org: OrgDriver) -> None:
    org.create_many(4)

    assert org.page(limit=4).next is None
    assert org.page(limit=3).next is not None


@pytest.mark.parametrize("limit", [0, -1, 1001, 10**9])
def test_a_page_has_one_to_a_thousand_users(org: OrgDriver, asked: dict[str, Any], limit: int) -> None:
    with pytest.raises(LimitOutOfRange) as refusal:
        org.page(limit=limit, **asked)

    assert refusal.value.limit == limit


@pytest.mark.parametrize("limit", [1, 1000])
def test_one_and_a_thousand_are_valid_page_sizes(org: OrgDriver, asked: dict[str, Any], limit: int) -> None:
    org.create()

    assert len(org.page(limit=limit, **asked).users) == 1


@pytest.mark.parametrize("garbage", ["", "x", "é", "====", "AAAA" * 20, "\x00", "../", "a" * 10_000])
def test_an_invented_cursor_is_refused(org: OrgDriver, asked: dict[str, Any], garbage: str) -> None:
    with pytest.raises(CursorInvalid):
        org.page(after=garbage, **asked)


def test_a_changed_cursor_is_refused(seen_org: OrgDriver) -> None:
    key = seen_org.page(limit=1).next
    assert key is not None

    for place in range(len(key) - 1):
        other = "B" if key[place] == "A" else "A"
        with pytest.raises(CursorInvalid):
            seen_org.page(after=key[:place] + other + key[place + 1 :])


@pytest.mark.parametrize(("sort", "other"), [(one, other) for one in Sort for other in Sort if one != other])
def test_a_cursor_of_another_order_is_refused(seen_org: OrgDriver, sort: Sort, other: Sort) -> None:
    page = seen_org.page(limit=1, sort=sort)

    with pytest.raises(CursorInvalid):
        seen_org.page(after=page.next, sort=other)


def test_a_cursor_of_another_organisation_is_refused(org: OrgDriver, seen_org: OrgDriver) -> None:
    with pytest.raises(CursorInvalid):
        org.page(after=seen_org.page(limit=1).next)


def test_a_cursor_reveals_nothing_of_its_sort_key(seen_org: OrgDriver) -> None:
    assert seen_org.page(limit=1).next != seen_org.page(limit=1).next
