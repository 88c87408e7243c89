"""A journey through all commands and queries with canary values, which records results and refusals."""

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
from tests.org_driver import BORN, OrgDriver, open_org, write_file
from tests.people import made_up_cpr

CPRS = [made_up_cpr(BORN, serial) for serial in (40, 41, 42, 43, 44)]
"""The numbers of the first user, the imported one, a refused row, a later addition, and an unknown person."""

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
"""Canaries that lists and histories show: read tables may hold them."""

SEALED = {
    "shared identifier": "delt-kanarie-7788",
    "reason": "Burets låge skal have et navneskilt",
    "reporter's reference": "fuglering-5566",
    "refused name": "Afvistfugl",
}
"""Canaries that no list shows: no table may hold them in plaintext."""

CORRECTED = {"mistaken name": "Fejlskrevetfugl"}
"""Canaries that lists have shown: the files of read tables may hold them until the user is erased."""

TOKEN = re.compile(r"/(?:aktivering|identifikationsmidler)/(\S+)")


@dataclass
class CanaryJourney:
    """An organisation whose store may hold canaries, with secrets that were issued and recorded outputs."""

    org: OrgDriver
    folder: Path
    outbox: Path
    secrets: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)

    @property
    def service(self) -> Service:
        return self.org.service

    def capture(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - the result of `call`
        """Call a function and record the `repr` of its result or refusal."""
        try:
            result = call()
        except Refusal as refusal:
            self.outputs += [
                repr(refusal),
                str(refusal),
                str(vars(refusal)) if hasattr(refusal, "objections") else "",
            ]
            return refusal
        self.outputs.append(repr(result))
        return result

    def mail(self) -> list[str]:
        """Send waiting mails; return the tokens of their links, the latest last."""
        before = set(self.outbox.iterdir()) if self.outbox.exists() else set()
        self.org.clock.advance()
        self.capture(self.service.worker.run_once)
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
    """Create a user with CPR number, and one with birth date only, who gets an activation code."""
    org, capture = journey.org, journey.capture
    contact = {
        "email": LISTED["e-mail"],
        "phone": LISTED["phone"],
        "reference_text": LISTED["reference text"],
    }
    names = {"first_name": LISTED["first name"], "surname": LISTED["surname"]}
    shared = NamedShared(owner_cvr="90000002", identifier=SEALED["shared identifier"])
    means = (Means.PRIVATE, Means.SHARED, Means.CHIP)
    first = org.create(**names, **contact, cpr=CPRS[0], means=means, shared_means=shared)
    capture(lambda: org.create(**names, **contact, cpr=CPRS[0]))
    capture(lambda: org.create(**names, email="x", cpr=CPRS[0][:-1], phone=CPRS[1]))
    second = org.create(CORRECTED["mistaken name"], LISTED["surname"], means=(Means.APP,))
    capture(lambda: org.edit(second, first_name=LISTED["corrected name"], **contact))
    issued = capture(lambda: org.administration.issue_code(org.actor, second))
    journey.secrets["code"] = issued.code
    return first, second


def import_people(journey: CanaryJourney, outside: Path) -> UUID:
    org, file = journey.org, outside / "people.csv"
    row = {"Aktion": "C", "Fornavn": LISTED["imported name"], "E-mail": LISTED["e-mail"], "TargetIAL": "3"}
    surname = {"Efternavn": LISTED["surname"]}
    refused = {"CPR": CPRS[2], "Fornavn": SEALED["refused name"], "E-mail": f"{CPRS[2]}@"}
    write_file(
        file, [row | surname | {"CPR": CPRS[1]}, row | surname | refused, {"Aktion": "D", "CPR": CPRS[4]}]
    )
    for dry_run in (True, False):
        receipt = journey.capture(
            lambda dry_run=dry_run: org.administration.import_users(org.actor, file, dry_run=dry_run)
        )
    journey.outputs += [repr(row) for row in receipt.outcomes] + [
        repr(row.errors) for row in receipt.outcomes
    ]
    (imported,) = [row.id for row in receipt.outcomes if row.id]
    journey.capture(lambda: org.queries.sending(org.actor, means=[Means.CHIP]))
    journey.capture(lambda: org.administration.send_many_to_activation(org.actor, [imported]))
    return imported


def activate(journey: CanaryJourney, first: UUID, second: UUID) -> None:
    """Activate by link and proof of identity; the second user enters a wrong code and the right one."""
    own, capture = journey.service.self_service, journey.capture
    for token in journey.mail():
        capture(lambda token=token: own.open_activation(token))
        for cpr in (CPRS[4], CPRS[0], CPRS[1], None):
            capture(lambda token=token, cpr=cpr: own.confirm_identity(token, OidcClient(cpr)))
        for code in (journey.secrets["code"][:-1] + "!", journey.secrets["code"]):
            capture(lambda token=token, code=code: own.enter_code(token, code))
        capture(lambda token=token: own.order_means(token, Means.CHIP))
        for means in (Means.PRIVATE, Means.APP):
            capture(lambda token=token, means=means: own.activate(token, [means], consent=True))
        capture(lambda token=token: own.open_means(token))
    capture(lambda: own.open_activation("KanarieTokenSomIkkeFindes"))
    active = set(journey.org.ids(status=Status.ACTIVE))
    assert {first, second} <= active


def execute_other_commands(journey: CanaryJourney, first: UUID, second: UUID) -> None:
    """Execute the other commands that take text."""
    org, capture, do = journey.org, journey.capture, journey.org.administration
    org.edit(second, cpr=CPRS[3])
    capture(lambda: org.edit(second, cpr=CPRS[4]))
    capture(lambda: do.give_role(org.actor, second, Role.USER_ADMINISTRATOR))
    administrator = org.seen_by(second)
    capture(lambda: do.assign_means(administrator.actor, first, [Means.APP]))
    activity = {"transaction": LISTED["transaction"], "service_provider": LISTED["service provider"]}
    for user_id, reference in ((first, "1"), (second, SEALED["reporter's reference"])):
        report = activity_report(user_id, reference, **activity)
        capture(lambda report=report: record_reports(org, report))
    capture(
        lambda: record_reports(
            org, activity_report(first, CPRS[4], transaction="\n", service_provider=CPRS[4])
        )
    )
    capture(lambda: do.withdraw_consent(org.seen_by(first).actor))
    for answer in (
        lambda: do.decline_anonymity(administrator.actor, first, SEALED["reason"]),
        lambda: do.approve_anonymity(administrator.actor, first),
    ):
        capture(lambda: do.request_anonymity(org.seen_by(first).actor, accepts_losing_rights=True))
        capture(lambda: org.queries.notices(administrator.actor))
        journey.mail()
        capture(answer)
        journey.mail()


def record_other_events(journey: CanaryJourney, active: UUID) -> None:
    """Record every other kind of event; one user loses the code by wrong tries and the link by expiry."""
    org, do = journey.org, journey.org.administration
    org.create(LISTED["imported name"], email=LISTED["e-mail"])
    for token in journey.mail():
        journey.service.self_service.confirm_identity(token, OidcClient(None))
        for _ in range(3):
            journey.capture(lambda token=token: journey.service.self_service.enter_code(token, CPRS[4]))
    org.clock.advance(timedelta(31))
    journey.mail()
    org.deactivate(active)
    do.reactivate_user(org.actor, active)
    do.grant_rights(org.actor, active, ["r1"])
    do.revoke_rights(org.actor, active, ["r1"])
    do.allow_signing(org.actor, active)
    do.withdraw_signing(org.actor, active)
    do.assign_sealing_profiles(org.actor, active, ["p1"])
    for _ in range(31):
        journey.capture(lambda: do.show_cpr(org.seen_by(active).actor, active))
    do.take_role(org.actor, active, Role.USER_ADMINISTRATOR)
    journey.capture(lambda: do.show_cpr(org.actor, active))
    do.end_sessions(org.actor, active)
    do.change_settings(org.actor, {"prices": {"chip": 1}})
    client = do.create_client(org.actor, "Løn", [Role.READER]).subject
    assert client is not None
    do.revoke_client(org.actor, client)
    journey.capture(lambda: do.create_client(org.actor, CPRS[4], [Role.READER]))
    org.edit(active, target_ial=Ial.SUBSTANTIAL, p_number=P_NUMBER, ean=EAN)
    org.edit(active, user_name=LISTED["user name"], external_id=LISTED["external id"])


def run_all_queries(journey: CanaryJourney) -> None:
    org, ask, actor = journey.org, journey.org.queries, journey.org.actor
    for user_id in org.ids():
        journey.capture(lambda user_id=user_id: ask.user(actor, user_id))
        journey.capture(lambda user_id=user_id: ask.history(actor, user_id))
        journey.capture(lambda user_id=user_id: ask.myself(org.seen_by(user_id).actor))
    for text in (LISTED["surname"], CPRS[0], CPRS[1][:6]):
        journey.capture(lambda text=text: ask.users(actor, UserQuery(search=text)))
    for name in REPORTS:
        journey.capture(lambda name=name: getattr(ask, name)(actor))
    for state in MailState:
        journey.capture(lambda state=state: ask.mails(actor, state))
    journey.capture(lambda: ask.concerned_by(actor, {"use_reference_text": False}))
    journey.capture(lambda: ask.audit_log(actor, AuditLogQuery(with_activities=True, words=CPRS[0])))
    journey.capture(lambda: ask.audit_log(actor, AuditLogQuery(with_activities=True, limit=1000)))
    journey.capture(lambda: ask.state_at(actor, org.clock.now(), everybody=True))
    journey.capture(lambda: ask.difference(actor, NOON, org.clock.now()))


@contextmanager
def canary_journey(url: str, folder: Path, outside: Path) -> Iterator[CanaryJourney]:
    """Run the journey and yield its state; mails and imported files are outside the store's folder."""
    outbox = outside / "outbox"
    mail = read_mail_settings(
        {
            "BRUGERBOG_OUTBOX": str(outbox),
            "BRUGERBOG_MAIL_FROM": "mitid@by.test",
            "BRUGERBOG_BASE_URL": "https://by.test",
        }
    )
    with open_org(url, folder, mail=mail) as org:
        journey = CanaryJourney(org, folder, outbox)
        first, second = create_people(journey)
        import_people(journey, outside)
        activate(journey, first, second)
        execute_other_commands(journey, first, second)
        record_other_events(journey, second)
        run_all_queries(journey)
        yield journey
