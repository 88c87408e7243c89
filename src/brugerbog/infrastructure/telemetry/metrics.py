"""Metrics of operations for Prometheus: count, duration and outcome."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from brugerbog.application.ports.observation import CounterName, OperationKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.actors import Actor
    from brugerbog.application.ports.observation import Operation
    from brugerbog.domain.kernel.refusals import Refusal
    from brugerbog.infrastructure.database.connections import ConnectionsInUse
    from brugerbog.infrastructure.telemetry.composite_observer import OnEnd

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Buckets from a query answered in memory to an import."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SAMPLED_EVERY: Final = 1.0


class Metrics:
    """The metrics of this process (port: `OperationListener`).

    Labels are words of ours, never an id, a name or a path.
    """

    def __init__(self, registry: CollectorRegistry | None) -> None:
        """Take the registry; None if the values lie in files that another process adds up."""

        def counter(name: str, description: str, *labels: str) -> Counter:
            return Counter(f"brugerbog_{name}", description, labels, registry=registry)

        def seconds(name: str, description: str, *labels: str) -> Histogram:
            return Histogram(
                f"brugerbog_{name}_seconds", description, labels, buckets=SECONDS, registry=registry
            )

        self._commands = counter("commands", "Commands carried out.", "command", "door", "outcome")
        self._command_seconds = seconds("command", "How long a command took.", "command")
        self._questions = counter("questions", "Questions answered.", "question", "door", "outcome")
        self._question_seconds = seconds("question", "How long a question took.", "question")
        self._refusals = counter("refusals", "Refused commands and questions.", "command", "code", "door")
        self._requests = counter("http_requests", "Requests answered.", "page", "method", "status")
        self._request_seconds = seconds("http_request", "How long a request took.", "page", "method")
        self._turns = counter("turns", "Turns that workers took.", "outcome")
        self._turn_seconds = seconds("turn", "How long a worker's turn took.")
        self._mails = counter("mails", "Mails taken up.", "kind", "outcome")
        self._mail_seconds = seconds("mail", "How long a mail took to compose and hand over.")
        self._batch_seconds = seconds("projection_batch", "How long a batch of events took.")
        self._due = counter("due_recorded", "Things recorded that had fallen due.", "kind")
        self._rows = counter("import_rows", "Rows of imported files.", "outcome")
        self._cpr_shown = counter("cpr_shown", "Whole CPR numbers that were shown.", "door")
        self._counted = {
            CounterName.ROWS: self._rows,
            CounterName.DUE: self._due,
            CounterName.CPR_SHOWN: self._cpr_shown,
        }
        self._connections = Gauge(
            "brugerbog_store_connections",
            "Connections to the store, as last looked at.",
            ("state",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._in_use: ConnectionsInUse | None = None
        self._sampled_at = 0.0
        self._ends: dict[OperationKind, Callable[[Operation, float], None]] = {
            OperationKind.COMMAND: self._command,
            OperationKind.QUESTION: self._question,
            OperationKind.REQUEST: self._request,
            OperationKind.TURN: self._turn,
            OperationKind.MAIL: self._mail,
            OperationKind.BATCH: self._batch,
        }

    def observe_connections(self, in_use: ConnectionsInUse) -> None:
        """Count these connections too, from now on."""
        self._in_use = in_use

    def started(self, operation: Operation) -> OnEnd | None:
        end = self._ends.get(operation.kind)
        return None if end is None else partial(self._ended, end, operation)

    def refused(self, command: str, actor: Actor, refusal: Refusal) -> None:
        self._refusals.labels(command, refusal.code, actor.door.value).inc()

    def count(self, what: CounterName, outcome: str, many: int) -> None:
        self._counted[what].labels(outcome).inc(many)

    def _ended(
        self,
        end: Callable[[Operation, float], None],
        operation: Operation,
        seconds: float,
        _error: BaseException | None,
    ) -> None:
        end(operation, seconds)

    def _command(self, operation: Operation, seconds: float) -> None:
        self._commands.labels(operation.name, operation.by, operation.outcome).inc()
        self._command_seconds.labels(operation.name).observe(seconds)

    def _question(self, operation: Operation, seconds: float) -> None:
        self._questions.labels(operation.name, operation.by, operation.outcome).inc()
        self._question_seconds.labels(operation.name).observe(seconds)

    def _request(self, operation: Operation, seconds: float) -> None:
        method = operation.by if operation.by in _METHODS else "other"
        self._requests.labels(operation.name, method, f"{operation.outcome[0]}xx").inc()
        self._request_seconds.labels(operation.name, method).observe(seconds)
        self._sample()

    def _turn(self, operation: Operation, seconds: float) -> None:
        self._turns.labels(operation.outcome).inc()
        self._turn_seconds.observe(seconds)
        self._sample()

    def _mail(self, operation: Operation, seconds: float) -> None:
        self._mails.labels(operation.name, operation.outcome).inc()
        self._mail_seconds.observe(seconds)

    def _batch(self, _operation: Operation, seconds: float) -> None:
        self._batch_seconds.observe(seconds)

    def _sample(self) -> None:
        """Look at the connections, now and then."""
        now = time.monotonic()
        if self._in_use is None or now - self._sampled_at < _SAMPLED_EVERY:
            return
        self._sampled_at = now
        busy, idle = self._in_use()
        self._connections.labels("busy").set(busy)
        self._connections.labels("idle").set(idle)
