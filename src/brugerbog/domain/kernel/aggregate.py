"""Base classes of events and aggregates; their repr shows no fields, since some are personal data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from eventsourcing.domain import AggregateEvent, BaseAggregate

if TYPE_CHECKING:
    from brugerbog.domain.kernel.command_context import CommandContext


class Event(AggregateEvent):
    """Base of all events, with the fields of the command context. Its repr shows no fields."""

    organisation_id: UUID
    actor: UUID
    role: str
    door: str
    command_id: UUID
    correlation_id: UUID
    effective_at: datetime | None

    def __init_subclass__(cls) -> None:
        cls.__repr__ = Event.__repr__  # type: ignore[method-assign]
        super().__init_subclass__()

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__} {self.originator_id} v{self.originator_version}>"


class Aggregate(BaseAggregate[UUID]):
    """Base of all aggregates. Its repr shows no state."""

    def record(self, context: CommandContext, event_class: type[Event], **facts: Any) -> None:  # noqa: ANN401
        """Apply one event with the fields of the command context, and add it to the pending events."""
        self.trigger_event(event_class, **context.stamp(), **facts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} v{self.version}>"
