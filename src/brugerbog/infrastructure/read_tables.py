"""The read tables as they stand, for processes whose questions wait for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brugerbog.infrastructure.runner import Runner


class AsTheyStand:
    """A projector that leaves the work to commands and workers (port: `Projector`)."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def catch_up(self) -> int:
        return self._runner.reached

    def is_ready(self, name: str, position: int) -> bool:
        return self._runner.is_ready(name, position)
