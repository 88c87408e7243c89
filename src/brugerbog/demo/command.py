"""`brugerbog demo`: the pages of made-up organisations, or a story in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[list[str]], int]

_FOLDER: Final = Path(".demo")


def add_to(app: typer.Typer, run: Run) -> None:
    """Add the demo to the command line; the steps of the story are real calls of the command line."""

    @app.command("demo")
    def demo(
        folder: Annotated[
            Path, typer.Option(metavar="DIR", help="Where the demo's store and mails are made anew.")
        ] = _FOLDER,
        *,
        terminal: Annotated[
            bool, typer.Option("--terminal", help="Play the main jobs in the terminal instead.")
        ] = False,
        port: Annotated[
            int, typer.Option(min=1, max=65_535, help="Serve the pages at this port, or the next free one.")
        ] = 8000,
    ) -> None:
        """Serve the pages of made-up organisations, on throw-away data, until stopped."""
        if terminal:
            from brugerbog.demo.stage import Stage  # noqa: PLC0415 - help must be quick
            from brugerbog.demo.story import play  # noqa: PLC0415 - as above

            if code := play(Stage(folder, run)):
                raise typer.Exit(code)
        else:
            from brugerbog.demo.server import serve_demo  # noqa: PLC0415 - as above

            serve_demo(folder, run, port)
