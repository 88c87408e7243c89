"""The kinds of findings, except refusals; docs/troubleshooting.md lists each."""

from __future__ import annotations

from typing import Final

from brugerbog.application.diagnostics.checks import FindingKind, Severity

_OK, _WARN, _FAIL = Severity.OK, Severity.WARN, Severity.FAIL

VERSIONS: Final = FindingKind("versions", _OK, "Brugerbog {brugerbog}, Python {python}.")
SQLITE_SAFE: Final = FindingKind("sqlite_safe", _OK, "SQLite {version}.")
SERVER_SAFE: Final = FindingKind(
    "server_safe", _OK, "PostgreSQL {version}, som skriver til disken, før den svarer."
)
SERVER_READ_ONLY: Final = FindingKind(
    "server_read_only",
    _FAIL,
    "Databasen kan kun læses, så alle kommandoer afvises.",
    "Brug den primære server, ikke en standby, og fjern default_transaction_read_only fra rolle og database.",
)

STORE_READY: Final = FindingKind("store_ready", _OK, "Lageret er klart: skema {schema}, {size} hændelser.")
STORE_NOT_PRIVATE: Final = FindingKind(
    "store_not_private",
    _WARN,
    "Andre end ejeren har adgang til {files}.",
    "Ret det med: chmod 600 {files}",
)
TRIGGERS_GONE: Final = FindingKind(
    "guards_gone",
    _FAIL,
    "Vagterne mod ændringer mangler på {tables}.",
    "Find ud af, hvem der fjernede dem. Kontrollér loggen: brugerbog audit verify",
)

KEYS_FIT: Final = FindingKind(
    "keys_fit", _OK, "Hovednøglen passer: {place}. Den lukker {wrapped} nøgler, {orphans} af dem ingens."
)
KEYS_WHOLE: Final = FindingKind("keys_whole", _OK, "Alle, der har noget forseglet i loggen, har deres nøgle.")
CLIENTS_GOOD: Final = FindingKind(
    "clients_good", _OK, "Ingen klients hemmelighed udløber inden for 30 dage; {expired} er udløbet."
)
CLIENTS_EXPIRE_SOON: Final = FindingKind(
    "clients_expire_soon",
    _WARN,
    "{count} klienters hemmelighed udløber inden for 30 dage, den første {day}.",
    "Opret nye klienter, og giv systemerne deres hemmelighed: brugerbog clients list",
)
ROTATION_UNFINISHED: Final = FindingKind(
    "rotation_unfinished",
    _WARN,
    "Et skifte af hovednøglen er ikke gjort færdigt.",
    "Gør det færdigt: brugerbog keys rotate master",
)

ORGANISATIONS_GENUINE: Final = FindingKind(
    "organisations_genuine", _OK, "Hændelserne om {count} organisationer er skrevet af denne installation."
)

CLOCK_FITS: Final = FindingKind("clock_fits", _OK, "Uret passer.")
CLOCK_OFF: Final = FindingKind(
    "clock_off",
    _FAIL,
    "Maskinens ur er {seconds} sekunder fra databasens.",
    "Stil urene efter samme tidsserver (NTP).",
)
LOG_AHEAD: Final = FindingKind(
    "log_ahead",
    _FAIL,
    "Den nyeste hændelse er fra {at}, som ikke er nået endnu. Uret er bagud, eller det har været foran.",
    "Stil uret efter en tidsserver (NTP).",
)

CONNECTION_LOCAL: Final = FindingKind("connection_local", _OK, "Databasen nås uden om netværket.")
CONNECTION_ENCRYPTED: Final = FindingKind(
    "connection_encrypted",
    _OK,
    "Forbindelsen til {host} er krypteret, og serverens certifikat er kontrolleret.",
)
CONNECTION_NOT_ENCRYPTED: Final = FindingKind(
    "connection_not_encrypted",
    _FAIL,
    "Forbindelsen til {host} er ikke krypteret.",
    "Slå TLS til på serveren, og tilføj sslmode=verify-full til lagerets adresse.",
)
CONNECTION_NOT_VERIFIED: Final = FindingKind(
    "connection_not_verified",
    _WARN,
    "Forbindelsen til {host} er krypteret, men serverens certifikat kontrolleres ikke (sslmode={mode}).",
    "Tilføj sslmode=verify-full til lagerets adresse, og sslrootcert, hvis certifikatet er jeres eget.",
)

