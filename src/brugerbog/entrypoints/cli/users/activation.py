"""`brugerbog users …`: commands on activation and means."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import typer

from brugerbog.entrypoints.cli.arguments import (
    FurtherMeansOption,
    Id,
    MeansArgument,
    SharedCvr,
    SharedId,
    expand_counts,
    shared_means,
)
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, progress_bar, table
from brugerbog.entrypoints.cli.users.results import print_result, print_result_with_code
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_id
from brugerbog.entrypoints.presentation.words import counted, danish_time, kroner, name_of

if TYPE_CHECKING:
    from rich.table import Table

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.activation import SendingResult
    from brugerbog.application.queries.previews.effects import SendingPreview
    from brugerbog.service import Service

_SOME_LEFT_OUT: Final = 3
_MOST_SHOWN: Final = 50
_VOIDED: Final = "Den tidligere kode og det tidligere link virker ikke længere."


def add_to(users: typer.Typer) -> None:
    """Add these commands to `brugerbog users`."""
    subcommand(users, "send-to-activation")(send_to_activation)
    subcommand(users, "send-many-to-activation")(send_many_to_activation)
    subcommand(users, "resend-activation-mail")(resend_activation_mail)
    subcommand(users, "issue-code")(issue_code)
    subcommand(users, "activate")(activate)
    subcommand(users, "assign-means")(assign_means)
    subcommand(users, "resend-means-mail")(resend_means_mail)


def send_to_activation(context: CliContext, user_id: Id, *, means: FurtherMeansOption = None) -> None:
    """Send one imported user to activation; without a CPR number, show a temporary code once."""
    with context.as_actor() as (service, actor):
        result = service.administration.send_to_activation(
            actor, user_id, means=expand_counts(means), command_id=context.command_id
        )
        print_result_with_code(context, service, actor, result, "er sendt til aktivering")


def send_many_to_activation(
    context: CliContext,
    user_ids: Annotated[
        list[UUID] | None, typer.Argument(parser=parse_id, metavar="ID", help="Users' UUIDs.")
    ] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="All imported users.")] = False,
    means: FurtherMeansOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the outcome, and change nothing.")] = False,
) -> None:
    """Send many imported users with CPR numbers to activation; exit code 3 if any user was left out."""
    if bool(user_ids) == everybody:
        raise InvalidUsage("Angiv enten brugernes id'er eller --all.")
    if everybody and context.command_id:
        raise InvalidUsage("--all sender kun dem, der stadig venter, og kan gentages uden --command-id.")
    chosen = expand_counts(means)
    with context.as_actor() as (service, actor):
        if dry_run or everybody:
            planned = service.queries.sending(actor, user_ids or None, means=chosen)
        if dry_run:
            sending = planned.sending
        else:
            wanted = _all_in(planned.sending) if everybody else user_ids or []
            with progress_bar("Sender til aktivering") as progress:
                sending = service.administration.send_many_to_activation(
                    actor, wanted, means=chosen, progress=progress, command_id=context.command_id
                )
        if context.as_json:
            print_json(_document(planned) if dry_run else asdict(sending))
        else:
            print_data(_summary(sending, dry_run=dry_run))
            if dry_run:
                print_data(_new_means(planned))
            if sending.without_cpr or sending.not_waiting:
                print_data(_left_out(service, actor, sending))
    if sending.without_cpr or sending.not_waiting:
        raise typer.Exit(_SOME_LEFT_OUT)


def resend_activation_mail(context: CliContext, user_id: Id) -> None:
    """Send the activation mail again, with a new link valid for 30 days; the earlier link is void."""
    with context.as_actor() as (service, actor):
        service.administration.resend_activation_mail(actor, user_id, command_id=context.command_id)
        print_result(context, service, actor, user_id, "får gensendt aktiveringsmailen")
        user = service.queries.user(actor, user_id)
    if user.link_expires_at is not None:
        context.print_message(
            "Det tidligere link virker ikke længere. "
            f"Det nye er gyldigt indtil {danish_time(user.link_expires_at)}."
        )


def issue_code(context: CliContext, user_id: Id) -> None:
    """Issue a new temporary activation code, shown once, and a new link; the earlier ones are void."""
    with context.as_actor() as (service, actor):
        result = service.administration.issue_code(actor, user_id, command_id=context.command_id)
        outcome = "har fået en ny midlertidig aktiveringskode"
        print_result_with_code(context, service, actor, result, outcome, voided=_VOIDED)


def activate(context: CliContext, user_id: Id) -> None:
    """Activate a pending user without identity proof; only for the operator."""
    with context.as_actor() as (service, actor):
        service.administration.activate_user(actor, user_id, command_id=context.command_id)
        print_result(context, service, actor, user_id, "er aktiveret uden identitetsbevis")


def assign_means(
    context: CliContext,
    user_id: Id,
    means: MeansArgument,
    *,
    shared_cvr: SharedCvr = None,
    shared_id: SharedId = None,
) -> None:
    """Assign further means to a user; the user gets a mail."""
    shared = shared_means(shared_cvr, shared_id)
    with context.as_actor() as (service, actor):
        before = service.queries.user(actor, user_id)
        service.administration.assign_means(
            actor, user_id, expand_counts(means), shared=shared, command_id=context.command_id
        )
        after = service.queries.user(actor, user_id)
        new = Counter(after.means) - Counter(before.means)
        outcome = (
            f"har fået tilføjet: {counted(new.elements())}" if new else "har allerede det, der blev valgt"
        )
        print_result(context, service, actor, user_id, outcome)


def resend_means_mail(context: CliContext, user_id: Id) -> None:
    """Send the mail about assigned means again; the earlier link is void."""
    with context.as_actor() as (service, actor):
        service.administration.resend_means_mail(actor, user_id, command_id=context.command_id)
        print_result(context, service, actor, user_id, "får gensendt e-mailen om identifikationsmidler")
    context.print_message("Det tidligere link virker ikke længere.")


def _all_in(sending: SendingResult) -> list[UUID]:
    return [*sending.sent, *sending.without_cpr, *sending.not_waiting]


def _document(planned: SendingPreview) -> dict[str, Any]:
    return asdict(planned.sending) | {"new_means": planned.new_means, "cost": planned.cost}


def _summary(sending: SendingResult, *, dry_run: bool) -> str:
    chosen = len(_all_in(sending))
    tense = "Prøvekørsel, intet er ændret" if dry_run else "Sendt til aktivering"
    return (
        f"{tense}: {chosen} brugere · {len(sending.sent)} får en aktiveringsmail · "
        f"{len(sending.without_cpr)} uden CPR-nummer · {len(sending.not_waiting)} venter ikke"
    )


def _new_means(planned: SendingPreview) -> str:
    new = counted(one for one, many in planned.new_means.items() for _ in range(many)) or "ingen"
    return (
        f"Nye identifikationsmidler, som brugerne kan bestille eller tage i brug: {new} · "
        f"højst {kroner(planned.cost)} kr. ekskl. moms"
    )


def _left_out(service: Service, actor: Actor, sending: SendingResult) -> Table:
    reasons = (
        (sending.without_cpr, "Er oprettet uden CPR-nummer. Send brugeren enkeltvis."),
        (sending.not_waiting, "Venter ikke under Importerede brugere."),
    )
    rows = [(user_id, reason) for user_ids, reason in reasons for user_id in user_ids]
    shown = [(user_id, name_of(service.queries.user(actor, user_id)), reason)
             for user_id, reason in rows[:_MOST_SHOWN]]  # fmt: skip
    more = f" (de første {_MOST_SHOWN} af {len(rows)})" if len(rows) > _MOST_SHOWN else ""
    return table(("UUID", "Navn", f"Ikke sendt{more}"), shown)
