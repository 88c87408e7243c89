"""`brugerbog users`: list, show, history, create, edit, place, deactivate, reactivate and delete."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from brugerbog.domain.values.means import Ial, Means
from brugerbog.entrypoints.cli.arguments import At, CprStdin, Id, SharedCvr, SharedId, Text, shared_means
from brugerbog.entrypoints.cli.choices import HistorySort, Sort, Status
from brugerbog.entrypoints.cli.context import CliContext, subcommand
from brugerbog.entrypoints.cli.output import print_data, print_json, print_message
from brugerbog.entrypoints.cli.standard_input import read_cpr_number
from brugerbog.entrypoints.cli.users.results import print_result, print_result_with_code
from brugerbog.entrypoints.cli.users.tables import history_table, user_card, user_table
from brugerbog.entrypoints.cli.values import InvalidUsage, parse_date
from brugerbog.entrypoints.presentation.words import name_of, new_address_text

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.application.queries.user_list import UserView
    from brugerbog.service import Service

app = typer.Typer(help="List, show and change users.", no_args_is_help=True)


@subcommand(app, "list")
def list_users(
    context: CliContext,
    *,
    search: Annotated[str | None, typer.Option(help="Beginnings of words of the name or e-mail.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only users with this status.")] = None,
    imported: Annotated[bool, typer.Option("--imported", help="Only imported users.")] = False,
    p_number: Text = None,
    se_number: Text = None,
    sort: Annotated[Sort, typer.Option(help="The order.")] = Sort.by_name,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Users per page.")] = 100,
    after: Annotated[str | None, typer.Option(metavar="KEY", help="The key of the next page.")] = None,
    at: At = None,
) -> None:
    """List the organisation's users, except deleted ones, page by page."""
    from brugerbog.application.queries import user_list  # noqa: PLC0415 - help must be quick
    from brugerbog.domain.values import status as statuses  # noqa: PLC0415 - as above

    question = user_list.UserQuery(
        search=search,
        status=statuses.Status(status.value) if status else None,
        imported=imported,
        p_number=p_number,
        se_number=se_number,
        sort=user_list.Sort(sort.value),
        limit=limit,
        after=after,
        at=at,
    )
    with context.as_actor() as (service, actor):
        page = service.queries.users(actor, question)
    if context.as_json:
        print_json({"users": page.users, "next": page.next})
        return
    print_data(user_table(page.users))
    if not page.users:
        print_message("Ingen brugere fundet.")
    if page.next:
        print_message(f"Der er flere: --after {page.next}")


@subcommand(app, "show")
def show(context: CliContext, user_id: Id, *, at: At = None) -> None:
    """Show one user, including deleted ones; without --at also the roles and the replaced user."""
    with context.as_actor() as (service, actor):
        user = service.queries.user(actor, user_id, at=at)
        catalogue = service.queries.organisation(actor).settings.rights
        roles = None if at else [role for holder, role in service.queries.roles(actor) if holder == user_id]
        replaced = None if at else _replaced(service, actor, user)
    if context.as_json:
        print_json(asdict(user) | ({} if at else {"roles": roles, "replaces": replaced}))
    else:
        rights = {right.id: f"{right.name} ({right.service_provider})" for right in catalogue}
        print_data(user_card(user, rights=rights, roles=roles, replaces=str(replaced) if replaced else None))


@subcommand(app, "history")
def history(
    context: CliContext,
    user_id: Id,
    *,
    from_date: Annotated[date | None, typer.Option("--from", parser=parse_date, metavar="YYYY-MM-DD")] = None,
    to_date: Annotated[date | None, typer.Option("--to", parser=parse_date, metavar="YYYY-MM-DD")] = None,
    words: Annotated[str | None, typer.Option("--filter", help="Words in the activity.")] = None,
    sort: Annotated[HistorySort, typer.Option(help="The order.")] = HistorySort.by_time,
    descending: Annotated[bool, typer.Option("--descending", help="Reverse the order.")] = False,
) -> None:
    """Show the user's latest 200 activities."""
    from brugerbog.application.queries import activity_history  # noqa: PLC0415 - help must be quick

    with context.as_actor() as (service, actor):
        activities = service.queries.history(
            actor,
            user_id,
            from_date=from_date,
            to_date=to_date,
            words=words,
            sort=activity_history.HistorySort(sort.value),
            descending=descending,
        )
    if context.as_json:
        print_json({"activities": activities})
    else:
        print_data(history_table(activities))


