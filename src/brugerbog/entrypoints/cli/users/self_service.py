"""`brugerbog self-service`: the user's steps after a mailed link, for the operator's trials and scripts.

The link and the code are secrets that grant access: neither is ever an argument.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from brugerbog.domain.values.means import Ial, Means
from brugerbog.entrypoints.cli.arguments import MeansArgument, MeansCount, expand_counts, parse_means_count
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, table
from brugerbog.entrypoints.cli.standard_input import prompt_or_read_line
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_date
from brugerbog.entrypoints.presentation.words import counted, danish_time, yes_or_no

if TYPE_CHECKING:
    from brugerbog.application.commands.execution import CommandResult
    from brugerbog.application.commands.self_service import OpenedLink, SelfService
    from brugerbog.domain.kernel.doors import Door
    from brugerbog.domain.user.identity_confirmation import ProvedIdentity
    from brugerbog.service import Service

app = typer.Typer(
    help="The user's steps after a mailed link, for trials. The link is read from standard input.",
    no_args_is_help=True,
)

Consent = Annotated[bool, typer.Option("--consent", help="The user's consent to use the private MitID.")]


@subcommand(app, "open")
def open_link(context: CliContext) -> None:
    """Show the purpose of a link, and the remaining steps."""
    with context.as_operator() as service:
        opened = _open_link(service.self_service, _link())
    if context.as_json:
        print_json(opened)
        return
    rows = [
        ("Formål", {"activation": "aktivering", "means": "identifikationsmidler"}[opened.purpose]),
        ("Organisation", opened.organisation),
        ("Gyldigt indtil", danish_time(opened.expires_at)),
        ("Identitet bekræftet", yes_or_no(opened.identity_confirmed)),
        ("Mangler aktiveringskode", yes_or_no(opened.needs_code)),
        ("Kan vælges", counted(opened.may_take)),
        ("Bestilt", counted(opened.ordered)),
    ]
    print_data(table(("Felt", "Værdi"), rows))


@subcommand(app, "confirm-identity")
def confirm_identity(
    context: CliContext,
    *,
    pretend: Annotated[bool, typer.Option("--pretend", help="Confirm that no MitID broker is used.")] = False,
    date_of_birth: Annotated[
        date | None,
        typer.Option(parser=parse_date, metavar="YYYY-MM-DD", help="Instead of the CPR number."),
    ] = None,
    ial: Annotated[Ial, typer.Option(help="The assurance level of the simulated proof.")] = Ial.SUBSTANTIAL,
) -> None:
    """Simulate the identity proof of a MitID broker, for trials.

    Without a date of birth, the CPR number is the second line of standard input, or prompted for.
    """
    if not pretend:
        raise InvalidUsage(
            "Her spørges ingen MitID-broker: identiteten er kun påstået. Bekræft det med --pretend."
        )
    with context.as_operator() as service:
        link = _link()
        cpr = None if date_of_birth else prompt_or_read_line("CPR-nummer")
        proof = PretendedIdentity(_asserted(service, cpr, date_of_birth, ial))
        _print_answer(context, service.self_service.confirm_identity(link, proof, door=_door()),
                "Identiteten er bekræftet på skrømt: ingen MitID-broker er spurgt.")  # fmt: skip


@subcommand(app, "enter-code")
def enter_code(context: CliContext) -> None:
    """Enter the temporary activation code: the second line of standard input, or prompted for."""
    with context.as_operator() as service:
        link, code = _link(), prompt_or_read_line("aktiveringskode")
        _print_answer(
            context, service.self_service.enter_code(link, code, door=_door()), "Koden er godkendt."
        )


@subcommand(app, "order-means")
def order_means(
    context: CliContext, means: Annotated[Means, typer.Argument(metavar="KIND", help="The device.")]
) -> None:
    """Order a device, to be taken into use after delivery."""
    with context.as_operator() as service:
        result = service.self_service.order_means(_link(), means, door=_door())
        _print_answer(context, result, f"Bestilt: {counted([means])}.")


@subcommand(app, "activate")
def activate(
    context: CliContext,
    means: Annotated[
        list[MeansCount] | None,
        typer.Argument(parser=parse_means_count, metavar="KIND[=N]", help="Means to take into use now."),
    ] = None,
    *,
    consent: Consent = False,
) -> None:
    """Activate the user with the chosen means; a private MitID requires --consent."""
    with context.as_operator() as service:
        result = service.self_service.activate(_link(), expand_counts(means), consent=consent, door=_door())
        _print_answer(context, result, "Du er nu aktiveret som bruger i MitID Erhverv.")


@subcommand(app, "take-means")
def take_means(context: CliContext, means: MeansArgument, *, consent: Consent = False) -> None:
    """Take later assigned means into use; a private MitID requires --consent."""
    chosen = expand_counts(means)
    with context.as_operator() as service:
        result = service.self_service.take_means(_link(), chosen, consent=consent, door=_door())
        _print_answer(context, result, f"Taget i brug: {counted(chosen)}.")


class PretendedIdentity:
    """A fake MitID broker that returns a given identity."""

    def __init__(self, identity: ProvedIdentity) -> None:
        self._identity = identity

    def proved(self) -> ProvedIdentity:
        return self._identity


def _asserted(service: Service, cpr: str | None, born: date | None, ial: Ial) -> ProvedIdentity:
    from brugerbog.domain.kernel.days import danish_day  # noqa: PLC0415 - as above
    from brugerbog.domain.user.identity_confirmation import (  # noqa: PLC0415 - as above
        PRETENDED,
        ProvedIdentity,
    )
    from brugerbog.domain.values import numbers  # noqa: PLC0415 - help must be quick

    if cpr is not None:
        cpr = numbers.cpr_loose(cpr, today=danish_day(service.queries.now()))
        born = numbers.birth_date_of(cpr)
    assert born is not None  # noqa: S101 - one of the two is given
    return ProvedIdentity(broker=PRETENDED, date_of_birth=born, cpr=cpr, ial=ial)


def _link() -> str:
    """Read a link, or only its token, and return the token."""
    return prompt_or_read_line("link").rstrip("/").rpartition("/")[2]


def _open_link(self_service: SelfService, token: str) -> OpenedLink:
    from brugerbog.domain.user.links import LinkUnknown  # noqa: PLC0415 - help must be quick

    try:
        return self_service.open_activation(token)
    except LinkUnknown:
        return self_service.open_means(token)


def _door() -> Door:
    from brugerbog.domain.kernel.doors import Door  # noqa: PLC0415 - help must be quick

    return Door.CLI


def _print_answer(context: CliContext, result: CommandResult, message: str) -> None:
    if context.as_json:
        print_json({"user_id": result.subject})
        return
    context.print_message(message)
    sys.stdout.write(f"{result.subject}\n")
