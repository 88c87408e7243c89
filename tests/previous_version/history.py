"""The recorded history of a municipality: every kind of command, given on the command line.

All people are made up; their CPR numbers fail the check digit.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import brugerbog
from tests.people import made_up_cpr
from tests.previous_version.installation import NOW, Installation

CVR, NEIGHBOUR = "90000001", "90000002"
BORN = date(1961, 9, 7)
BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
HEADER = (
    "Aktion;UUID;Fornavn;Efternavn;CPR;Foedselsdato;E-mail;Telefon;Anonym;Referencetekst;"
    "TargetIAL;EAN;P-nummer;SE-nummer;Loginmiddel"
)
SETTINGS = """\
allow_anonymous = true
allow_private_means = true
allow_shared_means = true
use_p_numbers = true
use_se_numbers = true
use_reference_text = true
dedicated_means = ["app", "code_display", "audio_code_reader", "chip"]
p_numbers = ["1003456789", "1003456790"]
se_numbers = ["30303030"]
eans = ["5798009811578"]
ial = "substantial"
allow_sealing = true
certificate_profiles = ["P1", "P2"]

[[rights]]
id = "post"
name = "Læse Digital Post"
service_provider = "Digital Post"

[[rights]]
id = "barsel"
name = "Indberette barsel"
service_provider = "NemRefusion"

