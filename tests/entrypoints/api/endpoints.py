"""The request for each command and query of the service over HTTP."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from tests.given import P_NUMBER
from tests.org_driver import BORN
from tests.people import made_up_cpr

if TYPE_CHECKING:
    from collections.abc import Callable

_cvr_numbers, _people = count(99_100_001), count()
NOW = "2026-03-20T12:00:00Z"


class Endpoint(NamedTuple):
    """A request: method, path for a user, and body."""

    method: str
    path: str
    body: Callable[[UUID], Any] | None = None

    def request(self, user_id: UUID) -> dict[str, Any]:
        """Return the arguments of `ApiClient.request`."""
        path = self.path.format(id=user_id, other=uuid4())
        return {"method": self.method, "path": path} | ({"json": self.body(user_id)} if self.body else {})


def _new_user(_: UUID) -> dict[str, str]:
    serial = next(_people)
    cpr = made_up_cpr(BORN, 3000 - serial)
    return {"first_name": "Ny", "surname": "Bruger", "email": f"api{serial}@by.test", "cpr": cpr}


def _on_user(verb: str, body: Any = None) -> Endpoint:  # noqa: ANN401 - any JSON
    return Endpoint("POST", f"/users/{{id}}/{verb}", None if body is None else lambda _: body)


def _these(user_id: UUID) -> dict[str, list[str]]:
    return {"user_ids": [str(user_id)]}


USER_ENDPOINTS: dict[str, Endpoint] = {
    "edit_user": Endpoint("PATCH", "/users/{id}", lambda _: {"phone": "12345678"}),
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
    "send_many_to_activation": Endpoint("POST", "/users/send-to-activation", _these),
    "user": Endpoint("GET", f"/users/{{id}}?at={NOW}"),
    "user_with_version": Endpoint("GET", "/users/{id}"),
    "history": Endpoint("GET", "/users/{id}/history"),
    "replaced_by": Endpoint("GET", "/users/{id}/replaced"),
    "sending": Endpoint("POST", "/foresight/sending", _these),
    "resending": Endpoint("POST", "/foresight/resending", _these),
    "deactivating": Endpoint("POST", "/foresight/deactivating", _these),
    "deleting": Endpoint("POST", "/foresight/deleting", _these),
    "person_at_hand": Endpoint("GET", "/users/{id}/export"),
    "delete_user": Endpoint("DELETE", "/users/{id}"),
}
"""Requests that don't find a user of another organisation."""

ENDPOINTS: dict[str, Endpoint] = USER_ENDPOINTS | {
    "create_user": Endpoint("POST", "/users", _new_user),
    "import_users": Endpoint("POST", "/imports"),
    "record_activities": Endpoint(
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
    "register_organisation": Endpoint(
        "POST", "/organisations", lambda _: {"cvr": str(next(_cvr_numbers)), "name": "Ny"}
    ),
    "change_settings": Endpoint("PATCH", "/organisation/settings", lambda _: {"ial": "high"}),
    "concerned_by": Endpoint("POST", "/organisation/settings/concerns", lambda _: {"ial": "high"}),
    "create_client": Endpoint("POST", "/clients", lambda _: {"name": "Ny", "roles": ["reader"]}),
    "revoke_client": Endpoint("POST", "/clients/{other}/revoke"),
    "clients": Endpoint("GET", "/clients"),
    "sessions": Endpoint("GET", "/sessions"),
    "users": Endpoint("GET", "/users"),
    "taking_users": Endpoint("GET", "/users/all"),
    "names": Endpoint("POST", "/names", lambda user_id: {"ids": [str(user_id)]}),
    "organisation": Endpoint("GET", "/organisation"),
    "roles": Endpoint("GET", "/organisation/roles"),
    "notices": Endpoint("GET", "/notices"),
    "changes": Endpoint("GET", "/changes"),
    "report_status": Endpoint("GET", "/reports/status"),
    "report_placement": Endpoint("GET", "/reports/placement"),
    "report_means": Endpoint("GET", "/reports/means"),
    "report_pending": Endpoint("GET", "/reports/pending"),
    "report_cost": Endpoint("GET", "/reports/cost"),
    "mails": Endpoint("GET", "/mails"),
    "mail_counts": Endpoint("GET", "/mails/counts"),
    "retry_mail": Endpoint("POST", "/mails/{other}/retry"),
    "audit_log": Endpoint("GET", "/log"),
    "state_at": Endpoint("GET", f"/log/state?at={NOW}"),
    "difference": Endpoint("GET", f"/log/difference?earlier={NOW}&later={NOW}"),
    "export_log": Endpoint("GET", "/log/export"),
}  # fmt: skip

ONLY_FOR_USERS = {
    "request_anonymity": "somebody asks it for himself, in his own pages",
    "withdraw_consent": "likewise",
    "end_own_sessions": "a system has no sessions",
    "own_sessions": "likewise",
    "myself": "a system is no user",
    "menu": "likewise",
    "anonymity_terms": "they are told to whoever asks for himself",
}
ONLY_ON_THE_COMMAND_LINE = {
    "export_person": "`person_at_hand` is the same without a folder",
    "export_whole_log": "it is everybody's, and written into a folder of the machine",
}
ONLY_BY_SCIM = {
    "align_user": "the API edits, deactivates and reactivates, each by itself",
    "how_many": "the API gives pages, and `reports` count",
}
"""Commands and queries without an endpoint, with the reason."""
