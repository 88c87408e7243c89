"""A journey through everything with marked values, and how every answer and refusal shows itself."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

from brugerbog.application.commands.user_input import NamedShared
from brugerbog.application.mail.outbox import MailState
from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.application.queries.user_list import UserQuery
from brugerbog.domain.kernel.refusals import Refusal
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.user.identity_confirmation import ProvedIdentity
from brugerbog.domain.values.means import Ial, Means
from brugerbog.domain.values.status import Status
from brugerbog.infrastructure.mail.settings import read_mail_settings
from brugerbog.service import Service
from tests.application.activity_reports import activity_report, record_reports
from tests.application.catalogue import REPORTS
from tests.given import EAN, NOON, P_NUMBER, proved_identity
from tests.journeys.town import BORN, Town, open_town, write_file
from tests.people import made_up_cpr

CPRS = [made_up_cpr(BORN, serial) for serial in (40, 41, 42, 43, 44)]
"""Of the first, the imported, the one whose row is refused, the one added later, and a stranger."""

LISTED = {
    "first name": "Kanariefugl",
    "surname": "Gulfjersen",
    "corrected name": "Omdøbtfugl",
    "imported name": "Importspurv",
    "e-mail": "kanarie.fugl@bur.test",
    "phone": "40414243",
    "reference text": "Redekasse 17 ved åen",
    "transaction": "Fløjtede i buret",
    "service provider": "Fuglehandleren Ørn",
    "user name": "kanarie.fugl@katalog.test",
    "external id": "hr-fugl-4711",
}
"""What lists and histories show: it may lie in read tables."""

SEALED = {
    "shared identifier": "delt-kanarie-7788",
    "reason": "Burets låge skal have et navneskilt",
    "reporter's reference": "fuglering-5566",
    "refused name": "Afvistfugl",
}
"""What no list shows: it lies in the open nowhere."""

CORRECTED = {"mistaken name": "Fejlskrevetfugl"}
"""What lists have shown: it may still lie in their files, until its user is erased."""

TOKEN = re.compile(r"/(?:aktivering|identifikationsmidler)/(\S+)")


@dataclass
class CanaryJourney:
    """A town in whose every corner marks may have been left, and what it said."""

    town: Town
    folder: Path
    outbox: Path
    secrets: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def service(self) -> Service:
        return self.town.service

    def hear(self, do: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it answers
        """Do something, and keep how its answer or its refusal shows itself."""
        try:
            answer = do()
        except Refusal as refusal:
            self.said += [
                repr(refusal),
                str(refusal),
                str(vars(refusal)) if hasattr(refusal, "objections") else "",
            ]
            return refusal
        self.said.append(repr(answer))
        return answer

    def mail(self) -> list[str]:
        """Send what waits; the tokens of links that it brought, the latest last."""
        before = set(self.outbox.iterdir()) if self.outbox.exists() else set()
        self.town.clock.advance()
        self.hear(self.service.worker.run_once)
        found = []
        for file in sorted(set(self.outbox.iterdir()) - before):
            text = message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("plain",))
            found += TOKEN.findall(text.get_content() if text else "")
        self.secrets |= {f"token {len(self.secrets)}.{at}": token for at, token in enumerate(found)}
        return found


class OidcClient:
    def __init__(self, cpr: str | None) -> None:
        self._cpr = cpr

    def proved(self) -> ProvedIdentity:
        return proved_identity(date_of_birth=BORN, cpr=self._cpr)


# The journey


def create_people(journey: CanaryJourney) -> tuple[UUID, UUID]:
    """One known by CPR number, and one by birth date who gets a code."""
    town, hear = journey.town, journey.hear
    said = {"email": LISTED["e-mail"], "phone": LISTED["phone"], "reference_text": LISTED["reference text"]}
    names = {"first_name": LISTED["first name"], "surname": LISTED["surname"]}
    shared = NamedShared(owner_cvr="90000002", identifier=SEALED["shared identifier"])
    means = (Means.PRIVATE, Means.SHARED, Means.CHIP)
    first = town.create(**names, **said, cpr=CPRS[0], means=means, shared_means=shared)
    hear(lambda: town.create(**names, **said, cpr=CPRS[0]))
    hear(lambda: town.create(**names, email="x", cpr=CPRS[0][:-1], phone=CPRS[1]))
    second = town.create(CORRECTED["mistaken name"], LISTED["surname"], means=(Means.APP,))
    hear(lambda: town.edit(second, first_name=LISTED["corrected name"], **said))
    issued = hear(lambda: town.administration.issue_code(town.actor, second))
    journey.secrets["code"] = issued.code
    return first, second


def import_people(journey: CanaryJourney, outside: Path) -> UUID:
    town, file = journey.town, outside / "people.csv"
    row = {"Aktion": "C", "Fornavn": LISTED["imported name"], "E-mail": LISTED["e-mail"], "TargetIAL": "3"}
    surname = {"Efternavn": LISTED["surname"]}
    refused = {"CPR": CPRS[2], "Fornavn": SEALED["refused name"], "E-mail": f"{CPRS[2]}@"}
    write_file(
        file, [row | surname | {"CPR": CPRS[1]}, row | surname | refused, {"Aktion": "D", "CPR": CPRS[4]}]
    )
    for dry_run in (True, False):
        receipt = journey.hear(
            lambda dry_run=dry_run: town.administration.import_users(town.actor, file, dry_run=dry_run)
        )
    journey.said += [repr(one) for one in receipt.outcomes] + [repr(one.errors) for one in receipt.outcomes]
    (imported,) = [one.id for one in receipt.outcomes if one.id]
    journey.hear(lambda: town.queries.sending(town.actor, means=[Means.CHIP]))
    journey.hear(lambda: town.administration.send_many_to_activation(town.actor, [imported]))
    return imported


def activate(journey: CanaryJourney, first: UUID, second: UUID) -> None:
    """By link and proof; the second by code too, after a wrong one."""
    own, hear = journey.service.self_service, journey.hear
    for token in journey.mail():
        hear(lambda token=token: own.open_activation(token))
        for cpr in (CPRS[4], CPRS[0], CPRS[1], None):
            hear(lambda token=token, cpr=cpr: own.confirm_identity(token, OidcClient(cpr)))
        for code in (journey.secrets["code"][:-1] + "!", journey.secrets["code"]):
            hear(lambda token=token, code=code: own.enter_code(token, code))
        hear(lambda token=token: own.order_means(token, Means.CHIP))
        for means in (Means.PRIVATE, Means.APP):
            hear(lambda token=token, means=means: own.activate(token, [means], consent=True))
        hear(lambda token=token: own.open_means(token))
    hear(lambda: own.open_activation("KanarieTokenSomIkkeFindes"))
    active = set(journey.town.ids(status=Status.ACTIVE))
    assert {first, second} <= active


def work(journey: CanaryJourney, first: UUID, second: UUID) -> None:
    """Everything else that carries text."""
    town, hear, do = journey.town, journey.hear, journey.town.administration
    town.edit(second, cpr=CPRS[3])
    hear(lambda: town.edit(second, cpr=CPRS[4]))
    hear(lambda: do.give_role(town.actor, second, Role.USER_ADMINISTRATOR))
    chief = town.seen_by(second)
    hear(lambda: do.assign_means(chief.actor, first, [Means.APP]))
    activity = {"transaction": LISTED["transaction"], "service_provider": LISTED["service provider"]}
    for user_id, reference in ((first, "1"), (second, SEALED["reporter's reference"])):
        report = activity_report(user_id, reference, **activity)
        hear(lambda report=report: record_reports(town, report))
    hear(
        lambda: record_reports(
            town, activity_report(first, CPRS[4], transaction="\n", service_provider=CPRS[4])
        )
    )
    hear(lambda: do.withdraw_consent(town.seen_by(first).actor))
    for answer in (
        lambda: do.decline_anonymity(chief.actor, first, SEALED["reason"]),
        lambda: do.approve_anonymity(chief.actor, first),
    ):
        hear(lambda: do.request_anonymity(town.seen_by(first).actor, accepts_losing_rights=True))
        hear(lambda: town.queries.notices(chief.actor))
        journey.mail()
        hear(answer)
        journey.mail()


def do_the_rest(journey: CanaryJourney, active: UUID) -> None:
    """Every other fact there is, about somebody active and somebody whose code and link are lost."""
    town, do = journey.town, journey.town.administration
    town.create(LISTED["imported name"], email=LISTED["e-mail"])
    for token in journey.mail():
        journey.service.self_service.confirm_identity(token, OidcClient(None))
        for _ in range(3):
            journey.hear(lambda token=token: journey.service.self_service.enter_code(token, CPRS[4]))
    town.clock.advance(timedelta(31))
    journey.mail()
    town.deactivate(active)
    do.reactivate_user(town.actor, active)
    do.grant_rights(town.actor, active, ["r1"])
    do.revoke_rights(town.actor, active, ["r1"])
    do.allow_signing(town.actor, active)
    do.withdraw_signing(town.actor, active)
    do.assign_sealing_profiles(town.actor, active, ["p1"])
    for _ in range(31):
        journey.hear(lambda: do.show_cpr(town.seen_by(active).actor, active))
    do.take_role(town.actor, active, Role.USER_ADMINISTRATOR)
    journey.hear(lambda: do.show_cpr(town.actor, active))
    do.end_sessions(town.actor, active)
    do.change_settings(town.actor, {"prices": {"chip": 1}})
    client = do.create_client(town.actor, "Løn", [Role.READER]).subject
    assert client is not None
    do.revoke_client(town.actor, client)
    journey.hear(lambda: do.create_client(town.actor, CPRS[4], [Role.READER]))
    town.edit(active, target_ial=Ial.SUBSTANTIAL, p_number=P_NUMBER, ean=EAN)
    town.edit(active, user_name=LISTED["user name"], external_id=LISTED["external id"])


def ask_everything(journey: CanaryJourney) -> None:
    town, ask, actor = journey.town, journey.town.queries, journey.town.actor
    for user_id in town.ids():
        journey.hear(lambda user_id=user_id: ask.user(actor, user_id))
        journey.hear(lambda user_id=user_id: ask.history(actor, user_id))
        journey.hear(lambda user_id=user_id: ask.myself(town.seen_by(user_id).actor))
    for text in (LISTED["surname"], CPRS[0], CPRS[1][:6]):
        journey.hear(lambda text=text: ask.users(actor, UserQuery(search=text)))
    for name in REPORTS:
        journey.hear(lambda name=name: getattr(ask, name)(actor))
    for state in MailState:
        journey.hear(lambda state=state: ask.mails(actor, state))
    journey.hear(lambda: ask.concerned_by(actor, {"use_reference_text": False}))
    journey.hear(lambda: ask.audit_log(actor, AuditLogQuery(with_activities=True, words=CPRS[0])))
    journey.hear(lambda: ask.audit_log(actor, AuditLogQuery(with_activities=True, limit=1000)))
    journey.hear(lambda: ask.state_at(actor, town.clock.now(), everybody=True))
    journey.hear(lambda: ask.difference(actor, NOON, town.clock.now()))


@contextmanager
def canary_journey(url: str, folder: Path, outside: Path) -> Iterator[CanaryJourney]:
    """A town after the journey; mails and imported files lie outside its folder."""
    outbox = outside / "outbox"
    mail = read_mail_settings(
        {
            "BRUGERBOG_OUTBOX": str(outbox),
            "BRUGERBOG_MAIL_FROM": "mitid@by.test",
            "BRUGERBOG_BASE_URL": "https://by.test",
        }
    )
    with open_town(url, folder, mail=mail) as town:
        journey = CanaryJourney(town, folder, outbox)
        first, second = create_people(journey)
        import_people(journey, outside)
        activate(journey, first, second)
        work(journey, first, second)
        do_the_rest(journey, second)
        ask_everything(journey)
        yield journey
