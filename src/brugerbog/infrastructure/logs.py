"""Logs of key and value through the standard library, so that an embedding application decides where to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from brugerbog.domain.masking import masked

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def logger(name: str) -> Any:  # noqa: ANN401 - structlog's bound logger
    """A logger of events with fields; anything shaped like a CPR number is masked on the way out."""
    import structlog  # noqa: PLC0415 - slow to load, and few calls log anything

    return structlog.wrap_logger(
        logging.getLogger(name),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[mask, structlog.processors.LogfmtRenderer(key_order=["event"])],
    )


def mask(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask what is shaped like a CPR number in every text of a log line."""
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = masked(value)
    return fields
