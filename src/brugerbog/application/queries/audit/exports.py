"""Exports of the log or a part of it; each is recorded before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brugerbog.application.actors import operator
from brugerbog.application.queries.audit.audited_queries import READ_LOG, AuditedQueries
from brugerbog.application.queries.execution import question
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.domain.organisation.log_reading import LogReadingKind

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from brugerbog.application.actors import Actor
    from brugerbog.application.ports.transparency_log import ExportMade, PersonExport


class ExportQueries(AuditedQueries):
    """Exports that can be verified offline (docs/audit.md)."""

    @question(READ_LOG)
    def export_log(
        self,
        actor: Actor,
        folder: Path,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> ExportMade:
        """Write the organisation's events into a new folder, and the hashes of all others for the proof.

        `since` (included) and `until` (not included) restrict the export to a time span.
        Raises: PlaceTaken; LogDamaged, CheckpointForged, SigningKeyMissing, with which nothing is written.
        """
        organisation = self._record_reading(actor, LogReadingKind.EXPORT, since=since, until=until)
        return self._exports.of_organisation(folder, organisation.id, since, until)

    @question("operate")
    def export_whole_log(
        self,
        actor: Actor,
        folder: Path,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after_checkpoint: bytes | None = None,
    ) -> ExportMade:
        """Write the events of all organisations into a new folder; the log of each organisation records it.

        With an older checkpoint as `after_checkpoint`, only later events are written, with the proof that
        both checkpoints are of one log. Raises: as `export_log`; CheckpointForged when this log never signed
        the checkpoint.
        """
        self._authorized_organisation("operate", actor)
        for organisation_id in self._log.organisation_ids():
            self._record_reading(
                operator(organisation_id, actor.door), LogReadingKind.EXPORT, since=since, until=until
            )
        if after_checkpoint is not None:
            return self._exports.after(folder, after_checkpoint)
        return self._exports.of_all(folder, since, until)

    @question(READ_LOG)
    def export_person(
        self, actor: Actor, user_id: UUID, folder: Path, *, with_personal_data: bool = False
    ) -> ExportMade:
        """Write all events of one user into a new folder, each with its proof.

        Personal data is written only if requested (GDPR, article 15), and the request is recorded as such.
        Raises: UserUnknown, and as `export_log`.
        """
        self._record_person_reading(actor, user_id, with_personal_data=with_personal_data)
        return self._exports.of_person(folder, user_id, with_personal_data=with_personal_data)

    @question(READ_LOG)
    def person_at_hand(
        self, actor: Actor, user_id: UUID, *, with_personal_data: bool = False
    ) -> PersonExport:
        """Return the same export without a folder: no personal data is stored unencrypted on our disks.

        Raises: UserUnknown; LogDamaged, CheckpointForged, SigningKeyMissing.
        """
        self._record_person_reading(actor, user_id, with_personal_data=with_personal_data)
        return self._exports.person(user_id, with_personal_data=with_personal_data)

    @question("see_users")
    def taking_users(self, actor: Actor, *, at: datetime | None = None, by_words: bool = False) -> None:
        """Record a reading of all users as of an instant; to be called before any is shown.

        A single page of the list is daily work and isn't recorded. Raises: TooBusy.
        """
        self._record_reading(actor, LogReadingKind.USERS, until=at, by_words=by_words, question="see_users")

    def _record_person_reading(self, actor: Actor, user_id: UUID, *, with_personal_data: bool) -> None:
        """Raises: UserUnknown, also of another organisation's."""
        scope = self._authorized_organisation(READ_LOG, actor).id
        user = self._log.user(user_id)
        if user is None or user.organisation_id != scope:
            raise UserUnknown(user_id)
        what = LogReadingKind.PERSON_WITH_PERSONAL_DATA if with_personal_data else LogReadingKind.PERSON
        self._record_reading(actor, what, about=user_id)
