"""The context of a call: the options that all subcommands share, and the service opened by them."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from brugerbog.entrypoints.cli.output import print_message
from brugerbog.entrypoints.cli.values import parse_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from brugerbog.application.actors import Actor
    from brugerbog.infrastructure.telemetry.composite_observer import OperationListener
    from brugerbog.service import Service

_OPTIONS: Final[dict[str, Any]] = {
    "store": Annotated[
        str | None,
        typer.Option(
            envvar="BRUGERBOG_STORE",
            show_envvar=True,
            help="The store's URL; default: sqlite:///brugerbog.db.",
        ),
    ],
    "organisation": Annotated[
        str | None, typer.Option(metavar="CVR", help="The organisation, if there are several.")
    ],
    "as_user": Annotated[
        UUID | None,
        typer.Option("--as", parser=parse_id, metavar="USER-ID", help="Act as this user, in their roles."),
    ],
    "command_id": Annotated[
        UUID | None,
        typer.Option(
            parser=parse_id,
            metavar="UUID",
            help="Makes the command idempotent: a repeat with the same id returns the first answer.",
        ),
    ],
    "as_json": Annotated[bool, typer.Option("--json", help="Answer with one JSON document on stdout.")],
}


@dataclass(frozen=True, slots=True)
class CliContext:
    """The shared options of one call."""

    store: str | None
    organisation: str | None
    as_user: UUID | None
    command_id: UUID | None
    as_json: bool

    def print_message(self, text: str) -> None:
        """Print a message for people; with --json the document has everything."""
        if not self.as_json:
            print_message(text)

    @contextmanager
    def service(
        self,
        *,
        create: bool = False,
        needs_read_tables: bool = True,
        watchers: Sequence[OperationListener] = (),
    ) -> Iterator[Service]:
        """Open the service; `needs_read_tables=False` also works for the owner of a database with roles."""
        from brugerbog.bootstrap import open_service  # noqa: PLC0415 - help must be quick

        with open_service(
            self.store,
            create=create,
            needs_read_tables=needs_read_tables,
            on_new_key=announce_new_key,
            watchers=watchers,
        ) as service:
            yield service

    @contextmanager
    def as_operator(
        self,
        *,
        create: bool = False,
        needs_read_tables: bool = True,
        watchers: Sequence[OperationListener] = (),
    ) -> Iterator[Service]:
        """Open the service for a command that only the operator may run. Raises: NotAllowed."""
        self.require_operator()
        with self.service(create=create, needs_read_tables=needs_read_tables, watchers=watchers) as service:
            yield service

    def require_operator(self) -> None:
        """Raise NotAllowed unless the operator makes the call."""
        from brugerbog.application.actors import Actor, operator  # noqa: PLC0415 - help must be quick
        from brugerbog.application.commands.authorization import (  # noqa: PLC0415 - help must be quick
            role_for,
        )

        role_for("operate", operator() if self.as_user is None else Actor(self.as_user, None), None)

    @contextmanager
    def as_actor(self) -> Iterator[tuple[Service, Actor]]:
        """Open the service; also return the actor: the operator, or the user of --as."""
        from brugerbog.domain.kernel.doors import Door  # noqa: PLC0415 - help must be quick

        with self.service() as service:
            if self.as_user is None:
                yield service, service.operator(self.organisation, door=Door.CLI)
            else:
                yield service, service.user(self.as_user, self.organisation, door=Door.CLI)


def subcommand(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a subcommand with the shared options; its first parameter is a `CliContext`."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(**arguments: Any) -> None:  # noqa: ANN401 - the subcommand's own types
            from brugerbog.infrastructure.telemetry import log_output  # noqa: PLC0415 - help must be quick

            log_output.configure_logging()
            try:
                function(CliContext(**{option: arguments.pop(option) for option in _OPTIONS}), **arguments)
            finally:
                log_output.reset_logging()

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        shared = [
            inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=False if option == "as_json" else None,
            )
            for option, annotation in _OPTIONS.items()
        ]
        own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
        run.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in (*own, *shared)}
        del run.__wrapped__
        app.command(name)(run)
        return function

    return decorate


def announce_new_key(path: Path) -> None:
    """Print the path of a new master key, and that a copy must be kept elsewhere."""
    print_message(
        f"Ny hovednøgle lavet: {path}. Gem en kopi et andet sted; uden den kan lageret ikke læses.",
    )
