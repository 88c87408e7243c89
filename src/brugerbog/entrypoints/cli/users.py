"""`brugerbog users`: the list, one user, his history, and every command on him."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from brugerbog.domain.means import Ial, Means
from brugerbog.entrypoints.cli.answers import (
    console,
    history_table,
    print_json,
    say,
    status_text,
    user_card,
    user_table,
)
from brugerbog.entrypoints.cli.call import Call, subcommand
from brugerbog.entrypoints.cli.choices import HistorySort, Sort, Status
from brugerbog.entrypoints.cli.values import Misuse, read_date, read_id, read_instant

if TYPE_CHECKING:
    from brugerbog.application.actors import Actor
    from brugerbog.application.queries import UserView
    from brugerbog.bootstrap import Service

app = typer.Typer(help="List users, show one, and every command on one.", no_args_is_help=True)

Id = Annotated[UUID, typer.Argument(parser=read_id, metavar="ID", help="The user's UUID.")]
Ids = Annotated[list[UUID], typer.Argument(parser=read_id, metavar="ID", help="Users' UUIDs.")]
Day = Annotated[date | None, typer.Option(parser=read_date, metavar="YYYY-MM-DD")]
At = Annotated[
    datetime | None,
    typer.Option(
        parser=read_instant, metavar="INSTANT", help="As of then, past or future: ISO 8601 with offset."
    ),
]
Text = Annotated[str | None, typer.Option()]
CprStdin = Annotated[bool, typer.Option("--cpr-stdin", help="Read the CPR number from standard input.")]


@subcommand(app, "list")
def list_users(
    call: Call,
    *,
    search: Annotated[str | None, typer.Option(help="Words that begin words of the name or e-mail.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only users of this status.")] = None,
    imported: Annotated[bool, typer.Option("--imported", help="Only those who wait under imported.")] = False,
    p_number: Text = None,
    se_number: Text = None,
    sort: Annotated[Sort, typer.Option(help="The order.")] = Sort.by_name,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many on a page.")] = 100,
    after: Annotated[str | None, typer.Option(metavar="KEY", help="The next page's key.")] = None,
    at: At = None,
) -> None:
    """List the living users of the organisation, a page at a time."""
    from brugerbog.application import queries  # noqa: PLC0415 - help must be quick
    from brugerbog.domain import status as statuses  # noqa: PLC0415 - as above

    question = queries.UserQuestion(
        search=search,
        status=statuses.Status(status.value) if status else None,
        imported=imported,
        p_number=p_number,
        se_number=se_number,
        sort=queries.Sort(sort.value),
        limit=limit,
        after=after,
        at=at,
    )
    with call.acting() as (service, actor):
        page = service.queries.users(actor, question)
    if call.as_json:
        print_json(page)
        return
    console().print(user_table(page.users))
    if not page.users:
        say("Ingen brugere fundet.")
    if page.next:
        say(f"Der er flere: --after {page.next}")


@subcommand(app, "show")
def show(call: Call, user_id: Id, *, at: At = None) -> None:
    """Show one user, deleted ones too."""
    with call.acting() as (service, actor):
        user = service.queries.user(actor, user_id, at=at)
    if call.as_json:
        print_json(user)
    else:
        console().print(user_card(user))


@subcommand(app, "history")
def history(
    call: Call,
    user_id: Id,
    *,
    from_date: Annotated[date | None, typer.Option("--from", parser=read_date, metavar="YYYY-MM-DD")] = None,
    to_date: Annotated[date | None, typer.Option("--to", parser=read_date, metavar="YYYY-MM-DD")] = None,
    words: Annotated[str | None, typer.Option("--filter", help="Words that the activity holds.")] = None,
    sort: Annotated[HistorySort, typer.Option(help="The order.")] = HistorySort.by_time,
    descending: Annotated[bool, typer.Option("--descending", help="The other way round.")] = False,
) -> None:
    """Show the user's latest 200 activities."""
    from brugerbog.application import queries  # noqa: PLC0415 - help must be quick

    with call.acting() as (service, actor):
        activities = service.queries.history(
            actor,
            user_id,
            from_date=from_date,
            to_date=to_date,
            words=words,
            sort=queries.HistorySort(sort.value),
            descending=descending,
        )
    if call.as_json:
        print_json({"activities": activities})
    else:
        console().print(history_table(activities))


