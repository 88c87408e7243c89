"""Who are the organisation's users, and what is known of each?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, and_, or_

from brugerbog.domain.danish.collation import search_text, sort_key
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.user.deactivation import Deactivated
from brugerbog.domain.user.directory_account import DirectoryAccountChanged
from brugerbog.domain.user.entitlements import RightsGranted, RightsRevoked
from brugerbog.domain.user.means_held import MeansActivated, MeansAssigned, MeansOrdered
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.status import Status
from brugerbog.domain.user.user import User
from brugerbog.domain.values.characters import as_compared
from brugerbog.domain.values.instants import microseconds
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.numbers import mask_cpr
from brugerbog.projections.columns import CODE_POINTS, INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import Recorded, Row

LINE: Final = "\n"
"""Between ids that an organisation has chosen itself; they hold no line ends."""

user_list = Table(
    "user_list",
    read_tables,
    Column("user_id", Uid, nullable=False),
    Column("since", INSTANT, nullable=False),
    Column("until", INSTANT),
    Column("latest", INSTANT, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sort_key", CODE_POINTS, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("deactivated_from", Text),
    Column("deactivated_to", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("first_name", Text),
    Column("surname", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("cpr_masked", Text),
    Column("date_of_birth", Text),
    Column("reference_text", Text),
    Column("anonymous", Boolean, nullable=False),
    Column("target_ial", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("active_means", Text, nullable=False),
    Column("ordered_means", Text, nullable=False),
    Column("rights", Text, nullable=False),
    Column("can_sign", Boolean, nullable=False),
    Column("sealing_profiles", Text, nullable=False),
    Column("asks_for_anonymity", Boolean, nullable=False),
    Column("link_expires_at", INSTANT),
    Column("p_number", Text),
    Column("se_number", Text),
    Column("ean", Text),
    Column("user_name", Text),
    Column("external_id", Text),
    Column("account_key", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "since"),
)
"""A row holds from `since` until `until`, the current one with no end.

Both are the `latest` instant at which any of the user's events up to then was recorded: should clocks have
disagreed, what was recorded early shows when what comes before it does. `version` is that of the event which
last changed what is shown. `account_key` is what a directory finds him by: the name that it has given him,
else his e-mail address.
"""

is_current: Final = user_list.c.until.is_(None)
_is_past: Final = user_list.c.until.is_not(None)


def valid_at(at: datetime) -> ColumnElement[bool]:
    """Whose row it is at an instant: of those who lived then."""
    known = microseconds(at)
    return and_(user_list.c.since <= known, or_(user_list.c.until.is_(None), user_list.c.until > known))


def _by(name: str, column: Column[Any], some: ColumnElement[bool]) -> None:
    ids = user_list.c
    Index(name, ids.organisation_id, column, ids.user_id, sqlite_where=some, postgresql_where=some)


_by("user_list_by_name", user_list.c.sort_key, is_current)
_by("user_list_by_creation", user_list.c.created_at, is_current)
_by("user_list_by_account", user_list.c.account_key, is_current)
_has_id = and_(is_current, user_list.c.external_id.is_not(None))
_by("user_list_by_external_id", user_list.c.external_id, _has_id)
_by("user_list_by_end", user_list.c.until, _is_past)

USER_EVENTS: Final[frozenset[type[Event]]] = frozenset(
    kind for kind in vars(User).values() if isinstance(kind, type) and issubclass(kind, UserEvent)
) - {UserEvent}
"""Every kind of event on a user's stream."""


class UserList:
    """A row for each user as he is, and one for each as he was; of the deleted only the latter are left."""

    name = "user_list"
    version = 6
    table = user_list

    @property
    def handles(self) -> frozenset[type[Event]]:
        return USER_EVENTS

    @property
    def reaches_back(self) -> frozenset[type[Event]]:
        return frozenset((User.PersonalDataErased,))

    def apply(self, rows: list[Row], recorded: Recorded) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.Created):
            return [_entered(event)]
        if isinstance(event, User.PersonalDataErased):
            return [row | _FORGOTTEN for row in rows]
        if not rows or rows[-1]["until"] is not None or type(event) not in USER_EVENTS:
            return rows
        *earlier, row = rows
        latest = max(row["latest"], microseconds(event.timestamp))
        change = CHANGES.get(type(event))
        if change is None:
            return rows if latest == row["latest"] else [*earlier, row | {"latest": latest}]
        if latest > row["since"]:
            earlier.append(row | {"until": latest})
        if isinstance(event, User.Deleted):
            return earlier
        place = {"version": event.originator_version, "since": latest, "latest": latest}
        return [*earlier, row | change(event, row) | place]


def _known(value: Any) -> Any:  # noqa: ANN401 - whatever was personal
    return None if value is ERASED else value


def _entered(event: User.Created) -> Row:
    first_name, surname, email = _known(event.first_name), _known(event.surname), _known(event.email)
    cpr, born = _known(event.cpr), _known(event.date_of_birth)
    now = microseconds(event.timestamp)
    return {
        "user_id": event.originator_id,
        "since": now,
        "until": None,
        "latest": now,
        "organisation_id": event.organisation_id,
        "version": event.originator_version,
        **_keys(first_name, surname, email),
        "phase": (Status.IMPORTED if isinstance(event, User.Imported) else Status.PENDING).value,
        "deactivated_from": None,
        "deactivated_to": None,
        "created_at": now,
        "first_name": first_name,
        "surname": surname,
        "email": email,
        "phone": _known(event.phone),
        "cpr_masked": mask_cpr(cpr) if cpr else None,
        "date_of_birth": born and born.isoformat(),
        "reference_text": _known(event.reference_text),
        "anonymous": False,
        "target_ial": event.target_ial,
        "means": "",
        "active_means": "",
        "ordered_means": "",
        "rights": "",
        "can_sign": False,
        "sealing_profiles": "",
        "asks_for_anonymity": False,
        "link_expires_at": None,
        "p_number": event.p_number,
        "se_number": event.se_number,
        "ean": event.ean,
        "user_name": None,
        "external_id": None,
        "account_key": as_compared(email or ""),
    }


