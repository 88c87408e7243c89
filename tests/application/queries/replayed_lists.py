"""Past lists of users computed from the log alone, to compare queries with."""

from datetime import datetime
from uuid import UUID

from brugerbog.application.queries.user_list import Sort, UserView, sort_key_of, status_of, view_of
from brugerbog.domain.danish.collation import search_words
from brugerbog.domain.user.user import User
from brugerbog.domain.values.status import Status
from brugerbog.projections.projection import RecordedEvent, Row
from brugerbog.projections.user_list.projection import UserListProjection
from tests.org_driver import OrgDriver


def listed_then(
    org: OrgDriver, then: datetime, *, sort: Sort = Sort.NAME, status: Status | None = None, search: str = ""
) -> list[UserView]:
    """Return the users of a past list from events up to then; a stream is read up to its first gap."""
    words = search_words(search)
    rows = [
        row
        for row in _rows_then(org, then).values()
        if status in (None, status_of(row, then)) and all(f" {one}" in row["search_text"] for one in words)
    ]
    return [view_of(row, then) for row in sorted(rows, key=lambda row: sort_key_of(row, sort, then))]


def _rows_then(org: OrgDriver, then: datetime) -> dict[UUID, Row]:
    rows_by_user: dict[UUID, Row] = {}
    versions: dict[UUID, int] = {}
    for position, event in org.service.log.events_until(org.id, then):
        user_id = event.originator_id
        if event.originator_version != versions.get(user_id, 0) + 1:
            continue
        versions[user_id] = event.originator_version
        known = [rows_by_user.pop(user_id)] if user_id in rows_by_user else []
        if not isinstance(event, User.Deleted) and (
            rows := UserListProjection().apply(known, RecordedEvent(position, event))
        ):
            rows_by_user[user_id] = rows[-1]
    return rows_by_user
