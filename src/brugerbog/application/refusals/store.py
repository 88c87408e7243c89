"""Refusals of the store as a whole: its engine, its keys, its proof, and copies of it."""

from __future__ import annotations

from dataclasses import dataclass

from brugerbog.application.refusals.requests import TooBusy
from brugerbog.domain.kernel.refusals import Refusal


@dataclass(eq=False)
class StoreEmpty(Refusal):
    """There is no store yet."""

    code = "store_empty"
    danish = (
        "Der er endnu intet lager på det sted. Registrér en organisation, eller gør lageret klar: "
        "brugerbog store prepare"
    )
    english = "There is no store there yet: register an organisation, or run 'brugerbog store prepare'."


class StoreUnusable(Refusal):
    """The store or its engine isn't fit for use."""

    code = "store_unusable"
    danish = "Lageret kan ikke bruges."
    english = "The store can't be used."


@dataclass(eq=False)
class StoreUrlInvalid(StoreUnusable):
    """Neither SQLite nor PostgreSQL through psycopg."""

    code = "store_url_invalid"
    danish = "Lagerets adresse kan ikke bruges. Skriv sqlite:///fil.db eller postgresql+psycopg://…"
    english = "The store's URL can't be used: write sqlite:///file.db or postgresql+psycopg://…"


@dataclass(eq=False)
class StoreOutOfReach(StoreUnusable):
    """The file can't be opened as a store, or no server answers."""

    code = "store_out_of_reach"
    danish = "Lageret kan ikke åbnes. Kontrollér adressen, rettighederne og at databasen kører."
    english = "The store can't be opened: check its URL, the permissions, and that the database runs."


@dataclass(eq=False)
class StoreTooSlow(TooBusy):
    """A deadline passed before the store had answered, perhaps because others held what was needed."""

    code = "store_too_slow"
    danish = "Lageret svarede ikke i tide. Intet er meldt gennemført; prøv igen om lidt."
    english = "The store didn't answer in time. Nothing is said to be done: try again with the same id."


@dataclass(eq=False)
class OutcomeUnknown(TooBusy):
    """The connection ended during a commit: a repeat with the same command id tells what came of it."""

    code = "outcome_unknown"
    danish = (
        "Lageret svarede ikke, mens der blev gemt, så det vides ikke, om det blev gennemført. "
        "Kontrollér, og prøv igen om lidt."
    )
    english = "The store didn't answer during the commit, so the outcome is unknown: repeat with the same id."


@dataclass(eq=False)
class SqliteTooOld(StoreUnusable):
    """Older SQLite can lose commits in WAL mode with several connections."""

    code = "sqlite_too_old"
    danish = "SQLite {version} kan miste det gemte. Installér en udgave på mindst 3.51.3 (pysqlite3)."
    english = "SQLite {version} can lose commits; 3.51.3 or newer is needed."
    version: str


@dataclass(eq=False)
class PostgresTooOld(StoreUnusable):
    """PostgreSQL 15 or newer."""

    code = "postgres_too_old"
    danish = "PostgreSQL {version} er for gammel. Brug version 15 eller nyere."
    english = "PostgreSQL {version} is too old; 15 or newer is needed."
    version: int


@dataclass(eq=False)
class NotDurable(StoreUnusable):
    """Acknowledged means on disk."""

    code = "store_not_durable"
    danish = "PostgreSQL kører uden fsync eller synchronous_commit, så det gemte kan gå tabt. Slå dem til."
    english = "PostgreSQL runs with fsync or synchronous_commit off: acknowledged would not mean on disk."


@dataclass(eq=False)
class NotUtf8(StoreUnusable):
    """A database in another encoding can't hold every letter of a name, and SQL_ASCII tells none apart."""

    code = "store_not_utf8"
    danish = (
        "Databasen er lavet med tegnsættet {encoding}, som ikke rummer alle navne. Lav en ny database med "
        "ENCODING 'UTF8', og flyt lageret dertil."
    )
    english = "The database's encoding is {encoding}: make one with ENCODING 'UTF8'."
    encoding: str


@dataclass(eq=False)
class TriggersOff(StoreUnusable):
    """With session_replication_role other than origin no trigger guards the log."""

    code = "store_triggers_off"
    danish = (
        "session_replication_role er ikke 'origin' for rollen eller databasen, så intet beskytter loggen mod "
        "ændringer. Fjern indstillingen."
    )
    english = "session_replication_role isn't 'origin' for this role or database: no trigger guards the log."


