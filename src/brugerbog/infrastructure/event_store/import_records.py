"""The progress and the receipts of imports (port: `ImportLog`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, insert, select

from brugerbog.application.ports.import_log import ImportedRow, ImportState
from brugerbog.infrastructure.database.schema import import_rows, imports
from brugerbog.infrastructure.database.statements import Statement

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from brugerbog.infrastructure.event_store.recorder import LogRecorder


class ImportRecords:
    """The imports of one store, with the outcome of each row."""

    def __init__(self, engine: Engine, recorder: LogRecorder) -> None:
        self._recorder = recorder
        self._has_imported = Statement(
            select(exists(imports.c.import_id).where(imports.c.organisation_id == bindparam("of"))), engine
        )

    def by_id(self, import_id: UUID) -> ImportState | None:
        """Return an import by its id."""
        return self._find(imports.c.import_id == import_id)

    def unfinished(self, organisation_id: UUID, digest: bytes) -> ImportState | None:
        """Return the unfinished import of a file with this digest."""
        return self._find(
            (imports.c.organisation_id == organisation_id)
            & (imports.c.digest == digest)
            & imports.c.finished.is_(False)
        )

    def exists(self, organisation_id: UUID) -> bool:
        """Return whether the organisation has ever imported a file."""
        with self._recorder.read_connection() as connection:
            return bool(self._has_imported.run(connection, of=organisation_id).fetchone()[0])

    def begin(self, state: ImportState) -> None:
        """Store a new import."""
        with self._recorder.write_transaction() as connection:
            connection.execute(
                insert(imports).values(
                    import_id=state.import_id,
                    organisation_id=state.organisation_id,
                    digest=state.digest,
                    next_row=state.next_row,
                    finished=state.finished,
                )
            )

    def rows(self, import_id: UUID) -> dict[int, ImportedRow]:
        """Return the outcome of each row that has been imported, by row number."""
        with self._recorder.read_connection() as connection:
            found = connection.execute(select(import_rows).where(import_rows.c.import_id == import_id))
            return {
                row.row: ImportedRow(row.row, row.outcome, row.user_id, _reasons(row.reasons))
                for row in found
            }

    def _find(self, condition: Any) -> ImportState | None:  # noqa: ANN401 - an SQL expression
        with self._recorder.read_connection() as connection:
            row = connection.execute(select(imports).where(condition).limit(1)).one_or_none()
        return None if row is None else ImportState(*row)


def _reasons(stored: str) -> tuple[tuple[str, str, str], ...]:
    parts = (line.split("\t", 2) for line in stored.splitlines())
    return tuple((column, code, facts) for column, code, facts in parts)