@subcommand(app, "create")
def create(
    call: Call,
    *,
    first_name: Annotated[str, typer.Option(help="First name.")],
    surname: Annotated[str, typer.Option(help="Surname.")],
    email: Annotated[str, typer.Option(help="E-mail address.")],
    date_of_birth: Annotated[
        date | None,
        typer.Option(parser=read_date, metavar="YYYY-MM-DD", help="Instead of or besides the CPR number."),
    ] = None,
    cpr_stdin: CprStdin = False,
    phone: Text = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Services see no name.")] = False,
    means: Annotated[list[Means] | None, typer.Option(help="Means he may use; may be repeated.")] = None,
    target_ial: Annotated[Ial | None, typer.Option(help="The organisation's level unless given.")] = None,
    p_number: Text = None,
    se_number: Text = None,
    ean: Text = None,
    reference_text: Text = None,
) -> None:
    """Create one user. The CPR number is asked for, or read from standard input; never an argument."""
    from brugerbog.application.new_user import NewUser  # noqa: PLC0415 - help must be quick

    cpr = _cpr(from_stdin=cpr_stdin, ask=date_of_birth is None)
    new = NewUser(
        first_name=first_name,
        surname=surname,
        email=email,
        cpr=cpr,
        date_of_birth=date_of_birth,
        phone=phone,
        anonymous=anonymous,
        means=tuple(means or ()),
        target_ial=target_ial,
        p_number=p_number,
        se_number=se_number,
        ean=ean,
        reference_text=reference_text,
    )
    with call.acting() as (service, actor):
        answer = service.administration.create_user(actor, new, command_id=call.command_id)
        _confirm(call, service, actor, answer.subject, "oprettet")
    _remark_on(email)


@subcommand(app, "edit")
def edit(
    call: Call,
    user_id: Id,
    *,
    email: Text = None,
    phone: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
    first_name: Text = None,
    surname: Text = None,
    cpr_stdin: CprStdin = False,
    target_ial: Annotated[Ial | None, typer.Option()] = None,
    ean: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
    reference_text: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
) -> None:
    """Change what is said about a user; what isn't given stays."""
    from brugerbog.application.new_user import UserEdits  # noqa: PLC0415 - help must be quick

    said = {
        "email": email,
        "phone": phone,
        "first_name": first_name,
        "surname": surname,
        "cpr": _cpr(from_stdin=cpr_stdin, ask=False),
        "target_ial": target_ial,
        "ean": ean,
        "reference_text": reference_text,
    }
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    with call.acting() as (service, actor):
        service.administration.edit_user(actor, user_id, UserEdits(**given), command_id=call.command_id)
        _confirm(call, service, actor, user_id, "opdateret")
    _remark_on(email or "")


@subcommand(app, "place")
def place(
    call: Call,
    user_id: Id,
    *,
    p_number: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
    se_number: Annotated[str | None, typer.Option(help="An empty text removes it.")] = None,
) -> None:
    """Tie a user to a P-number, an SE-number, or both."""
    from brugerbog.domain.details import KEEP  # noqa: PLC0415 - help must be quick

    with call.acting() as (service, actor):
        service.administration.place_user(
            actor,
            user_id,
            p_number=KEEP if p_number is None else p_number,
            se_number=KEEP if se_number is None else se_number,
            command_id=call.command_id,
        )
        _confirm(call, service, actor, user_id, "tilknyttet")


@subcommand(app, "assign-means")
def assign_means(
    call: Call, user_id: Id, means: Annotated[list[Means], typer.Argument(metavar="MEANS")]
) -> None:
    """Give a user one or more means besides those he has."""
    with call.acting() as (service, actor):
        service.administration.assign_means(actor, user_id, means, command_id=call.command_id)
        _confirm(call, service, actor, user_id, "tildelt identifikationsmidler")


