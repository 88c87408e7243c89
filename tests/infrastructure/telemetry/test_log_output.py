"""Log lines as they are written: one form for ours and others', nothing personal, never a traceback."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.infrastructure.logs import bind, logger, unbind
from brugerbog.infrastructure.mail.address import Sender
from brugerbog.infrastructure.mail.settings import MailSettings
from brugerbog.infrastructure.telemetry.log_output import configure_logging
from tests.org_driver import open_org


@pytest.fixture
def written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., list[str]]]:
    """Write a log as the environment says; the lines of what is logged then."""
    root, ours = logging.getLogger(), logging.getLogger("brugerbog")
    before = (list(root.handlers), root.level, ours.level)

    def write(said: Callable[[], object], **environment: str) -> list[str]:
        for name, value in environment.items():
            monkeypatch.setenv(f"BRUGERBOG_LOG_{name}", value)
        configure_logging(level=logging.INFO)
        said()
        return capsys.readouterr().err.splitlines()

    yield write
    root.handlers, root.level, ours.level = before[0], before[1], before[2]


def fail() -> None:
    try:
        int("Ida Prøve")
    except ValueError:
        logging.getLogger("a.library").exception("failed for 070961-1111")
        raise


def say() -> None:
    token = bind("request_id", "fra-proxyen.17")
    logger("brugerbog.web").info("request", page="/brugere", said="CPR 070961-1111 æøå")
    with suppress(ValueError):
        fail()
    unbind(token)
    logger("brugerbog.web").debug("not at this level")


def test_as_json_a_line_is_a_document(written: Callable[..., list[str]]) -> None:
    ours, others = map(json.loads, written(say, FORMAT="json"))
    assert ours.pop("time").endswith("+00:00")
    assert ours == {
        "level": "info",
        "logger": "brugerbog.web",
        "page": "/brugere",
        "said": "CPR 070961-xxxx æøå",
        "event": "request",
        "request_id": "fra-proxyen.17",
    }
    assert (others["event"], others["failure"]) == ("failed for 070961-xxxx", "ValueError")
    assert others["request_id"] == "fra-proxyen.17"


def test_as_logfmt_it_says_the_same(written: Callable[..., list[str]]) -> None:
    ours, others = written(say)
    assert ours.partition(" ")[2] == (
        "level=info logger=brugerbog.web event=request page=/brugere "
        'said="CPR 070961-xxxx æøå" request_id=fra-proxyen.17'
    )
    assert 'event="failed for 070961-xxxx"' in others
    assert "Ida" not in others


def test_lines_begin_at_the_level_that_is_said_and_are_written_once(
    written: Callable[..., list[str]],
) -> None:
    configure_logging(level=logging.INFO)
    assert len(written(say, LEVEL="debug")) == 2
    assert len(written(lambda: logger("brugerbog.web").debug("now"), LEVEL="debug")) == 0


def test_a_turn_and_an_import_have_ids_that_their_lines_carry(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "brugerbog")
    outbox = MailSettings(tmp_path / "outbox", Sender("mitid@by.test"), "http://127.0.0.1:8000")
    with open_org(mail=outbox) as org:
        org.import_people(tmp_path, 1)
        org.create()
        org.service.worker.run_once()
        lines = [vars(record)["fields"] for record in caplog.records]
        (imported,) = [line for line in lines if line["event"] == "import"]
        question = AuditLogQuery(correlation_id=UUID(imported["import_id"]))
        entries = org.queries.audit_log(org.actor, question).entries
    assert {str(entry.correlation_id) for entry in entries} == {imported["import_id"]}
    (mail,) = [line for line in lines if line["event"] == "mail_sent"]
    assert (len(mail["turn_id"]), mail.keys() & {"command_id", "import_id"}) == (36, set())
