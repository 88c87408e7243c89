"""Writes the rows that an append stores beside its events: reservations, commands, reports, codes, mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, update

from brugerbog.application.mail.outbox import MailState
from brugerbog.application.ports.event_log import Conflict
from brugerbog.domain.user.activity import activity_stream_id
from brugerbog.infrastructure.database.schema import (
    activation_codes,
    ciphertexts,
    commands,
    erasures,
    import_rows,
    imports,
    link_tokens,
    mail_intents,
    reported,
    reservations,
)
from brugerbog.infrastructure.database.statements import InList, Rows, Statement, is_postgres
from brugerbog.infrastructure.keys.row_macs import code_mac

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from brugerbog.application.ports.event_log import AppendRequest, CommandRecord, IdentityReservation
    from brugerbog.application.ports.import_log import ImportStep
    from brugerbog.application.ports.outbox_message import OutboxMessage
    from brugerbog.infrastructure.crypto.vault import IndexKey, TokenKey


class AppendWrites:
    """Writes the rows of an `AppendRequest` on the connection of its append."""

    def __init__(self, engine: Engine) -> None:
        """Take the log's engine."""
        self._has_uuid_type = is_postgres(engine)
        self._reservation_rows = Rows(reservations, engine, replace=True)
        self._import_rows = Rows(import_rows, engine)
        self._code_rows = Rows(activation_codes, engine, replace=True)
        self._delete_codes = InList(
            lambda ids: delete(activation_codes).where(activation_codes.c.user_id.in_(ids)), engine
        )
        self._mail_rows = Rows(mail_intents, engine, once=True)
        # Mails before links: a worker stores a link's digest only while it holds the lock of the mail's row.
        self._erase = (
            InList(lambda ids: delete(mail_intents).where(mail_intents.c.recipient.in_(ids)), engine),
            InList(lambda ids: delete(mail_intents).where(mail_intents.c.about.in_(ids)), engine),
            InList(lambda ids: delete(link_tokens).where(link_tokens.c.user_id.in_(ids)), engine),
            self._delete_codes,
        )
        self._report_rows = Rows(reported, engine)
        self._release = InList(
            lambda holders: delete(reservations).where(reservations.c.holder.in_(holders)), engine
        )
        self._new_command = Statement(insert(commands), engine)

    def store(
        self,
        connection: Connection,
        append_request: AppendRequest,
        index_key: IndexKey,
        token_key: TokenKey,
        position: int,
        *,
        recorded_at: int,
    ) -> None:
        """Write all of a request but an import's step. `recorded_at` is in microseconds since 1970 (UTC)."""
        self._reserve(connection, append_request.reservations, index_key)
        self._report_rows.insert(
            connection,
            [
                (scope if self._has_uuid_type else scope.bytes, digest)
                for scope, digest in append_request.reports
            ],
        )
        if append_request.command is not None:
            self._store_command(connection, append_request.command, position)
        if append_request.codes:
            self._store_codes(connection, append_request.codes, token_key)
        if append_request.mails:
            self._queue_mails(connection, append_request.mails, recorded_at)

    def erase(self, connection: Connection, erased: Sequence[UUID], position: int) -> None:
        """Delete the users' ciphertexts, codes, mails and links, and queue the deletion of their keys."""
        for user_id in erased:
            streams = [user_id, activity_stream_id(user_id)]
            connection.execute(delete(ciphertexts).where(ciphertexts.c.stream_id.in_(streams)))
            connection.execute(insert(erasures).values(user_id=user_id, position=position))
        for deletion in self._erase:
            for _ in deletion.run(connection, erased):
                pass

    def advance_import(self, connection: Connection, step: ImportStep) -> None:
        """Store the progress of an import. Raises: Conflict when another process has advanced it."""
        updated = connection.execute(
            update(imports)
            .where(imports.c.import_id == step.import_id, imports.c.next_row == step.from_row)
            .where(imports.c.finished.is_(False))
            .values(next_row=step.next_row, finished=step.finished)
        )
        if updated.rowcount != 1:
            raise Conflict
        import_id = step.import_id if self._has_uuid_type else step.import_id.bytes
        self._import_rows.insert(
            connection,
            [
                (
                    import_id,
                    row.row,
                    row.outcome,
                    row.user_id if self._has_uuid_type or row.user_id is None else row.user_id.bytes,
                    "\n".join("\t".join(reason) for reason in row.reasons),
                )
                for row in step.rows
            ],
        )

    def _reserve(
        self, connection: Connection, made: Sequence[IdentityReservation], index_key: IndexKey
    ) -> None:
        released = [one.holder for one in made if not one.is_first]
        for _ in self._release.run(connection, released):
            pass
        self._reservation_rows.insert(
            connection,
            [
                (
                    one.scope if self._has_uuid_type else one.scope.bytes,
                    index_key.digest_of(one.scope, one.identity),
                    index_key.digest_of(one.scope, one.name_identity),
                    one.holder if self._has_uuid_type else one.holder.bytes,
                    index_key.digest_of(one.scope, one.account),
                )
                for one in made
                if one.identity is not None
            ],
        )

    def _store_command(self, connection: Connection, command: CommandRecord, position: int) -> None:
        self._new_command.run(
            connection,
            organisation_id=command.organisation_id,
            command_id=command.command_id,
            fingerprint=command.fingerprint,
            outcome=command.outcome,
            subject=command.subject,
            position=position,
        )

    def _queue_mails(self, connection: Connection, mails: Sequence[OutboxMessage], at: int) -> None:
        self._mail_rows.insert(
            connection,
            [
                (
                    *(
                        one if self._has_uuid_type else one.bytes
                        for one in (mail.id, mail.recipient, mail.about, mail.organisation_id, mail.actor)
                    ),
                    mail.kind.value,
                    mail.generation,
                    mail.detail,
                    MailState.WAITING.value,
                    0,
                    at,
                    at,
                    None,
                    None,
                )
                for mail in mails
            ],
        )

    def _store_codes(
        self, connection: Connection, codes: Mapping[UUID, bytes | None], token_key: TokenKey
    ) -> None:
        for _ in self._delete_codes.run(
            connection, [user_id for user_id, hash_ in codes.items() if hash_ is None]
        ):
            pass
        self._code_rows.insert(
            connection,
            [
                (
                    user_id if self._has_uuid_type else user_id.bytes,
                    hash_,
                    code_mac(token_key, user_id, hash_),
                )
                for user_id, hash_ in codes.items()
                if hash_ is not None
            ],
        )
