"""Uploads of browsers, encrypted: files with users, or selections of users; and the progress of their jobs.

Uploads are stored with the sessions and deleted with them. Any process that serves pages can take over
the job of a process that died.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from brugerbog.domain.kernel.instants import MAX_CLOCK_SKEW, microseconds
from brugerbog.projections.columns import INSTANT, Uid
from brugerbog.projections.projection import read_tables

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement

    from brugerbog.application.ports.clock import Clock
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.web.sessions import Session

web_uploads = Table(
    "web_uploads",
    read_tables,
    Column("id", Uid, primary_key=True),
    Column("session", LargeBinary, nullable=False),
    Column("user_id", Uid, nullable=False),
    Column("organisation_id", Uid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("beaten_at", INSTANT, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("of", BigInteger, nullable=False),
    Column("content", LargeBinary),
    Column("told", LargeBinary),
    Column("receipt", LargeBinary),
    Index("web_uploads_of_session", "session"),
)
"""`session` is the digest of a session's token.

`content`, `told` and `receipt` are encrypted for that session; `told` is the result of the check or the
processing. `beaten_at` is the last heartbeat of the process at work. `done` of `of` rows are processed.
`whole` is true for an import that is all or nothing.
"""

_columns: Final = web_uploads.c

STALLED_AFTER: Final = timedelta(seconds=10)
"""The age of a heartbeat after which the process at work counts as dead."""


class UploadKind(StrEnum):
    """A file with users to import, or a selection of users to send to activation."""

    FILE = "file"
    SENDING = "sending"


class State(StrEnum):
    """The state of an upload: it is checked without changing anything, then processed (`WORKING`)."""

    NEW = "new"
    CHECKING = "checking"
    CHECKED = "checked"
    WORKING = "working"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """An upload without its content. `result` is for its page; `is_stalled` if its process has died."""

    id: UUID
    kind: UploadKind
    state: State
    all_or_nothing: bool
    done: int
    of: int
    result: Mapping[str, Any]
    is_stalled: bool

    @property
    def is_under_way(self) -> bool:
        """Whether the upload is waiting or being processed, or was when its process died."""
        return self.state in (State.NEW, State.CHECKING, State.WORKING)


class StoredUploads:
    """Uploads in a table that any number of processes share; only their session can decrypt them."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._clock = clock

    def add(
        self,
        session: Session,
        upload_id: UUID,
        kind: UploadKind,
        content: bytes,
        *,
        state: State = State.NEW,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """Store an upload, and delete the session's others of its kind that are neither in work nor done."""
        now = microseconds(self._clock.now())
        unused = and_(_columns.kind == kind, _columns.state.not_in([State.WORKING, State.DONE]))
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            connection.execute(delete(web_uploads).where(_is_of(session), unused))
            connection.execute(
                insert(web_uploads).values(
                    id=upload_id,
                    session=session.digest,
                    user_id=session.user_id,
                    organisation_id=session.organisation_id,
                    kind=kind,
                    state=state,
                    whole=False,
                    beaten_at=now,
                    done=0,
                    of=0,
                    content=session.cipher.encrypt(content, _associated_data(upload_id, "content")),
                    told=None if result is None else _encrypted(session, result, upload_id),
                )
            )

    def find(self, session: Session, upload_id: UUID) -> Upload | None:
        """Return the session's upload with this id, or None, as after a logout."""
        query = select(
            _columns.kind,
            _columns.state,
            _columns.whole,
            _columns.done,
            _columns.of,
            _columns.told,
            self._is_stalled().label("is_stalled"),
        ).where(_is_of(session), _columns.id == upload_id)
        with self._backend.read.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        result = {}
        if row.told is not None:
            result = from_json(session.cipher.decrypt(bytes(row.told), _associated_data(upload_id, "told")))
        is_stalled = bool(row.is_stalled)
        return Upload(
            upload_id,
            UploadKind(row.kind),
            State(row.state),
            row.whole,
            row.done,
            row.of,
            result,
            is_stalled,
        )

    def content(self, session: Session, upload_id: UUID) -> bytes | None:
        """Return the content, decrypted; None once the upload is done or refused."""
        return self._decrypted(session, upload_id, _columns.content)

    def receipt(self, session: Session, upload_id: UUID) -> bytes | None:
        """Return the receipt for download, decrypted; None if there is none."""
        return self._decrypted(session, upload_id, _columns.receipt)

    def acquire(
        self,
        session: Session,
        upload_id: UUID,
        before: State,
        state: State,
        *,
        all_or_nothing: bool | None = None,
    ) -> bool:
        """Move an upload from the state `before` to `state`, or take it over in `state` from a dead process.

        Return False if another process works on it.
        """
        is_abandoned = and_(_columns.state == state, self._is_stalled())
        is_free = or_(and_(_columns.state == before, _columns.content.is_not(None)), is_abandoned)
        is_acquirable = and_(_is_of(session), _columns.id == upload_id, is_free)
        chosen = {} if all_or_nothing is None else {"whole": all_or_nothing}
        now = microseconds(self._clock.now())
        return self._change(is_acquirable, state=state, beaten_at=now, **chosen) == 1

    def heartbeat(self, upload_ids: Collection[UUID]) -> None:
        """Record that the process at work on these uploads is alive."""
        self._change(_columns.id.in_(upload_ids), beaten_at=microseconds(self._clock.now()))

    def record_progress(self, upload_id: UUID, done: int, of: int) -> bool:
        """Record the progress; return False if the upload is gone, as after a logout."""
        now = microseconds(self._clock.now())
        return self._change(_columns.id == upload_id, done=done, of=of, beaten_at=now) == 1

    def release(self, upload_id: UUID) -> None:
        """Let another process take over an upload that isn't done."""
        self._change(_columns.id == upload_id, beaten_at=0)

    def finish(
        self,
        session: Session,
        upload_id: UUID,
        state: State,
        result: Mapping[str, Any],
        receipt: bytes | None,
    ) -> None:
        """Store the result, state and receipt of a check or of the processing, once each.

        The content of a done or refused upload is deleted.
        """
        values: dict[str, Any] = {"state": state, "told": _encrypted(session, result, upload_id)}
        if state is State.CHECKED:
            values |= {"done": 0, "of": 0}
        if receipt is not None:
            values["receipt"] = session.cipher.encrypt(receipt, _associated_data(upload_id, "receipt"))
        if state in (State.DONE, State.REFUSED):
            values["content"] = None
        self._change(
            and_(_columns.id == upload_id, _columns.state.in_([State.CHECKING, State.WORKING])), **values
        )

    def _decrypted(self, session: Session, upload_id: UUID, column: Any) -> bytes | None:  # noqa: ANN401 - one of ours
        query = select(column).where(_is_of(session), _columns.id == upload_id)
        with self._backend.read.connect() as connection:
            ciphertext = connection.execute(query).scalar_one_or_none()
        if ciphertext is None:
            return None
        return session.cipher.decrypt(bytes(ciphertext), _associated_data(upload_id, column.name))

    def _change(self, condition: Any, **values: Any) -> int:  # noqa: ANN401 - an SQL expression, columns' values
        with self._backend.write_transaction(self._backend.read, replicated=False) as connection:
            return connection.execute(update(web_uploads).where(condition).values(**values)).rowcount

    def _is_stalled(self) -> ColumnElement[bool]:
        """Return the condition that the last heartbeat is too old, or in the future."""
        now = self._clock.now()
        return or_(
            _columns.beaten_at <= microseconds(now - STALLED_AFTER),
            _columns.beaten_at > microseconds(now + MAX_CLOCK_SKEW),
        )


def _is_of(session: Session) -> Any:  # noqa: ANN401 - a condition
    return _columns.session == session.digest


def _encrypted(session: Session, result: Mapping[str, Any], upload_id: UUID) -> bytes:
    return session.cipher.encrypt(to_json(result), _associated_data(upload_id, "told"))


def _associated_data(upload_id: UUID, column: str) -> bytes:
    """Return the associated data of the ciphertext in a column."""
    return upload_id.bytes + column.encode()
