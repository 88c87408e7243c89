"""Danish words for what the service answers in codes and numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from brugerbog.domain.values.means import DANISH_MEANS, Means
from brugerbog.domain.values.status import DANISH_STATUS, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from brugerbog.application.queries.users import UserView

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
    """The status in Danish, with the dates of a deactivation, and whether the link has expired."""
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
    """The user's means: which are in use, ordered, or neither yet."""
    return ", ".join(means_lines(user))


def means_lines(user: UserView) -> list[str]:
    """The same, kind by kind."""
    in_use, ordered = Counter(user.active_means), Counter(user.ordered_means)
    told = []
    for one, all_of_it in Counter(user.means).items():
        parts = (
            (in_use[one], "i brug"),
            (ordered[one], "bestilt"),
            (all_of_it - in_use[one] - ordered[one], "ikke taget i brug"),
        )
        some = [state if all_of_it == 1 else f"{many} {state}" for many, state in parts if many]
        told.append(f"{DANISH_MEANS[Means(one)]} ({', '.join(some)})")
    return told


def new_address_text(before: UserView, after: UserView) -> str:
    """What a changed e-mail address means for the user's links; empty where it means nothing."""
    if before.email == after.email:
        return ""
    if after.status is Status.PENDING:
        return NEW_ACTIVATION_MAIL
    has_open_means = Counter(after.means) - Counter(after.active_means)
    return NEW_MEANS_MAIL if has_open_means and after.status is not Status.IMPORTED else ""


def counted(means: Iterable[str]) -> str:
    """Means by their names, a kind once: `privat MitID, kodeviser (2)`."""
    return ", ".join(
        DANISH_MEANS[Means(one)] if many == 1 else f"{DANISH_MEANS[Means(one)]} ({many})"
        for one, many in Counter(means).items()
    )


def name_of(user: UserView) -> str:
    """First name and surname."""
    return f"{user.first_name} {user.surname}".strip()


def role_name(role: str) -> str:
    """A role by its Danish name."""
    from brugerbog.domain.kernel.roles import DANISH_ROLES, Role  # noqa: PLC0415 - help must be quick

    return DANISH_ROLES[Role(role)]


def kroner(oere: int, *, thousands: str = ".") -> str:
    """An amount as Danes write it: `1.234,50`."""
    whole, rest = divmod(oere, 100)
    return f"{whole:,}".replace(",", thousands) + f",{rest:02}"


def danish_time(instant: Any) -> str:  # noqa: ANN401 - a datetime, without importing it for help
    """An instant as people in Copenhagen read it."""
    from brugerbog.domain.kernel.days import COPENHAGEN  # noqa: PLC0415 - help must be quick

    # Put together by hand: `strftime` takes twice as long, for every row of a list.
    there = instant.astimezone(COPENHAGEN)
    return f"{there.day:02}.{there.month:02}.{there.year} {there.hour:02}:{there.minute:02}"


def yes_or_no(value: object) -> str:
    """`ja` or `nej`."""
    return "ja" if value else "nej"


def _danish(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"
