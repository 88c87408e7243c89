"""What leads from an answer to its log lines, from there to the event, and back."""

import logging
from uuid import UUID

import pytest

from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.http.request_ids import REQUEST_ID
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.org_driver import OrgDriver

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def fields_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [vars(record)["fields"] for record in caplog.records if "fields" in vars(record)]


def called(browser: Browser, **headers: str) -> str:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return str(browser.client.get("/livez", headers=sent).headers[REQUEST_ID])


def test_every_line_of_a_request_carries_its_id_and_a_commands_leads_to_the_event(
    org: OrgDriver, log_in_as: LogInAs, caplog: pytest.LogCaptureFixture
) -> None:
    browser, user_id = log_in_as(Role.USER_ADMINISTRATOR), org.create()
    caplog.set_level(logging.INFO, "brugerbog")
    caplog.clear()
    page = browser.open(f"/brugere/{user_id}")
    browser.client.headers[REQUEST_ID] = "fra-proxyen.17"
    browser.press(page, "Gensend aktiveringsmail")
    del browser.client.headers[REQUEST_ID]

    lines = [line for line in fields_of(caplog) if line.get("request_id") == "fra-proxyen.17"]
    assert [line["event"] for line in lines][:2] == ["command", "request"]
    done = lines[0]
    assert (done["command"], done["door"], done["outcome"]) == ("resend_activation_mail", "web", "done")
    found = org.queries.audit_log(org.actor, AuditLogQuery(correlation_id=UUID(str(done["command_id"]))))
    assert {str(entry.command_id) for entry in found.entries} == {done["command_id"]}


@pytest.mark.parametrize("said", ["fra-proxyen.17", TRACE, "0197f0a0-0000-7000-8000-00000000000a"])
def test_what_a_request_is_called_comes_back_with_its_answer(browser: Browser, said: str) -> None:
    assert called(browser, x_request_id=said, traceparent=TRACEPARENT) == said
    assert called(browser, traceparent=TRACEPARENT) == TRACE


@pytest.mark.parametrize("said", ["", "a b", "a\tb", "a" * 65, "070961-1111", "0709611111", "a=b", '"a"'])
def test_what_is_no_name_is_replaced_by_an_id_of_ours(browser: Browser, said: str) -> None:
    ids = {called(browser, x_request_id=said) for _ in range(2)}
    assert len(ids) == 2
    assert {len(one) for one in ids} == {32}


@pytest.mark.parametrize(
    "said", ["", f"00-{'0' * 32}-00f067aa0ba902b7-01", TRACEPARENT.upper(), f"{TRACEPARENT}-x", TRACE]
)
def test_a_trace_that_is_none_names_nothing(browser: Browser, said: str) -> None:
    assert called(browser, traceparent=said).lower() != TRACE
