"""Traces: what was done within what, by words and ids, in a process that traces and in no other."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.ports.observation import Operation, OperationKind
from brugerbog.demo.login import DemoLogin
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.telemetry.spans import Spans
from brugerbog.infrastructure.telemetry.tracing import Tracing
from brugerbog.infrastructure.web.settings import WebSettings
from tests.entrypoints.web.browser import BASE_URL, Browser
from tests.org_driver import OrgDriver, open_org

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ATTRIBUTES = {
    *("http.request.method", "http.route", "http.response.status_code", "brugerbog.request_id"),
    *("brugerbog.command_id", "brugerbog.import_id", "brugerbog.turn_id"),
    *("brugerbog.door", "brugerbog.outcome", "brugerbog.refusal"),
}
IN_A_PROCESS = """
import sys
import brugerbog
from brugerbog.application.actors import operator

service = brugerbog.open("sqlite://")
register = service.administration.register_organisation
register(operator(), cvr="90000001", name="Et")
assert not [name for name in sys.modules if name.startswith("opentelemetry")], "loaded though nobody traces"

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)
register(operator(), cvr="90000002", name="To")

from starlette.testclient import TestClient
from brugerbog.demo.login import DemoLogin
from brugerbog.entrypoints.server.serving import application
from brugerbog.infrastructure.web.settings import WebSettings

pages = application(service, WebSettings("http://127.0.0.1:8000"), DemoLogin([]))
client = TestClient(pages, base_url="http://127.0.0.1:8000")
client.get("/aktivering/hemmeligt?og=hemmeligt")
client.get("/api/v1/users/hemmeligt")
spans = kept.get_finished_spans()
assert "hemmeligt" not in " ".join(span.to_json() for span in spans), "a secret stands in an address"
print(*(span.name for span in spans), sep="\\n")
"""


@pytest.fixture(scope="module")
def provider() -> TracerProvider:
    return TracerProvider()


@pytest.fixture
def kept(provider: TracerProvider) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


@pytest.fixture
def spans(provider: TracerProvider, kept: InMemorySpanExporter) -> Spans:  # noqa: ARG001 - it is to be kept
    return Spans(Tracing(provider.get_tracer("brugerbog")))


@pytest.fixture
def org(spans: Spans) -> Iterator[OrgDriver]:
    with open_org(watchers=[spans]) as org:
        yield org


def named(kept: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [span for span in kept.get_finished_spans() if span.name == name]
    return found


def is_within(inner: ReadableSpan, outer: ReadableSpan) -> bool:
    return bool(inner.parent and outer.context and inner.parent.span_id == outer.context.span_id)


def test_a_request_goes_on_with_the_trace_it_is_part_of_and_its_command_lies_within(
    org: OrgDriver, kept: InMemorySpanExporter
) -> None:
    administrator, user_id = org.create_active(), org.create("Kanariefugl", "Gulfjersen")
    org.administration.give_role(org.actor, administrator, Role.USER_ADMINISTRATOR)
    app = application(org.service, WebSettings(BASE_URL), DemoLogin([]))
    browser = Browser(app).log_in(administrator, org.id)
    page = browser.open(f"/brugere/{user_id}")
    kept.clear()
    browser.client.headers["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-01"
    browser.press(page, "Gensend aktiveringsmail")

    request = named(kept, "POST /brugere/{user_id}/gensend")
    command = named(kept, "command resend_activation_mail")
    assert request.context is not None
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.parent is not None
    assert request.parent.is_remote
    assert (is_within(command, request), is_within(named(kept, "batch projections"), command)) == (True, True)
    assert request.attributes is not None
    assert request.attributes["http.response.status_code"] == 303
    assert request.attributes["brugerbog.request_id"] == TRACE


def test_spans_say_what_came_of_it_and_nothing_of_anybody(
    org: OrgDriver, kept: InMemorySpanExporter, spans: Spans
) -> None:
    org.create("Kanariefugl", "Gulfjersen")
    with pytest.raises(Refusal):
        org.delete(INSTALLATION_SCOPE)
    org.service.worker.run_once()
    ended = spans.started(Operation(OperationKind.MAIL, "activation", outcome="failed"))
    assert ended is not None
    ended(0.0, ValueError("Kanariefugl"))

    refused, failed = named(kept, "command delete_user"), named(kept, "mail activation")
    assert refused.attributes is not None
    assert (refused.attributes["brugerbog.refusal"], refused.status.status_code) == (
        "user_unknown",
        StatusCode.UNSET,
    )
    assert (failed.status.status_code, failed.status.description) == (StatusCode.ERROR, "ValueError")
    assert named(kept, "turn").attributes
    for span in kept.get_finished_spans():
        assert (span.attributes or {}).keys() <= ATTRIBUTES
        assert not span.events
    told = " ".join(span.to_json() for span in kept.get_finished_spans())
    assert not [said for said in ("Kanariefugl", "Gulfjersen", "ida@by.test") if said in told]


def test_nothing_is_loaded_until_the_process_traces_and_then_it_is_traced() -> None:
    done = subprocess.run([sys.executable, "-c", IN_A_PROCESS], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "batch projections",
        "command register_organisation",
        "question open_link",
        "GET /aktivering/{token}",
        "GET /api/v1",
    ]
