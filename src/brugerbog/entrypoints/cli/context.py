"""What every subcommand is given: where the store is, who acts, in which organisation, how to answer."""

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
            help="Where the store is; sqlite:///brugerbog.db unless given.",
        ),
    ],
    "organisation": Annotated[
        str | None, typer.Option(metavar="CVR", help="Which organisation, if there are several.")
    ],
    "as_user": Annotated[
        UUID | None,
        typer.Option(
            "--as", parser=parse_id, metavar="USER-ID", help="Act as this user, in the roles he holds."
        ),
    ],
    "command_id": Annotated[
        UUID | None,
        typer.Option(
            parser=parse_id,
            metavar="UUID",
            help="Makes a repeat safe: the same id gives the first answer again.",
        ),
    ],
    "as_json": Annotated[bool, typer.Option("--json", help="Answer with one JSON document on stdout.")],
}


@dataclass(frozen=True, slots=True)
class CliContext:
    """One call of the command line."""

    store: str | None
    organisation: str | None
    as_user: UUID | None
    command_id: UUID | None
    as_json: bool

    def print_message(self, text: str) -> None:
        """A message for people; programs are told everything in the document."""
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
        """The opened service; without `needs_read_tables` also for the owner of a database with roles."""
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
        """The opened service, for what only the operator may do."""
        self.require_operator()
        with self.service(create=create, needs_read_tables=needs_read_tables, watchers=watchers) as service:
            yield service

    def require_operator(self) -> None:
        """Let nobody else but the operator go on. Raises: NotAllowed."""
        from brugerbog.application.actors import Actor, operator  # noqa: PLC0415 - help must be quick
        from brugerbog.application.commands.authorization import (  # noqa: PLC0415 - help must be quick
            role_for,
        )

        role_for("operate", operator() if self.as_user is None else Actor(self.as_user, None), None)

    @contextmanager
    def as_actor(self) -> Iterator[tuple[Service, Actor]]:
        """The opened service, and who acts: the operator, or a user named by --as."""
        from brugerbog.domain.kernel.doors import Door  # noqa: PLC0415 - help must be quick

        with self.service() as service:
            if self.as_user is None:
                yield service, service.operator(self.organisation, door=Door.CLI)
            else:
                yield service, service.user(self.as_user, self.organisation, door=Door.CLI)


def subcommand(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a subcommand: it gets a `CliContext` first, and the shared options beside its own."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(**arguments: Any) -> None:  # noqa: ANN401 - whatever the subcommand takes
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
    """Where a new master key lies, which is to be kept elsewhere too."""
    print_message(
        f"Ny hovednøgle lavet: {path}. Gem en kopi et andet sted; uden den kan lageret ikke læses.",
    )
