"""The tables of the log and of the keys. Ids are 16 bytes, instants whole microseconds since 1970 (UTC)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from brugerbog.infrastructure.database.append_only import append_only
from brugerbog.projections.columns import Uid

BIGINT: Final = BigInteger().with_variant(Integer(), "sqlite")
"""On SQLite, only INTEGER can be the row id."""

SCHEMA_VERSION: Final = 8
"""The schema version of these tables. Every change of a table needs a migration and a new number."""

log_tables: Final = MetaData()
key_tables: Final = MetaData()

head = Table(
    "head",
    log_tables,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("log_id", Uid, nullable=False),
    Column("format", Integer, nullable=False),
    Column("size", BIGINT, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("token_key", LargeBinary, nullable=False),
    Column("index_key", LargeBinary, nullable=False),
)
"""`index_key` is the id of the key of the digests in the table `claims`; both change together.

`token_key` is the id of the key of every column `mac`.
"""

events = Table(
    "events",
    log_tables,
    Column("position", BIGINT, primary_key=True, autoincrement=False),
    Column("organisation_id", Uid, nullable=False),
    Column("stream_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("recorded_at", BIGINT, nullable=False),
    Column("actor", Uid, nullable=False),
    Column("command_id", Uid, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Index("events_of_stream", "stream_id", "version", unique=True),
    Index("events_of_organisation", "organisation_id", "position"),
)

append_only(events)

event_macs = Table(
    "event_macs",
    log_tables,
    Column("stream_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream_id", "version"),
    sqlite_with_rowid=False,
)
"""MACs of the organisations' events, which hold roles, clients and settings."""

checkpoints = Table(
    "checkpoints",
    log_tables,
    Column("size", BIGINT, nullable=False),
    Column("made_at", BIGINT, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    PrimaryKeyConstraint("size", "made_at"),
)
"""Signed checkpoints, each with the frontier it was signed over, from which the next one goes on."""

append_only(checkpoints)

store_metadata = Table(
    "marks",
    log_tables,
    Column("name", Text, primary_key=True),
    Column("value", BIGINT, nullable=False),
)
"""The store's metadata: numbers such as the size of the erase list that the store has read."""

ciphertexts = Table(
    "sealed",
    log_tables,
    Column("stream_id", Uid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("box", LargeBinary, nullable=False),
    PrimaryKeyConstraint("stream_id", "version"),
    sqlite_with_rowid=False,
)

reservations = Table(
    "claims",
    log_tables,
    Column("scope", Uid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("person", LargeBinary),
    Column("holder", Uid, nullable=False),
    Column("account", LargeBinary),
    PrimaryKeyConstraint("holder"),
    Index("one_holder_per_claim", "scope", "digest", unique=True),
    Index("claims_by_person", "scope", "person"),
    sqlite_with_rowid=False,
)
_with_account = reservations.c.account.is_not(None)
Index(
    "one_holder_per_account",
    reservations.c.scope,
    reservations.c.account,
    unique=True,
    sqlite_where=_with_account,
    postgresql_where=_with_account,
)

commands = Table(
    "commands",
    log_tables,
    Column("organisation_id", Uid, nullable=False),
    Column("command_id", Uid, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("subject", Uid),
    Column("position", BIGINT, nullable=False),
    PrimaryKeyConstraint("organisation_id", "command_id"),
    sqlite_with_rowid=False,
)

reported = Table(
    "reported",
    log_tables,
    Column("organisation_id", Uid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("organisation_id", "digest"),
    sqlite_with_rowid=False,
)

imports = Table(
    "imports",
    log_tables,
    Column("import_id", Uid, primary_key=True),
    Column("organisation_id", Uid, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("next_row", Integer, nullable=False),
    Column("finished", Boolean, nullable=False),
    Index("imports_of_organisation", "organisation_id", "digest"),
)

import_rows = Table(
    "import_rows",
    log_tables,
    Column("import_id", Uid, nullable=False),
    Column("row", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("user_id", Uid),
    Column("reasons", Text, nullable=False),
    PrimaryKeyConstraint("import_id", "row"),
    sqlite_with_rowid=False,
)

erasures = Table(
    "erasures",
    log_tables,
    Column("user_id", Uid, primary_key=True),
    Column("position", BIGINT, nullable=False),
)

mail_intents = Table(
    "mail_intents",
    log_tables,
    Column("id", Uid, nullable=False),
    Column("recipient", Uid, nullable=False),
    Column("about", Uid, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("actor", Uid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("detail", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", BIGINT, nullable=False),
    Column("next_at", BIGINT),
    Column("settled_at", BIGINT),
    Column("code", Integer),
    PrimaryKeyConstraint("id"),
    sqlite_with_rowid=False,
)
"""`next_at` is when a worker may lease a mail: the end of the lease while leased, null when settled."""

_unsettled: Final = mail_intents.c.next_at.is_not(None)
Index("mails_due", mail_intents.c.next_at, sqlite_where=_unsettled, postgresql_where=_unsettled)
Index("mails_of_organisation", mail_intents.c.organisation_id, mail_intents.c.state)
Index("mails_to_user", mail_intents.c.recipient)
Index("mails_about_user", mail_intents.c.about)

link_tokens = Table(
    "link_tokens",
    log_tables,
    Column("digest", LargeBinary, nullable=False),
    Column("user_id", Uid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("made_at", BIGINT, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    PrimaryKeyConstraint("digest"),
    Index("links_of_user", "user_id"),
    sqlite_with_rowid=False,
)

activation_codes = Table(
    "activation_codes",
    log_tables,
    Column("user_id", Uid, nullable=False),
    Column("kept", LargeBinary, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    PrimaryKeyConstraint("user_id"),
    sqlite_with_rowid=False,
)
"""Slow, salted hashes of temporary codes that are valid."""

signing_keys = Table(
    "signing_keys",
    log_tables,
    Column("public_key", LargeBinary, primary_key=True),
    Column("since_size", BIGINT, nullable=False),
    Column("retired_at_size", BIGINT),
)
"""All public keys that verify checkpoints; the current one has not been retired."""

master_keys = Table("master_keys", key_tables, Column("id", LargeBinary, primary_key=True))
"""Ids of the master keys that may wrap keys; a deleted one wraps no key."""

user_keys = Table(
    "user_keys",
    key_tables,
    Column("user_id", Uid, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", LargeBinary, ForeignKey("master_keys.id"), nullable=False),
    Column("made_at", BIGINT, nullable=False),
    PrimaryKeyConstraint("user_id"),
    sqlite_with_rowid=False,
)

installation_keys = Table(
    "installation_keys",
    key_tables,
    Column("name", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master", LargeBinary, ForeignKey("master_keys.id"), nullable=False),
    PrimaryKeyConstraint("name", "generation"),
)
"""`id` identifies a key among those of its name; that of a signing key is its public key."""
