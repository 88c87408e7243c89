"""Random histories of a town: any command on anybody, refused or not, each at a moment of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from brugerbog.application.commands.user_input import NamedShared
from brugerbog.domain.kernel.days import danish_day
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.values.means import Means
from tests.given import EAN, P_NUMBER, SE_NUMBER
from tests.journeys.town import BORN, OTHER_P_NUMBER, Town, write_file
from tests.people import made_up_cpr

ONE_DAY = timedelta(1)
NAMES = ("Anna", "Bo", "Ægir", "Østen", "Aage")
"""In Danish order."""


class Step(NamedTuple):
    """What to do, to whom of those there are, and two small numbers that choose the rest."""

    deed: str
    who: int
    one: int
    other: int


def _create(life: "Life", step: Step) -> None:
    said = {"cpr": made_up_cpr(BORN, life.next_number())} if step.one % 2 else {}
    life.people.append(
        life.town.create(
            NAMES[step.one],
            email=f"{life.next_number()}@by.test",
            anonymous=step.other == 1,
            means=(Means.APP,) if step.other == 2 else (),
            p_number=P_NUMBER if step.other == 3 else None,
            **said,
        )
    )


def _import(life: "Life", step: Step) -> None:
    rows = [
        {
            "Aktion": "C",
            "Fornavn": NAMES[(step.one + number) % len(NAMES)],
            "Efternavn": "Import",
            "CPR": made_up_cpr(BORN, life.next_number()),
            "E-mail": f"{life.next_number()}@by.test",
            "TargetIAL": "3",
            "Loginmiddel": "PrivatID" if number else "",
        }
        for number in range(1 + step.other)
    ]
    if life.people:
        someone = str(life.chosen(step))
        rows.append({"Aktion": "U", "UUID": someone, "Fornavn": NAMES[step.other]})
        rows.append({"Aktion": "D", "UUID": someone} if step.one == 0 else {"Aktion": "U", "UUID": "?"})
    file = life.folder / "users.csv"
    write_file(file, rows)
    receipt = life.town.administration.import_users(life.town.actor, file)
    life.told = [(one.outcome, one.id, [error.code for error in one.errors]) for one in receipt.outcomes]
    life.people += [one.id for one in receipt.outcomes if one.outcome == "created" and one.id]


def _edit(life: "Life", step: Step) -> None:
    if step.other == 0:
        life.town.edit(life.chosen(step), cpr=made_up_cpr(BORN, life.next_number()))
    else:
        life.town.edit(
            life.chosen(step),
            surname=NAMES[step.one],
            phone=f"1234567{step.other}",
            reference_text=None if step.one else "K7",
            ean=EAN if step.other == 1 else None,
        )


def _place(life: "Life", step: Step) -> None:
    life.town.administration.place_user(
        life.town.actor,
        life.chosen(step),
        p_number=(P_NUMBER, OTHER_P_NUMBER, None, "1999999999", None)[step.one],
        se_number=SE_NUMBER if step.other else None,
    )


def _means(life: "Life", step: Step) -> None:
    every = tuple(Means)
    means = [every[step.one], every[step.other]]
    shared = NamedShared(owner_cvr="90000002", identifier="delt-1") if Means.SHARED in means else None
    life.town.administration.assign_means(life.town.actor, life.chosen(step), means, shared=shared)


def _send(life: "Life", step: Step) -> None:
    life.town.administration.send_to_activation(life.town.actor, life.chosen(step))


def _activate(life: "Life", step: Step) -> None:
    life.town.administration.activate_user(life.town.actor, life.chosen(step))


def _resend(life: "Life", step: Step) -> None:
    life.town.administration.resend_activation_mail(life.town.actor, life.chosen(step))


def _due(life: "Life", step: Step) -> None:
    life.town.clock.advance(timedelta(days=8 * step.other))
    life.town.service.run_due()


def _deactivate(life: "Life", step: Step) -> None:
    first = danish_day(life.town.clock.now()) + (step.one - 1) * ONE_DAY
    life.town.deactivate(life.chosen(step), first, first + step.other * ONE_DAY if step.other else None)


def _reactivate(life: "Life", step: Step) -> None:
    life.town.administration.reactivate_user(life.town.actor, life.chosen(step))


def _delete(life: "Life", step: Step) -> None:
    life.town.delete(life.chosen(step))


DEEDS: dict[str, Callable[["Life", Step], None]] = {
    "create": _create,
    "import": _import,
    "edit": _edit,
    "place": _place,
    "means": _means,
    "send": _send,
    "resend": _resend,
    "activate": _activate,
    "due": _due,
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "delete": _delete,
}
_USUAL = [*DEEDS, "edit", "place", *["create", "send"] * 2, *["activate", "deactivate", "reactivate"] * 3]

MIGRATIONS = st.builds(Step, st.sampled_from(_USUAL), st.integers(0, 3), st.integers(0, 4), st.integers(0, 4))


def random_steps(seed: int, count: int) -> Iterator[Step]:
    chance = Random(seed)
    for _ in range(count):
        yield Step(chance.choice(_USUAL), chance.randrange(4), chance.randrange(5), chance.randrange(5))


@dataclass
class Life:
    """What has become of a town so far; `told` is what the last step led to."""

    town: Town
    folder: Path
    people: list[UUID] = field(default_factory=list)
    told: object = None
    numbers: int = 0

    def take(self, step: Step) -> object:
        """Do it a while later; the outcome, or the code of its refusal."""
        self.town.clock.advance(timedelta(hours=7 * step.one, microseconds=1))
        self.told = "done"
        if not self.people and step.deed != "import":
            step = step._replace(deed="create")
        try:
            DEEDS[step.deed](self, step)
        except Refusal as refusal:
            self.told = refusal.code
        return self.told

    def chosen(self, step: Step) -> UUID:
        """One of the latest to come."""
        return self.people[-1 - step.who % len(self.people)]

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers
