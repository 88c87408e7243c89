"""Names of users, clients and system actors by their ids."""

from uuid import UUID, uuid4

from brugerbog.application.actors import Actor
from brugerbog.domain.kernel.roles import Role
from tests.org_driver import Town


def test_names_are_returned_by_user_id(town: Town) -> None:
    ida, bo = town.create("Ida", "Prøve"), town.create("Bo", "Berg")
    named = town.queries.names(town.actor, [ida, bo])
    assert (named[ida], named[bo]) == ("Ida Prøve", "Bo Berg")


def test_a_renamed_user_has_the_current_name(town: Town) -> None:
    ida = town.create("Ida", "Prøve")
    town.edit(ida, surname="Ny")
    assert town.queries.names(town.actor, [ida])[ida] == "Ida Ny"


def test_an_erased_unknown_or_foreign_user_is_called_a_deleted_user(town: Town, neighbours: Town) -> None:
    erased, nobody = town.create(), uuid4()
    town.delete(erased)
    stranger = neighbours.create("Fremmed")
    named = town.queries.names(town.actor, [erased, nobody, stranger])
    assert {named[one] for one in (erased, nobody, stranger)} == {"Slettet bruger"}


def test_client_names_are_returned_to_actors_who_may_see_clients_and_to_the_client(town: Town) -> None:
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


def test_names_of_very_many_ids_are_returned(town: Town) -> None:
    people = town.create_many(3)
    nobody = [UUID(int=serial) for serial in range(1, 1201)]
    named = town.queries.names(town.actor, [*nobody, *people])
    assert [named[one] for one in people] == ["Ida Prøve"] * 3
