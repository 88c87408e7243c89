"""Log output on standard error, as logfmt or JSON, for Brugerbog's own processes."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from brugerbog.domain.values.masking import masked
from brugerbog.infrastructure.logs import FIELDS, bound
from brugerbog.infrastructure.settings import log_settings

if TYPE_CHECKING:
    from collections.abc import Callable


def configure_logging(*, level: int | None = None) -> None:
    """Write lines from a level on, unless the environment sets another; without either, write none.

    Raises: EnvironmentInvalid.
    """
    settings = log_settings()
    level = settings.level or level or (logging.INFO if settings.as_json is not None else None)
    root = logging.getLogger()
    if level is None or any(isinstance(one, _StandardErrorHandler) for one in root.handlers):
        return
    output = _StandardErrorHandler()
    output.setFormatter(_LineFormatter(_json if settings.as_json else _logfmt()))
    root.addHandler(output)
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("brugerbog").setLevel(level)


def reset_logging() -> None:
    """Restore the process's loggers, for a process that makes several calls."""
    root = logging.getLogger()
    for one in [one for one in root.handlers if isinstance(one, _StandardErrorHandler)]:
        root.removeHandler(one)
        root.setLevel(logging.WARNING)
        logging.getLogger("brugerbog").setLevel(logging.NOTSET)


class _StandardErrorHandler(logging.Handler):
    """A handler on standard error, as it is at the time of each line."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - as below
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Ignore a line that can't be written; its content is shown nowhere else."""


class _LineFormatter(logging.Formatter):
    """A line with time, level, logger, event and ids; of an exception its class, and never a traceback."""

    def __init__(self, render: Callable[[dict[str, Any]], str]) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, FIELDS, None)
        if fields is None:
            fields = {"event": masked(record.getMessage())} | bound()
            if record.exc_info and record.exc_info[0]:
                fields["failure"] = record.exc_info[0].__name__
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return self._render({"time": at, "level": record.levelname.lower(), "logger": record.name, **fields})


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, default=str)


def _logfmt() -> Callable[[dict[str, Any]], str]:
    from structlog.processors import LogfmtRenderer  # noqa: PLC0415 - slow to load

    renderer = LogfmtRenderer(key_order=["time", "level", "logger", "event"])
    return lambda fields: str(renderer(None, "", fields))
