"""Random sequences of commands on an organisation's users, each at its own time; some are refused."""

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
from tests.org_driver import BORN, OTHER_P_NUMBER, OrgDriver, write_file
from tests.people import made_up_cpr

ONE_DAY = timedelta(1)
NAMES = ("Anna", "Bo", "Ægir", "Østen", "Aage")
"""In Danish order."""


class Step(NamedTuple):
    """A command, the index of its target among the newest users, and two numbers that choose arguments."""

    command: str
    target: int
    first: int
    second: int


def _create(executor: "StepExecutor", step: Step) -> None:
    identity = {"cpr": made_up_cpr(BORN, executor.next_number())} if step.first % 2 else {}
    executor.user_ids.append(
        executor.org.create(
            NAMES[step.first],
            email=f"{executor.next_number()}@by.test",
            anonymous=step.second == 1,
            means=(Means.APP,) if step.second == 2 else (),
            p_number=P_NUMBER if step.second == 3 else None,
            **identity,
        )
    )


def _import(executor: "StepExecutor", step: Step) -> None:
    rows = [
        {
            "Aktion": "C",
            "Fornavn": NAMES[(step.first + number) % len(NAMES)],
            "Efternavn": "Import",
            "CPR": made_up_cpr(BORN, executor.next_number()),
            "E-mail": f"{executor.next_number()}@by.test",
            "TargetIAL": "3",
            "Loginmiddel": "PrivatID" if number else "",
        }
        for number in range(1 + step.second)
    ]
    if executor.user_ids:
        target = str(executor.target(step))
        rows.append({"Aktion": "U", "UUID": target, "Fornavn": NAMES[step.second]})
        rows.append({"Aktion": "D", "UUID": target} if step.first == 0 else {"Aktion": "U", "UUID": "?"})
    file = executor.folder / "users.csv"
    write_file(file, rows)
    receipt = executor.org.administration.import_users(executor.org.actor, file)
    executor.outcome = [
        (row.outcome, row.id, [error.code for error in row.errors]) for row in receipt.outcomes
    ]
    executor.user_ids += [row.id for row in receipt.outcomes if row.outcome == "created" and row.id]


def _edit(executor: "StepExecutor", step: Step) -> None:
    if step.second == 0:
        executor.org.edit(executor.target(step), cpr=made_up_cpr(BORN, executor.next_number()))
    else:
        executor.org.edit(
            executor.target(step),
            surname=NAMES[step.first],
            phone=f"1234567{step.second}",
            reference_text=None if step.first else "K7",
            ean=EAN if step.second == 1 else None,
        )


def _place(executor: "StepExecutor", step: Step) -> None:
    executor.org.administration.place_user(
        executor.org.actor,
        executor.target(step),
        p_number=(P_NUMBER, OTHER_P_NUMBER, None, "1999999999", None)[step.first],
        se_number=SE_NUMBER if step.second else None,
    )


def _means(executor: "StepExecutor", step: Step) -> None:
    all_means = tuple(Means)
    means = [all_means[step.first], all_means[step.second]]
    shared = NamedShared(owner_cvr="90000002", identifier="delt-1") if Means.SHARED in means else None
    executor.org.administration.assign_means(executor.org.actor, executor.target(step), means, shared=shared)


def _send(executor: "StepExecutor", step: Step) -> None:
    executor.org.administration.send_to_activation(executor.org.actor, executor.target(step))


def _activate(executor: "StepExecutor", step: Step) -> None:
    executor.org.administration.activate_user(executor.org.actor, executor.target(step))


def _resend(executor: "StepExecutor", step: Step) -> None:
    executor.org.administration.resend_activation_mail(executor.org.actor, executor.target(step))


def _due(executor: "StepExecutor", step: Step) -> None:
    executor.org.clock.advance(timedelta(days=8 * step.second))
    executor.org.service.run_due()


def _deactivate(executor: "StepExecutor", step: Step) -> None:
    first = danish_day(executor.org.clock.now()) + (step.first - 1) * ONE_DAY
    executor.org.deactivate(
        executor.target(step), first, first + step.second * ONE_DAY if step.second else None
    )


def _reactivate(executor: "StepExecutor", step: Step) -> None:
    executor.org.administration.reactivate_user(executor.org.actor, executor.target(step))


def _delete(executor: "StepExecutor", step: Step) -> None:
    executor.org.delete(executor.target(step))


COMMANDS: dict[str, Callable[["StepExecutor", Step], None]] = {
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
_USUAL = [*COMMANDS, "edit", "place", *["create", "send"] * 2, *["activate", "deactivate", "reactivate"] * 3]

STEPS = st.builds(Step, st.sampled_from(_USUAL), st.integers(0, 3), st.integers(0, 4), st.integers(0, 4))


def random_steps(seed: int, count: int) -> Iterator[Step]:
    """Yield `count` steps that depend on the seed alone."""
    chance = Random(seed)
    for _ in range(count):
        yield Step(chance.choice(_USUAL), chance.randrange(4), chance.randrange(5), chance.randrange(5))


@dataclass
class StepExecutor:
    """Executes steps on an organisation; holds the ids of its users and the outcome of the last step."""

    org: OrgDriver
    folder: Path
    user_ids: list[UUID] = field(default_factory=list)
    outcome: object = None
    numbers: int = 0

    def execute(self, step: Step) -> object:
        """Advance the clock and execute the step; return its outcome or the code of its refusal."""
        self.org.clock.advance(timedelta(hours=7 * step.first, microseconds=1))
        self.outcome = "done"
        if not self.user_ids and step.command != "import":
            step = step._replace(command="create")
        try:
            COMMANDS[step.command](self, step)
        except Refusal as refusal:
            self.outcome = refusal.code
        return self.outcome

    def target(self, step: Step) -> UUID:
        """Return the user that the step is about, counted from the newest."""
        return self.user_ids[-1 - step.target % len(self.user_ids)]

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers
