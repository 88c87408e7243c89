"""One living user per CPR number per organisation, and what stands in for a CPR number."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.ports.event_log import AppendRequest, IdentityReservation, IdentityTaken
from brugerbog.application.refusals.requests import (
    CprInUse,
    OrganisationAlreadyRegistered,
    PersonInUse,
    UserNameInUse,
)
from brugerbog.domain.user.identity import Identity
from brugerbog.infrastructure.database.schema import reservations
from brugerbog.service import Service
from tests.infrastructure.reference_tree import assert_log_is_sound
from tests.people import made_up_cpr
from tests.stores import (
    BORN,
    EVENTS_OF_ONE,
    at_once,
    create,
    everything,
    register,
    rename,
    rows,
    somebody,
    user_of,
    without_cpr,
)


def add_cpr(service: Service, actor: Actor, user_id: UUID, serial: int) -> None:
    service.administration.edit_user(actor, user_id, UserEdits(cpr=made_up_cpr(BORN, serial)))


def test_a_second_user_with_the_same_cpr_is_refused_by_naming_the_first(
    service: Service, actor: Actor
) -> None:
    first = create(service, actor, somebody(0))

    with pytest.raises(CprInUse) as refused:
        create(service, actor, somebody(0, first_name="Bo", email="bo@example.org"))
    assert refused.value.user_id == first


def test_nothing_of_a_refused_user_is_in_the_log(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))
    before = everything(service)
    with pytest.raises(CprInUse):
        create(service, actor, somebody(0))

    after = everything(service)
    assert {name for name in before if before[name] != after[name]} <= {"user_keys"}


def test_a_hyphen_makes_no_other_person(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))
    cpr = made_up_cpr(BORN, 0)

    with pytest.raises(CprInUse):
        create(service, actor, somebody(0, cpr=f"{cpr[:6]}-{cpr[6:]}"))


def test_another_organisation_may_have_the_same_person(service: Service, actor: Actor) -> None:
    other = register(service, "90000002")

    assert create(service, actor, somebody(0)) != create(service, other, somebody(0))


def test_a_cpr_is_free_after_deletion(service: Service, actor: Actor) -> None:
    first = create(service, actor, somebody(0))
    service.administration.delete_user(actor, first)

    assert create(service, actor, somebody(0)) != first


def test_a_cpr_is_free_after_deletion_also_while_the_data_is_retained(service: Service, actor: Actor) -> None:
    service.administration.change_settings(actor, {"erasure_retention_days": 30})
    service.administration.delete_user(actor, create(service, actor, somebody(0)))

    assert create(service, actor, somebody(0))


def test_a_deactivated_user_keeps_their_cpr(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    service.administration.activate_user(actor, user_id)
    service.administration.deactivate_user(actor, user_id)

    with pytest.raises(CprInUse):
        create(service, actor, somebody(0))


def test_an_added_cpr_is_claimed(service: Service, actor: Actor) -> None:
    add_cpr(service, actor, create(service, actor, without_cpr()), 1)

    with pytest.raises(CprInUse):
        create(service, actor, somebody(1))


def test_anyone_who_has_added_their_cpr_is_still_met_under_their_name(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, without_cpr())
    add_cpr(service, actor, user_id, 1)

    with pytest.raises(PersonInUse) as refused:
        create(service, actor, without_cpr())
    assert refused.value.user_id == user_id


def test_another_cpr_makes_another_person_whatever_the_name(service: Service, actor: Actor) -> None:
    add_cpr(service, actor, create(service, actor, without_cpr()), 1)

    assert create(service, actor, somebody(0))


def test_a_cpr_that_somebody_else_has_is_not_added(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, without_cpr())
    create(service, actor, somebody(1))

    with pytest.raises(CprInUse):
        add_cpr(service, actor, user_id, 1)
    assert user_of(service, user_id).cpr is None


def test_without_cpr_equal_names_birth_date_and_email_are_one_person(service: Service, actor: Actor) -> None:
    first = create(service, actor, without_cpr())

    with pytest.raises(PersonInUse) as refused:
        create(service, actor, without_cpr(first_name="IDA"))
    assert refused.value.user_id == first


@pytest.mark.parametrize(
    "facts",
    [
        {"first_name": "Eva"},
        {"surname": "Anden"},
        {"email": "anden@example.org"},
        {"date_of_birth": BORN + timedelta(days=1)},
    ],
    ids=["first name", "surname", "e-mail", "birth date"],
)
def test_without_cpr_one_difference_makes_another_person(
    service: Service, actor: Actor, facts: dict[str, object]
) -> None:
    create(service, actor, without_cpr())

    assert create(service, actor, without_cpr(**facts))


@pytest.mark.parametrize("edits", [UserEdits(first_name="Eva"), UserEdits(email="eva@example.org")])
def test_another_name_or_email_frees_the_old_one(service: Service, actor: Actor, edits: UserEdits) -> None:
    user_id = create(service, actor, without_cpr())
    service.administration.edit_user(actor, user_id, edits)

    assert create(service, actor, without_cpr()) != user_id


@pytest.mark.parametrize("name", ["first_name", "surname", "email"])
def test_another_name_or_email_is_claimed(service: Service, actor: Actor, name: str) -> None:
    new = {"first_name": "Eva", "surname": "Anden", "email": "eva@example.org"}[name]
    user_id = create(service, actor, without_cpr())
    service.administration.edit_user(actor, user_id, UserEdits(**{name: new}))

    with pytest.raises(PersonInUse):
        create(service, actor, without_cpr(**{name: new}))


def test_two_people_with_cpr_numbers_may_share_names_and_email(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))

    assert create(service, actor, somebody(1, email=somebody(0).email))


def test_anyone_who_asks_for_the_holder_of_a_cpr_finds_them(service: Service, actor: Actor) -> None:
    user_id = create(service, actor, somebody(0))
    scope, wanted = actor.organisation_id or UUID(int=0), Identity("cpr", made_up_cpr(BORN, 0))

    assert service.log.identity_holders(scope, [wanted, Identity("cpr", "x")]) == {wanted: user_id}


def test_a_claim_shows_nothing_of_the_person(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))

    assert all(len(row.digest) == 32 for row in rows(service, reservations))


def test_the_same_person_has_unlike_claims_in_two_organisations(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))
    create(service, register(service, "90000002"), somebody(0))

    digests = [row.digest for row in rows(service, reservations)]
    assert len(set(digests)) == len(digests)


def test_an_organisation_is_registered_once(service: Service) -> None:
    register(service, "90000002")

    with pytest.raises(OrganisationAlreadyRegistered):
        register(service, "90000002")


def test_of_many_threads_registering_one_organisation_one_wins(service: Service) -> None:
    def ask(_: int) -> bool:
        try:
            register(service)
        except OrganisationAlreadyRegistered:
            return False
        return True

    assert sorted(at_once(6, ask)) == [False] * 5 + [True]


def test_a_claim_in_the_way_names_holder_and_kind_and_stores_nothing(service: Service, actor: Actor) -> None:
    holder = create(service, actor, without_cpr(first_name="Eva"))
    user = user_of(service, create(service, actor, without_cpr()))
    append_request = rename(service, actor, user, "Eva")
    before = everything(service)

    with pytest.raises(IdentityTaken) as taken:
        service.log.record([user], append_request)

    assert (taken.value.holder, taken.value.kind) == (holder, "person")
    assert everything(service) == before


def test_of_several_claims_one_in_the_way_keeps_all_out(service: Service, actor: Actor) -> None:
    create(service, actor, somebody(0))
    scope = actor.organisation_id or UUID(int=0)
    wanted = [
        IdentityReservation(scope, uuid4(), Identity("cpr", made_up_cpr(BORN, serial)))
        for serial in (1, 2, 0)
    ]
    before = rows(service, reservations)

    with pytest.raises(IdentityTaken):
        service.log.record([], AppendRequest(wanted))
    assert rows(service, reservations) == before


def test_of_many_threads_with_one_cpr_exactly_one_wins(service: Service, actor: Actor) -> None:
    def race(serial: int) -> list[UUID | None]:
        def ask(_: int) -> UUID | None:
            try:
                return create(service, actor, somebody(serial))
            except CprInUse:
                return None

        return at_once(6, ask)

    for serial in range(10):
        assert sum(won is not None for won in race(serial)) == 1
    assert assert_log_is_sound(service) == 1 + 10 * EVENTS_OF_ONE


def test_of_many_who_are_given_one_user_name_at_once_one_has_it(service: Service, actor: Actor) -> None:
    users = [create(service, actor, somebody(serial)) for serial in range(6)]

    def ask(number: int) -> bool:
        try:
            service.administration.edit_user(actor, users[number], UserEdits(user_name="Anna@katalog"))
        except UserNameInUse:
            return False
        return True

    assert sorted(at_once(6, ask)) == [False] * 5 + [True]
    assert sum(row.account is not None for row in rows(service, reservations)) == 1


def test_threads_that_create_and_delete_one_person_never_fail_otherwise(
    service: Service, actor: Actor
) -> None:
    """Whoever finds the person there deletes him, whoever doesn't creates him; nothing else can happen."""

    def create_or_delete(_: int) -> int:
        made = 0
        for _turn in range(8):
            try:
                user_id = create(service, actor, somebody(0))
            except CprInUse:
                continue
            made += 1
            service.administration.delete_user(actor, user_id)
        return made

    created = sum(at_once(6, create_or_delete))

    assert assert_log_is_sound(service) == 1 + (EVENTS_OF_ONE + 2) * created
    assert [row.scope for row in rows(service, reservations)] == [UUID(int=0)]
