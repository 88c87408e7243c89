"""Imports files in chunks of rows, each chunk in one transaction, resumable after any interruption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final
from uuid import UUID

from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.application.commands.imports import columns as at
from brugerbog.application.commands.imports.csv_file import CsvFile, check_file, read_records
from brugerbog.application.commands.imports.receipt import (
    ImportReceipt,
    RowOutcome,
    displayed_action,
    receipt_of,
    refusal_data,
    restore_refusal,
    row_error,
)
from brugerbog.application.commands.imports.row import Reason, Row, RowReader
from brugerbog.application.commands.imports.row_decisions import (
    CREATED,
    REFUSED,
    UNCHANGED,
    RowDecider,
    RowDecision,
)
from brugerbog.application.commands.imports.row_refusals import HeldBack
from brugerbog.application.commands.imports.sources import Source, read_once
from brugerbog.application.commands.transactions import refuse_in_transaction
from brugerbog.application.gc_throttling import exclude_existing_objects, gc_throttled
from brugerbog.application.mail.policies import mails_after
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE, AppendRequest, Conflict
from brugerbog.application.ports.import_log import ImportedRow, ImportState, ImportStep
from brugerbog.application.ports.observation import CounterName, Operation, OperationKind
from brugerbog.application.refusals.requests import CommandIdReused, TooBusy
from brugerbog.domain.kernel.doors import Door

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from brugerbog.application.actors import Actor
    from brugerbog.application.commands.dependencies import Dependencies
    from brugerbog.application.commands.unit_of_work import UnitOfWork
    from brugerbog.application.ports.event_log import EventLog
    from brugerbog.application.ports.read_store import Projector
    from brugerbog.domain.organisation.organisation import Organisation

CHUNK: Final = 1000
"""Rows in one transaction: many enough to be fast, few enough to let other transactions in between."""

_FIRST_ROW: Final = 2
_MAX_ATTEMPTS: Final = 50

ProgressCallback = Callable[[int, int], None]
"""Called with the number of rows done and the number of lines of the file."""


class Importer:
    """Imports files of users."""

    def __init__(self, dependencies: Dependencies, begin: Callable[[Actor, UUID], UnitOfWork]) -> None:
        """Take the dependencies; `begin` authorizes an import of the actor and begins a unit of work."""
        self._log = dependencies.log
        self._projector = dependencies.projector
        self._ids = dependencies.ids
        self._observer = dependencies.observer
        self._begin_unit_of_work = begin

    @gc_throttled()
    def run(
        self,
        actor: Actor,
        source: Source,
        *,
        dry_run: bool,
        all_or_nothing: bool,
        progress: ProgressCallback | None,
        import_id: UUID | None,
    ) -> ImportReceipt:
        """Import a file; see `Administration.import_users`. Raises: NotInTransaction, too."""
        refuse_in_transaction(self._log)
        organisation = self._begin_unit_of_work(actor, INSTALLATION_SCOPE).organisation
        file = check_file(read_once(source))
        state = self._state(
            organisation, file, None if dry_run else import_id, resumable=not (dry_run or all_or_nothing)
        )

        def begin() -> UnitOfWork:
            return self._begin_unit_of_work(replace(actor, door=Door.CSV), state.import_id)

        with self._observer.observe(
            Operation(OperationKind.IMPORT, "import", Door.CSV.value, state.import_id)
        ):
            uow = begin()
            row_decider = RowDecider(self._log, self._ids, uow)
            reader = RowReader(organisation.settings, uow.context.today)
            file_import = _FileImport(
                self._log, self._projector, file, reader, row_decider, begin, progress or _ignore_progress
            )
            outcomes = self._outcomes(file_import, state, dry_run=dry_run, all_or_nothing=all_or_nothing)
            self._projector.catch_up()
            finish_erasures(self._log, self._projector)
        if not dry_run:
            counts = Counter(row.outcome for row in outcomes if row.row >= state.next_row)
            for outcome, count in counts.items():
                self._observer.count(CounterName.ROWS, outcome, count)
        return receipt_of(outcomes, file.encoding_name)

    def _outcomes(
        self, file_import: _FileImport, state: ImportState, *, dry_run: bool, all_or_nothing: bool
    ) -> list[RowOutcome]:
        if state.finished:
            return file_import.stored_outcomes(state)
        if dry_run:
            outcomes = file_import.decide_all(record=None)
            return _all_held_back(outcomes) if all_or_nothing else outcomes
        if all_or_nothing:
            return self._all_or_nothing(file_import, state)
        return file_import.record_chunks(state)

    def _state(
        self, organisation: Organisation, file: CsvFile, import_id: UUID | None, *, resumable: bool
    ) -> ImportState:
        """Return the import to resume, or a new one. Raises: CommandIdReused."""
        digest = self._log.fingerprint(organisation.id, "import", file.digest.hex())
        known = None
        if import_id is None:
            known = self._log.unfinished_import(organisation.id, digest) if resumable else None
        else:
            known = self._log.import_by_id(import_id)
            is_same = known is None or (known.digest, known.organisation_id) == (digest, organisation.id)
            resumable = resumable or known is None or known.finished
            if not (is_same and resumable) or self._log.command_record(organisation.id, import_id):
                raise CommandIdReused(import_id)
        if known is not None:
            return known
        new_id = import_id or self._ids.random_id()
        return ImportState(new_id, organisation.id, digest, _FIRST_ROW, finished=False)

    def _all_or_nothing(self, file_import: _FileImport, state: ImportState) -> list[RowOutcome]:
        with self._log.transaction() as transaction:
            file_import.row_decider.begin(file_import.begin())
            self._log.begin_import(state)
            outcomes = file_import.decide_all(record=state)
            if any(row.outcome == REFUSED for row in outcomes):
                transaction.rollback()
            else:
                return outcomes
        return _all_held_back(outcomes)


@dataclass(slots=True)
class _FileImport:
    """One pass over a file."""

    log: EventLog
    projector: Projector
    file: CsvFile
    reader: RowReader
    row_decider: RowDecider
    begin: Callable[[], UnitOfWork]
    progress: ProgressCallback

    def chunks(self) -> Iterator[list[Row]]:
        """Read the rows in chunks."""
        records = read_records(self.file)
        while chunk := [self.reader.read(record) for record in islice(records, CHUNK)]:
            yield chunk
            exclude_existing_objects()

    def stored_outcomes(self, state: ImportState) -> list[RowOutcome]:
        """Return the outcomes of a finished import, from its stored rows and the same file."""
        stored = self.log.imported_rows(state.import_id)
        return [_stored_outcome(row, stored[row.number]) for rows in self.chunks() for row in rows]

    def decide_all(self, record: ImportState | None) -> list[RowOutcome]:
        """Decide the whole file; record it as this import in the open transaction, or not at all."""
        outcomes: list[RowOutcome] = []
        next_row = _FIRST_ROW
        for rows in self.chunks():
            chunk = self.row_decider.decide(rows)
            if record is not None:
                step = _step(record, next_row, rows, chunk.decisions)
                mails = mails_after(chunk.events, self.row_decider.organisation)
                self.log.record(
                    chunk.events, AppendRequest(list(chunk.reservations.values()), step=step, mails=mails)
                )
                next_row = step.next_row
            outcomes += [
                _outcome(row, decision, not_created=() if record else self.row_decider.created)
                for row, decision in zip(rows, chunk.decisions, strict=True)
            ]
            self.progress(rows[-1].number, self.file.lines)
        if record is not None:
            self.log.record([], AppendRequest(step=_last_step(record, next_row)))
        return outcomes

    def record_chunks(self, state: ImportState) -> list[RowOutcome]:
        """Decide and record chunk by chunk, each in its own transaction, and project it before the next."""
        if state.next_row == _FIRST_ROW and self.log.import_by_id(state.import_id) is None:
            self.log.begin_import(state)
        stored = self.log.imported_rows(state.import_id)
        self.row_decider.created_by |= {
            row.user_id: number for number, row in stored.items() if row.outcome == CREATED and row.user_id
        }
        outcomes: list[RowOutcome] = []
        next_row = state.next_row
        for rows in self.chunks():
            remaining = [row for row in rows if row.number >= next_row]
            done = {
                row.number: _stored_outcome(row, stored[row.number]) for row in rows if row.number < next_row
            }
            if remaining:
                next_row, recorded = self._record_chunk(state, next_row, remaining)
                done |= recorded
                self.projector.catch_up()
            outcomes += [done[row.number] for row in rows]
            self.progress(rows[-1].number, self.file.lines)
        self._finish(state, next_row)
        return outcomes

    def _record_chunk(
        self, state: ImportState, next_row: int, rows: Sequence[Row]
    ) -> tuple[int, dict[int, RowOutcome]]:
        """Decide and record a chunk; decide again after a conflict, even with another run of this import."""
        done: dict[int, RowOutcome] = {}
        for _ in range(_MAX_ATTEMPTS):
            reasons_before = {row.number: len(row.reasons) for row in rows}
            uow = self.begin()
            self.row_decider.begin(uow)
            chunk = self.row_decider.decide(rows)
            step = _step(state, next_row, rows, chunk.decisions)
            expected_versions = uow.expected_versions | chunk.expected_versions
            try:
                self.log.record(
                    chunk.events,
                    AppendRequest(
                        list(chunk.reservations.values()),
                        step=step,
                        expected_versions=expected_versions,
                        mails=mails_after(chunk.events, uow.organisation),
                    ),
                )
            except Conflict:
                for row in rows:
                    del row.reasons[reasons_before[row.number] :]
                reached = self.log.import_by_id(state.import_id)
                next_row = reached.next_row if reached else next_row
                stored = self.log.imported_rows(state.import_id)
                done |= {
                    row.number: _stored_outcome(row, stored[row.number])
                    for row in rows
                    if row.number < next_row
                }
                rows = [row for row in rows if row.number >= next_row]
                if not rows:
                    return next_row, done
                continue
            done |= {
                row.number: _outcome(row, decision)
                for row, decision in zip(rows, chunk.decisions, strict=True)
            }
            return step.next_row, done
        raise TooBusy

    def _finish(self, state: ImportState, next_row: int) -> None:
        try:
            self.log.record([], AppendRequest(step=_last_step(state, next_row)))
        except Conflict:
            reached = self.log.import_by_id(state.import_id)
            if reached is None or not reached.finished:
                raise


def _step(
    state: ImportState, from_row: int, rows: Sequence[Row], decisions: Sequence[RowDecision]
) -> ImportStep:
    imported = [_imported_row(row, decision) for row, decision in zip(rows, decisions, strict=True)]
    return ImportStep(state.import_id, from_row, rows[-1].number + 1, finished=False, rows=imported)


def _last_step(state: ImportState, next_row: int) -> ImportStep:
    return ImportStep(state.import_id, next_row, next_row, finished=True, rows=())


def _imported_row(row: Row, decision: RowDecision) -> ImportedRow:
    reasons = tuple(
        (at.COLUMNS[reason.column], reason.refusal.code, refusal_data(reason.refusal))
        for reason in decision.reasons
    )
    return ImportedRow(row.number, decision.outcome, decision.user_id, reasons)


def _outcome(row: Row, decision: RowDecision, *, not_created: Container[UUID | None] = ()) -> RowOutcome:
    """Return the outcome of a row, without the id of a user whom a dry run did not create."""
    errors = tuple(row_error(reason, row.shown_cells) for reason in decision.reasons)
    user_id = None if decision.user_id in not_created else decision.user_id
    return RowOutcome(row.number, displayed_action(row.action), decision.outcome, user_id, errors)


def _stored_outcome(row: Row, stored: ImportedRow) -> RowOutcome:
    errors = tuple(
        row_error(Reason(at.COLUMNS.index(column), restore_refusal(code, data)), row.shown_cells)
        for column, code, data in stored.reasons
    )
    return RowOutcome(row.number, displayed_action(row.action), stored.outcome, stored.user_id, errors)


def _all_held_back(outcomes: list[RowOutcome]) -> list[RowOutcome]:
    """Return the outcomes under all or nothing: if one row is refused, the others are held back."""
    if all(row.outcome != REFUSED for row in outcomes):
        return outcomes
    return [row if row.outcome == REFUSED else _held_back(row) for row in outcomes]


def _held_back(outcome: RowOutcome) -> RowOutcome:
    error = row_error(Reason(at.ACTION, HeldBack()), [""] * len(at.COLUMNS))
    return RowOutcome(outcome.row, outcome.action, UNCHANGED, None, (error,))


def _ignore_progress(_done: int, _lines: int) -> None:
    """Report no progress."""
