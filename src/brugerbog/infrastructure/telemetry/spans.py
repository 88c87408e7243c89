"""Spans of operations, in a process that traces with OpenTelemetry."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.application.ports.observation import CounterName, Operation
    from brugerbog.domain.kernel.refusals import Refusal
    from brugerbog.infrastructure.telemetry.composite_observer import OnEnd
    from brugerbog.infrastructure.telemetry.tracing import Tracing

_OPENTELEMETRY: Final = "opentelemetry.trace"


class Spans:
    """Spans of operations, once the process has a tracer provider (port: `OperationListener`).

    Without one, OpenTelemetry isn't even loaded; it may not be installed.
    """

    def __init__(self, tracing: Tracing | None = None) -> None:
        """Take the tracing; without it, it is found on first use."""
        self._tracing = tracing

    def started(self, operation: Operation) -> OnEnd | None:
        tracing = self._tracing or self._found()
        return None if tracing is None else tracing.begin(operation)

    def refused(self, _command: str, _actor: Actor, refusal: Refusal) -> None:
        if self._tracing is not None:
            self._tracing.refuse(refusal.code)

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        """A span counts nothing."""

    def _found(self) -> Tracing | None:
        if _OPENTELEMETRY not in sys.modules:
            return None
        from opentelemetry import trace  # noqa: PLC0415 - only where it is loaded already

        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            return None
        from brugerbog.infrastructure.telemetry.tracing import Tracing  # noqa: PLC0415 - as above

        self._tracing = Tracing()
        return self._tracing