@subcommand(app, "create")
def create(
    context: CliContext,
    *,
    first_name: Annotated[str, typer.Option(help="First name.")],
    surname: Annotated[str, typer.Option(help="Surname.")],
    email: Annotated[str, typer.Option(help="E-mail address.")],
    date_of_birth: Annotated[
        date | None,
        typer.Option(
            parser=parse_date, metavar="YYYY-MM-DD", help="Instead of, or in addition to, the CPR number."
        ),
    ] = None,
    cpr_stdin: CprStdin = False,
    phone: Text = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Hide the name from services.")] = False,
    means: Annotated[list[Means] | None, typer.Option(help="Means to assign; may be repeated.")] = None,
    shared_cvr: SharedCvr = None,
    shared_id: SharedId = None,
    target_ial: Annotated[
        Ial | None, typer.Option(help="Assurance level; default: the organisation's.")
    ] = None,
    p_number: Text = None,
    se_number: Text = None,
    ean: Text = None,
    reference_text: Text = None,
    right: Annotated[
        list[str] | None,
        typer.Option(metavar="RIGHT", help="A right, by its id in the settings; may be repeated."),
    ] = None,
    can_sign: Annotated[bool, typer.Option("--can-sign", help="Allow signing for the organisation.")] = False,
    sealing_profile: Annotated[
        list[str] | None,
        typer.Option(metavar="PROFILE", help="A certificate profile to seal with; may be repeated."),
    ] = None,
) -> None:
    """Create one user; without a CPR number, show a temporary activation code once.

    The CPR number is prompted for, or read from standard input; it is never an argument.
    """
    from brugerbog.application.commands.user_input import NewUser  # noqa: PLC0415 - help must be quick

    cpr = read_cpr_number(from_stdin=cpr_stdin, ask=date_of_birth is None)
    new = NewUser(
        first_name=first_name,
        surname=surname,
        email=email,
        cpr=cpr,
        date_of_birth=date_of_birth,
        phone=phone,
        anonymous=anonymous,
        means=tuple(means or ()),
        shared_means=shared_means(shared_cvr, shared_id),
        target_ial=target_ial,
        p_number=p_number,
        se_number=se_number,
        ean=ean,
        reference_text=reference_text,
        rights=tuple(right or ()),
        can_sign=can_sign,
        sealing_profiles=tuple(sealing_profile or ()),
    )
    with context.as_actor() as (service, actor):
        result = service.administration.create_user(actor, new, command_id=context.command_id)
        print_result_with_code(context, service, actor, result, "er oprettet")
    _remark_on(email)


@subcommand(app, "edit")
def edit(
    context: CliContext,
    user_id: Id,
    *,
    email: Text = None,
    phone: Annotated[str | None, typer.Option(help="An empty text removes the number.")] = None,
    first_name: Text = None,
    surname: Text = None,
    cpr_stdin: CprStdin = False,
    target_ial: Annotated[Ial | None, typer.Option()] = None,
    ean: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
    reference_text: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
) -> None:
    """Edit a user's details; options left out change nothing."""
    from brugerbog.application.commands.user_input import UserEdits  # noqa: PLC0415 - help must be quick

    options = {
        "email": email,
        "phone": phone,
        "first_name": first_name,
        "surname": surname,
        "cpr": read_cpr_number(from_stdin=cpr_stdin, ask=False),
        "target_ial": target_ial,
        "ean": ean,
        "reference_text": reference_text,
    }
    edits: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    with context.as_actor() as (service, actor):
        before = service.queries.user(actor, user_id) if email else None
        service.administration.edit_user(actor, user_id, UserEdits(**edits), command_id=context.command_id)
        print_result(context, service, actor, user_id, "er opdateret")
        if before is not None and (links := new_address_text(before, service.queries.user(actor, user_id))):
            print_message(links)
    _remark_on(email or "")


@subcommand(app, "place")
def place(
    context: CliContext,
    user_id: Id,
    *,
    p_number: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
    se_number: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
) -> None:
    """Tie a user to a P-number, an SE-number, or both."""
    from brugerbog.domain.user.details import KEEP  # noqa: PLC0415 - help must be quick

    with context.as_actor() as (service, actor):
        service.administration.place_user(
            actor,
            user_id,
            p_number=KEEP if p_number is None else p_number,
            se_number=KEEP if se_number is None else se_number,
            command_id=context.command_id,
        )
        print_result(context, service, actor, user_id, "er tilknyttet")


@subcommand(app, "deactivate")
def deactivate(
    context: CliContext,
    user_id: Id,
    *,
    from_date: Annotated[
        date | None,
        typer.Option(
            "--from", parser=parse_date, metavar="YYYY-MM-DD", help="First inactive day; default: today."
        ),
    ] = None,
    to_date: Annotated[
        date | None,
        typer.Option(
            "--to", parser=parse_date, metavar="YYYY-MM-DD", help="Last inactive day; default: none."
        ),
    ] = None,
) -> None:
    """Make a user inactive from one day to another, both included (Danish days)."""
    with context.as_actor() as (service, actor):
        service.administration.deactivate_user(
            actor, user_id, from_date=from_date, to_date=to_date, command_id=context.command_id
        )
        print_result(context, service, actor, user_id, "er deaktiveret")


@subcommand(app, "reactivate")
def reactivate(context: CliContext, user_id: Id) -> None:
    """End a deactivation early, or cancel a future one."""
    with context.as_actor() as (service, actor):
        service.administration.reactivate_user(actor, user_id, command_id=context.command_id)
        context.print_message("Aktivering er startet.")
        print_result(context, service, actor, user_id, "er genaktiveret")


@subcommand(app, "delete")
def delete(
    context: CliContext,
    user_id: Id,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm the permanent deletion.")] = False,
) -> None:
    """Delete a user permanently."""
    if not yes:
        raise InvalidUsage("Sletning er permanent. Bekræft med --yes.", param_hint="--yes")
    with context.as_actor() as (service, actor):
        before = service.queries.user(actor, user_id)
        service.administration.delete_user(actor, user_id, command_id=context.command_id)
        print_result(context, service, actor, user_id, "er slettet permanent", name=name_of(before))


def _replaced(service: Service, actor: Actor, user: UserView) -> UUID | None:
    """Return the user whom an anonymous user replaced, or None without the permission to know."""
    from brugerbog.application.refusals.requests import NotAllowed  # noqa: PLC0415 - help must be quick

    if not user.anonymous:
        return None
    try:
        return service.queries.replaced_by(actor, user.id)
    except NotAllowed:
        return None


def _remark_on(email: str) -> None:
    from brugerbog.domain.values.personal_data import email_can_carry_certificate  # noqa: PLC0415 - help must be quick

    if not email_can_carry_certificate(email):
        print_message("Bemærk: en e-mailadresse med æ, ø eller å kan ikke stå i et certifikat.")
