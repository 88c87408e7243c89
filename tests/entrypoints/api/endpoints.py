"""Each command and question of the service as a system gives it over HTTP."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from tests.given import P_NUMBER
from tests.journeys.town import BORN
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from collections.abc import Callable

_cvr_numbers, _people = count(99_100_001), count()
NOW = "2026-03-20T12:00:00Z"


class Door(NamedTuple):
    """A request: its method, its path for a user, and what it says of him."""

    method: str
    path: str
    said: Callable[[UUID], Any] | None = None

    def request(self, user_id: UUID) -> dict[str, Any]:
        """As the client of a test takes it."""
        path = self.path.format(id=user_id, other=uuid4())
        return {"method": self.method, "path": path} | ({"json": self.said(user_id)} if self.said else {})


def _new_user(_: UUID) -> dict[str, str]:
    serial = next(_people)
    cpr = made_up_cpr(BORN, 3000 - serial)
    return {"first_name": "Ny", "surname": "Bruger", "email": f"api{serial}@by.test", "cpr": cpr}


def _on_user(verb: str, said: Any = None) -> Door:  # noqa: ANN401 - any JSON
    return Door("POST", f"/users/{{id}}/{verb}", None if said is None else lambda _: said)


def _these(user_id: UUID) -> dict[str, list[str]]:
    return {"user_ids": [str(user_id)]}


ON_A_USER: dict[str, Door] = {
    "edit_user": Door("PATCH", "/users/{id}", lambda _: {"phone": "12345678"}),
    "place_user": _on_user("place", {"p_number": P_NUMBER}),
    "deactivate_user": _on_user("deactivate", {}),
    "reactivate_user": _on_user("reactivate"),
    "show_cpr": _on_user("show-cpr"),
    "send_to_activation": _on_user("send-to-activation", {}),
    "resend_activation_mail": _on_user("resend-activation-mail"),
    "issue_code": _on_user("issue-code"),
    "activate_user": _on_user("activate"),
    "assign_means": _on_user("assign-means", {"means": ["chip"]}),
    "resend_means_mail": _on_user("resend-means-mail"),
    "grant_rights": _on_user("grant-rights", {"rights": ["r1"]}),
    "revoke_rights": _on_user("revoke-rights", {"rights": ["r1"]}),
    "allow_signing": _on_user("allow-signing"),
    "withdraw_signing": _on_user("withdraw-signing"),
    "assign_sealing_profiles": _on_user("assign-sealing-profiles", {"profiles": ["p1"]}),
    "approve_anonymity": _on_user("approve-anonymity"),
    "decline_anonymity": _on_user("decline-anonymity", {"reason": "Ikke nødvendigt"}),
    "give_role": _on_user("give-role", {"role": "trusted_employee"}),
    "end_sessions": _on_user("end-sessions"),
    "take_role": _on_user("take-role", {"role": "trusted_employee"}),
    "send_many_to_activation": Door("POST", "/users/send-to-activation", _these),
    "user": Door("GET", f"/users/{{id}}?at={NOW}"),
    "user_with_version": Door("GET", "/users/{id}"),
    "history": Door("GET", "/users/{id}/history"),
    "replaced_by": Door("GET", "/users/{id}/replaced"),
    "sending": Door("POST", "/foresight/sending", _these),
    "resending": Door("POST", "/foresight/resending", _these),
    "deactivating": Door("POST", "/foresight/deactivating", _these),
    "deleting": Door("POST", "/foresight/deleting", _these),
    "person_at_hand": Door("GET", "/users/{id}/export"),
    "delete_user": Door("DELETE", "/users/{id}"),
}
"""Those that somebody else's user is unknown to."""

DOORS: dict[str, Door] = ON_A_USER | {
    "create_user": Door("POST", "/users", _new_user),
    "import_users": Door("POST", "/imports"),
    "record_activities": Door(
        "POST",
        "/activities",
        lambda user_id: {
            "reporter": "skat",
            "activities": [
                {
                    "user_id": str(user_id), "occurred_at": NOW, "transaction": "Log ind",
                    "service_provider": "Skat", "service_type": "public", "reference": str(uuid4()),
                }
            ],
        },
    ),
    "register_organisation": Door(
        "POST", "/organisations", lambda _: {"cvr": str(next(_cvr_numbers)), "name": "Ny"}
    ),
    "change_settings": Door("PATCH", "/organisation/settings", lambda _: {"ial": "high"}),
    "concerned_by": Door("POST", "/organisation/settings/concerns", lambda _: {"ial": "high"}),
    "create_client": Door("POST", "/clients", lambda _: {"name": "Ny", "roles": ["reader"]}),
    "revoke_client": Door("POST", "/clients/{other}/revoke"),
    "clients": Door("GET", "/clients"),
    "sessions": Door("GET", "/sessions"),
    "users": Door("GET", "/users"),
    "taking_users": Door("GET", "/users/all"),
    "names": Door("POST", "/names", lambda user_id: {"ids": [str(user_id)]}),
    "organisation": Door("GET", "/organisation"),
    "roles": Door("GET", "/organisation/roles"),
    "notices": Door("GET", "/notices"),
    "changes": Door("GET", "/changes"),
    "report_status": Door("GET", "/reports/status"),
    "report_placement": Door("GET", "/reports/placement"),
    "report_means": Door("GET", "/reports/means"),
    "report_pending": Door("GET", "/reports/pending"),
    "report_cost": Door("GET", "/reports/cost"),
    "mails": Door("GET", "/mails"),
    "mail_counts": Door("GET", "/mails/counts"),
    "retry_mail": Door("POST", "/mails/{other}/retry"),
    "audit_log": Door("GET", "/log"),
    "state_at": Door("GET", f"/log/state?at={NOW}"),
    "difference": Door("GET", f"/log/difference?earlier={NOW}&later={NOW}"),
    "export_log": Door("GET", "/log/export"),
}  # fmt: skip

ONLY_FOR_PEOPLE = {
    "request_anonymity": "somebody asks it for himself, in his own pages",
    "withdraw_consent": "likewise",
    "end_own_sessions": "a system has no sessions",
    "own_sessions": "likewise",
    "myself": "a system is no user",
    "menu": "likewise",
    "anonymity_terms": "they are told to whoever asks for himself",
}
ONLY_ON_THE_MACHINE = {
    "export_person": "`person_at_hand` is the same without a folder",
    "export_whole_log": "it is everybody's, and written into a folder of the machine",
}
ONLY_BY_SCIM = {
    "align_user": "the API edits, deactivates and reactivates, each by itself",
    "how_many": "the API gives pages, and `reports` count",
}
"""What the API has no door to, and why."""
