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
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr
from tests.stores import rows

THIRTY_DAYS = timedelta(30)
CPR = made_up_cpr(BORN, 0)


def intents(org: OrgDriver, kind: MailKind) -> list[OutboxMessage]:
    """The mails of a kind that an organisation asked for, in order."""
    asked = [one for one in rows(org.service, mail_intents) if one.organisation_id == org.id]
    names = ("recipient", "about", "generation", "organisation_id", "actor", "detail")
    return [
        OutboxMessage(kind, **{name: getattr(one, name) for name in names})
        for one in sorted(asked, key=lambda one: (one.created_at, one.generation))
        if one.kind == kind
    ]


def letters(org: OrgDriver, kind: MailKind) -> list[MailFacts | None]:
    """Return the facts of each mail as of now."""
    compose = MailFactsLookup(org.service.log, org.clock)
    return [compose(message) for message in intents(org, kind)]


def letter(org: OrgDriver, kind: MailKind) -> MailFacts:
    """Return the facts of the only mail that still applies."""
    (facts,) = filter(None, letters(org, kind))
    return facts


def administrator(org: OrgDriver, role: Role = Role.USER_ADMINISTRATOR, first_name: str = "Åse") -> OrgDriver:
    """The organisation as seen by an administrator."""
    user_id = org.create_active(first_name, "Bæk", email=f"{first_name.lower()}@by.test")
    org.administration.give_role(org.actor, user_id, role)
    return org.seen_by(user_id)


def ask(org: OrgDriver, user_id: UUID) -> None:
    actor = org.seen_by(user_id).actor
    org.administration.request_anonymity(actor, accepts_losing_rights=True)


def void_the_code(org: OrgDriver, user_id: UUID) -> str:
    """Enter three wrong codes; return the token of the link."""
    token = let_in(org.service, user_id, LinkPurpose.ACTIVATION)
    for _ in range(3):
        with pytest.raises(Refusal):
            org.service.self_service.enter_code(token, "AAAA-AAAA")
    return token


# Activation


def test_an_activation_mail_has_link_organisation_and_administrator(org: OrgDriver) -> None:
    ida = administrator(org).create(cpr=CPR)

    facts = letter(org, MailKind.ACTIVATION)
    link = org.service.log.user(ida).link
    assert facts == MailFacts(
        to_name="Ida Prøve",
        to_address="ida@by.test",
        organisation="Prøve Kommune",
        administrator="Åse Bæk",
        link=MailLink(LinkPurpose.ACTIVATION, link.generation, link.expires_at),
        hardware=[],
    )


def test_the_operator_is_not_named(org: OrgDriver) -> None:
    org.create()

    assert letter(org, MailKind.ACTIVATION).administrator is None


@pytest.mark.parametrize(("known", "needs_code"), [({"cpr": CPR}, False), ({}, True)])
def test_a_user_known_by_birth_date_only_needs_a_code(
    org: OrgDriver, known: dict[str, str], *, needs_code: bool
) -> None:
    org.create(**known)

    assert letter(org, MailKind.ACTIVATION).needs_code is needs_code


def test_a_mail_is_sent_to_the_current_address(org: OrgDriver) -> None:
    org.edit(org.create(), email="ny@by.test", surname="Ny")

    facts = letter(org, MailKind.ACTIVATION_RESENT)
    assert (facts.to_name, facts.to_address) == ("Ida Ny", "ny@by.test")
    assert letters(org, MailKind.ACTIVATION) == [None]


def test_a_link_replaced_by_a_later_one_is_not_sent(org: OrgDriver) -> None:
    ida = org.create()
    org.administration.resend_activation_mail(org.actor, ida)

    assert letters(org, MailKind.ACTIVATION) == [None]
    assert letter(org, MailKind.ACTIVATION_RESENT).link


def test_a_link_is_sent_until_it_expires(org: OrgDriver) -> None:
    org.create()
    end = letter(org, MailKind.ACTIVATION).link.expires_at

    org.clock.set_to(end - timedelta(microseconds=1))
    assert letter(org, MailKind.ACTIVATION)
    org.clock.set_to(end)
    assert letters(org, MailKind.ACTIVATION) == [None]


GOING: dict[str, Callable[[OrgDriver, UUID], object]] = {
    "activated": lambda org, ida: org.administration.activate_user(org.actor, ida),
    "deleted": lambda org, ida: org.delete(ida),
}


@pytest.mark.parametrize("kept_days", [0, 10])
@pytest.mark.parametrize("becomes", GOING)
def test_an_active_or_deleted_user_gets_no_activation_mail(
    org: OrgDriver, becomes: str, kept_days: int
) -> None:
    org.administration.change_settings(org.actor, {"erasure_retention_days": kept_days})
    compose = MailFactsLookup(org.service.log, org.clock)
    ida = org.create()
    (message,) = intents(org, MailKind.ACTIVATION)

    GOING[becomes](org, ida)

    assert compose(message) is None


