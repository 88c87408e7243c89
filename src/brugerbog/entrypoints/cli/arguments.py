"""Arguments and options shared by several commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.cli.choices import ClientRole, GivenRole
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_id, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.commands.user_input import NamedShared


@dataclass(frozen=True, slots=True)
class MeansCount:
    """A kind of means and a count."""

    means: Means
    count: int


def parse_means_count(text: str) -> MeansCount:
    """Parse a kind of means with an optional count: `app`, `chip=2`."""
    if isinstance(text, MeansCount):
        return text
    kind, _, count = text.partition("=")
    number = int(count) if count.isascii() and count.isdecimal() and len(count) <= len("99") else 0
    if kind not in set(Means) or ("=" in text and not number):
        raise InvalidUsage(f"Skriv et af {', '.join(Means)}, eventuelt med et antal fra 1 til 99: chip=2.")
    return MeansCount(Means(kind), number or 1)


def parse_role(text: str) -> str:
    """Parse a role of users."""
    try:
        return GivenRole(text).value
    except ValueError:
        raise InvalidUsage(f"Skriv en af rollerne {', '.join(GivenRole)}.") from None


def parse_client_role(text: str) -> str:
    """Parse a role of clients."""
    try:
        return ClientRole(text).value
    except ValueError:
        raise InvalidUsage(f"Skriv en af rollerne {', '.join(ClientRole)}.") from None


def expand_counts(counts: Iterable[MeansCount] | None) -> tuple[Means, ...]:
    """Return the means, each kind repeated by its count."""
    return tuple(one.means for one in counts or () for _ in range(one.count))


def shared_means(cvr: str | None, identifier: str | None) -> NamedShared | None:
    """Return the shared means of the options --shared-cvr and --shared-id."""
    from brugerbog.application.commands.user_input import NamedShared  # noqa: PLC0415 - help must be quick

    if cvr is None and identifier is None:
        return None
    if cvr is None or identifier is None:
        raise InvalidUsage("Angiv både --shared-cvr og --shared-id for et delt identifikationsmiddel.")
    return NamedShared(owner_cvr=cvr, identifier=identifier)


Id = Annotated[UUID, typer.Argument(parser=parse_id, metavar="ID", help="The user's UUID.")]
ClientId = Annotated[UUID, typer.Argument(parser=parse_id, metavar="ID", help="The client's UUID.")]
At = Annotated[
    datetime | None,
    typer.Option(
        parser=parse_instant,
        metavar="INSTANT",
        help="As of an instant, past or future: ISO 8601 with offset.",
    ),
]
Text = Annotated[str | None, typer.Option()]
CprStdin = Annotated[bool, typer.Option("--cpr-stdin", help="Read the CPR number from standard input.")]
SharedCvr = Annotated[
    str | None,
    typer.Option(metavar="CVR", help="The owner of the shared means: an organisation's CVR number."),
]
SharedId = Annotated[str | None, typer.Option(metavar="ID", help="The user id of the shared means.")]
FurtherMeansOption = Annotated[
    list[MeansCount] | None,
    typer.Option(
        "--means",
        parser=parse_means_count,
        metavar="KIND[=N]",
        help="Further means to assign, with a count; may be repeated.",
    ),
]
MeansArgument = Annotated[
    list[MeansCount],
    typer.Argument(parser=parse_means_count, metavar="KIND[=N]", help="Means, with a count."),
]
