"""The queue of mails and the digests of mailed links, beside the log (port: `Outbox`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, or_, select, update

from brugerbog.application.mail.dispatcher import LONGEST_WAIT
from brugerbog.application.mail.link_tokens import LinkToken
from brugerbog.application.mail.outbox import LeasedMail, MailState, MailStatus
from brugerbog.application.ports.outbox_message import MailKind, OutboxMessage
from brugerbog.application.refusals.keys import KeysMissing
from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, instant, microseconds
from brugerbog.domain.user.links import LinkPurpose
from brugerbog.infrastructure.database.schema import head, link_tokens, mail_intents
from brugerbog.infrastructure.keys.row_macs import TOKEN_KEY, is_same, link_mac
from brugerbog.infrastructure.logs import logger

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    from sqlalchemy import ColumnElement, Row

    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys

_mail = mail_intents.c

_LATEST_NEXT_AT: Final = LONGEST_WAIT + MAX_CLOCK_SKEW
"""No mail waits longer; a later `next_at` was set by a worker with a wrong clock, and counts as due."""


class StoredOutbox:
    """Mails and link digests in the log's own database; workers on any machine share it."""

    def __init__(self, backend: Backend, keys: InstallationKeys) -> None:
        """Take the store, and the keys that authenticate the links."""
        self._backend = backend
        self._keys = keys
        self._log = logger("brugerbog.store")

    def lease(self, now: datetime, limit: int, duration: timedelta) -> list[LeasedMail]:
        until = now + duration
        # A worker skips rows that another worker is leasing, and never waits for it.
        due = (
            select(mail_intents)
            .where(
                or_(_mail.next_at <= microseconds(now), _mail.next_at > microseconds(now + _LATEST_NEXT_AT))
            )
            .order_by(_mail.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._backend.write_transaction(self._backend.log) as connection:
            found = connection.execute(due).all()
            if found:
                connection.execute(
                    update(mail_intents)
                    .where(_mail.id.in_([row.id for row in found]))
                    .values(
                        state=MailState.CLAIMED.value,
                        attempts=_mail.attempts + 1,
                        next_at=microseconds(until),
                    )
                )
        return [LeasedMail(_message(row), row.attempts + 1, until) for row in found]

    def store_token(self, mail: LeasedMail, digest: bytes, token: LinkToken, at: datetime) -> bool:
        with self._backend.write_transaction(self._backend.log) as connection:
            # The row's lock makes an erasure wait until it finds this token too.
            if connection.execute(select(_mail.id).where(_held(mail)).with_for_update()).first() is None:
                return False
            # Nobody changes the key between this look and the commit.
            in_use = connection.execute(select(head.c.token_key).with_for_update(read=True)).scalar_one()
            tokens = self._keys.switch_token_key(in_use)
            if tokens is None:
                raise KeysMissing
            row = (digest, token.user_id, token.purpose.value, token.generation, microseconds(at))
            connection.execute(insert(link_tokens).values((*row, link_mac(tokens, row))))
        return True

    def find_token(self, digest: bytes) -> LinkToken | None:
        known = select(link_tokens, TOKEN_KEY).where(link_tokens.c.digest == digest)

        def read() -> tuple[Row[Any] | None, bytes]:
            with self._backend.log.connect() as connection:
                row = connection.execute(known).one_or_none()
            return row, self._keys.token_key.id if row is None else row.token_key

        row, tokens = self._keys.read_with_token_key(read)
        if row is None:
            return None
        if not is_same(row.mac, link_mac(tokens, (digest, *tuple(row)[1:5]))):
            self._log.error("link_forged", user=str(row.user_id), purpose=row.purpose)
            return None
        return LinkToken(row.user_id, LinkPurpose(row.purpose), row.generation)

    def mark_sent(self, mail: LeasedMail, at: datetime) -> None:
        # Whoever has it by now, it is sent.
        self._settle(_mail.id == mail.id, MailState.SENT, at, None)

    def delay(self, mail: LeasedMail, until: datetime, code: int | None) -> None:
        self._change(
            _held(mail), state=MailState.WAITING.value, next_at=microseconds(until), code=_plain(code)
        )

    def give_up(self, mail: LeasedMail, at: datetime, code: int | None) -> None:
        self._settle(_held(mail), MailState.DEAD, at, code)

    def drop(self, mail: LeasedMail) -> None:
        with self._backend.write_transaction(self._backend.log) as connection:
            connection.execute(delete(mail_intents).where(_held(mail)))

    def retry(self, organisation_id: UUID, mail_id: UUID, now: datetime) -> bool:
        anew = self._change(
            (_mail.id == mail_id)
            & (_mail.organisation_id == organisation_id)
            & _mail.state.in_([MailState.WAITING.value, MailState.DEAD.value]),
            state=MailState.WAITING.value,
            attempts=0,
            next_at=microseconds(now),
            settled_at=None,
        )
        return anew == 1

    def mails(self, organisation_id: UUID, state: MailState, *, limit: int = 100) -> list[MailStatus]:
        wanted = (
            select(mail_intents)
            .where(_mail.organisation_id == organisation_id, _mail.state == state.value)
            .order_by(_mail.created_at, _mail.id)
            .limit(limit)
        )
        with self._backend.log.connect() as connection:
            return [_status(row) for row in connection.execute(wanted)]

    def counts(self, organisation_id: UUID | None = None) -> dict[MailState, int]:
        wanted = select(_mail.state, func.count()).group_by(_mail.state)
        if organisation_id is not None:
            wanted = wanted.where(_mail.organisation_id == organisation_id)
        with self._backend.log.connect() as connection:
            counted = {row[0]: row[1] for row in connection.execute(wanted)}
        return {state: counted.get(state.value, 0) for state in MailState}

    def next_due(self) -> datetime | None:
        with self._backend.log.connect() as connection:
            soonest: int | None = connection.execute(
                select(_mail.next_at).where(_mail.next_at.is_not(None)).order_by(_mail.next_at).limit(1)
            ).scalar()
        return None if soonest is None else instant(soonest)

    def _settle(self, which: ColumnElement[bool], state: MailState, at: datetime, code: int | None) -> None:
        self._change(which, state=state.value, next_at=None, settled_at=microseconds(at), code=_plain(code))

    def _change(self, which: ColumnElement[bool], **values: object) -> int:
        with self._backend.write_transaction(self._backend.log) as connection:
            return connection.execute(update(mail_intents).where(which).values(**values)).rowcount


def _held(mail: LeasedMail) -> ColumnElement[bool]:
    """The mail, as long as no other worker has taken it up and nobody has settled it."""
    return (
        (_mail.id == mail.id)
        & (_mail.state == MailState.CLAIMED.value)
        & (_mail.next_at == microseconds(mail.until))
    )


def _plain(code: int | None) -> int | None:
    return None if code is None else int(code)


def _message(row: Row[Any]) -> OutboxMessage:
    return OutboxMessage(
        kind=MailKind(row.kind),
        recipient=row.recipient,
        about=row.about,
        generation=row.generation,
        organisation_id=row.organisation_id,
        actor=row.actor,
        detail=row.detail,
    )


def _status(row: Row[Any]) -> MailStatus:
    return MailStatus(
        id=row.id,
        kind=MailKind(row.kind),
        recipient=row.recipient,
        about=row.about,
        state=MailState(row.state),
        attempts=row.attempts,
        created_at=instant(row.created_at),
        next_at=None if row.next_at is None else instant(row.next_at),
        settled_at=None if row.settled_at is None else instant(row.settled_at),
        code=row.code,
    )