def test_an_activation_mail_names_ordered_devices_only(org: OrgDriver) -> None:
    ida = org.create(means=(Means.CHIP, Means.CODE_DISPLAY, Means.APP))
    assert letter(org, MailKind.ACTIVATION).hardware == []
    token = let_in(org.service, ida, LinkPurpose.ACTIVATION)
    org.service.self_service.order_means(token, Means.CHIP)

    assert letter(org, MailKind.ACTIVATION).hardware == ["chip"]


# Means assigned later


def test_a_mail_about_means_names_means_not_yet_in_use(org: OrgDriver) -> None:
    ida = org.create_active(means=(Means.APP,))
    administrator(org).administration.assign_means(org.actor, ida, [Means.PRIVATE])

    facts = letter(org, MailKind.MEANS_ASSIGNED)
    link = org.service.log.user(ida).means_link
    assert (list(facts.means), facts.hardware) == (["MitID app", "privat MitID"], [])
    assert facts.link == MailLink(LinkPurpose.MEANS, link.generation, link.expires_at)


def test_a_mail_about_means_names_ordered_devices(org: OrgDriver) -> None:
    order(org, org.create_active(), Means.CODE_DISPLAY)

    assert letter(org, MailKind.MEANS_ASSIGNED).hardware == ["kodeviser"]


@pytest.mark.parametrize("becomes", ["used", "replaced", "expired"])
def test_a_mail_about_means_in_use_is_not_sent(org: OrgDriver, becomes: str) -> None:
    ida = org.create_active()
    if becomes == "used":
        order(org, ida, Means.CHIP, take=True)
    else:
        org.administration.assign_means(org.actor, ida, [Means.CHIP])
    if becomes == "replaced":
        org.administration.resend_means_mail(org.actor, ida)
    if becomes == "expired":
        org.clock.advance(THIRTY_DAYS)

    first, *later = letters(org, MailKind.MEANS_ASSIGNED)
    assert first is None
    assert len(later) == (becomes == "replaced")
    assert all(later)


# Roles


def test_a_mail_about_a_role_has_its_danish_name_and_the_actor(org: OrgDriver) -> None:
    chief = administrator(org, Role.ORGANISATION_ADMINISTRATOR)
    ida = org.create_active()
    chief.administration.give_role(chief.actor, ida, Role.RIGHTS_ADMINISTRATOR)

    facts = letters(org, MailKind.ROLE_GIVEN)[-1]
    assert (facts.to_name, facts.role, facts.administrator) == (
        "Ida Prøve",
        "rettighedsadministrator",
        "Åse Bæk",
    )


def test_a_user_who_takes_a_role_is_not_named_as_its_giver(org: OrgDriver) -> None:
    chief = administrator(org, Role.ORGANISATION_ADMINISTRATOR)
    chief.administration.give_role(chief.actor, chief.actor.id, Role.USER_ADMINISTRATOR)

    assert [one.administrator for one in letters(org, MailKind.ROLE_GIVEN)] == [None, None]


def test_a_role_taken_meanwhile_is_mailed_as_taken_only(org: OrgDriver) -> None:
    ida = administrator(org).actor.id
    org.administration.take_role(org.actor, ida, Role.USER_ADMINISTRATOR)

    assert letters(org, MailKind.ROLE_GIVEN) == [None]
    assert letter(org, MailKind.ROLE_TAKEN).role == "brugeradministrator"


def test_a_role_given_again_meanwhile_is_not_mailed_as_taken(org: OrgDriver) -> None:
    ida = administrator(org).actor.id
    org.administration.take_role(org.actor, ida, Role.USER_ADMINISTRATOR)
    org.administration.give_role(org.actor, ida, Role.USER_ADMINISTRATOR)

    assert letters(org, MailKind.ROLE_TAKEN) == [None]


# Anonymity


def test_the_mail_to_administrators_names_the_user_who_asks(org: OrgDriver) -> None:
    administrator(org)
    ask(org, org.create_active())

    facts = letter(org, MailKind.ANONYMITY_REQUESTED)
    assert (facts.to_name, facts.person, facts.link) == ("Åse Bæk", "Ida Prøve", None)


@pytest.mark.parametrize("becomes", ["declined", "approved", "deleted"])
def test_an_answered_or_deleted_users_request_is_not_mailed(org: OrgDriver, becomes: str) -> None:
    administrator(org)
    ida = org.create_active()
    ask(org, ida)
    (message,) = intents(org, MailKind.ANONYMITY_REQUESTED)
    deeds: dict[str, Callable[[], object]] = {
        "declined": lambda: org.administration.decline_anonymity(org.actor, ida, "Nej"),
        "approved": lambda: org.administration.approve_anonymity(org.actor, ida),
        "deleted": lambda: org.delete(ida),
    }
    deeds[becomes]()

    assert MailFactsLookup(org.service.log, org.clock)(message) is None


