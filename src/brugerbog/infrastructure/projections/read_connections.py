"""Access of queries to the read tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.projections.runner import ProjectionRunner


class PooledReadStore:
    """Connections from a pool (port: `ReadStore`)."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def connect(self) -> AbstractContextManager[Connection]:
        return self._backend.read_connection(self._backend.read)


class NoCatchUp:
    """A projector that leaves catching up to commands and workers (port: `Projector`)."""

    def __init__(self, runner: ProjectionRunner) -> None:
        self._runner = runner

    def catch_up(self) -> int:
        return self._runner.reached

    def stale(self, now: datetime) -> AbstractSet[str]:
        return self._runner.stale(now)

    def is_ready(self, name: str, position: int) -> bool:
        return self._runner.is_ready(name, position)
