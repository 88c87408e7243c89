"""Check of the expiry of systems' client secrets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json
from sqlalchemy import select

from brugerbog.application.diagnostics import findings
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.infrastructure.database.schema import events, reservations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brugerbog.application.diagnostics.checks import Finding
    from brugerbog.infrastructure.diagnostics.check_context import CheckContext

SOON: Final = timedelta(days=30)


def clients(context: CheckContext) -> Iterator[Finding]:
    """Check all organisations' systems, in the unencrypted part of the log, which takes no key."""
    today = danish_day(context.clock.now())
    last_days = sorted(_last_days(context).values())
    over = [day for day in last_days if day < today]
    soon = [day for day in last_days if today <= day <= today + SOON]
    if soon:
        yield findings.CLIENTS_EXPIRE_SOON.finding(count=len(soon), day=f"{soon[0]:%d.%m.%Y}")
    else:
        yield findings.CLIENTS_GOOD.finding(expired=len(over))


def _last_days(context: CheckContext) -> dict[str, date]:
    """The last day of each system that has one and isn't revoked."""
    organisations = select(reservations.c.holder).where(reservations.c.scope == INSTALLATION_SCOPE)
    created, revoked = Organisation.ClientCreated.TOPIC, Organisation.ClientRevoked.TOPIC
    client_events = (
        select(events.c.topic, events.c.payload)
        .where(events.c.stream_id.in_(organisations), events.c.topic.in_([created, revoked]))
        .order_by(events.c.position)
    )
    found: dict[str, date] = {}
    with context.backend.log.connect() as connection:
        for topic, payload in connection.execute(client_events):
            fields: dict[str, Any] = from_json(payload)
            if topic == revoked:
                found.pop(fields["client_id"], None)
            elif fields.get("expires_on") is not None:
                found[fields["client_id"]] = date.fromisoformat(fields["expires_on"])
    return found
