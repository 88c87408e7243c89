"""The span of an operation: its names are words of ours, its attributes ids, and nothing is personal."""

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
    """Starts and ends spans.

    An exception's message and traceback could name somebody, so only its class is set.
    """

    def __init__(self, tracer: Tracer | None = None) -> None:
        """Take a tracer, else that of the process's provider."""
        self._tracer = tracer or trace.get_tracer("brugerbog")

    def begin(self, operation: Operation) -> OnEnd:
        parent = _parent(operation)
        kind = SpanKind.SERVER if operation.kind is OperationKind.REQUEST else SpanKind.INTERNAL
        span = self._tracer.start_span(_name(operation), parent, kind, _attributes(operation))
        return partial(_end, operation, span, context.attach(trace.set_span_in_context(span, parent)))

    def refuse(self, code: str) -> None:
        """Set the refusal code on the current span."""
        trace.get_current_span().set_attribute("brugerbog.refusal", code)


def _parent(operation: Operation) -> Context | None:
    """The span of the request's sender, unless a span of this process surrounds the request."""
    if operation.traceparent is None or trace.get_current_span().get_span_context().is_valid:
        return None
    return TraceContextTextMapPropagator().extract({_TRACEPARENT: operation.traceparent})


def _name(operation: Operation) -> str:
    if operation.kind is OperationKind.REQUEST:
        return f"{operation.by} {operation.name}"
    return operation.name if operation.name == operation.kind else f"{operation.kind} {operation.name}"


def _attributes(operation: Operation) -> dict[str, str]:
    if operation.kind is OperationKind.REQUEST:
        return {"http.request.method": operation.by, "brugerbog.request_id": str(operation.id)}
    attributes = {"brugerbog.door": operation.by} if operation.by else {}
    return attributes | (
        {f"brugerbog.{ID_FIELDS[operation.kind]}": str(operation.id)} if operation.id is not None else {}
    )


def _end(
    operation: Operation, span: Span, attached: Token[Context], _seconds: float, error: BaseException | None
) -> None:
    try:
        if operation.kind is OperationKind.REQUEST:
            span.update_name(_name(operation))
            span.set_attribute("http.route", operation.name)
            span.set_attribute("http.response.status_code", int(operation.outcome))
        else:
            span.set_attribute("brugerbog.outcome", operation.outcome)
        if operation.outcome == "failed" or operation.outcome.startswith(_OUR_FAULT):
            span.set_status(Status(StatusCode.ERROR, type(error).__name__ if error else None))
    finally:
        context.detach(attached)
        span.end()