@dataclass(eq=False)
class StoreOutdated(StoreUnusable):
    """An earlier version of Brugerbog made the store; it is never changed silently."""

    code = "store_outdated"
    danish = (
        "Lageret er lavet af en tidligere udgave. Stop alt, der bruger det, tag en backup, og bring det op "
        "til denne udgave: brugerbog store upgrade"
    )
    english = "An earlier version made the store: back it up, and run 'brugerbog store upgrade'."


@dataclass(eq=False)
class StoreTooNew(StoreUnusable):
    """A later version of Brugerbog made the store, or has upgraded it."""

    code = "store_too_new"
    danish = (
        "Lageret er lavet eller opgraderet af en nyere udgave (skema {schema}; denne udgave kender {known}). "
        "Installér den nyere udgave."
    )
    english = "A newer version made the store (schema {schema}; this one knows {known}): install it."
    schema: int
    known: int


@dataclass(eq=False)
class EventUnknown(StoreUnusable):
    """The log holds an event that this version doesn't know: another version, or nobody's, has written it."""

    code = "event_unknown"
    danish = (
        "Loggen indeholder en hændelse, som denne udgave ikke kender. Brug den nyeste udgave. Er det den, "
        "så kontrollér loggen: brugerbog audit verify"
    )
    english = "The log holds an event that this version doesn't know: use the newest one, or verify the log."


@dataclass(eq=False)
class StoreIncomplete(StoreUnusable):
    """Tables are gone that the store once had: something else than Brugerbog has been at it."""

    code = "store_incomplete"
    danish = "Lageret mangler tabeller, som det har haft ({tables}). Læg en backup tilbage."
    english = "The store lacks tables that it has had ({tables}): put a backup back."
    tables: str


@dataclass(eq=False)
class StoreFull(StoreUnusable):
    """There is no room left on the disk: nothing is stored, and nothing is damaged."""

    code = "store_full"
    danish = "Disken er fuld, så intet kan gemmes. Intet er beskadiget. Skaf plads, og prøv igen."
    english = "The disk is full, so nothing can be stored. Nothing is damaged: make room, and try again."


@dataclass(eq=False)
class StoreReadOnly(StoreUnusable):
    """The store lies where nothing can be written: it can be looked into, unless somebody is to be erased."""

    code = "store_read_only"
    danish = (
        "Lageret kan kun læses, for dér, hvor det ligger, kan intet skrives. Giv adgang til at skrive, "
        "eller brug et andet."
    )
    english = "The store can only be read: nothing can be written where it lies. Give access, or use another."


@dataclass(eq=False)
class StoreTorn(StoreUnusable):
    """The files are of different moments: they were copied one by one while in use, or are damaged."""

    code = "store_torn"
    danish = (
        "Lagerets filer er ikke hele: de er kopieret, mens de var i brug, eller de er beskadiget ({path}). "
        "Lad dem ligge, og læg en backup tilbage. Et lager i brug kopieres med: brugerbog backup"
    )
    english = (
        "The store's files aren't whole: they were copied while in use, or are damaged ({path}). Put a "
        "backup back; 'brugerbog backup' copies a store in use."
    )
    path: str


@dataclass(eq=False)
class StoreReplaced(StoreUnusable):
    """A file of the store was deleted or replaced under a running process: what it writes would be lost."""

    code = "store_replaced"
    danish = (
        "Lagerets fil er slettet eller skiftet ud, mens den var i brug: {path}. Intet gemmes, før det er "
        "rettet. Stop alt, der bruger lageret, læg filen tilbage (eller en backup: brugerbog restore), og "
        "start igen."
    )
    english = (
        "A file of the store was deleted or replaced while in use: {path}. Nothing is written: stop "
        "everything, put it back, or restore a backup, and start again."
    )
    path: str


@dataclass(eq=False)
class StoreNeedsOwner(StoreUnusable):
    """Only the owner of a database makes and changes its tables."""

    code = "store_needs_owner"
    danish = "Kun databasens ejer kan lave og ændre tabeller. Gentag kommandoen som ejeren."
    english = "Only the database's owner makes and changes tables: run this as the owner."


@dataclass(eq=False)
class ReadTablesOfAnother(StoreUnusable):
    """The read tables belong to a role with fewer rights, whose code would run with those of the owner."""

    code = "read_tables_of_another"
    danish = (
        "Ejeren af lageret rører ikke læsetabellerne. De tilhører den rolle, der kører Brugerbog til daglig. "
        "Gentag kommandoen med den rolles login (se deploy/postgresql-roles.sql)."
    )
    english = "The read tables are the service's, and not for the owner: use the service's login."


