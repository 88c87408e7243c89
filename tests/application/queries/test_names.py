"""Names of users, clients and system actors by their ids."""

from uuid import UUID, uuid4

from brugerbog.application.actors import Actor
from brugerbog.domain.kernel.roles import Role
from tests.org_driver import OrgDriver


def test_names_are_returned_by_user_id(org: OrgDriver) -> None:
    ida, bo = org.create("Ida", "Prøve"), org.create("Bo", "Berg")
    named = org.queries.names(org.actor, [ida, bo])
    assert (named[ida], named[bo]) == ("Ida Prøve", "Bo Berg")


def test_a_renamed_user_has_the_current_name(org: OrgDriver) -> None:
    ida = org.create("Ida", "Prøve")
    org.edit(ida, surname="Ny")
    assert org.queries.names(org.actor, [ida])[ida] == "Ida Ny"


def test_an_erased_unknown_or_foreign_user_is_called_a_deleted_user(
    org: OrgDriver, neighbours: OrgDriver
) -> None:
    erased, nobody = org.create(), uuid4()
    org.delete(erased)
    stranger = neighbours.create("Fremmed")
    named = org.queries.names(org.actor, [erased, nobody, stranger])
    assert {named[one] for one in (erased, nobody, stranger)} == {"Slettet bruger"}


def test_client_names_are_returned_to_actors_who_may_see_clients_and_to_the_client(org: OrgDriver) -> None:
    payroll, other = (
        org.administration.create_client(org.actor, name, [role]).subject
        for name, role in (("Løn", Role.READER), ("Andet", Role.ORGANISATION_ADMINISTRATOR))
    )
    assert payroll is not None
    assert other is not None
    ida = org.create("Ida", "Prøve")
    wanted = [payroll, other, ida, org.id]

    def names_shown_to(actor: Actor) -> list[str]:
        named = org.queries.names(actor, wanted)
        return [named[one] for one in wanted]

    name = org.queries.organisation(org.actor).name
    assert (
        names_shown_to(org.actor)
        == names_shown_to(org.seen_by(other).actor)
        == ["Løn", "Andet", "Ida Prøve", name]
    )
    assert names_shown_to(org.seen_by(payroll).actor) == ["Løn", "API-klient", "Ida Prøve", name]
    chief = org.create_active("Chef")
    org.administration.give_role(org.actor, chief, Role.USER_ADMINISTRATOR)
    assert names_shown_to(org.seen_by(chief).actor) == ["API-klient", "API-klient", "Ida Prøve", name]


def test_names_of_very_many_ids_are_returned(org: OrgDriver) -> None:
    people = org.create_many(3)
    nobody = [UUID(int=serial) for serial in range(1, 1201)]
    named = org.queries.names(org.actor, [*nobody, *people])
    assert [named[one] for one in people] == ["Ida Prøve"] * 3