READ_TABLES_ELSEWHERE: Final = FindingKind(
    "read_tables_elsewhere",
    _WARN,
    "Læsetabellerne tilhører en anden rolle, så lagerets ejer ser ikke i dem.",
    "Kør også brugerbog doctor med den rolles login, der kører Brugerbog til daglig.",
)
PROJECTIONS_UP: Final = FindingKind(
    "projections_up", _OK, "Læsetabellerne er ført frem til hændelse {position}."
)
PROJECTION_STOPPED: Final = FindingKind(
    "projection_stopped",
    _FAIL,
    "Læsetabellen {name} er standset ved hændelse {position} ({failure}).",
    "Byg den igen: brugerbog projections rebuild {name}. Standser den igen, så meld fejlen.",
)
PROJECTION_REBUILDING: Final = FindingKind(
    "projection_rebuilding",
    _WARN,
    "Læsetabellen {name} er ved at blive bygget igen.",
    "Vent, til den er færdig.",
)
PROJECTIONS_OUTDATED: Final = FindingKind(
    "projections_outdated",
    _WARN,
    "Læsetabeller er lavet af en anden udgave: {names}.",
    "De bygges igen af sig selv, når lageret næste gang åbnes.",
)
PROJECTIONS_BEHIND: Final = FindingKind(
    "projections_behind",
    _WARN,
    "Læsetabellerne er {lag} hændelser bagud.",
    "De indhenter det, når lageret bruges. Sker det ikke, så se efter, om en worker er i arbejde.",
)
READ_TABLES_OF_ANOTHER_LOG: Final = FindingKind(
    "read_tables_of_another_log",
    _FAIL,
    "Læsetabellerne er lavet af en anden log end den, der ligger her. Listerne kan vise forkert.",
    "De bygges igen af sig selv, når lageret åbnes eller bruges næste gang.",
)
READ_TABLES_GONE: Final = FindingKind(
    "read_tables_gone", _WARN, "Læsetabellerne findes ikke.", "De bygges af sig selv, når lageret åbnes."
)

WORKER_AT_WORK: Final = FindingKind("worker_at_work", _OK, "En worker var i arbejde {at}.")
WORKER_AHEAD: Final = FindingKind(
    "worker_ahead",
    _FAIL,
    "En worker har meldt sig fra {at}, som ikke er nået endnu. Et ur er foran, eller dette er bagud.",
    "Stil urene efter samme tidsserver (NTP).",
)
WORKER_NEVER: Final = FindingKind(
    "worker_never",
    _WARN,
    "Ingen worker har været i arbejde, så mails og det, der forfalder, venter.",
    "Start en: brugerbog worker. På SQLite gør brugerbog serve det også.",
)
WORKER_SILENT: Final = FindingKind(
    "worker_silent",
    _WARN,
    "Ingen worker har været i arbejde siden {at}, så mails og det, der forfalder, venter.",
    "Start en: brugerbog worker. På SQLite gør brugerbog serve det også.",
)

NOTHING_OVERDUE: Final = FindingKind("nothing_overdue", _OK, "Intet forfaldent venter.")
OVERDUE: Final = FindingKind(
    "overdue",
    _WARN,
    "{count} forfaldne ting er ikke registreret, den ældste fra {at}.",
    "Start en worker, eller tag en tur nu: brugerbog worker --once",
)
ERASURES_DONE: Final = FindingKind("erasures_done", _OK, "Alle sletninger er gjort færdige.")
ERASURES_PENDING: Final = FindingKind(
    "erasures_pending", _WARN, "{count} sletninger er ikke gjort færdige.", "Gør dem færdige: brugerbog erase"
)

MAIL_SERVER_ANSWERS: Final = FindingKind(
    "mail_server_answers", _OK, "Mailserveren {host} svarer og tager imod os."
)
MAIL_SERVER_SILENT: Final = FindingKind(
    "mail_server_silent",
    _FAIL,
    "Mailserveren {host}, port {port}, kan ikke nås eller afviser os (svarkode: {reply}).",
    "Kontrollér adresse, port, kryptering, bruger og adgangskode (BRUGERBOG_SMTP_URL), og netværket.",
)
MAIL_INTO_FOLDER: Final = FindingKind(
    "mail_into_folder",
    _WARN,
    "Mails lægges i mappen {folder} og når ingen.",
    "Angiv en mailserver, når det er alvor: BRUGERBOG_SMTP_URL",
)
MAIL_NOT_SET: Final = FindingKind(
    "mail_not_set",
    _WARN,
    "Mails sendes ikke, for intet siger hvordan.",
    "Angiv en mailserver: BRUGERBOG_SMTP_URL",
)
MAILS_ON_THEIR_WAY: Final = FindingKind("mails_on_their_way", _OK, "{waiting} mails venter.")
MAILS_WAIT: Final = FindingKind(
    "mails_wait",
    _WARN,
    "{waiting} mails venter, den ældste skulle være sendt {at}.",
    "Se efter, om en worker er i arbejde, og om mailserveren svarer.",
)
MAILS_GIVEN_UP: Final = FindingKind(
    "mails_given_up",
    _WARN,
    "{dead} mails er opgivet.",
    "Se dem: brugerbog mail list --state dead. Ret årsagen, og send igen: brugerbog mail retry ID",
)