@dataclass(eq=False)
class ForeignObjects(StoreUnusable):
    """Functions, operators and the like of another role than the owner lie where the owner looks names up."""

    code = "foreign_objects"
    danish = (
        "Der ligger noget i loggens skema, som ikke tilhører dets ejer, og som kunne blive kørt med ejerens "
        "rettigheder: {names}. Find ud af, hvem der har lavet det, og fjern det."
    )
    english = "Left by another role in the log's schema, and could run as the owner: {names}."
    names: str


@dataclass(eq=False)
class LogFormatUnknown(StoreUnusable):
    """The log was written by another version of Brugerbog."""

    code = "log_format_unknown"
    danish = "Loggen er skrevet af en anden udgave af Brugerbog. Brug den udgave, eller opgradér."
    english = "The log has a format that this version doesn't read."


@dataclass(eq=False)
class KeysMissing(StoreUnusable):
    """The keys beside the log are gone."""

    code = "keys_missing"
    danish = "Nøglerne ved siden af loggen mangler. Læg filen med nøgler tilbage."
    english = "The keys beside the log are missing: put them back."


@dataclass(eq=False)
class KeysOutdated(StoreUnusable):
    """Users live in the log whose keys aren't there: the keys are from an older copy, or another one."""

    code = "keys_outdated"
    danish = (
        "Nøglerne hører ikke til loggen: der mangler nøgler til brugere, som loggen har. De er fra en ældre "
        "eller en anden kopi. Læg de nøgler tilbage, der hører til, eller hele lageret fra én backup. Kopiér "
        "aldrig filer, der er i brug: brugerbog backup. Er nøglerne tabt: brugerbog keys erase-unreadable"
    )
    english = (
        "The keys don't belong to the log: some users in it have none. Put the right ones back, or the whole "
        "store from one backup; 'brugerbog keys erase-unreadable' is for keys that are lost."
    )


@dataclass(eq=False)
class MasterKeyNotNamed(Refusal):
    """On PostgreSQL there is no place beside the store, so the key or its file must be named."""

    code = "master_key_not_named"
    danish = (
        "Angiv, hvor hovednøglens fil er eller skal laves: BRUGERBOG_MASTER_KEY_FILE. "
        "Eller angiv selve nøglen: BRUGERBOG_MASTER_KEY."
    )
    english = (
        "Say where the master key's file is or is to be made, BRUGERBOG_MASTER_KEY_FILE, "
        "or give the key itself, BRUGERBOG_MASTER_KEY."
    )


@dataclass(eq=False)
class MasterKeyNamedTwice(Refusal):
    """The environment gives a master key and a file of one; which of them counts is not guessed."""

    code = "master_key_named_twice"
    danish = "Angiv enten BRUGERBOG_MASTER_KEY eller BRUGERBOG_MASTER_KEY_FILE, ikke begge."
    english = "Set either BRUGERBOG_MASTER_KEY or BRUGERBOG_MASTER_KEY_FILE, not both."


@dataclass(eq=False)
class MasterKeyMissing(Refusal):
    """A store that holds something needs the master key it was made with."""

    code = "master_key_missing"
    danish = "Lageret er ikke tomt, men dets hovednøgle mangler. Læg nøglefilen tilbage: {place}"
    english = "The store isn't empty, but its master key is missing: {place}"
    place: str


@dataclass(eq=False)
class MasterKeyWrong(Refusal):
    """What is there is no key, or not the one that this store is closed with."""

    code = "master_key_wrong"
    danish = "Hovednøglen passer ikke til lageret. Angiv den nøgle, lageret er lukket med: {place}"
    english = "The master key doesn't fit this store: {place}"
    place: str


@dataclass(eq=False)
class MasterKeyIsDefault(Refusal):
    """A key that nobody drew at random protects nothing: anybody can write it down."""

    code = "master_key_is_default"
    danish = (
        "Hovednøglen er ikke tilfældig og beskytter intet: {place}. "
        "Lav en ny, fx med: openssl rand -base64 32"
    )
    english = "The master key was never drawn at random and protects nothing: {place}"
    place: str


@dataclass(eq=False)
class MasterKeyNotPrivate(Refusal):
    """Whoever can read the file of the master key can read all personal data in copies of the store."""

    code = "master_key_not_private"
    danish = "Andre end ejeren har adgang til filen med hovednøglen. Ret det med: chmod 600 {place}"
    english = "Others than its owner have access to the master key's file: chmod 600 {place}"
    place: str


