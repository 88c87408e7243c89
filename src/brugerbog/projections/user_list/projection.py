"""The projection `user_list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.danish.collation import search_text, sort_key
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.privacy import ERASED
from brugerbog.domain.user.deactivation import Deactivated
from brugerbog.domain.user.directory_account import DirectoryAccountChanged
from brugerbog.domain.user.editing import ContactChanged, NameCorrected
from brugerbog.domain.user.entitlements import RightsGranted, RightsRevoked
from brugerbog.domain.user.means_held import MeansActivated, MeansAssigned, MeansOrdered
from brugerbog.domain.user.state import UserEvent
from brugerbog.domain.user.user import User
from brugerbog.domain.values.characters import comparison_form
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.numbers import mask_cpr
from brugerbog.domain.values.status import Status
from brugerbog.projections.user_list.table import LINE_BREAK, user_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.projections.projection import RecordedEvent, Row

USER_EVENTS: Final[frozenset[type[Event]]] = frozenset(
    kind for kind in vars(User).values() if isinstance(kind, type) and issubclass(kind, UserEvent)
) - {UserEvent}
"""All event classes of a user's stream."""


class UserListProjection:
    """A current row for each user, and past rows; a deleted user has past rows only."""

    name = "user_list"
    version = 6
    table = user_list

    @property
    def handles(self) -> frozenset[type[Event]]:
        return USER_EVENTS

    @property
    def rewrites_past_rows_on(self) -> frozenset[type[Event]]:
        return frozenset((User.PersonalDataErased,))

    def apply(self, rows: list[Row], recorded: RecordedEvent) -> list[Row]:
        event = recorded.event
        if isinstance(event, User.Created):
            return [_created(event)]
        if isinstance(event, User.PersonalDataErased):
            return [row | _ERASED_COLUMNS for row in rows]
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


def _unless_erased(value: Any) -> Any:  # noqa: ANN401 - whatever was personal
    return None if value is ERASED else value


def _created(event: User.Created) -> Row:
    first_name, surname, email = (
        _unless_erased(event.first_name),
        _unless_erased(event.surname),
        _unless_erased(event.email),
    )
    cpr, date_of_birth = _unless_erased(event.cpr), _unless_erased(event.date_of_birth)
    now = microseconds(event.timestamp)
    return {
        "user_id": event.originator_id,
        "since": now,
        "until": None,
        "latest": now,
        "organisation_id": event.organisation_id,
        "version": event.originator_version,
        **_search_columns(first_name, surname, email),
        "phase": (Status.IMPORTED if isinstance(event, User.Imported) else Status.PENDING).value,
        "deactivated_from": None,
        "deactivated_to": None,
        "created_at": now,
        "first_name": first_name,
        "surname": surname,
        "email": email,
        "phone": _unless_erased(event.phone),
        "cpr_masked": mask_cpr(cpr) if cpr else None,
        "date_of_birth": date_of_birth and date_of_birth.isoformat(),
        "reference_text": _unless_erased(event.reference_text),
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
        "account_key": comparison_form(email or ""),
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


def _search_columns(first_name: str | None, surname: str | None, email: str | None) -> Row:
    names = (first_name or "", surname or "")
    return {"sort_key": sort_key(*names), "search_text": search_text(*names, email or "")}


_ERASED_COLUMNS: Final[Row] = (
    dict.fromkeys(_PERSONAL) | _search_columns(None, None, None) | {"account_key": ""}
)
"""The columns of a user whose personal data has been erased."""


def _name_corrected(event: NameCorrected, row: Row) -> Row:
    first_name, surname = _unless_erased(event.first_name), _unless_erased(event.surname)
    return {
        "first_name": first_name,
        "surname": surname,
        **_search_columns(first_name, surname, row["email"]),
    }


def _contact_changed(event: ContactChanged, row: Row) -> Row:
    email = _unless_erased(event.email)
    return {
        "email": email,
        "phone": _unless_erased(event.phone),
        "account_key": comparison_form(row["user_name"] or email or ""),
        **_search_columns(row["first_name"], row["surname"], email),
    }


def _directory_account_changed(event: DirectoryAccountChanged, row: Row) -> Row:
    user_name = _unless_erased(event.user_name)
    return {
        "user_name": user_name,
        "external_id": _unless_erased(event.external_id),
        "account_key": comparison_form(user_name or row["email"] or ""),
    }


def _means_assigned(event: MeansAssigned, row: Row) -> Row:
    return {"means": _appended(row["means"], event.means, ",")}


def _means_ordered(event: MeansOrdered, row: Row) -> Row:
    return {"ordered_means": _appended(row["ordered_means"], (event.means,), ",")}


def _means_activated(event: MeansActivated, row: Row) -> Row:
    ordered = row["ordered_means"].split(",")
    if event.means in ordered:
        ordered.remove(event.means)
    return {
        "active_means": _appended(row["active_means"], (event.means,), ","),
        "ordered_means": ",".join(filter(None, ordered)),
    }


def _consent_withdrawn(_event: UserEvent, row: Row) -> Row:
    active = [one for one in row["active_means"].split(",") if one != Means.PRIVATE]
    return {"active_means": ",".join(active)}


def _rights_granted(event: RightsGranted, row: Row) -> Row:
    return {"rights": _appended(row["rights"], event.rights, LINE_BREAK)}


def _rights_revoked(event: RightsRevoked, row: Row) -> Row:
    return {
        "rights": LINE_BREAK.join(one for one in row["rights"].split(LINE_BREAK) if one not in event.rights)
    }


def _appended(before: str, new: Iterable[str], separator: str) -> str:
    return separator.join(filter(None, (before, *new)))


def _deactivated(event: Deactivated, _row: Row) -> Row:
    return {
        "deactivated_from": event.from_date.isoformat(),
        "deactivated_to": event.to_date and event.to_date.isoformat(),
    }


CHANGES: Final[dict[type, Callable[[Any, Row], Row]]] = {
    User.Anonymized: lambda _event, _row: {"anonymous": True},
    User.MeansAssigned: _means_assigned,
    User.MeansOrdered: _means_ordered,
    User.MeansActivated: _means_activated,
    User.ConsentWithdrawn: _consent_withdrawn,
    User.RightsGranted: _rights_granted,
    User.RightsRevoked: _rights_revoked,
    User.SigningAllowed: lambda _event, _row: {"can_sign": True},
    User.SigningWithdrawn: lambda _event, _row: {"can_sign": False},
    User.SealingProfilesAssigned: lambda event, _row: {"sealing_profiles": LINE_BREAK.join(event.profiles)},
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
    User.ContactChanged: _contact_changed,
    User.NameCorrected: _name_corrected,
    User.CprAdded: lambda event, _row: {
        "cpr_masked": mask_cpr(event.cpr) if _unless_erased(event.cpr) else None
    },
    User.DirectoryAccountChanged: _directory_account_changed,
    User.ReferenceTextChanged: lambda event, _row: {"reference_text": _unless_erased(event.reference_text)},
}
