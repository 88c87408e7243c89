"""What concerns one user, or some by their ids, is looked up and never found by going through everybody."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, insert, select, text

from brugerbog.application.queries.user_list import Sort
from brugerbog.projections.user_list.table import user_list
from tests.org_driver import OrgDriver, open_org

MANY = 3_000
Ask = Callable[[OrgDriver, UUID], object]

QUESTIONS: dict[str, Ask] = {
    "user": lambda org, who: org.queries.user(org.actor, who),
    "history": lambda org, who: org.queries.history(org.actor, who),
    "myself": lambda org, who: org.queries.myself(org.service.user(who)),
    "names": lambda org, who: org.queries.names(org.actor, [who] * 3),
    "account": lambda org, _: org.page(account="ida@by.test"),
    "account_by_creation": lambda org, _: org.page(account="ida@by.test", sort=Sort.CREATED),
    "account_by_status": lambda org, _: org.page(account="ida@by.test", sort=Sort.STATUS),
    "external_id": lambda org, _: org.page(external_id="ad-1"),
    "sending": lambda org, who: org.queries.sending(org.actor, [who]),
    "notices": lambda org, _: org.queries.notices(org.actor),
}
GOES_THROUGH = ("SCAN", "(organisation_id=?)")
"""In a plan: rows one by one, all of them or all of the organisation."""


@pytest.fixture(scope="module", params=["without_statistics", "with_statistics"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrgDriver]:
    """An organisation of many, most of whose rows are made in the read table alone."""
    folder: Path = tmp_path_factory.mktemp("crowd")
    with open_org(f"sqlite:///{folder / 'store.db'}", folder) as org:
        ida = org.create_active("Ida")
        org.create("Ada", email="ada@by.test")
        read = org.service.log.backend.read
        with org.service.log.backend.write_transaction(read) as connection:
            row = dict(
                connection.execute(select(user_list).where(user_list.c.user_id == ida)).mappings().one()
            )
            copies = [row | {"user_id": UUID(int=at), "account_key": f"{at}@by.test"} for at in range(MANY)]
            connection.execute(insert(user_list), copies)
            if request.param == "with_statistics":
                connection.execute(text("ANALYZE"))
        yield org


def plans(org: OrgDriver, ask: Callable[[], object]) -> list[str]:
    """The steps of the plans of all that a question reads from the read tables."""
    asked: list[tuple[str, object]] = []

    def note(_c: Connection, _cursor: object, statement: str, values: object, *_: object) -> None:
        asked.append((statement, values))

    read = org.service.log.backend.read
    event.listen(read, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(read, "before_cursor_execute", note)
    with read.connect() as connection:
        return [
            row[3]
            for statement, values in asked
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
        ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_about_one_user_is_a_look_up(crowd: OrgDriver, question: str) -> None:
    who = crowd.page(account="ida@by.test").users[0].id

    steps = plans(crowd, lambda: QUESTIONS[question](crowd, who))

    assert steps
    assert [step for step in steps if any(one in step for one in GOES_THROUGH) and "user_list" in step] == []