@pytest.mark.parametrize("keeps", [None, Role.TRUSTED_EMPLOYEE, Role.RIGHTS_ADMINISTRATOR])
def test_a_former_user_administrator_gets_no_mail_about_a_request(org: OrgDriver, keeps: Role | None) -> None:
    former = administrator(org).actor.id
    if keeps:
        org.administration.give_role(org.actor, former, keeps)
    ask(org, org.create_active())
    org.administration.take_role(org.actor, former, Role.USER_ADMINISTRATOR)

    assert letters(org, MailKind.ANONYMITY_REQUESTED) == [None]


def test_organisation_administrators_get_the_mail_without_user_administrators(org: OrgDriver) -> None:
    administrator(org, Role.ORGANISATION_ADMINISTRATOR)
    ask(org, org.create_active())

    assert letter(org, MailKind.ANONYMITY_REQUESTED).person == "Ida Prøve"


def test_a_declined_user_gets_the_reason_and_the_administrator(org: OrgDriver) -> None:
    chief, ida = administrator(org), org.create_active()
    ask(org, ida)
    chief.administration.decline_anonymity(chief.actor, ida, "Tjenesten kræver navn")

    facts = letter(org, MailKind.ANONYMITY_DECLINED)
    assert (facts.to_name, facts.reason, facts.administrator) == (
        "Ida Prøve",
        "Tjenesten kræver navn",
        "Åse Bæk",
    )


# The code


def test_a_user_with_three_wrong_codes_gets_a_mail(org: OrgDriver) -> None:
    void_the_code(org, org.create())

    facts = letter(org, MailKind.CODE_VOIDED)
    assert (facts.to_name, facts.administrator, facts.link) == ("Ida Prøve", None, None)


def test_a_user_with_a_new_code_gets_no_mail_about_the_void_one(org: OrgDriver) -> None:
    ida = org.create()
    void_the_code(org, ida)
    code = org.administration.issue_code(org.actor, ida).code
    assert letters(org, MailKind.CODE_VOIDED) == [None]

    token = let_in(org.service, ida, LinkPurpose.ACTIVATION)
    org.service.self_service.enter_code(token, code)
    assert letters(org, MailKind.CODE_VOIDED) == [None]


@pytest.mark.parametrize("becomes", ["activated", "known by CPR number"])
def test_a_user_who_needs_no_code_gets_no_mail_about_it(org: OrgDriver, becomes: str) -> None:
    ida = org.create()
    void_the_code(org, ida)
    if becomes == "activated":
        org.administration.activate_user(org.actor, ida)
    else:
        org.edit(ida, cpr=CPR)

    assert letters(org, MailKind.CODE_VOIDED) == [None]


# Whoever caused it


def test_an_erased_administrator_is_not_named(org: OrgDriver) -> None:
    chief = administrator(org)
    chief.create(cpr=CPR)
    org.delete(chief.actor.id)

    assert letter(org, MailKind.ACTIVATION).administrator is None


def test_a_mail_and_its_facts_have_no_repr(org: OrgDriver) -> None:
    org.create()

    assert "Ida" not in repr(letter(org, MailKind.ACTIVATION))


# Many CPR numbers


def meet_the_cpr_limit(org: OrgDriver, actor: Actor) -> None:
    ida = org.create("Ida", cpr=CPR)
    for _ in range(30):
        org.administration.show_cpr(actor, ida)
    with pytest.raises(CprLimitMet):
        org.administration.show_cpr(actor, ida)


def test_a_mail_about_many_cpr_numbers_names_the_user(org: OrgDriver) -> None:
    administrator(org, Role.ORGANISATION_ADMINISTRATOR, "Ole")
    meet_the_cpr_limit(org, administrator(org).actor)
    facts = letter(org, MailKind.CPR_LIMIT_MET)
    assert (facts.to_name, facts.person) == ("Ole Bæk", "Åse Bæk")


def test_a_mail_about_many_cpr_numbers_names_the_client(org: OrgDriver) -> None:
    administrator(org, Role.ORGANISATION_ADMINISTRATOR, "Ole")
    client = org.administration.create_client(org.actor, "Løn og HR", [Role.CPR_READER]).subject
    assert client is not None
    meet_the_cpr_limit(org, org.seen_by(client).actor)
    assert letter(org, MailKind.CPR_LIMIT_MET).person == "API-klienten Løn og HR"


def test_a_former_organisation_administrator_gets_no_mail_about_cpr_numbers(org: OrgDriver) -> None:
    ole = administrator(org, Role.ORGANISATION_ADMINISTRATOR, "Ole").actor.id
    administrator(org, Role.ORGANISATION_ADMINISTRATOR, "Else")
    meet_the_cpr_limit(org, administrator(org).actor)
    org.administration.take_role(org.actor, ole, Role.ORGANISATION_ADMINISTRATOR)
    assert letter(org, MailKind.CPR_LIMIT_MET).to_name == "Else Bæk"
