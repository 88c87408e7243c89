"""The facts of a mail are those at the time of sending; a mail that no longer applies isn't sent."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from brugerbog.application.actors import Actor
from brugerbog.application.mail.facts import MailFactsLookup
from brugerbog.application.mail.rendering import MailFacts, MailLink
from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage
from brugerbog.application.rate_limits import CprLimitMet
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.database.schema import mail_intents
from tests.application.queries.replayed_reports import let_in, order
from tests.org_driver import BORN, Town
from tests.people import made_up_cpr
from tests.stores import rows

THIRTY_DAYS = timedelta(30)
CPR = made_up_cpr(BORN, 0)


def intents(town: Town, kind: MailKind) -> list[OutboxMessage]:
    """The mails of a kind that a town asked for, in order."""
    asked = [one for one in rows(town.service, mail_intents) if one.organisation_id == town.id]
    names = ("recipient", "about", "generation", "organisation_id", "actor", "detail")
    return [
        OutboxMessage(kind, **{name: getattr(one, name) for name in names})
        for one in sorted(asked, key=lambda one: (one.created_at, one.generation))
        if one.kind == kind
    ]


def letters(town: Town, kind: MailKind) -> list[MailFacts | None]:
    """Return the facts of each mail as of now."""
    compose = MailFactsLookup(town.service.log, town.clock)
    return [compose(message) for message in intents(town, kind)]


def letter(town: Town, kind: MailKind) -> MailFacts:
    """Return the facts of the only mail that still applies."""
    (facts,) = filter(None, letters(town, kind))
    return facts


def administrator(town: Town, role: Role = Role.USER_ADMINISTRATOR, first_name: str = "Åse") -> Town:
    """The town as seen by an administrator."""
    user_id = town.create_active(first_name, "Bæk", email=f"{first_name.lower()}@by.test")
    town.administration.give_role(town.actor, user_id, role)
    return town.seen_by(user_id)


def ask(town: Town, user_id: UUID) -> None:
    actor = town.seen_by(user_id).actor
    town.administration.request_anonymity(actor, accepts_losing_rights=True)


def void_the_code(town: Town, user_id: UUID) -> str:
    """Enter three wrong codes; return the token of the link."""
    token = let_in(town.service, user_id, LinkPurpose.ACTIVATION)
    for _ in range(3):
        with pytest.raises(Refusal):
            town.service.self_service.enter_code(token, "AAAA-AAAA")
    return token


# Activation


def test_an_activation_mail_has_link_organisation_and_administrator(town: Town) -> None:
    ida = administrator(town).create(cpr=CPR)

    facts = letter(town, MailKind.ACTIVATION)
    link = town.service.log.user(ida).link
    assert facts == MailFacts(
        to_name="Ida Prøve",
        to_address="ida@by.test",
        organisation="Prøve Kommune",
        administrator="Åse Bæk",
        link=MailLink(LinkPurpose.ACTIVATION, link.generation, link.expires_at),
        hardware=[],
    )


def test_the_operator_is_not_named(town: Town) -> None:
    town.create()

    assert letter(town, MailKind.ACTIVATION).administrator is None


@pytest.mark.parametrize(("known", "needs_code"), [({"cpr": CPR}, False), ({}, True)])
def test_a_user_known_by_birth_date_only_needs_a_code(
    town: Town, known: dict[str, str], *, needs_code: bool
) -> None:
    town.create(**known)

    assert letter(town, MailKind.ACTIVATION).needs_code is needs_code


def test_a_mail_is_sent_to_the_current_address(town: Town) -> None:
    town.edit(town.create(), email="ny@by.test", surname="Ny")

    facts = letter(town, MailKind.ACTIVATION_RESENT)
    assert (facts.to_name, facts.to_address) == ("Ida Ny", "ny@by.test")
    assert letters(town, MailKind.ACTIVATION) == [None]


def test_a_link_replaced_by_a_later_one_is_not_sent(town: Town) -> None:
    ida = town.create()
    town.administration.resend_activation_mail(town.actor, ida)

    assert letters(town, MailKind.ACTIVATION) == [None]
    assert letter(town, MailKind.ACTIVATION_RESENT).link


def test_a_link_is_sent_until_it_expires(town: Town) -> None:
    town.create()
    end = letter(town, MailKind.ACTIVATION).link.expires_at

    town.clock.set_to(end - timedelta(microseconds=1))
    assert letter(town, MailKind.ACTIVATION)
    town.clock.set_to(end)
    assert letters(town, MailKind.ACTIVATION) == [None]


GOING: dict[str, Callable[[Town, UUID], object]] = {
    "activated": lambda town, ida: town.administration.activate_user(town.actor, ida),
    "deleted": lambda town, ida: town.delete(ida),
}


@pytest.mark.parametrize("kept_days", [0, 10])
@pytest.mark.parametrize("becomes", GOING)
def test_an_active_or_deleted_user_gets_no_activation_mail(town: Town, becomes: str, kept_days: int) -> None:
    town.administration.change_settings(town.actor, {"erasure_retention_days": kept_days})
    compose = MailFactsLookup(town.service.log, town.clock)
    ida = town.create()
    (message,) = intents(town, MailKind.ACTIVATION)

    GOING[becomes](town, ida)

    assert compose(message) is None


def test_an_activation_mail_names_ordered_devices_only(town: Town) -> None:
    ida = town.create(means=(Means.CHIP, Means.CODE_DISPLAY, Means.APP))
    assert letter(town, MailKind.ACTIVATION).hardware == []
    token = let_in(town.service, ida, LinkPurpose.ACTIVATION)
    town.service.self_service.order_means(token, Means.CHIP)

    assert letter(town, MailKind.ACTIVATION).hardware == ["chip"]


# Means assigned later


def test_a_mail_about_means_names_means_not_yet_in_use(town: Town) -> None:
    ida = town.create_active(means=(Means.APP,))
    administrator(town).administration.assign_means(town.actor, ida, [Means.PRIVATE])

    facts = letter(town, MailKind.MEANS_ASSIGNED)
    link = town.service.log.user(ida).means_link
    assert (list(facts.means), facts.hardware) == (["MitID app", "privat MitID"], [])
    assert facts.link == MailLink(LinkPurpose.MEANS, link.generation, link.expires_at)


def test_a_mail_about_means_names_ordered_devices(town: Town) -> None:
    order(town, town.create_active(), Means.CODE_DISPLAY)

    assert letter(town, MailKind.MEANS_ASSIGNED).hardware == ["kodeviser"]


@pytest.mark.parametrize("becomes", ["used", "replaced", "expired"])
def test_a_mail_about_means_in_use_is_not_sent(town: Town, becomes: str) -> None:
    ida = town.create_active()
    if becomes == "used":
        order(town, ida, Means.CHIP, take=True)
    else:
        town.administration.assign_means(town.actor, ida, [Means.CHIP])
    if becomes == "replaced":
        town.administration.resend_means_mail(town.actor, ida)
    if becomes == "expired":
        town.clock.advance(THIRTY_DAYS)

    first, *later = letters(town, MailKind.MEANS_ASSIGNED)
    assert first is None
    assert len(later) == (becomes == "replaced")
    assert all(later)


# Roles


def test_a_mail_about_a_role_has_its_danish_name_and_the_actor(town: Town) -> None:
    chief = administrator(town, Role.ORGANISATION_ADMINISTRATOR)
    ida = town.create_active()
    chief.administration.give_role(chief.actor, ida, Role.RIGHTS_ADMINISTRATOR)

    facts = letters(town, MailKind.ROLE_GIVEN)[-1]
    assert (facts.to_name, facts.role, facts.administrator) == (
        "Ida Prøve",
        "rettighedsadministrator",
        "Åse Bæk",
    )


def test_a_user_who_takes_a_role_is_not_named_as_its_giver(town: Town) -> None:
    chief = administrator(town, Role.ORGANISATION_ADMINISTRATOR)
    chief.administration.give_role(chief.actor, chief.actor.id, Role.USER_ADMINISTRATOR)

    assert [one.administrator for one in letters(town, MailKind.ROLE_GIVEN)] == [None, None]


def test_a_role_taken_meanwhile_is_mailed_as_taken_only(town: Town) -> None:
    ida = administrator(town).actor.id
    town.administration.take_role(town.actor, ida, Role.USER_ADMINISTRATOR)

    assert letters(town, MailKind.ROLE_GIVEN) == [None]
    assert letter(town, MailKind.ROLE_TAKEN).role == "brugeradministrator"


def test_a_role_given_again_meanwhile_is_not_mailed_as_taken(town: Town) -> None:
    ida = administrator(town).actor.id
    town.administration.take_role(town.actor, ida, Role.USER_ADMINISTRATOR)
    town.administration.give_role(town.actor, ida, Role.USER_ADMINISTRATOR)

    assert letters(town, MailKind.ROLE_TAKEN) == [None]


# Anonymity


def test_the_mail_to_administrators_names_the_user_who_asks(town: Town) -> None:
    administrator(town)
    ask(town, town.create_active())

    facts = letter(town, MailKind.ANONYMITY_REQUESTED)
    assert (facts.to_name, facts.person, facts.link) == ("Åse Bæk", "Ida Prøve", None)


@pytest.mark.parametrize("becomes", ["declined", "approved", "deleted"])
def test_an_answered_or_deleted_users_request_is_not_mailed(town: Town, becomes: str) -> None:
    administrator(town)
    ida = town.create_active()
    ask(town, ida)
    (message,) = intents(town, MailKind.ANONYMITY_REQUESTED)
    deeds: dict[str, Callable[[], object]] = {
        "declined": lambda: town.administration.decline_anonymity(town.actor, ida, "Nej"),
        "approved": lambda: town.administration.approve_anonymity(town.actor, ida),
        "deleted": lambda: town.delete(ida),
    }
    deeds[becomes]()

    assert MailFactsLookup(town.service.log, town.clock)(message) is None


@pytest.mark.parametrize("keeps", [None, Role.TRUSTED_EMPLOYEE, Role.RIGHTS_ADMINISTRATOR])
def test_a_former_user_administrator_gets_no_mail_about_a_request(town: Town, keeps: Role | None) -> None:
    former = administrator(town).actor.id
    if keeps:
        town.administration.give_role(town.actor, former, keeps)
    ask(town, town.create_active())
    town.administration.take_role(town.actor, former, Role.USER_ADMINISTRATOR)

    assert letters(town, MailKind.ANONYMITY_REQUESTED) == [None]


def test_organisation_administrators_get_the_mail_without_user_administrators(town: Town) -> None:
    administrator(town, Role.ORGANISATION_ADMINISTRATOR)
    ask(town, town.create_active())

    assert letter(town, MailKind.ANONYMITY_REQUESTED).person == "Ida Prøve"


def test_a_declined_user_gets_the_reason_and_the_administrator(town: Town) -> None:
    chief, ida = administrator(town), town.create_active()
    ask(town, ida)
    chief.administration.decline_anonymity(chief.actor, ida, "Tjenesten kræver navn")

    facts = letter(town, MailKind.ANONYMITY_DECLINED)
    assert (facts.to_name, facts.reason, facts.administrator) == (
        "Ida Prøve",
        "Tjenesten kræver navn",
        "Åse Bæk",
    )


# The code


def test_a_user_with_three_wrong_codes_gets_a_mail(town: Town) -> None:
    void_the_code(town, town.create())

    facts = letter(town, MailKind.CODE_VOIDED)
    assert (facts.to_name, facts.administrator, facts.link) == ("Ida Prøve", None, None)


def test_a_user_with_a_new_code_gets_no_mail_about_the_void_one(town: Town) -> None:
    ida = town.create()
    void_the_code(town, ida)
    code = town.administration.issue_code(town.actor, ida).code
    assert letters(town, MailKind.CODE_VOIDED) == [None]

    token = let_in(town.service, ida, LinkPurpose.ACTIVATION)
    town.service.self_service.enter_code(token, code)
    assert letters(town, MailKind.CODE_VOIDED) == [None]


@pytest.mark.parametrize("becomes", ["activated", "known by CPR number"])
def test_a_user_who_needs_no_code_gets_no_mail_about_it(town: Town, becomes: str) -> None:
    ida = town.create()
    void_the_code(town, ida)
    if becomes == "activated":
        town.administration.activate_user(town.actor, ida)
    else:
        town.edit(ida, cpr=CPR)

    assert letters(town, MailKind.CODE_VOIDED) == [None]


# Whoever caused it


def test_an_erased_administrator_is_not_named(town: Town) -> None:
    chief = administrator(town)
    chief.create(cpr=CPR)
    town.delete(chief.actor.id)

    assert letter(town, MailKind.ACTIVATION).administrator is None


def test_a_mail_and_its_facts_have_no_repr(town: Town) -> None:
    town.create()

    assert "Ida" not in repr(letter(town, MailKind.ACTIVATION))


# Many CPR numbers


def meet_the_cpr_limit(town: Town, actor: Actor) -> None:
    ida = town.create("Ida", cpr=CPR)
    for _ in range(30):
        town.administration.show_cpr(actor, ida)
    with pytest.raises(CprLimitMet):
        town.administration.show_cpr(actor, ida)


def test_a_mail_about_many_cpr_numbers_names_the_user(town: Town) -> None:
    administrator(town, Role.ORGANISATION_ADMINISTRATOR, "Ole")
    meet_the_cpr_limit(town, administrator(town).actor)
    facts = letter(town, MailKind.CPR_LIMIT_MET)
    assert (facts.to_name, facts.person) == ("Ole Bæk", "Åse Bæk")


def test_a_mail_about_many_cpr_numbers_names_the_client(town: Town) -> None:
    administrator(town, Role.ORGANISATION_ADMINISTRATOR, "Ole")
    client = town.administration.create_client(town.actor, "Løn og HR", [Role.CPR_READER]).subject
    assert client is not None
    meet_the_cpr_limit(town, town.seen_by(client).actor)
    assert letter(town, MailKind.CPR_LIMIT_MET).person == "API-klienten Løn og HR"


def test_a_former_organisation_administrator_gets_no_mail_about_cpr_numbers(town: Town) -> None:
    ole = administrator(town, Role.ORGANISATION_ADMINISTRATOR, "Ole").actor.id
    administrator(town, Role.ORGANISATION_ADMINISTRATOR, "Else")
    meet_the_cpr_limit(town, administrator(town).actor)
    town.administration.take_role(town.actor, ole, Role.ORGANISATION_ADMINISTRATOR)
    assert letter(town, MailKind.CPR_LIMIT_MET).to_name == "Else Bæk"