_PERSONAL: Final = (
    "first_name",
    "surname",
    "email",
    "phone",
    "cpr_masked",
    "date_of_birth",
    "reference_text",
    "user_name",
    "external_id",
)


def _keys(first_name: str | None, surname: str | None, email: str | None) -> Row:
    names = (first_name or "", surname or "")
    return {"sort_key": sort_key(*names), "search_text": search_text(*names, email or "")}


_FORGOTTEN: Final[Row] = dict.fromkeys(_PERSONAL) | _keys(None, None, None) | {"account_key": ""}
"""What is left of who somebody was when his personal data has been erased."""


def _named(event: User.NameCorrected, row: Row) -> Row:
    first_name, surname = _known(event.first_name), _known(event.surname)
    return {"first_name": first_name, "surname": surname, **_keys(first_name, surname, row["email"])}


def _contacted(event: User.ContactChanged, row: Row) -> Row:
    email = _known(event.email)
    return {
        "email": email,
        "phone": _known(event.phone),
        "account_key": as_compared(row["user_name"] or email or ""),
        **_keys(row["first_name"], row["surname"], email),
    }


def _accounted(event: DirectoryAccountChanged, row: Row) -> Row:
    user_name = _known(event.user_name)
    return {
        "user_name": user_name,
        "external_id": _known(event.external_id),
        "account_key": as_compared(user_name or row["email"] or ""),
    }


def _means(event: MeansAssigned, row: Row) -> Row:
    return {"means": _joined(row["means"], event.means, ",")}


def _ordered(event: MeansOrdered, row: Row) -> Row:
    return {"ordered_means": _joined(row["ordered_means"], (event.means,), ",")}


def _taken(event: MeansActivated, row: Row) -> Row:
    ordered = row["ordered_means"].split(",")
    if event.means in ordered:
        ordered.remove(event.means)
    return {
        "active_means": _joined(row["active_means"], (event.means,), ","),
        "ordered_means": ",".join(filter(None, ordered)),
    }


def _consent_withdrawn(_event: UserEvent, row: Row) -> Row:
    active = [one for one in row["active_means"].split(",") if one != Means.PRIVATE]
    return {"active_means": ",".join(active)}


def _granted(event: RightsGranted, row: Row) -> Row:
    return {"rights": _joined(row["rights"], event.rights, LINE)}


def _revoked(event: RightsRevoked, row: Row) -> Row:
    return {"rights": LINE.join(one for one in row["rights"].split(LINE) if one not in event.rights)}


def _joined(before: str, new: Iterable[str], sign: str) -> str:
    return sign.join(filter(None, (before, *new)))


def _deactivated(event: Deactivated, _row: Row) -> Row:
    return {
        "deactivated_from": event.from_date.isoformat(),
        "deactivated_to": event.to_date and event.to_date.isoformat(),
    }


CHANGES: Final[dict[type, Callable[[Any, Row], Row]]] = {
    User.Anonymized: lambda _event, _row: {"anonymous": True},
    User.MeansAssigned: _means,
    User.MeansOrdered: _ordered,
    User.MeansActivated: _taken,
    User.ConsentWithdrawn: _consent_withdrawn,
    User.RightsGranted: _granted,
    User.RightsRevoked: _revoked,
    User.SigningAllowed: lambda _event, _row: {"can_sign": True},
    User.SigningWithdrawn: lambda _event, _row: {"can_sign": False},
    User.SealingProfilesAssigned: lambda event, _row: {"sealing_profiles": LINE.join(event.profiles)},
    User.AnonymityRequested: lambda _event, _row: {"asks_for_anonymity": True},
    User.AnonymityDeclined: lambda _event, _row: {"asks_for_anonymity": False},
    User.SentToActivation: lambda _event, _row: {"phase": Status.PENDING.value},
    User.ActivationMailIssued: lambda event, _row: {"link_expires_at": microseconds(event.expires_at)},
    User.Activated: lambda _event, _row: {"phase": Status.ACTIVE.value, "link_expires_at": None},
    User.TargetIalChanged: lambda event, _row: {"target_ial": event.target_ial},
    User.PlacementChanged: lambda event, _row: {"p_number": event.p_number, "se_number": event.se_number},
    User.InvoiceMethodChanged: lambda event, _row: {"ean": event.ean},
    User.Deactivated: _deactivated,
    User.Reactivated: lambda _event, _row: {"deactivated_from": None, "deactivated_to": None},
    User.Deleted: lambda _event, _row: {},
    User.ContactChanged: _contacted,
    User.NameCorrected: _named,
    User.CprAdded: lambda event, _row: {"cpr_masked": mask_cpr(event.cpr) if _known(event.cpr) else None},
    User.DirectoryAccountChanged: _accounted,
    User.ReferenceTextChanged: lambda event, _row: {"reference_text": _known(event.reference_text)},
}