@dataclass(eq=False)
class MasterKeyNotWritable(Refusal):
    """The master key comes from a place that only the operator can change."""

    code = "master_key_not_writable"
    danish = (
        "Hovednøglen står i {place} og kan kun skiftes dér. Sæt en ny nøgle forrest (fx fra: openssl rand "
        "-base64 32), så et mellemrum og den gamle; genstart alt, der bruger lageret, og gentag kommandoen."
    )
    english = "The master key is in {place}: put a new one before it, restart everything, and repeat this."
    place: str


@dataclass(eq=False)
class KeysBeingRotated(Refusal):
    """Keys are changed by one process at a time."""

    code = "keys_being_rotated"
    danish = "Nøglerne er ved at blive skiftet et andet sted fra. Vent, til det er gjort, og prøv igen."
    english = "Somebody else is rotating keys just now. Wait until that is done."


@dataclass(eq=False)
class SigningKeyMissing(Refusal):
    """The seed of the key that signs checkpoints is lost: a new key can be made, and made known."""

    code = "signing_key_missing"
    danish = "Nøglen, der underskriver kontrolpunkter, mangler. Lav en ny: brugerbog keys rotate signing"
    english = "The key that signs checkpoints is missing: make a new one with 'keys rotate signing'."


@dataclass(eq=False)
class PlaceTaken(Refusal):
    """Nothing that exists is written over."""

    code = "place_taken"
    danish = "Der ligger allerede noget på stedet {path}. Vælg et andet, eller flyt det først."
    english = "There is something at {path} already: choose another place, or move it first."
    path: str


@dataclass(eq=False)
class EraseListMissing(StoreUnusable):
    """The store has heard of a list of the erased that isn't there: without it the erased could come back."""

    code = "erase_list_missing"
    danish = (
        "Listen over slettede findes ikke: {place}. Uden den kan slettede personer komme tilbage. Læg den "
        "nyeste kopi dér, eller angiv, hvor den er (BRUGERBOG_ERASE_LIST, ved restore også --erase-list). Er "
        "den tabt, og er ingen slettet siden: brugerbog restore … --nobody-erased-since, eller for et lager, "
        "der er på plads: brugerbog store renew-erase-list --nobody-erased-since"
    )
    english = (
        "The list of the erased is missing: {place}. Put its newest copy there, or say where it is; if it is "
        "lost and nobody was erased since, say so with --nobody-erased-since."
    )
    place: str


@dataclass(eq=False)
class EraseListShort(StoreUnusable):
    """The list of the erased is shorter than it has been: an older copy."""

    code = "erase_list_short"
    danish = (
        "Listen over slettede er kortere, end den har været: {place}. Læg den nyeste kopi dér. Er den tabt, "
        "og er ingen slettet siden: brugerbog restore … --nobody-erased-since, eller for et lager, der er på "
        "plads: brugerbog store renew-erase-list --nobody-erased-since"
    )
    english = "The list of the erased is shorter than it has been: {place}. Put its newest copy there."
    place: str


@dataclass(eq=False)
class EraseListCutOff(StoreUnusable):
    """The last line of the list of the erased isn't whole, and no erasure in this log accounts for that."""

    code = "erase_list_cut_off"
    danish = (
        "Den sidste linje i listen over slettede er ikke hel: {place}. Så mangler nogen måske på den. Læg "
        "den nyeste hele kopi dér. Findes den ikke, så fjern den halve linje, og slet bagefter brugeren igen."
    )
    english = (
        "The last line of the list of the erased isn't whole, so somebody may be missing: {place}. Put its "
        "newest whole copy there; if there is none, take that line away, and delete that user again."
    )
    place: str


@dataclass(eq=False)
class EraseListForeign(StoreUnusable):
    """The list of the erased isn't the one that the store or the backup has heard of."""

    code = "erase_list_foreign"
    danish = (
        "Listen over slettede hører til et andet lager, eller den er ændret: {place}. Angiv dette lagers "
        "egen liste (BRUGERBOG_ERASE_LIST, ved restore også --erase-list). Hvert lager har sin egen."
    )
    english = (
        "The list of the erased is another installation's, or was changed: {place}. Name this store's own."
    )
    place: str


@dataclass(eq=False)
class EraseListUnreadable(StoreUnusable):
    """The list of the erased can't be read, or holds something else than ids."""

    code = "erase_list_unreadable"
    danish = (
        "Listen over slettede kan ikke læses, eller den indeholder andet end id'er: {place}. Ret ejer og "
        "rettigheder, eller læg den nyeste kopi dér."
    )
    english = "The list of the erased can't be read, or holds something else than ids: {place}"
    place: str


