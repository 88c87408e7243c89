"""What goes into the log's transaction beside the events: claims, commands, reports, codes, mails, steps."""

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
    """Writes it on the connection of an append that is under way."""

    def __init__(self, engine: Engine) -> None:
        """Take the log's engine."""
        self._native = is_postgres(engine)
        self._claim_rows = Rows(reservations, engine, replace=True)
        self._import_rows = Rows(import_rows, engine)
        self._code_rows = Rows(activation_codes, engine, replace=True)
        self._forget_codes = InList(
            lambda ids: delete(activation_codes).where(activation_codes.c.user_id.in_(ids)), engine
        )
        self._mail_rows = Rows(mail_intents, engine, once=True)
        # Mails before links: a worker keeps a link's digest only while it holds the mail's row.
        self._forget = (
            InList(lambda ids: delete(mail_intents).where(mail_intents.c.recipient.in_(ids)), engine),
            InList(lambda ids: delete(mail_intents).where(mail_intents.c.about.in_(ids)), engine),
            InList(lambda ids: delete(link_tokens).where(link_tokens.c.user_id.in_(ids)), engine),
            self._forget_codes,
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
        index: IndexKey,
        tokens: TokenKey,
        position: int,
        *,
        at: int,
    ) -> None:
        """Write all but an import's step; mails are asked for at an instant, in microseconds."""
        self._claim(connection, append_request.reservations, index)
        self._report_rows.insert(
            connection,
            [(scope if self._native else scope.bytes, digest) for scope, digest in append_request.reports],
        )
        if append_request.command is not None:
            self._remember(connection, append_request.command, position)
        if append_request.codes:
            self._keep_codes(connection, append_request.codes, tokens)
        if append_request.mails:
            self._mail(connection, append_request.mails, at)

    def erase(self, connection: Connection, erased: Sequence[UUID], position: int) -> None:
        """Take boxes, codes, mails and links of the erased, and note that their keys are still to go."""
        for user_id in erased:
            streams = [user_id, activity_stream_id(user_id)]
            connection.execute(delete(ciphertexts).where(ciphertexts.c.stream_id.in_(streams)))
            connection.execute(insert(erasures).values(user_id=user_id, position=position))
        for forget in self._forget:
            for _ in forget.run(connection, erased):
                pass

    def take_step(self, connection: Connection, step: ImportStep) -> None:
        """Take an import a step further. Raises: Conflict when others have."""
        moved = connection.execute(
            update(imports)
            .where(imports.c.import_id == step.import_id, imports.c.next_row == step.from_row)
            .where(imports.c.finished.is_(False))
            .values(next_row=step.next_row, finished=step.finished)
        )
        if moved.rowcount != 1:
            raise Conflict
        import_id = step.import_id if self._native else step.import_id.bytes
        self._import_rows.insert(
            connection,
            [
                (
                    import_id,
                    row.row,
                    row.outcome,
                    row.user_id if self._native or row.user_id is None else row.user_id.bytes,
                    "\n".join("\t".join(reason) for reason in row.reasons),
                )
                for row in step.rows
            ],
        )

    def _claim(self, connection: Connection, made: Sequence[IdentityReservation], index: IndexKey) -> None:
        released = [claim.holder for claim in made if not claim.is_first]
        for _ in self._release.run(connection, released):
            pass
        self._claim_rows.insert(
            connection,
            [
                (
                    claim.scope if self._native else claim.scope.bytes,
                    index.digest_of(claim.scope, claim.identity),
                    index.digest_of(claim.scope, claim.name_identity),
                    claim.holder if self._native else claim.holder.bytes,
                    index.digest_of(claim.scope, claim.account),
                )
                for claim in made
                if claim.identity is not None
            ],
        )

    def _remember(self, connection: Connection, command: CommandRecord, position: int) -> None:
        self._new_command.run(
            connection,
            organisation_id=command.organisation_id,
            command_id=command.command_id,
            fingerprint=command.fingerprint,
            outcome=command.outcome,
            subject=command.subject,
            position=position,
        )

    def _mail(self, connection: Connection, asked: Sequence[OutboxMessage], at: int) -> None:
        self._mail_rows.insert(
            connection,
            [
                (
                    *(
                        one if self._native else one.bytes
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
                for mail in asked
            ],
        )

    def _keep_codes(
        self, connection: Connection, codes: Mapping[UUID, bytes | None], tokens: TokenKey
    ) -> None:
        for _ in self._forget_codes.run(connection, [one for one, kept in codes.items() if kept is None]):
            pass
        self._code_rows.insert(
            connection,
            [
                (user_id if self._native else user_id.bytes, kept, code_mac(tokens, user_id, kept))
                for user_id, kept in codes.items()
                if kept is not None
            ],
        )