PROOF_HOLDS: Final = FindingKind(
    "proof_holds", _OK, "Loggen passer til kontrolpunktet ved {size} hændelser fra {at}, og hele vejen siden."
)
PROOF_HOLDS_WHOLE: Final = FindingKind(
    "proof_holds_whole",
    _OK,
    "Hele loggen er, som den blev skrevet: {size} hændelser, {checkpoints} kontrolpunkter.",
)
NO_CHECKPOINT: Final = FindingKind(
    "no_checkpoint",
    _WARN,
    "Loggen har intet kontrolpunkt endnu.",
    "En worker laver et hver time. Lav et nu: brugerbog audit checkpoint",
)
CHECKPOINT_AHEAD: Final = FindingKind(
    "checkpoint_ahead",
    _FAIL,
    "Det seneste kontrolpunkt er fra {at}, som ikke er nået. Et ur er foran, eller dette er bagud.",
    "Stil urene efter samme tidsserver (NTP). Det næste kontrolpunkt retter det.",
)
CHECKPOINT_OLD: Final = FindingKind(
    "checkpoint_old",
    _WARN,
    "Det nyeste kontrolpunkt er fra {at}, og loggen er vokset siden.",
    "Se efter, om en worker er i arbejde. Lav et nu: brugerbog audit checkpoint",
)
CHECKPOINTS_KEPT: Final = FindingKind(
    "checkpoints_kept", _OK, "Kontrolpunkter gemmes også i {folder} ({count} indtil nu)."
)
CHECKPOINTS_INSIDE: Final = FindingKind(
    "checkpoints_inside",
    _WARN,
    "Kontrolpunkter gemmes kun i lageret selv.",
    "Angiv en mappe på en anden disk eller maskine: BRUGERBOG_CHECKPOINTS",
)
CHECKPOINTS_NOT_WRITABLE: Final = FindingKind(
    "checkpoints_not_writable",
    _FAIL,
    "Der kan ikke skrives kontrolpunkter i {folder}.",
    "Ret mappens ejer og rettigheder, eller angiv en anden: BRUGERBOG_CHECKPOINTS",
)

ERASE_LIST_KEPT: Final = FindingKind(
    "erase_list_kept", _OK, "Listen over slettede: {place} ({count} personer)."
)
ERASE_LIST_NOWHERE: Final = FindingKind(
    "erase_list_nowhere",
    _WARN,
    "Der føres ingen liste over slettede, så en backup kan bringe dem tilbage.",
    "Angiv en fil uden for lageret: BRUGERBOG_ERASE_LIST",
)
LOG_PUT_BACK: Final = FindingKind(
    "log_put_back",
    _WARN,
    "Loggen er ældre end listen over slettede: en backup er lagt tilbage, da den havde {size} hændelser.",
    "Sig det for eftertiden: brugerbog audit checkpoint --restored-to {size}",
)
ERASE_LIST_NOT_WRITABLE: Final = FindingKind(
    "erase_list_not_writable",
    _FAIL,
    "Der kan ikke skrives i listen over slettede: {place}",
    "Ret ejer og rettigheder for filen og dens mappe.",
)

DISK_ROOM: Final = FindingKind("disk_room", _OK, "{free} MB er ledige, hvor lageret ligger.")
DISK_NEARLY_FULL: Final = FindingKind(
    "disk_nearly_full", _WARN, "Kun {free} MB er ledige, hvor lageret ligger.", "Skaf mere plads."
)
DISK_FULL: Final = FindingKind(
    "disk_full",
    _FAIL,
    "Kun {free} MB er ledige, hvor lageret ligger.",
    "Skaf plads nu: snart kan intet gemmes.",
)

PAGES_SET: Final = FindingKind("pages_set", _OK, "Siderne kan vises på {address}; login hos {issuer}.")
PAGES_NOT_SET: Final = FindingKind(
    "pages_not_set",
    _WARN,
    "Siderne kan ikke vises, for ingen MitID-broker er angivet.",
    "Angiv den, hvis siderne skal bruges: BRUGERBOG_OIDC_ISSUER (se docs/web.md)",
)
PAGES_NOT_INSTALLED: Final = FindingKind(
    "pages_not_installed",
    _WARN,
    "Siderne er ikke installeret.",
    "Installér dem, hvis de skal bruges: pip install 'brugerbog[web]'",
)