@dataclass(eq=False)
class BackupMissing(Refusal):
    """There is no backup in that folder."""

    code = "backup_missing"
    danish = "Mappen {path} indeholder ingen backup. Angiv en mappe, der er lavet med: brugerbog backup"
    english = "The folder {path} holds no backup: name one made by 'brugerbog backup'."
    path: str


@dataclass(eq=False)
class BackupDamaged(Refusal):
    """The events of a copy don't come to its head, or it can't be read at all."""

    code = "backup_damaged"
    danish = "Kopien {path} er beskadiget og kan ikke bruges. Brug en anden, og undersøg disken."
    english = "The copy {path} is damaged and can't be used: take another, and look into the disk."
    path: str


@dataclass(eq=False)
class BackupNeedsServer(Refusal):
    """PostgreSQL is backed up by its own tools."""

    code = "backup_needs_server"
    danish = (
        "PostgreSQL sikkerhedskopieres med databasens egne værktøjer (se docs/operations.md). "
        "En kopi til en fil laves med: brugerbog copy"
    )
    english = "Back PostgreSQL up with its own tools (docs/operations.md), or copy it with 'brugerbog copy'."


@dataclass(eq=False)
class ReportingNeedsServer(Refusal):
    """Views for reporting tools are made on PostgreSQL only."""

    code = "reporting_needs_server"
    danish = (
        "Visninger til rapportværktøjer findes kun på PostgreSQL. Brug i stedet: brugerbog report NAVN --csv"
    )
    english = "Views for reporting tools are made on PostgreSQL only: use 'brugerbog report NAME --csv'."


@dataclass(eq=False)
class ReportingNotSetUp(Refusal):
    """The owner of the database decides whether there shall be such views, and who may read them."""

    code = "reporting_not_set_up"
    danish = (
        "Der er ikke gjort plads til visninger til rapportværktøjer. "
        "Kør først deploy/postgresql-reporting.sql som databasens ejer."
    )
    english = "There is no schema for views yet: run deploy/postgresql-reporting.sql as the database's owner."


@dataclass(eq=False)
class LogDamaged(Refusal):
    """What is stored isn't what was recorded, so nobody may vouch for it."""

    code = "log_damaged"
    danish = (
        "Loggen er ikke, som den blev skrevet (fra hændelse {position}: {kind}). Der underskrives ikke. "
        "Bevar lageret, som det er, og sammenhold det med en backup og med tidligere kontrolpunkter."
    )
    english = "The log isn't as it was recorded ({kind}, position {position}): nothing is signed."
    kind: str
    position: int


@dataclass(eq=False)
class OrganisationForged(Refusal):
    """An organisation's event was written by somebody without this installation's keys: roles hang on it."""

    code = "organisation_forged"
    danish = (
        "Hændelse {position} om organisationen er ikke skrevet af denne installation. Intet udføres i "
        "organisationen, før det er rettet. Bevar lageret, som det er, og læg en backup tilbage."
    )
    english = (
        "Event {position} of the organisation wasn't recorded by this installation: nothing is done in the "
        "organisation. Keep the store as it is, and put a backup back."
    )
    position: int


@dataclass(eq=False)
class CheckpointForged(Refusal):
    """A checkpoint that is kept isn't signed by a known key, or two of one size contradict one another."""

    code = "checkpoint_forged"
    danish = (
        "Et tidligere kontrolpunkt (ved {size} hændelser) er ikke ægte eller modsiger et andet. "
        "Bevar lageret, som det er, og sammenhold det med kontrolpunkter fra et andet sted."
    )
    english = "An earlier checkpoint (at size {size}) isn't authentic, or contradicts another."
    size: int


@dataclass(eq=False)
class StoreBeingCopied(StoreUnusable):
    """A copy is being made in the store, and isn't whole yet."""

    code = "store_being_copied"
    danish = "Lageret er en kopi, der ikke er færdig. Gør den færdig med samme kommando: brugerbog copy"
    english = "The store is a copy that isn't finished: run the same 'brugerbog copy' again."


@dataclass(eq=False)
class CopyIncomplete(Refusal):
    """The copy doesn't hold what its source holds."""

    code = "copy_incomplete"
    danish = "Kopien svarer ikke til lageret. Brug den ikke; slet den, og lav en ny."
    english = "The copy doesn't hold what its source holds: delete it and make another."