[prices]
free_users = 3
user = 2000
code_display = 3350
"""


def cpr(serial: int) -> str:
    return made_up_cpr(BORN, serial)


class History:
    """The calls that make up the history, with their answers."""

    def __init__(self, at: Installation) -> None:
        self.at = at
        self.commands: list[dict[str, Any]] = []
        self.files: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self._count = 0

    def do(self, *arguments: str, stdin: str = "", code: int = 0, cvr: str | None = CVR) -> dict[str, Any]:
        """Carry out a command under its own id, a second after the previous command."""
        self._count += 1
        self.at.now += A_SECOND
        known = ("--command-id", str(UUID(int=(4 << 76) + (2 << 62) + self._count)))
        in_ = ("--organisation", cvr) if cvr else ()
        done = self.at.call(*arguments, *in_, *known, stdin=stdin)
        assert done["exit_code"] == code, done
        self.commands.append(done)
        return done["answer"]

    def file(self, name: str, text: str) -> str:
        self.files[name] = text
        (self.at.folder / name).write_text(text, "utf-8")
        return name

    def create(self, first_name: str, surname: str, *more: str, serial: int | None = None) -> str:
        """Create a user with a CPR number; without `serial`, with a birth date only."""
        email = f"{first_name.lower()}@kommune.test"
        known = ("--date-of-birth", str(BORN)) if serial is None else ("--cpr-stdin",)
        answer = self.do(
            *("users", "create", "--first-name", first_name, "--surname", surname, "--email", email),
            *(*known, *more),
            stdin="" if serial is None else f"{cpr(serial)}\n",
        )
        self.ids[first_name] = answer["id"]
        if answer.get("code"):
            self.codes[first_name] = answer["code"]
        return str(answer["id"])

    def active(self, first_name: str, surname: str, *more: str, serial: int) -> str:
        user_id = self.create(first_name, surname, *more, serial=serial)
        self.do("users", "activate", user_id)
        return user_id

    def turn(self) -> None:
        """Run the worker once: due work is recorded, mails are written to the outbox folder."""
        self.at.now += A_SECOND
        done = self.at.call("worker", "--once")
        assert done["exit_code"] == 0, done

    def alone(self, *arguments: str, stdin: str = "", code: int = 0) -> dict[str, Any]:
        """Make a call that takes no command id."""
        self.at.now += A_SECOND
        done = self.at.call(*arguments, stdin=stdin)
        assert done["exit_code"] == code, done
        return done["answer"]


def register(history: History) -> None:
    """Two organisations, and a user whose link expires."""
    do, at = history.do, history.at
    do(
        *("organisation", "register", "--cvr", CVR, "--name", "Fjordkøbing Kommune"),
        *("--settings", history.file("settings.toml", SETTINGS)),
        cvr=None,
    )
    do("organisation", "register", "--cvr", NEIGHBOUR, "--name", "Nabo Kommune", cvr=None)
    early = history.create("Tidlig", "Ædelsten")
    history.turn()
    at.now += timedelta(days=31)
    history.turn()  # the link of January has expired
    history.alone("keys", "rotate", "tokens")
    history.alone("keys", "rotate", "index")
    do("users", "resend-activation-mail", early)
    at.now = NOW - timedelta(days=10)


def import_users(history: History) -> None:
    """A file with a row that is refused."""
    do = history.do
    people = (
        "C;;Ærlig;Bæk;{0};;aerlig@kommune.test;12345678;;Afd. 1;3;5798009811578;1003456789;30303030;PrivatID",
        "C;;Øjvind;Skov;{1};;oejvind@kommune.test;;;;3;;;;",
        "C;;Åge;Uden;;24121985;aage@kommune.test;;;;3;;;;",
        "C;;Forkert;Niveau;;25121985;forkert@kommune.test;;;;5;;;;",
    )
    rows = "".join(f"{row.format(cpr(10), cpr(11))}\r\n" for row in (HEADER, *people))
    do("import", history.file("people.csv", rows), code=3)
    listed = history.alone("users", "list", "--imported", "--organisation", CVR)["users"]
    waiting = {one["first_name"]: one["id"] for one in listed}
    assert waiting.keys() == {"Ærlig", "Øjvind", "Åge"}
    history.ids |= waiting


def activate_by_link(history: History) -> None:
    """Anne by her link; Bo by link and code."""
    do, at = history.do, history.at
    history.create("Anne", "Hansen", "--means", "private", "--means", "app", "--right", "post", serial=0)
    history.create("Bo", "Holm", "--means", "app", "--means", "code_display")
    history.turn()
    link, identity = at.link_to("anne@kommune.test"), ("self-service", "confirm-identity", "--pretend")
    history.alone("self-service", "open", stdin=f"{link}\n")
    do(*identity, stdin=f"{link}\n{cpr(0)}\n", cvr=None)
    do("self-service", "activate", "private", "--consent", stdin=f"{link}\n", cvr=None)
    link = at.link_to("bo@kommune.test")
    do(*identity, "--date-of-birth", str(BORN), stdin=f"{link}\n", cvr=None)
    history.alone("self-service", "enter-code", stdin=f"{link}\n2222-3333-4444\n", code=1)
    do("self-service", "enter-code", stdin=f"{link}\n{history.codes['Bo']}\n", cvr=None)
    do("self-service", "order-means", "code_display", stdin=f"{link}\n", cvr=None)
    do("self-service", "activate", "app", stdin=f"{link}\n", cvr=None)


def administer(history: History) -> None:
    """Roles, edits, means, rights."""
    do = history.do
    bo = history.ids["Bo"]
    anne = history.ids["Anne"]
    for role in ("user_administrator", "rights_administrator", "organisation_administrator"):
        do("users", "give-role", anne, role)
    by_anne = ("--as", anne)
    do("users", "edit", bo, "--phone", "87654321", "--ean", "5798009811578", *by_anne)
    do("users", "edit", bo, "--surname", "Holm-Å", "--reference-text", "Kørsel 7", *by_anne)
    do("users", "edit", bo, "--cpr-stdin", stdin=f"{cpr(1)}\n")
    do("users", "place", bo, "--p-number", "1003456790", *by_anne)
    do("users", "assign-means", bo, "chip", *by_anne)
    do("users", "grant-rights", bo, "post", "barsel", *by_anne)
    do("users", "revoke-rights", bo, "post", *by_anne)
    do("users", "allow-signing", bo, *by_anne)
    do("users", "assign-sealing-profiles", bo, "P1", "P2", *by_anne)
    do("users", "assign-sealing-profiles", bo, "P2", *by_anne)
    do("users", "cpr", anne, *by_anne)


def deactivate(history: History) -> None:
    """Deactivations with and without an end."""
    do = history.do
    by_anne = ("--as", history.ids["Anne"])
    carl = history.active("Carl", "Carlsen", "--phone", "20300437", serial=2)
    dorte = history.active("Dorte", "Dam", "--anonymous", serial=3)
    do("users", "allow-signing", dorte)
    do("users", "withdraw-signing", dorte)
    do("users", "give-role", carl, "trusted_employee")
    do("users", "take-role", carl, "trusted_employee")
    do("users", "deactivate", carl, "--to", "2026-04-30", *by_anne)
    do("users", "deactivate", dorte, "--from", "2026-05-01", *by_anne)
    emil = history.active("Emil", "Eng", serial=4)
    do("users", "deactivate", emil)
    do("users", "reactivate", emil, *by_anne)
    do("users", "deactivate", emil, "--to", "2026-03-12")  # over before today: reactivated by itself


def make_anonymous(history: History) -> None:
    """A request declined, a request approved, a consent withdrawn."""
    do = history.do
    by_anne = ("--as", history.ids["Anne"])
    bo = history.ids["Bo"]
    anne = history.ids["Anne"]
    do("me", "request-anonymity", "--accept-losing-rights", "--as", bo)
    do("users", "decline-anonymity", bo, "--reason", "Skal kunne kendes", *by_anne)
    frida = history.active("Frida", "Fjord", serial=5)
    do("me", "request-anonymity", "--accept-losing-rights", "--as", frida)
    do("users", "approve-anonymity", frida, *by_anne)
    do("me", "withdraw-consent", "--as", anne)
    do("sessions", "end", bo)
    do("me", "end-sessions", "--as", anne)


def delete(history: History) -> None:
    """Deletion with erasure at once, and with erasure after a retention time."""
    do = history.do
    by_anne = ("--as", history.ids["Anne"])
    gorm = history.active("Gorm", "Gram", serial=6)
    do("users", "delete", gorm, "--yes", *by_anne)
    kept = history.file("kept.toml", "erasure_retention_days = 30\nuse_reference_text = true\n")
    do("organisation", "settings", kept)
    helle = history.active("Helle", "Hede", serial=7)
    do("users", "delete", helle, "--yes")
    do("users", "create", *("--first-name", "Nabo"), *("--surname", "Nielsen"), *("--email", "n@nabo.test"),
       *("--date-of-birth", "1970-02-03"), cvr=NEIGHBOUR)  # fmt: skip


def connect_systems(history: History) -> None:
    """Clients, and the activities that a service reports."""
    do = history.do
    bo = history.ids["Bo"]
    anne = history.ids["Anne"]
    roles = (
        "user_administrator",
        "rights_administrator",
        "organisation_administrator",
        "reader",
        "reporter",
        "cpr_reader",
        "operator",
    )
    client = do(
        "clients", "create", "--name", "Løn og HR", *(part for role in roles for part in ("--role", role))
    )
    history.codes |= {"client_id": client["client_id"], "client_secret": client["client_secret"]}
    gone = do("clients", "create", "--name", "Gammelt system", "--role", "reader", "--expires", "2027-01-31")
    do("clients", "revoke", str(gone["id"]))
    reports = [
        {"user_id": who, "occurred_at": f"2026-03-10T0{hour}:00:00Z", "transaction": what,
         "service_provider": "Prøveborger", "service_type": kind, "reference": f"r{hour}"}
        for hour, (who, what, kind) in enumerate(
            [(anne, "Log ind", "public"), (anne, "Underskrift", "private"), (bo, "Log ind", "public")]
        )
    ]  # fmt: skip
    lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in reports)
    do("activities", "record", history.file("activities.jsonl", lines), "--reporter", "nemlogin")


def change_many(history: History) -> None:
    """Users in bulk, and a second file."""
    do = history.do
    do("users", "send-to-activation", history.ids["Ærlig"], "--means", "app")
    do("users", "send-many-to-activation", history.ids["Øjvind"], history.ids["Åge"], code=3)
    changed = f"U;;;;{cpr(10)};;;20300437;;;;;;;\r\nD;;;;{cpr(11)};;;;;;;;;;\r\n"
    do("import", history.file("changes.csv", f"{HEADER}\r\n{changed}"))


def prepare_for_today(history: History) -> None:
    """Links not yet used, a mail that waits, and signed checkpoints."""
    do, at = history.do, history.at
    bo = history.ids["Bo"]
    at.now = NOW - timedelta(hours=2)
    history.create("Gerda", "Gran", "--means", "app", serial=8)
    history.create("Hans", "Høj", "--shared-cvr", NEIGHBOUR, "--shared-id", "delt-1", "--means", "shared")
    history.codes["Hans"] = do("users", "issue-code", history.ids["Hans"])["code"]
    history.turn()
    do("users", "resend-means-mail", bo)
    history.alone("audit", "checkpoint", "--to", "checkpoints")
    # The command line exports one organisation where there are several.
    with brugerbog.open(at.url, create=False) as service:
        service.queries.export_whole_log(service.operator(CVR), at.folder / "export")
    history.alone("keys", "rotate", "signing")
    history.create("Inger", "Is", "--right", "post", serial=9)  # her mail waits
    history.alone("audit", "checkpoint", "--to", "checkpoints")
    at.now = NOW


HISTORY = (
    register,
    import_users,
    activate_by_link,
    administer,
    deactivate,
    make_anonymous,
    delete,
    connect_systems,
    change_many,
    prepare_for_today,
)


QUESTIONS = (
    "organisation show",
    "organisation roles",
    "clients list",
    "sessions list",
    "notices list",
    "users list --limit 1000",
    "users list --sort created --limit 4",
    "users list --search æ",
    "users list --imported",
    "users list --status active",
    "users list --status active --at 2026-05-02T00:00:00+02:00",
    "users show {Anne}",
    "users show {Bo}",
    "users show {Carl}",
    "users show {Dorte}",
    "users show {Emil}",
    "users show {Frida}",
    "users show {Gorm}",
    "users show {Helle}",
    "users show {Ærlig}",
    "users show {Tidlig}",
    "users show {Bo} --at 2026-03-10T13:00:00+01:00",
    "users history {Anne}",
    "users history {Bo} --sort time --descending",
    "users history {Carl}",
    "users history {Emil}",
    "users history {Gorm}",
    "users history {Tidlig}",
    "users history {Ærlig}",
    "me show --as {Anne}",
    "mail list",
    "projections status",
    "projections verify",
    "report status",
    "report means",
    "report cost",
    "report pending",
    "report placement",
    "report status --at 2026-05-02T12:00:00+02:00",
    "import people.csv --dry-run",
    "import changes.csv --dry-run",
    "users send-many-to-activation --all --dry-run",
    "organisation settings settings.toml --dry-run",
    "audit verify --boxes",
    "audit replay",
    "audit at 2026-03-15T12:00:00+01:00",
    "audit diff 2026-03-09T12:00:00+01:00 2026-03-15T12:00:00+01:00",
    "audit log --limit 1000",
    "audit log --user {Bo} --words kørsel --limit 1000",
    "store upgrade",
    "keys status",
    "worker --status",
    "doctor --full",
)


def ask(at: Installation, ids: dict[str, str]) -> list[dict[str, Any]]:
    """Ask all questions, in order; some are recorded in the log."""
    asked = []
    for question in QUESTIONS:
        words = question.format(**ids).split(" ")
        own = (
            ()
            if words[0] in ("projections", "store", "keys", "worker", "doctor")
            else ("--organisation", CVR)
        )
        own = () if question.startswith(("audit verify", "audit replay")) else own
        asked.append(at.call(*words, *own))
    return asked


def repeat(at: Installation, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Repeat every command under its id; no event may be recorded."""
    size = at.call("audit", "verify")["answer"]["size"]
    again = [
        at.call(*one["arguments"], stdin=one["stdin"])
        for one in commands
        if one["arguments"][0] != "self-service"
    ]
    assert at.call("audit", "verify")["answer"]["size"] == size
    return again
