"""Carries a file through: rows in chunks, each chunk one transaction, resumable at any cut."""

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
from brugerbog.application.commands.imports.refusals import HeldBack
from brugerbog.application.commands.imports.row import Reason, Row, RowReader
from brugerbog.application.commands.imports.row_decisions import (
    CREATED,
    REFUSED,
    UNCHANGED,
    RowDecider,
    RowDecision,
)
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
"""Rows in one transaction: large enough to be quick, small enough to keep nobody waiting."""

_FIRST_ROW: Final = 2
_MAX_ATTEMPTS: Final = 50

ProgressCallback = Callable[[int, int], None]
"""Is told the rows done and the lines there are."""


class Importer:
    """Imports files of users."""

    def __init__(self, dependencies: Dependencies, begin: Callable[[Actor, UUID], UnitOfWork]) -> None:
        """Take the surroundings, and what says whether an actor may import as of now."""
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
            first = begin()
            row_decider = RowDecider(self._log, self._ids, first)
            reader = RowReader(organisation.settings, first.context.today)
            run = _Run(self._log, self._projector, file, reader, row_decider, begin, progress or _in_silence)
            outcomes = self._outcomes(run, state, dry_run=dry_run, all_or_nothing=all_or_nothing)
            self._projector.catch_up()
            finish_erasures(self._log, self._projector)
        if not dry_run:
            done = Counter(one.outcome for one in outcomes if one.row >= state.next_row)
            for outcome, many in done.items():
                self._observer.count(CounterName.ROWS, outcome, many)
        return receipt_of(outcomes, file.encoding_name)

    def _outcomes(
        self, run: _Run, state: ImportState, *, dry_run: bool, all_or_nothing: bool
    ) -> list[RowOutcome]:
        if state.finished:
            return run.recall(state)
        if dry_run:
            outcomes = run.decide_all(record=None)
            return _all_held_back(outcomes) if all_or_nothing else outcomes
        return self._all_or_nothing(run, state) if all_or_nothing else run.in_steps(state)

    def _state(
        self, organisation: Organisation, file: CsvFile, import_id: UUID | None, *, resumable: bool
    ) -> ImportState:
        """The import to go on with, or a new one."""
        digest = self._log.fingerprint(organisation.id, "import", file.digest.hex())
        known = None
        if import_id is None:
            known = self._log.unfinished_import(organisation.id, digest) if resumable else None
        else:
            known = self._log.import_by_id(import_id)
            mine = known is None or (known.digest, known.organisation_id) == (digest, organisation.id)
            resumable = resumable or known is None or known.finished
            if not (mine and resumable) or self._log.command_record(organisation.id, import_id):
                raise CommandIdReused(import_id)
        if known is not None:
            return known
        new_id = import_id or self._ids.random_id()
        return ImportState(new_id, organisation.id, digest, _FIRST_ROW, finished=False)

    def _all_or_nothing(self, run: _Run, state: ImportState) -> list[RowOutcome]:
        with self._log.transaction() as transaction:
            run.row_decider.begin(run.begin())
            self._log.begin_import(state)
            outcomes = run.decide_all(record=state)
            if any(one.outcome == REFUSED for one in outcomes):
                transaction.rollback()
            else:
                return outcomes
        return _all_held_back(outcomes)


