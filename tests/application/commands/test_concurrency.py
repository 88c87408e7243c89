"""Commands of many threads at once all take effect, and a repeated one only once."""

from uuid import UUID, uuid4

from brugerbog.application.commands.user_input import NamedShared, NewUser
from brugerbog.domain.values.means import Means
from brugerbog.domain.values.status import Status
from tests.application.commands.helpers import at_once
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

CPR = made_up_cpr(BORN, 0)
SHARED = NamedShared(owner_cvr="90000002", identifier="delt-1")


def test_two_simultaneous_edits_of_one_user_both_take_effect(org: OrgDriver, ida: UUID) -> None:
    for number in range(5):
        edits = [{"phone": f"1234567{number}"}, {"surname": f"Ny{number}"}]
        at_once(2, lambda one, edits=edits: org.edit(ida, **edits[one]))
        user = org.show(ida)
        assert (user.phone, user.surname) == (f"1234567{number}", f"Ny{number}")


def test_eight_simultaneous_commands_on_one_user_all_take_effect(org: OrgDriver, ida: UUID) -> None:
    all_means = [*Means, Means.APP, Means.CHIP]

    at_once(8, lambda one: org.administration.assign_means(org.actor, ida, [all_means[one]], shared=SHARED))

    assert sorted(org.show(ida).means) == sorted(Means)


def test_a_command_sent_eight_times_at_once_is_executed_once(org: OrgDriver) -> None:
    new, command_id = NewUser(first_name="Ida", surname="P", email="i@by.test", cpr=CPR), uuid4()

    answers = at_once(8, lambda _: org.administration.create_user(org.actor, new, command_id=command_id))

    assert {one.subject for one in answers} == set(org.ids())
    assert len(org.users()) == 1


def test_one_service_serves_eight_threads(org: OrgDriver) -> None:
    def work(number: int) -> None:
        for turn in range(4):
            user_id = org.create_active(f"Navn{number}", email=f"{number}.{turn}@by.test")
            assert org.show(user_id).status is Status.ACTIVE
            assert user_id in org.ids(search=f"{number}.{turn}@by.test")
            assert user_id in org.ids(at=org.clock.now())
            if turn:
                org.delete(user_id)

    at_once(8, work)

    assert len(org.users()) == 8


def test_repeats_return_the_first_results_of_concurrent_commands(org: OrgDriver) -> None:
    command_ids = [[uuid4() for _ in range(12)] for _ in range(8)]

    def create(number: int) -> list[tuple[int, UUID | None]]:
        answers = [
            org.administration.create_user(
                org.actor,
                NewUser(
                    first_name="Ida",
                    surname="P",
                    email=f"{number}.{turn}@by.test",
                    date_of_birth=BORN,
                ),
                command_id=command_id,
            )
            for turn, command_id in enumerate(command_ids[number])
        ]
        return [(one.position, one.subject) for one in answers]

    first = at_once(8, create)

    assert [create(number) for number in range(8)] == first
