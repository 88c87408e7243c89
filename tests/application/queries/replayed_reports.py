"""Reports computed from the log alone, to compare queries with; and users who activate means."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.identity_confirmation import ProvedIdentity
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.database.schema import link_tokens
from brugerbog.infrastructure.keys.row_macs import link_mac
from brugerbog.service import Service
from tests.given import proved_identity
from tests.org_driver import OrgDriver

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
KINDS = ("private", "shared", "app", "code_display", "audio_code_reader", "chip")


@dataclass
class Person:
    """What the events say of one user."""

    phase: str
    place: tuple[str | None, str | None]
    ean: str | None
    since: datetime | None = None
    expiry: datetime | None = None
    away: tuple[date, date | None] | None = None
    assigned: Counter[str] = field(default_factory=Counter)
    ordered: Counter[str] = field(default_factory=Counter)
    active: Counter[str] = field(default_factory=Counter)

    def status(self, at: datetime) -> str:
        today = at.astimezone(COPENHAGEN).date()
        away = self.away and self.away[0] <= today and (self.away[1] is None or today <= self.away[1])
        return "deactivated" if self.phase == "active" and away else self.phase

    def has_expired(self, at: datetime) -> bool:
        return self.phase == "pending" and self.expiry is not None and self.expiry <= at


@dataclass
class ReplayedReports:
    """Users and charges, computed event by event."""

    people: dict[UUID, Person] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)
    users: int = 0
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    amounts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def enter(self, one: Any) -> None:  # noqa: ANN401 - any event
        kind = one.TOPIC.partition(".")[2]
        if kind in {"registered", "settings_changed"}:
            self.prices |= (one.settings if kind == "registered" else one.changed).get("prices", {})
        if not one.TOPIC.startswith("user."):
            return
        if kind in {"created", "imported"}:
            phase = "pending" if kind == "created" else "imported"
            self.people[one.originator_id] = Person(phase, (one.p_number, one.se_number), one.ean)
        person = self.people[one.originator_id]
        if kind in {"created", "sent_to_activation"}:
            person.phase, person.since = "pending", one.timestamp
            self.users += 1
            price = 0 if self.users <= self.prices["free_users"] else self.prices["user"]
            self.charge(one.timestamp, person.ean, "user", price)
        self._change(kind, one, person)

    def _change(self, kind: str, one: Any, person: Person) -> None:  # noqa: ANN401, C901 - every event that matters
        match kind:
            case "activation_mail_issued":
                person.expiry = one.expires_at
            case "activated":
                person.phase = "active"
            case "deactivated":
                person.away = (one.from_date, one.to_date)
            case "reactivated":
                person.away = None
            case "placement_changed":
                person.place = (one.p_number, one.se_number)
            case "invoice_method_changed":
                person.ean = one.ean
            case "means_assigned":
                person.assigned.update(one.means)
            case "means_ordered":
                person.ordered[one.means] += 1
                self.charge(one.timestamp, person.ean, one.means, self.prices[one.means])
            case "means_activated":
                person.active[one.means] += 1
                person.ordered[one.means] -= one.means in {"code_display", "audio_code_reader", "chip"}
            case "consent_withdrawn":
                del person.active["private"]
            case "deleted":
                del self.people[one.originator_id]

    def charge(self, at: datetime, ean: str | None, kind: str, price: int) -> None:
        line = (f"{at.astimezone(COPENHAGEN):%Y-%m}", ean or "", kind)
        self.counts[line] += 1
        self.amounts[line] += price


def by_hand(org: OrgDriver, at: datetime) -> dict[str, list[tuple[Any, ...]]]:
    """What each report must say, from the events recorded up to an instant."""
    books = ReplayedReports()
    for _, event in org.service.log.events_until(org.id, at):
        if event.TOPIC != "user.personal_data_erased":
            books.enter(event)
    living = books.people.items()
    status = Counter("link_expired" if one.has_expired(at) else one.status(at) for _, one in living)
    places = Counter((*one.place, one.ean, one.status(at)) for _, one in living)
    today = at.astimezone(COPENHAGEN).date()
    return {
        "report_status": [
            (name, status[name]) for name in ("imported", "pending", "link_expired", "active", "deactivated")
        ],
        "report_placement": [
            (*place, users) for place, users in sorted(places.items(), key=lambda one: _nones_first(one[0]))
        ],
        "report_means": [
            (
                kind,
                *(
                    sum(getattr(one, which)[kind] for _, one in living)
                    for which in ("assigned", "ordered", "active")
                ),
            )
            for kind in KINDS
        ],
        "report_pending": sorted(
            (
                (
                    user_id,
                    one.since,
                    (today - one.since.astimezone(COPENHAGEN).date()).days,
                    one.expiry,
                    one.has_expired(at),
                )
                for user_id, one in living
                if one.phase == "pending" and one.since
            ),
            key=lambda row: (row[1], row[0]),
        ),
        "report_cost": [
            (month, ean or None, kind, books.counts[month, ean, kind], books.amounts[month, ean, kind])
            for month, ean, kind in sorted(books.counts)
        ],
    }


def _nones_first(place: tuple[str | None, ...]) -> list[tuple[bool, str]]:
    return [(one is not None, one or "") for one in place]


# What users do


@dataclass
class Proof:
    """A broker that confirms any identity."""

    cpr: str | None

    def proved(self) -> ProvedIdentity:
        return proved_identity(cpr=self.cpr)


def let_in(service: Service, user_id: UUID, purpose: LinkPurpose) -> str:
    """A link as it would have been mailed, opened by its user."""
    user = service.log.user(user_id)
    link = user.link if purpose is LinkPurpose.ACTIVATION else user.means_link
    tokens = RandomTokens()
    token = tokens.new_token().reveal()
    row = (tokens.digest(Secret(token)), user_id, purpose.value, link.generation if link else 0, 0)
    made = link_mac(service.log.installation_keys.token_key, row)
    with service.log.backend.write_transaction(service.log.backend.log) as connection:
        connection.execute(insert(link_tokens).values((*row, made)))
    service.self_service.confirm_identity(token, Proof(user.cpr))
    return token


def order(org: OrgDriver, user_id: UUID, means: Means, *, take: bool = False) -> None:
    """Assign a means to an active user, who orders it, and activates it after delivery."""
    org.administration.assign_means(org.actor, user_id, [means])
    token = let_in(org.service, user_id, LinkPurpose.MEANS)
    if means is not Means.PRIVATE:
        org.service.self_service.order_means(token, means)
    if take or means is Means.PRIVATE:
        org.service.self_service.take_means(token, [means], consent=True)