@dataclass(slots=True)
class _Run:
    """One pass over a file."""

    log: EventLog
    projector: Projector
    file: CsvFile
    reader: RowReader
    row_decider: RowDecider
    begin: Callable[[], UnitOfWork]
    progress: ProgressCallback

    def rows(self) -> Iterator[list[Row]]:
        """The rows in chunks."""
        lines = read_records(self.file)
        while chunk := [self.reader.read(line) for line in islice(lines, CHUNK)]:
            yield chunk
            exclude_existing_objects()

    def recall(self, state: ImportState) -> list[RowOutcome]:
        """The outcomes of a finished import, from what was kept of it and the file it was."""
        kept = self.log.imported_rows(state.import_id)
        return [_recalled(row, kept[row.number]) for rows in self.rows() for row in rows]

    def decide_all(self, record: ImportState | None) -> list[RowOutcome]:
        """Judge the file as one, rows seeing all before them; record it in the open transaction, or not."""
        outcomes: list[RowOutcome] = []
        next_row = _FIRST_ROW
        for rows in self.rows():
            decided = self.row_decider.decide(rows)
            if record is not None:
                step = _step(record, next_row, rows, decided.decisions)
                mails = mails_after(decided.facts, self.row_decider.organisation)
                self.log.record(
                    decided.facts, AppendRequest(list(decided.reservations.values()), step=step, mails=mails)
                )
                next_row = step.next_row
            outcomes += [
                _outcome(row, decision, unmade=() if record else self.row_decider.made)
                for row, decision in zip(rows, decided.decisions, strict=True)
            ]
            self.progress(rows[-1].number, self.file.lines)
        if record is not None:
            self.log.record([], AppendRequest(step=_last_step(record, next_row)))
        return outcomes

    def in_steps(self, state: ImportState) -> list[RowOutcome]:
        """Do chunk after chunk, each in a transaction of its own with the place reached, and then show it."""
        if state.next_row == _FIRST_ROW and self.log.import_by_id(state.import_id) is None:
            self.log.begin_import(state)
        kept = self.log.imported_rows(state.import_id)
        self.row_decider.made_by |= {
            one.user_id: row for row, one in kept.items() if one.outcome == CREATED and one.user_id
        }
        outcomes: list[RowOutcome] = []
        next_row = state.next_row
        for rows in self.rows():
            todo = [row for row in rows if row.number >= next_row]
            done = {row.number: _recalled(row, kept[row.number]) for row in rows if row.number < next_row}
            if todo:
                next_row, finished = self._do_chunk(state, next_row, todo)
                done |= finished
                self.projector.catch_up()
            outcomes += [done[row.number] for row in rows]
            self.progress(rows[-1].number, self.file.lines)
        self._finish(state, next_row)
        return outcomes

    def _do_chunk(
        self, state: ImportState, next_row: int, rows: Sequence[Row]
    ) -> tuple[int, dict[int, RowOutcome]]:
        """Judge and record a chunk; judge anew if others wrote first, perhaps the same import elsewhere."""
        done: dict[int, RowOutcome] = {}
        for _ in range(_MAX_ATTEMPTS):
            before = {row.number: len(row.reasons) for row in rows}
            uow = self.begin()
            self.row_decider.begin(uow)
            decided = self.row_decider.decide(rows)
            step = _step(state, next_row, rows, decided.decisions)
            expected_versions = uow.expected_versions | decided.expected_versions
            try:
                self.log.record(
                    decided.facts,
                    AppendRequest(
                        list(decided.reservations.values()),
                        step=step,
                        expected_versions=expected_versions,
                        mails=mails_after(decided.facts, uow.organisation),
                    ),
                )
            except Conflict:
                for row in rows:
                    del row.reasons[before[row.number] :]
                reached = self.log.import_by_id(state.import_id)
                next_row = reached.next_row if reached else next_row
                kept = self.log.imported_rows(state.import_id)
                done |= {
                    row.number: _recalled(row, kept[row.number]) for row in rows if row.number < next_row
                }
                rows = [row for row in rows if row.number >= next_row]
                if not rows:
                    return next_row, done
                continue
            done |= {
                row.number: _outcome(row, decision)
                for row, decision in zip(rows, decided.decisions, strict=True)
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
    kept = [_kept(row, decision) for row, decision in zip(rows, decisions, strict=True)]
    return ImportStep(state.import_id, from_row, rows[-1].number + 1, finished=False, rows=kept)


def _last_step(state: ImportState, next_row: int) -> ImportStep:
    return ImportStep(state.import_id, next_row, next_row, finished=True, rows=())


def _kept(row: Row, decision: RowDecision) -> ImportedRow:
    reasons = tuple(
        (at.COLUMNS[reason.column], reason.refusal.code, refusal_data(reason.refusal))
        for reason in decision.reasons
    )
    return ImportedRow(row.number, decision.outcome, decision.user_id, reasons)


def _outcome(row: Row, decision: RowDecision, *, unmade: Container[UUID | None] = ()) -> RowOutcome:
    """The outcome of a row; nobody is named whom a dry run would have made."""
    errors = tuple(row_error(reason, row.shown_cells) for reason in decision.reasons)
    user_id = None if decision.user_id in unmade else decision.user_id
    return RowOutcome(row.number, displayed_action(row.action), decision.outcome, user_id, errors)


def _recalled(row: Row, kept: ImportedRow) -> RowOutcome:
    errors = tuple(
        row_error(Reason(at.COLUMNS.index(column), restore_refusal(code, facts)), row.shown_cells)
        for column, code, facts in kept.reasons
    )
    return RowOutcome(row.number, displayed_action(row.action), kept.outcome, kept.user_id, errors)


def _all_held_back(outcomes: list[RowOutcome]) -> list[RowOutcome]:
    """What all or nothing comes to: if a row is refused, nothing."""
    if all(one.outcome != REFUSED for one in outcomes):
        return outcomes
    return [one if one.outcome == REFUSED else _held_back(one) for one in outcomes]


def _held_back(outcome: RowOutcome) -> RowOutcome:
    error = row_error(Reason(at.ACTION, HeldBack()), [""] * len(at.COLUMNS))
    return RowOutcome(outcome.row, outcome.action, UNCHANGED, None, (error,))


def _in_silence(_done: int, _of: int) -> None:
    """Tell nobody."""
