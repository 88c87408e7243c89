"""Logs of key and value through the standard library, which an embedding application configures."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.values.masking import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from contextvars import Token

FIELDS: Final = "fields"
"""The attribute with the fields of one of our log records, for formatters."""

_bound: ContextVar[Mapping[str, object]] = ContextVar("brugerbog_log_fields", default=MappingProxyType({}))


def logger(name: str) -> Any:  # noqa: ANN401 - structlog's bound logger
    """A logger of events with fields; anything shaped like a CPR number is masked on the way out."""
    import structlog  # noqa: PLC0415 - slow to load, and few calls log anything

    logfmt = structlog.processors.LogfmtRenderer(key_order=["event"])

    def render(
        of: object, method: str, fields: MutableMapping[str, Any]
    ) -> tuple[tuple[str], dict[str, Any]]:
        return (str(logfmt(of, method, dict(fields))),), {"extra": {FIELDS: fields}}

    return structlog.wrap_logger(
        logging.getLogger(name),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[_with_bound, mask, render],
    )


def bind(name: str, value: object) -> Token[Mapping[str, object]]:
    """Add a field to every log line of this thread or task until it is unbound."""
    return _bound.set({**_bound.get(), name: value})


def unbind(token: Token[Mapping[str, object]]) -> None:
    """Restore the fields from before `bind`."""
    _bound.reset(token)


def bound() -> dict[str, str]:
    """The fields that every line has here and now."""
    return {name: str(value) for name, value in _bound.get().items()}


def mask(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask texts in the form of a CPR number in a log line."""
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = masked(value)
    return fields


def _with_bound(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in bound().items():
        fields.setdefault(name, value)
    return fields