@subcommand(app, "send-to-activation")
def send_to_activation(call: Call, user_ids: Ids) -> None:
    """Send imported users to activation, all of them or none."""
    with call.acting() as (service, actor):
        service.administration.send_many_to_activation(actor, user_ids, command_id=call.command_id)
        users = [service.queries.user(actor, user_id) for user_id in dict.fromkeys(user_ids)]
    if call.as_json:
        print_json({"users": users})
    else:
        console().print(user_table(users))


@subcommand(app, "activate")
def activate(call: Call, user_id: Id) -> None:
    """Activate a pending user without identity proof, on the operator's word."""
    with call.acting() as (service, actor):
        service.administration.activate_user(actor, user_id, command_id=call.command_id)
        _confirm(call, service, actor, user_id, "aktiveret uden identitetsbevis")


@subcommand(app, "deactivate")
def deactivate(
    call: Call,
    user_id: Id,
    *,
    from_date: Annotated[
        date | None,
        typer.Option(
            "--from", parser=read_date, metavar="YYYY-MM-DD", help="First inactive day; today unless given."
        ),
    ] = None,
    to_date: Annotated[
        date | None,
        typer.Option(
            "--to", parser=read_date, metavar="YYYY-MM-DD", help="Last inactive day; open unless given."
        ),
    ] = None,
) -> None:
    """Make a user inactive from one day to another, both included (Copenhagen)."""
    with call.acting() as (service, actor):
        service.administration.deactivate_user(
            actor, user_id, from_date=from_date, to_date=to_date, command_id=call.command_id
        )
        _confirm(call, service, actor, user_id, "deaktiveret")


@subcommand(app, "reactivate")
def reactivate(call: Call, user_id: Id) -> None:
    """End a deactivation early, or cancel one to come."""
    with call.acting() as (service, actor):
        service.administration.reactivate_user(actor, user_id, command_id=call.command_id)
        if not call.as_json:
            say("Aktivering er startet.")
        _confirm(call, service, actor, user_id, "genaktiveret")


@subcommand(app, "delete")
def delete(
    call: Call,
    user_id: Id,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Confirms that the user is to be deleted for good.")
    ] = False,
) -> None:
    """Delete a user for good."""
    if not yes:
        raise Misuse("Sletning er permanent. Bekræft med --yes.", param_hint="--yes")
    with call.acting() as (service, actor):
        before = service.queries.user(actor, user_id)
        service.administration.delete_user(actor, user_id, command_id=call.command_id)
        _confirm(call, service, actor, user_id, "slettet permanent", name=_name(before))


def _confirm(
    call: Call, service: Service, actor: Actor, user_id: UUID | None, deed: str, *, name: str | None = None
) -> None:
    """Say what was done, and show the user as he is now."""
    assert user_id is not None  # noqa: S101 - a command on one user names him
    user = service.queries.user(actor, user_id)
    if call.as_json:
        print_json(user)
        return
    say(f"{name or _name(user)} er {deed}. Status: {status_text(user)}.")
    sys.stdout.write(f"{user.id}\n")


def _remark_on(email: str) -> None:
    from brugerbog.domain.personal import email_can_carry_certificate  # noqa: PLC0415 - help must be quick

    if not email_can_carry_certificate(email):
        say("Bemærk: en e-mailadresse med æ, ø eller å kan ikke stå i et certifikat.")


def _name(user: UserView) -> str:
    return f"{user.first_name} {user.surname}".strip()


def _cpr(*, from_stdin: bool, ask: bool) -> str | None:
    """A CPR number from standard input, or asked for where somebody sits; never an argument."""
    if from_stdin:
        read = "" if sys.stdin is None else sys.stdin.readline().strip()
        if not read:
            raise Misuse("Der kom intet CPR-nummer på standard input.")
        return read
    if not ask:
        return None
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misuse("Angiv CPR-nummeret med --cpr-stdin, eller fødselsdatoen med --date-of-birth.")
    answer: str = typer.prompt("CPR-nummer", hide_input=True, err=True)
    return answer
