"""One table of every page and form, who may open or send it, and what it needs to be asked for well.

A route that isn't here fails `test_matrix.py`: whoever adds a page says whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from brugerbog.domain.values.means import Means
from brugerbog.infrastructure.web.uploads import UploadKind
from tests.org_driver import OrgDriver, write_file


@dataclass(frozen=True)
class Row:
    """Whose a page or form is: of those whom the table of roles allows `may`.

    `about` says in which state the user is whom it is about, if it is about one, and `upload` that it is of
    something that belongs to one session alone. `filled` is what stands in its address or form where not any
    harmless value would do; USER in it is that user.
    """

    may: str
    about: str | None = None
    upload: UploadKind | None = None
    filled: dict[str, Any] = field(default_factory=dict)
    file: bool = False


USER = object()
NEW = {"first_name": "Ny", "surname": "Bruger", "email": "ny@by.test", "date_of_birth": "07.09.1961"}
ROLE = {"role": "trusted_employee", "deed": "tildel"}

FOR_EVERYBODY = {
    "GET /livez",
    "GET /readyz",
    "GET /log-ind",
    "POST /log-ind",
    "POST /log-af",
    "GET /aktivering/{token}",
    "POST /aktivering/{token}/identitet",
    "POST /aktivering/{token}/kode",
    "POST /aktivering/{token}/bestil",
    "POST /aktivering/{token}/aktiver",
    "GET /identifikationsmidler/{token}",
    "POST /identifikationsmidler/{token}/identitet",
    "POST /identifikationsmidler/{token}/kode",
    "POST /identifikationsmidler/{token}/bestil",
    "POST /identifikationsmidler/{token}/aktiver",
    # where a browser comes back to from a broker, and what stands in for one in the demo
    "GET /log-ind/retur",
    "GET /bekraeft-identitet/retur",
    "GET /log-af/retur",
    "GET /demo/log-ind",
    "POST /demo/log-ind",
    "POST /demo/bekraeft-identitet",
    "GET /demo/post",
}
"""Here nobody is logged in: a link, a ticket or nothing at all lets in."""

ROWS = {
    "GET /": Row("see_oneself"),
    # the list of users
    "GET /brugere": Row("see_users"),
    "POST /brugere/soeg": Row("see_users"),
    "POST /brugere/valgte": Row("delete_user", "active", filled={"goer": "slet", "valgt": USER}),
    "POST /brugere/valgte/{goer}": Row("delete_user", "active", filled={"goer": "slet", "valgt": USER}),
    "GET /brugere/valgte/resultat": Row("see_users"),
    # files of users
    "GET /brugere/skabelon.csv": Row("import_users"),
    "GET /brugere/fil": Row("import_users"),
    "POST /brugere/fil": Row("import_users", file=True),
    "GET /brugere/fil/{upload_id}": Row("import_users", upload=UploadKind.FILE),
    "POST /brugere/fil/{upload_id}": Row("import_users", upload=UploadKind.FILE),
    "GET /brugere/fil/{upload_id}/nu": Row("import_users", upload=UploadKind.FILE),
    "GET /brugere/fil/{upload_id}/kvittering.csv": Row("import_users", upload=UploadKind.FILE),
    # imported users
    "GET /importerede": Row("send_to_activation"),
    "POST /importerede/soeg": Row("send_to_activation"),
    "GET /importerede/{user_id}": Row("send_to_activation", "imported"),
    "POST /importerede/{user_id}": Row("send_to_activation", "imported"),
    "POST /importerede/aktivering/midler": Row("send_many_to_activation", "imported", filled={"valgt": USER}),
    "POST /importerede/aktivering/opsummering": Row(
        "send_many_to_activation", "imported", filled={"valgt": USER}
    ),
    "GET /importerede/aktivering/{upload_id}": Row("send_many_to_activation", upload=UploadKind.SENDING),
    "POST /importerede/aktivering/{upload_id}": Row("send_many_to_activation", upload=UploadKind.SENDING),
    "GET /importerede/aktivering/{upload_id}/nu": Row("send_many_to_activation", upload=UploadKind.SENDING),
    # one user
    "GET /brugere/opret": Row("create_user"),
    "POST /brugere/opret": Row("create_user", filled=NEW),
    "GET /brugere/{user_id}": Row("see_users", "active"),
    "GET /brugere/{user_id}/rediger": Row("edit_user", "active"),
    "POST /brugere/{user_id}/rediger": Row("edit_user", "active"),
    "POST /brugere/{user_id}/gensend": Row("resend_activation_mail", "pending"),
    "POST /brugere/{user_id}/ny-kode": Row("issue_code", "pending"),
    "POST /brugere/{user_id}/cpr": Row("show_cpr", "active"),
    "GET /brugere/{user_id}/identifikationsmidler": Row("assign_means", "active"),
    "POST /brugere/{user_id}/identifikationsmidler": Row("assign_means", "active"),
    "POST /brugere/{user_id}/identifikationsmidler/gensend": Row("resend_means_mail", "active"),
    "POST /brugere/{user_id}/rettigheder": Row("grant_rights", "active", filled={"rights": ["r1"]}),
    "POST /brugere/{user_id}/underskrift": Row("allow_signing", "active", filled={"can_sign": "true"}),
    "POST /brugere/{user_id}/segldannelse": Row("assign_sealing_profiles", "active"),
    "POST /brugere/{user_id}/organisation": Row("place_user", "active"),
    "POST /brugere/{user_id}/faktureringsmetode": Row("edit_user", "active"),
    "POST /brugere/{user_id}/historik": Row("see_history", "active"),
    "GET /brugere/{user_id}/deaktiver": Row("deactivate_user", "active"),
    "POST /brugere/{user_id}/deaktiver": Row("deactivate_user", "active"),
    # says of two days what they mean, whoever it is about
    "POST /brugere/{user_id}/deaktiver/dage": Row("deactivate_user", filled={"user_id": str(UUID(int=1))}),
    "GET /brugere/{user_id}/aktiver": Row("reactivate_user", "deactivated"),
    "POST /brugere/{user_id}/aktiver": Row("reactivate_user", "deactivated"),
    "GET /brugere/{user_id}/slet": Row("delete_user", "active"),
    "POST /brugere/{user_id}/slet": Row("delete_user", "active"),
    "GET /brugere/{user_id}/roller/{role}/{deed}": Row("give_role", "active", filled=ROLE),
    "POST /brugere/{user_id}/roller/{role}/{deed}": Row("give_role", "active", filled=ROLE),
    "GET /brugere/{user_id}/eksport": Row("read_log", "active"),
    "POST /brugere/{user_id}/eksport": Row("read_log", "active"),
    # requests to become anonymous
    "GET /notifikationer": Row("see_notices"),
    "GET /notifikationer/{user_id}": Row("approve_anonymity", "asking to be anonymous"),
    "POST /notifikationer/{user_id}/godkend": Row("approve_anonymity", "asking to be anonymous"),
    "POST /notifikationer/{user_id}/afvis": Row("decline_anonymity", "asking to be anonymous"),
    # oneself
    "GET /min-profil": Row("see_oneself"),
    "GET /min-profil/samtykke": Row("see_oneself"),
    "POST /min-profil/samtykke": Row("withdraw_consent"),
    "GET /min-profil/anonym": Row("see_oneself"),
    "POST /min-profil/anonym": Row("request_anonymity"),
    "POST /min-profil/log-af-overalt": Row("end_own_sessions"),
    # the organisation
    "GET /indstillinger": Row("change_settings"),
    "GET /indstillinger/{key}": Row("change_settings", filled={"key": "sikringsniveau"}),
    "POST /indstillinger/{key}": Row("change_settings", filled={"key": "sikringsniveau"}),
    "GET /indstillinger/roller": Row("see_organisation"),
    "GET /indstillinger/logget-ind": Row("see_sessions"),
    "POST /brugere/{user_id}/log-af": Row("end_sessions", "active"),
    "GET /rapporter": Row("see_reports"),
    "GET /rapporter/{slug}": Row("see_reports", filled={"slug": "status"}),
    "GET /rapporter/{slug}.csv": Row("see_reports", filled={"slug": "status"}),
    # its log
    "GET /haendelseslog": Row("read_log"),
    "POST /haendelseslog/soeg": Row("read_log"),
    "GET /haendelseslog/tidspunkt": Row("read_log"),
    "GET /haendelseslog/forskel": Row("read_log"),
    "GET /haendelseslog/eksport": Row("read_log"),
    "POST /haendelseslog/eksport": Row("read_log"),
}


def somebody(org: OrgDriver, state: str, folder: Any) -> UUID:  # noqa: ANN401 - a path
    """A new user of an organisation in a state: imported, pending, active or deactivated."""
    email = f"{uuid4().hex}@by.test"
    if state == "imported":
        cells = {"Aktion": "C", "Fornavn": "Ib", "Efternavn": "Import", "E-mail": email, "TargetIAL": "3"}
        write_file(folder / "one.csv", [cells | {"Foedselsdato": "07091961"}])
        (outcome,) = org.administration.import_users(org.actor, folder / "one.csv").outcomes
        assert outcome.id is not None
        return outcome.id
    user_id = org.create("Ib", email=email, means=(Means.APP,))
    if state != "pending":
        org.administration.activate_user(org.actor, user_id)
    if state == "asking to be anonymous":
        org.administration.request_anonymity(org.seen_by(user_id).actor, accepts_losing_rights=True)
    if state == "deactivated":
        org.deactivate(user_id)
    return user_id
