"""The choice of events for each kind of export (port: `LogExports`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from brugerbog.application.ports.transparency_log import PersonExport
from brugerbog.application.refusals.log import CheckpointForged
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.user.activity import activity_stream_id
from brugerbog.infrastructure.crypto.vault import event_associated_data
from brugerbog.infrastructure.database.schema import ciphertexts
from brugerbog.infrastructure.database.statements import any_uuid
from brugerbog.infrastructure.transparency_log.checkpoints import ExportKind
from brugerbog.infrastructure.transparency_log.export_writer import ExportWriter, Opened, Scope
from brugerbog.infrastructure.transparency_log.signed_notes import Malformed, NoKnownSignature, WrongSignature

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from brugerbog.application.ports.transparency_log import ExportMade
    from brugerbog.infrastructure.database.event_row import EventRow
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.keys.signing_keys import SigningKeys
    from brugerbog.infrastructure.transparency_log.checkpoint_signing import StoredCheckpointSigner

_FOR_EVER: Final = 2**63 - 1


class StoredExports:
    """Exports of one store."""

    def __init__(
        self, log: BrugerbogLog, checkpoint_signer: StoredCheckpointSigner, signing: SigningKeys
    ) -> None:
        self._log = log
        self._checkpoint_signer = checkpoint_signer
        self._exporter = ExportWriter(checkpoint_signer, signing)

    def of_all(self, folder: Path, since: datetime | None, until: datetime | None) -> ExportMade:
        kind = ExportKind.PERIOD if since or until else ExportKind.WHOLE
        return self._exporter.export(folder, Scope(kind, None, _within(since, until)))

    def of_organisation(
        self, folder: Path, organisation_id: UUID, since: datetime | None, until: datetime | None
    ) -> ExportMade:
        organisation, is_then = self._as_stored(organisation_id), _within(since, until)
        kind = ExportKind.PERIOD if since or until else ExportKind.ORGANISATION
        return self._exporter.export(
            folder,
            Scope(kind, organisation_id, lambda row: row.organisation_id == organisation and is_then(row)),
        )

    def after(self, folder: Path, checkpoint: bytes) -> ExportMade:
        try:
            older = self._checkpoint_signer.verify_note(checkpoint)
        except (Malformed, NoKnownSignature, WrongSignature):
            raise CheckpointForged(0) from None
        return self._exporter.export(folder, Scope(ExportKind.SINCE, None, lambda _: True, older))

    def of_person(self, folder: Path, user_id: UUID, *, with_personal_data: bool) -> ExportMade:
        return self._exporter.export_person(folder, user_id, *self._of(user_id, with_personal_data))

    def person(self, user_id: UUID, *, with_personal_data: bool) -> PersonExport:
        return PersonExport(*self._exporter.person(user_id, *self._of(user_id, with_personal_data)))

    def _of(
        self,
        user_id: UUID,
        with_personal_data: bool,  # noqa: FBT001 - handed on
    ) -> tuple[Callable[[EventRow], bool], Callable[[EventRow], Opened | None]]:
        """Whether an event is the person's, and the decryption of its personal data."""
        streams = {self._as_stored(user_id), self._as_stored(activity_stream_id(user_id))}
        key = self._log.keys.load([user_id]).get(user_id) if with_personal_data else None
        return (
            lambda row: row.stream_id in streams,
            lambda row: None if key is None else self._opened(row, key),
        )

    def _as_stored(self, id_: UUID) -> UUID | bytes:
        return id_ if self._log.backend.has_single_database else id_.bytes

    def _opened(self, row: EventRow, key: bytes) -> Opened | None:
        """The personal data of an event; None when it never had any, or it is deleted."""
        stream_id = any_uuid(row.stream_id)
        here = (ciphertexts.c.stream_id == stream_id) & (ciphertexts.c.version == row.version)
        with self._log.recorder.read_connection() as connection:
            ciphertext = connection.execute(select(ciphertexts.c.box).where(here)).scalar()
        if ciphertext is None:
            return None
        associated_data = event_associated_data(
            any_uuid(row.organisation_id).bytes, stream_id.bytes, row.version
        )
        return self._log.vault.open_with_salt(key, associated_data, bytes(ciphertext), row.commitment)


def _within(since: datetime | None, until: datetime | None) -> Callable[[EventRow], bool]:
    first = -_FOR_EVER if since is None else microseconds(since)
    end = _FOR_EVER if until is None else microseconds(until)
    return lambda row: first <= row.recorded_at < end
