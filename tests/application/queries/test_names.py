"""What people are called who are told of by their ids."""

from uuid import UUID, uuid4

from brugerbog.application.actors import Actor
from brugerbog.domain.kernel.roles import Role
from tests.journeys.town import Town


def test_people_are_named_by_their_ids(town: Town) -> None:
    ida, bo = town.create("Ida", "Prøve"), town.create("Bo", "Berg")
    named = town.queries.names(town.actor, [ida, bo])
    assert (named[ida], named[bo]) == ("Ida Prøve", "Bo Berg")


def test_somebody_renamed_is_called_by_his_name_now(town: Town) -> None:
    ida = town.create("Ida", "Prøve")
    town.edit(ida, surname="Ny")
    assert town.queries.names(town.actor, [ida])[ida] == "Ida Ny"


def test_whoever_is_erased_or_unknown_or_of_another_organisation_is_a_deleted_user(
    town: Town, neighbours: Town
) -> None:
    erased, nobody = town.create(), uuid4()
    town.delete(erased)
    stranger = neighbours.create("Fremmed")
    named = town.queries.names(town.actor, [erased, nobody, stranger])
    assert {named[one] for one in (erased, nobody, stranger)} == {"Slettet bruger"}


def test_systems_are_named_to_who_may_see_the_clients_and_to_themselves(town: Town) -> None:
    payroll, other = (
        town.administration.create_client(town.actor, name, [role]).subject
        for name, role in (("Løn", Role.READER), ("Andet", Role.ORGANISATION_ADMINISTRATOR))
    )
    assert payroll is not None
    assert other is not None
    ida = town.create("Ida", "Prøve")
    wanted = [payroll, other, ida, town.id]

    def told(actor: Actor) -> list[str]:
        named = town.queries.names(actor, wanted)
        return [named[one] for one in wanted]

    name = town.queries.organisation(town.actor).name
    assert told(town.actor) == told(town.seen_by(other).actor) == ["Løn", "Andet", "Ida Prøve", name]
    assert told(town.seen_by(payroll).actor) == ["Løn", "API-klient", "Ida Prøve", name]
    chief = town.create_active("Chef")
    town.administration.give_role(town.actor, chief, Role.USER_ADMINISTRATOR)
    assert told(town.seen_by(chief).actor) == ["API-klient", "API-klient", "Ida Prøve", name]


def test_of_very_many_everybody_is_named(town: Town) -> None:
    people = town.create_many(3)
    nobody = [UUID(int=serial) for serial in range(1, 1201)]
    named = town.queries.names(town.actor, [*nobody, *people])
    assert [named[one] for one in people] == ["Ida Prøve"] * 3
