"""Tables of users and activity histories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from brugerbog.domain.values.means import Ial
from brugerbog.entrypoints.cli import output
from brugerbog.entrypoints.cli.output import table
from brugerbog.entrypoints.presentation.words import (
    danish_time,
    means_text,
    name_of,
    role_name,
    status_text,
    yes_or_no,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.table import Table

    from brugerbog.application.queries.activity_history import Activity
    from brugerbog.application.queries.user_list import UserView

_ROOM_FOR_ALL: Final = 120
_IN_LITTLE_ROOM: Final = 3
"""The number of columns of the user list on a terminal narrower than `_ROOM_FOR_ALL`."""


def user_table(users: Iterable[UserView]) -> Table:
    """Return a table of users, one a line."""
    headings = ("UUID", "Navn", "Status", "E-mail", "Telefon", "P-nummer")
    shown = len(headings) if output.console().width >= _ROOM_FOR_ALL else _IN_LITTLE_ROOM
    rows = ((one.id, name_of(one), status_text(one), one.email, one.phone, one.p_number) for one in users)
    return table(headings[:shown], (row[:shown] for row in rows))


def user_card(
    user: UserView,
    *,
    rights: Mapping[str, str],
    roles: Iterable[str] | None = None,
    replaces: str | None = None,
) -> Table:
    """Return a table with one user's details; `rights` maps ids to names; without `roles` none are shown."""
    rows = [
        ("Navn", name_of(user)),
        ("UUID", user.id),
        ("Status", status_text(user)),
        ("E-mail", user.email),
        ("Telefon", user.phone),
        ("CPR-nummer", user.cpr_masked),
        ("Fødselsdato", user.date_of_birth),
        ("Anonym", yes_or_no(user.anonymous)),
        ("Identifikationsmidler", means_text(user)),
        ("Sikringsniveau", Ial(user.target_ial).danish),
        ("P-nummer", user.p_number),
        ("SE-nummer", user.se_number),
        ("EAN", user.ean),
        ("Referencetekst", user.reference_text),
        ("Rettigheder", ", ".join(rights.get(one, one) for one in user.rights)),
        ("Underskrift", yes_or_no(user.can_sign)),
        ("Segldannelse", ", ".join(user.sealing_profiles)),
        ("Oprettet", danish_time(user.created_at)),
    ]
    if roles is not None:
        rows.append(("Roller", ", ".join(role_name(one) for one in roles)))
    if user.link_expires_at is not None:
        over = "udløb" if user.link_has_expired else "udløber"
        rows.append(("Aktiveringslink", f"{over} {danish_time(user.link_expires_at)}"))
    if user.asks_for_anonymity:
        rows.append(("Anmodning", "ønsker at være anonym"))
    if replaces is not None:
        rows.append(("Oprettet i stedet for", replaces))
    return table(("Felt", "Værdi"), rows)


def history_table(activities: Iterable[Activity]) -> Table:
    """Return a table of activities, one a line."""
    kinds = {"public": "offentlig", "private": "privat"}
    return table(
        ("Tidspunkt", "Transaktion", "Tjenesteudbyder", "Type"),
        (
            (danish_time(one.occurred_at), one.transaction, one.service_provider, kinds[one.service_type])
            for one in activities
        ),
    )
