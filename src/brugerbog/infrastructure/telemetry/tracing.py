"""How a piece of work becomes a span: named by words of ours, known by its ids, and nothing of anybody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from brugerbog.application.ports.observation import OperationKind
from brugerbog.infrastructure.telemetry.log_lines import ID_FIELDS

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

    from brugerbog.application.ports.observation import Operation
    from brugerbog.infrastructure.telemetry.composite_observer import OnEnd

_OUR_FAULT: Final = "5"
_TRACEPARENT: Final = "traceparent"


class Tracing:
    """Begins and ends spans. Of an error it tells the kind: what it says, and where, could name somebody."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        """Take a tracer; else that of the provider that this process has."""
        self._tracer = tracer or trace.get_tracer("brugerbog")

    def begin(self, work: Operation) -> OnEnd:
        parent = _parent(work)
        kind = SpanKind.SERVER if work.kind is OperationKind.REQUEST else SpanKind.INTERNAL
        span = self._tracer.start_span(_name(work), parent, kind, _attributes(work))
        return partial(_end, work, span, context.attach(trace.set_span_in_context(span, parent)))

    def refuse(self, code: str) -> None:
        """Say of the span under way that it was refused, and by which code."""
        trace.get_current_span().set_attribute("brugerbog.refusal", code)


def _parent(work: Operation) -> Context | None:
    """The span that whoever sent a request was in, unless one of this process is around it already."""
    if work.traceparent is None or trace.get_current_span().get_span_context().is_valid:
        return None
    return TraceContextTextMapPropagator().extract({_TRACEPARENT: work.traceparent})


def _name(work: Operation) -> str:
    if work.kind is OperationKind.REQUEST:
        return f"{work.by} {work.name}"
    return work.name if work.name == work.kind else f"{work.kind} {work.name}"


def _attributes(work: Operation) -> dict[str, str]:
    if work.kind is OperationKind.REQUEST:
        return {"http.request.method": work.by, "brugerbog.request_id": str(work.id)}
    told = {"brugerbog.door": work.by} if work.by else {}
    return told | ({f"brugerbog.{ID_FIELDS[work.kind]}": str(work.id)} if work.id is not None else {})


def _end(
    work: Operation, span: Span, attached: Token[Context], _seconds: float, error: BaseException | None
) -> None:
    try:
        if work.kind is OperationKind.REQUEST:
            span.update_name(_name(work))
            span.set_attribute("http.route", work.name)
            span.set_attribute("http.response.status_code", int(work.outcome))
        else:
            span.set_attribute("brugerbog.outcome", work.outcome)
        if work.outcome == "failed" or work.outcome.startswith(_OUR_FAULT):
            span.set_status(Status(StatusCode.ERROR, type(error).__name__ if error else None))
    finally:
        context.detach(attached)
        span.end()
