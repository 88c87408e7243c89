"""Logs of key and value through the standard library, so that an embedding application decides where to."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.values.masking import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from contextvars import Token

    _Said = tuple[tuple[str], dict[str, Any]]
    """What is said to the standard library's logger, by place and by name."""

FIELDS: Final = "fields"
"""What a record of ours carries its fields as, for those who format it."""

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
    """Let every line of this thread or task carry a field until it is unbound."""
    return _bound.set({**_bound.get(), name: value})


def unbind(token: Token[Mapping[str, object]]) -> None:
    """As it was before."""
    _bound.reset(token)


def bound() -> dict[str, str]:
    """The fields that every line carries here and now."""
    return {name: str(value) for name, value in _bound.get().items()}


def mask(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what is shaped like a CPR number in every text of a log line."""
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = masked(value)
    return fields


def _with_bound(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in bound().items():
        fields.setdefault(name, value)
    return fields
