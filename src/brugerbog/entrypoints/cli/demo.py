"""`brugerbog demo`: a made-up municipality, from a CSV file to lists, histories and a look into the past."""

from __future__ import annotations

import shlex
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from brugerbog.entrypoints.cli.answers import say
from brugerbog.entrypoints.cli.importing import summary
from brugerbog.entrypoints.cli.values import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from brugerbog.application.queries import UserView
    from brugerbog.bootstrap import Service

    Run = Callable[[list[str]], int]

_FOLDER: Final = Path(".demo")
_SOME_REFUSED: Final = 3


def add_to(app: typer.Typer, run: Run) -> None:
    """Add the demo to the command line; its steps are real calls of it."""

    @app.command("demo")
    def demo(
        folder: Annotated[
            Path, typer.Option(metavar="DIR", help="Where the demo's store is made anew.")
        ] = _FOLDER,
    ) -> None:
        """Show the main job on throw-away data about people who don't exist."""
        code = _Demo(folder, run).play()
        if code:
            raise typer.Exit(code)


class _Demo:
    def __init__(self, folder: Path, run: Run) -> None:
        self._folder = folder
        self._run_cli = run
        self._store = f"sqlite:///{folder / 'demo.db'}"
        self._failed: list[str] = []

    def play(self) -> int:
        """Play all scenes; 0 when every call answered as it should."""
        examples = _examples()
        self._clear()
        self._scene("The program speaks Danish, as its users do; this demo tells in English what happens.")
        sys.stdout.write(f"$ export BRUGERBOG_STORE={self._store}\n")
        self._scene("A municipality is registered, with its P-, SE- and EAN-numbers.")
        self._call("organisation", "register", "--cvr", "90000001", "--name", "Fjordkøbing Kommune",
                   "--settings", str(examples / "organisation.toml"))  # fmt: skip
        self._scene(
            "60 people arrive in a CSV file, as a Danish Excel saves it. Some rows are wrong on purpose."
        )
        self._call("import", str(examples / "brugere.csv"), expected=_SOME_REFUSED)
        self._scene("The same file again creates nobody twice: every row is judged anew.")
        with closing(self._open()) as service:
            again = service.administration.import_users(
                service.operator(), examples / "brugere.csv", dry_run=True
            )
        sys.stdout.write(
            f"$ brugerbog import {examples / 'brugere.csv'} --dry-run\n{summary(again, dry_run=True)}\n"
        )
        self._lives()
        self._scene("The read tables are compared with tables built anew from the log.")
        self._call("projections", "verify")
        if self._failed:
            say(f"Not as expected: {'; '.join(self._failed)}")
            return 1
        program = Path(sys.argv[0]).absolute()
        here = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program.name
        self._scene("That was it. Go on with the demo's store yourself:")
        sys.stdout.write(f"  {here} users list --search ø --store {self._store}\n  {here} --help\n")
        return 0

    def _lives(self) -> None:
        with closing(self._open()) as service:
            first, second, third, fourth = self._users(service)[:4]
            today = service.queries.now().date()
        self._scene("Four are sent to activation and activated; one gets a P-number, one an app.")
        self._call("users", "send-to-activation", *(str(one.id) for one in (first, second, third, fourth)))
        for one in (first, second, third, fourth):
            self._call("users", "activate", str(one.id))
        self._call("users", "place", str(first.id), "--p-number", "1003456790")
        self._call("users", "assign-means", str(first.id), "app")
        leave = today + timedelta(days=30)
        self._scene(
            f"{second.first_name} goes on leave: inactive to the end of the last day, active the day after."
        )
        self._call("users", "deactivate", str(second.id), "--to", leave.isoformat())
        from brugerbog.domain.days import COPENHAGEN  # noqa: PLC0415 - help must be quick

        with closing(self._open()) as service:
            before = service.queries.now().astimezone(COPENHAGEN).isoformat(timespec="milliseconds")
        self._scene(
            f"{third.first_name} {third.surname} leaves for good. The data is destroyed; the log stays whole."
        )
        self._call("users", "delete", str(third.id), "--yes")
        self._scene("The list today …")
        self._call("users", "list", "--limit", "8")
        self._scene("… and as it was before the deletion: the erased person is a row without a name.")
        self._call("users", "list", "--limit", "8", "--at", before)
        self._scene("The list as it will be when the leave is over.")
        then = f"{(leave + timedelta(days=1)).isoformat()}T12:00:00+01:00"
        self._call("users", "list", "--search", second.first_name, "--at", then)
        self._scene("One user's history.")
        self._call("users", "history", str(second.id))

    def _users(self, service: Service) -> list[UserView]:
        from brugerbog.application.queries import UserQuestion  # noqa: PLC0415 - help must be quick

        return service.queries.users(service.operator(), UserQuestion(imported=True)).users

    def _open(self) -> Service:
        from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick

        return open_service(self._store, create=False)

    def _scene(self, text: str) -> None:
        sys.stdout.write(f"\n\033[1m▸ {text}\033[0m\n" if sys.stdout.isatty() else f"\n▸ {text}\n")
        sys.stdout.flush()

    def _call(self, *arguments: str, expected: int = 0) -> None:
        sys.stdout.write(f"$ brugerbog {shlex.join(arguments)}\n")
        sys.stdout.flush()
        if self._run_cli([*arguments, "--store", self._store]) != expected:
            self._failed.append(" ".join(arguments))
        sys.stdout.flush()

    def _clear(self) -> None:
        """Remove what an earlier demo made, and nothing else: what has no mark of it is left alone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        mark = self._folder / "demo.mark"
        if any(self._folder.iterdir()) and not mark.exists():
            raise Misuse(f"I {self._folder} ligger filer, som demoen ikke har lavet. Vælg en anden mappe.")
        for made in self._folder.glob("demo.*"):
            made.unlink()
        mark.touch()


def _examples() -> Path:
    """The shipped examples: in the package, or in the checkout it is run from."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / "examples", package.parent.parent / "examples"):
        if (place / "brugere.csv").exists():
            here = Path.cwd()
            return place.relative_to(here) if place.is_relative_to(here) else place
    raise Misuse("Eksemplerne mangler i denne installation.")
