"""Every command and every query by its method's name, with the name of its permission and a call of it."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from brugerbog.application.commands.user_input import NewUser, UserEdits
from brugerbog.application.mail.outbox import MailState
from brugerbog.application.queries.user_list import UserQuery
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.values.means import Means
from tests.application.activity_reports import activity_report, record_reports
from tests.given import P_NUMBER
from tests.org_driver import BORN, OrgDriver
from tests.people import made_up_cpr

Command = Callable[[OrgDriver, UUID, UUID | None], Any]
"""Calls an operation on a user of an organisation, with a command id if one is given."""

REPORTS = ("report_status", "report_placement", "report_means", "report_pending", "report_cost")
NO_FILE = Path("no.csv")
_cvr_numbers, _people = count(99_000_001), count()


class CatalogueEntry(NamedTuple):
    """The name of an operation in `PERMISSIONS`, and a call of it."""

    permission: str
    call: Command


def _on_a_user(method: str, *said: Any, **named: Any) -> Command:  # noqa: ANN401 - whatever it takes
    def do(org: OrgDriver, user_id: UUID, command_id: UUID | None) -> Any:  # noqa: ANN401 - its answer
        command = getattr(org.administration, method)
        return command(org.actor, user_id, *said, **named, command_id=command_id)

    return do


def _of_oneself(method: str, **named: Any) -> Command:  # noqa: ANN401 - as above
    def do(org: OrgDriver, _: UUID, command_id: UUID | None) -> Any:  # noqa: ANN401 - as above
        return getattr(org.administration, method)(org.actor, **named, command_id=command_id)

    return do


def _asks(method: str, *, of_a_user: bool = False, **named: Any) -> Command:  # noqa: ANN401 - as above
    def ask(org: OrgDriver, user_id: UUID, _: UUID | None = None) -> Any:  # noqa: ANN401 - as above
        whom = (user_id,) if of_a_user else ()
        return getattr(org.queries, method)(org.actor, *whom, **named)

    return ask


def _create(org: OrgDriver, _: UUID, command_id: UUID | None) -> object:
    serial = next(_people)
    new = NewUser(
        first_name="Ny", surname="Bruger", email=f"ny{serial}@by.test", cpr=made_up_cpr(BORN, 3599 - serial)
    )
    return org.administration.create_user(org.actor, new, command_id=command_id)


COMMANDS_ON_A_USER: dict[str, Command] = {
    "edit_user": _on_a_user("edit_user", UserEdits(phone="12345678")),
    "align_user": _on_a_user("align_user", UserEdits(phone="12345678"), active=False),
    "place_user": _on_a_user("place_user", p_number=P_NUMBER),
    "assign_means": _on_a_user("assign_means", [Means.CHIP]),
    "send_to_activation": _on_a_user("send_to_activation"),
    "resend_activation_mail": _on_a_user("resend_activation_mail"),
    "issue_code": _on_a_user("issue_code"),
    "activate_user": _on_a_user("activate_user"),
    "resend_means_mail": _on_a_user("resend_means_mail"),
    "deactivate_user": _on_a_user("deactivate_user"),
    "reactivate_user": _on_a_user("reactivate_user"),
    "delete_user": _on_a_user("delete_user"),
    "show_cpr": _on_a_user("show_cpr"),
    "grant_rights": _on_a_user("grant_rights", ["r1"]),
    "revoke_rights": _on_a_user("revoke_rights", ["r1"]),
    "allow_signing": _on_a_user("allow_signing"),
    "withdraw_signing": _on_a_user("withdraw_signing"),
    "assign_sealing_profiles": _on_a_user("assign_sealing_profiles", ["p1"]),
    "approve_anonymity": _on_a_user("approve_anonymity"),
    "decline_anonymity": _on_a_user("decline_anonymity", "Ikke nødvendigt"),
    "give_role": _on_a_user("give_role", Role.TRUSTED_EMPLOYEE),
    "end_sessions": _on_a_user("end_sessions"),
}
"""Those that refuse a deleted user by name."""

LENIENT_COMMANDS_ON_A_USER: dict[str, Command] = {
    "take_role": _on_a_user("take_role", Role.TRUSTED_EMPLOYEE),
    "send_many_to_activation": lambda org, user_id, command_id: org.administration.send_many_to_activation(
        org.actor, [user_id], command_id=command_id
    ),
}
"""Those for which somebody deleted is only one more whom nothing has to be done to."""

QUESTIONS_ON_A_USER: dict[str, Command] = {
    "user": _asks("user", of_a_user=True),
    "user_with_version": _asks("user_with_version", of_a_user=True),
    "history": _asks("history", of_a_user=True),
    "replaced_by": _asks("replaced_by", of_a_user=True),
    "sending": lambda org, user_id, _: org.queries.sending(org.actor, [user_id]),
    "resending": lambda org, user_id, _: org.queries.resending(org.actor, [user_id]),
    "deactivating": lambda org, user_id, _: org.queries.deactivating(org.actor, [user_id]),
    "deleting": lambda org, user_id, _: org.queries.deleting(org.actor, [user_id]),
}


def _exports(name: str, *, of_a_user: bool = False) -> Command:
    """An export into a folder that is thrown away."""

    def export(org: OrgDriver, user_id: UUID, _: UUID | None) -> object:
        with TemporaryDirectory() as folder:
            whom = (user_id,) if of_a_user else ()
            return getattr(org.queries, name)(org.actor, *whom, Path(folder) / "export")

    return export


_OTHER_COMMANDS: dict[str, Command] = {
    "register_organisation": lambda org, _, command_id: org.administration.register_organisation(
        org.actor, cvr=str(next(_cvr_numbers)), name="Ny", command_id=command_id
    ),
    "change_settings": lambda org, _, command_id: org.administration.change_settings(
        org.actor, {"ial": "high"}, command_id=command_id
    ),
    "create_user": _create,
    "import_users": lambda org, _, command_id: org.administration.import_users(
        org.actor, NO_FILE, command_id=command_id
    ),
    "record_activities": lambda org, user_id, _: record_reports(org, activity_report(user_id)),
    "create_client": lambda org, _, command_id: org.administration.create_client(
        org.actor, "Løn", [Role.READER], command_id=command_id
    ),
    "revoke_client": lambda org, _, command_id: org.administration.revoke_client(
        org.actor, uuid4(), command_id=command_id
    ),
    "request_anonymity": _of_oneself("request_anonymity", accepts_losing_rights=True),
    "withdraw_consent": _of_oneself("withdraw_consent"),
    "end_own_sessions": _of_oneself("end_own_sessions"),
}

_OTHER_QUESTIONS = {
    "users": ("see_users", _asks("users")),
    "names": ("see_users", _asks("names", ids=[])),
    "organisation": ("see_organisation", _asks("organisation")),
    "roles": ("see_organisation", _asks("roles")),
    "myself": ("see_oneself", _asks("myself")),
    "menu": ("see_oneself", _asks("menu")),
    "anonymity_terms": ("see_oneself", _asks("anonymity_terms")),
    "own_sessions": ("see_oneself", _asks("own_sessions")),
    "clients": ("see_clients", _asks("clients")),
    "sessions": ("see_sessions", _asks("sessions")),
    "changes": ("see_changes", _asks("changes")),
    "notices": ("see_notices", _asks("notices")),
    "concerned_by": ("change_settings", _asks("concerned_by", settings={"ial": "high"})),
    "mails": ("see_mails", _asks("mails", state=MailState.WAITING)),
    "mail_counts": ("see_mails", _asks("mail_counts")),
    "retry_mail": ("retry_mail", lambda org, user_id, _: org.queries.retry_mail(org.actor, user_id)),
    **{name: ("see_reports", _asks(name)) for name in REPORTS},
    "export_log": ("read_log", _exports("export_log")),
    "export_person": ("read_log", _exports("export_person", of_a_user=True)),
    "person_at_hand": ("read_log", _asks("person_at_hand", of_a_user=True)),
    "taking_users": ("see_users", _asks("taking_users")),
    "export_whole_log": ("operate", _exports("export_whole_log")),
    "audit_log": ("read_log", _asks("audit_log")),
    "state_at": (
        "read_log",
        lambda org, _, __: org.queries.state_at(org.actor, org.clock.now(), everybody=True),
    ),
    "difference": (
        "read_log",
        lambda org, _, __: org.queries.difference(org.actor, org.clock.now(), org.clock.now()),
    ),
}

COMMANDS: dict[str, CatalogueEntry] = {
    name: CatalogueEntry(name, do)
    for name, do in (COMMANDS_ON_A_USER | LENIENT_COMMANDS_ON_A_USER | _OTHER_COMMANDS).items()
}
QUESTIONS: dict[str, CatalogueEntry] = {
    "user": CatalogueEntry("see_users", QUESTIONS_ON_A_USER["user"]),
    "how_many": CatalogueEntry(
        "see_users", lambda org, _user_id, _: org.queries.how_many(org.actor, UserQuery())
    ),
    "user_with_version": CatalogueEntry("see_users", QUESTIONS_ON_A_USER["user_with_version"]),
    "history": CatalogueEntry("see_history", QUESTIONS_ON_A_USER["history"]),
    "replaced_by": CatalogueEntry("see_replaced", QUESTIONS_ON_A_USER["replaced_by"]),
    "sending": CatalogueEntry("send_many_to_activation", QUESTIONS_ON_A_USER["sending"]),
    "resending": CatalogueEntry("resend_activation_mail", QUESTIONS_ON_A_USER["resending"]),
    "deactivating": CatalogueEntry("deactivate_user", QUESTIONS_ON_A_USER["deactivating"]),
    "deleting": CatalogueEntry("delete_user", QUESTIONS_ON_A_USER["deleting"]),
    **{name: CatalogueEntry(*told) for name, told in _OTHER_QUESTIONS.items()},
}
EVERYTHING = COMMANDS | QUESTIONS
