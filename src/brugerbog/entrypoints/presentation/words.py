"""Danish wording for codes, amounts and instants."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.domain.values.status import DANISH_STATUS, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.queries.user_list import UserView

LINK_EXPIRED: Final = "Link udløbet"
NEW_ACTIVATION_MAIL: Final = (
    "Brugeren får en ny aktiveringsmail på den nye adresse; det gamle link gælder ikke længere."
)
NEW_MEANS_MAIL: Final = (
    "Et link til nye identifikationsmidler, der endnu gjaldt, er sendt igen til den nye adresse; "
    "det gamle gælder ikke længere."
)
MAIL_STATES: Final = {
    "waiting": "venter",
    "claimed": "er ved at blive sendt",
    "sent": "sendt",
    "dead": "opgivet",
}


def status_text(user: UserView) -> str:
    """Return the status in Danish, with the dates of a deactivation, and whether the link has expired."""
    text = DANISH_STATUS[user.status]
    if user.link_has_expired:
        return f"{text} · {LINK_EXPIRED}"
    if user.deactivated_from is None or user.status == "deleted":
        return text
    until = f" til og med {_danish(user.deactivated_to)}" if user.deactivated_to else ""
    if user.status == "deactivated":
        return f"{text}{until}"
    return f"{text} (deaktiveres fra {_danish(user.deactivated_from)}{until})"


def means_text(user: UserView) -> str:
    """Return the user's means on one line: which are in use, ordered, or neither yet."""
    return ", ".join(means_lines(user))


def means_lines(user: UserView) -> list[str]:
    """Return the user's means, one text for each kind."""
    in_use, ordered = Counter(user.active_means), Counter(user.ordered_means)
    lines = []
    for kind, assigned in Counter(user.means).items():
        states = (
            (in_use[kind], "i brug"),
            (ordered[kind], "bestilt"),
            (assigned - in_use[kind] - ordered[kind], "ikke taget i brug"),
        )
        texts = [state if assigned == 1 else f"{count} {state}" for count, state in states if count]
        lines.append(f"{DANISH_MEANS[Means(kind)]} ({', '.join(texts)})")
    return lines


def new_address_text(before: UserView, after: UserView) -> str:
    """Return what a changed e-mail address means for the user's links; empty if nothing."""
    if before.email == after.email:
        return ""
    if after.status is Status.PENDING:
        return NEW_ACTIVATION_MAIL
    has_open_means = Counter(after.means) - Counter(after.active_means)
    return NEW_MEANS_MAIL if has_open_means and after.status is not Status.IMPORTED else ""


def counted(means: Iterable[str]) -> str:
    """Return means by name, with the count of each kind: `privat MitID, kodeviser (2)`."""
    return ", ".join(
        DANISH_MEANS[Means(kind)] if count == 1 else f"{DANISH_MEANS[Means(kind)]} ({count})"
        for kind, count in Counter(means).items()
    )


def name_of(user: UserView) -> str:
    """Return first name and surname."""
    return f"{user.first_name} {user.surname}".strip()


def role_name(role: str) -> str:
    """Return the Danish name of a role."""
    from brugerbog.domain.kernel.roles import DANISH_ROLES, Role  # noqa: PLC0415 - help must be quick

    return DANISH_ROLES[Role(role)]


def kroner(oere: int, *, thousands: str = ".") -> str:
    """Return an amount of øre in Danish notation: `1.234,50`."""
    whole, rest = divmod(oere, 100)
    return f"{whole:,}".replace(",", thousands) + f",{rest:02}"


def danish_time(instant: Any) -> str:  # noqa: ANN401 - a datetime, without importing it for help
    """Return an instant in Danish notation and Copenhagen time."""
    from brugerbog.domain.kernel.days import COPENHAGEN  # noqa: PLC0415 - help must be quick

    # `strftime` takes twice as long, for every row of a list.
    local = instant.astimezone(COPENHAGEN)
    return f"{local.day:02}.{local.month:02}.{local.year} {local.hour:02}:{local.minute:02}"


def yes_or_no(value: object) -> str:
    """Return `ja` or `nej`."""
    return "ja" if value else "nej"


def _danish(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"
