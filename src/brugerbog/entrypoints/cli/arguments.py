"""Arguments and options that several commands take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from brugerbog.domain.values.means import Means
from brugerbog.entrypoints.cli.choices import ClientRole, GivenRole
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_date, parse_id, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.commands.user_input import NamedShared


@dataclass(frozen=True, slots=True)
class MeansCount:
    """A kind of means, and how many of it."""

    means: Means
    count: int


def parse_means_count(text: str) -> MeansCount:
    """A kind of means, perhaps with how many: `app`, `chip=2`."""
    if isinstance(text, MeansCount):
        return text
    kind, _, count = text.partition("=")
    many = int(count) if count.isascii() and count.isdecimal() and len(count) <= len("99") else 0
    if kind not in set(Means) or ("=" in text and not many):
        raise InvalidUsage(f"Skriv et af {', '.join(Means)}, eventuelt med et antal fra 1 til 99: chip=2.")
    return MeansCount(Means(kind), many or 1)


def parse_role(text: str) -> str:
    """A role that users are given."""
    try:
        return GivenRole(text).value
    except ValueError:
        raise InvalidUsage(f"Skriv en af rollerne {', '.join(GivenRole)}.") from None


def parse_client_role(text: str) -> str:
    """A role that clients are given."""
    try:
        return ClientRole(text).value
    except ValueError:
        raise InvalidUsage(f"Skriv en af rollerne {', '.join(ClientRole)}.") from None


def expand_counts(some: Iterable[MeansCount] | None) -> tuple[Means, ...]:
    """The means, a kind as often as it was counted."""
    return tuple(one.means for one in some or () for _ in range(one.count))


def shared_means(cvr: str | None, identifier: str | None) -> NamedShared | None:
    """A shared means as two options name it."""
    from brugerbog.application.commands.user_input import NamedShared  # noqa: PLC0415 - help must be quick

    if cvr is None and identifier is None:
        return None
    if cvr is None or identifier is None:
        raise InvalidUsage("Angiv både --shared-cvr og --shared-id for et delt identifikationsmiddel.")
    return NamedShared(owner_cvr=cvr, identifier=identifier)


Id = Annotated[UUID, typer.Argument(parser=parse_id, metavar="ID", help="The user's UUID.")]
Day = Annotated[date | None, typer.Option(parser=parse_date, metavar="YYYY-MM-DD")]
At = Annotated[
    datetime | None,
    typer.Option(
        parser=parse_instant, metavar="INSTANT", help="As of then, past or future: ISO 8601 with offset."
    ),
]
Text = Annotated[str | None, typer.Option()]
CprStdin = Annotated[bool, typer.Option("--cpr-stdin", help="Read the CPR number from standard input.")]
SharedCvr = Annotated[
    str | None, typer.Option(metavar="CVR", help="Whose the shared means is: an organisation's CVR number.")
]
SharedId = Annotated[str | None, typer.Option(metavar="ID", help="The shared means' user id.")]
FurtherMeansOption = Annotated[
    list[MeansCount] | None,
    typer.Option(
        "--means",
        parser=parse_means_count,
        metavar="KIND[=N]",
        help="Further means he may use, and how many new ones; may be repeated.",
    ),
]
MeansArgument = Annotated[
    list[MeansCount],
    typer.Argument(parser=parse_means_count, metavar="KIND[=N]", help="Which means, and how many."),
]
