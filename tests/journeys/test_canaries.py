"""Promise 10: after a journey with canary values, secrets and names are only where they belong."""

import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from brugerbog.infrastructure.database.schema import events
from brugerbog.projections.catalogue import PROJECTIONS
from brugerbog.projections.projection import read_tables
from tests.domain.event_classes import APART, EVENT_CLASSES
from tests.journeys.canary_journey import CORRECTED, CPRS, LISTED, SEALED, CanaryJourney, canary_journey
from tests.stores import rows


@pytest.fixture
def journey(
    store_url: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[CanaryJourney]:
    for name in (None, "brugerbog", "psycopg", "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool"):
        caplog.set_level(logging.DEBUG, name)
    with canary_journey(store_url, tmp_path, tmp_path_factory.mktemp("outside")) as opened:
        yield opened


def forms(text: str) -> list[bytes]:
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]


def secrets_of(journey: CanaryJourney) -> dict[str, str]:
    hyphened = {f"{cpr[:6]}-{cpr[6:]}" for cpr in CPRS}
    return journey.secrets | {f"CPR {cpr}": cpr for cpr in {*CPRS, *hyphened}}


def found_in(places: dict[str, bytes], canaries: dict[str, str]) -> list[str]:
    return [
        f"{name} in {where}"
        for where, content in places.items()
        for name, canary in canaries.items()
        if any(form in content for form in forms(canary))
    ]


def tables(engine: Engine) -> dict[str, bytes]:
    """Return the content of each table as bytes, whatever its types."""
    content = {}
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
            content[name] = b"\0".join(_as_bytes(value) for row in rows for value in row)
    return content


def _as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def files(folder: Path, pattern: str = "*") -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob(pattern) if path.is_file()}


def mail_texts(journey: CanaryJourney) -> bytes:
    return b"".join(
        part.get_content().encode()
        for file in journey.outbox.iterdir()
        if (part := message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",)))
    )


def stored(journey: CanaryJourney) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the content of the log's and keys' tables and files, and that of the read tables and files."""
    backend = journey.service.log.backend
    every = tables(backend.log) | tables(backend.keys) | tables(backend.read)
    shown = {name: every[name] for name in read_tables.tables}
    read_files = files(journey.folder, "store.read*")
    return (
        {
            place: content
            for place, content in (every | files(journey.folder)).items()
            if place not in shown | read_files
        },
        shown | read_files,
    )


def test_the_journey_leaves_each_canary_where_it_belongs(journey: CanaryJourney) -> None:
    _, shown = stored(journey)

    assert {one.split(" in ")[0] for one in found_in(shown, LISTED)} == set(LISTED)
    assert found_in({"mails": mail_texts(journey)}, journey.secrets | SEALED)
    assert len(journey.secrets) > 4
    topics = {one.topic for one in rows(journey.service, events)}
    assert topics == {one.TOPIC for one in (*APART, *(event for _, event in EVENT_CLASSES))}


def test_secrets_are_nowhere_and_names_only_where_they_are_shown(
    journey: CanaryJourney, caplog: pytest.LogCaptureFixture
) -> None:
    log_and_keys, shown = stored(journey)
    outputs = {"log lines": caplog.text.encode(), "answers": "\n".join(journey.outputs).encode()}
    names = {
        "file names": "\n".join(map(str, [*journey.folder.rglob("*"), *journey.outbox.rglob("*")])).encode()
    }

    assert found_in(log_and_keys | shown | outputs | names, secrets_of(journey) | SEALED) == []
    assert found_in(log_and_keys | outputs | names, LISTED | CORRECTED) == []
    assert b"070961-xxxx" in shown["user_list"]
    assert "brugerbog" in caplog.text


def test_an_erased_user_remains_in_sent_mails_only(journey: CanaryJourney) -> None:
    for user_id in journey.org.ids():
        journey.org.delete(user_id)

    log_and_keys, shown = stored(journey)
    canaries = secrets_of(journey) | SEALED | LISTED | CORRECTED | {"masked": "070961"}
    assert found_in(log_and_keys | shown, canaries) == []
    for name in ("sealed", "link_tokens", "activation_codes", "mail_intents"):
        assert log_and_keys[name] == b"", name
    assert journey.service.log.keys.load({one.stream_id for one in rows(journey.service, events)}) == {}
    filled = [one.name for one in PROJECTIONS if shown[one.table.name]]
    assert filled == ["user_list", "charges", "organisations"]
    assert found_in({"mails": mail_texts(journey)}, LISTED)


def test_a_closed_store_holds_no_more_than_an_open_one(journey: CanaryJourney) -> None:
    journey.service.close()

    assert found_in(files(journey.folder), secrets_of(journey) | SEALED) == []
    others = {name: content for name, content in files(journey.folder).items() if ".read" not in name}
    assert found_in(others, LISTED) == []
