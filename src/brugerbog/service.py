"""An opened store: commands, queries and background work behind one object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import SQLAlchemyError

from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.erasure import finish_erasures
from brugerbog.application.commands.reservations import cvr_identity
from brugerbog.application.commands.transactions import transaction
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.refusals.requests import OrganisationNotNamed, OrganisationUnknown
from brugerbog.domain.kernel.doors import Door
from brugerbog.infrastructure.database import failures
from brugerbog.infrastructure.keys.key_check import unreadable
from brugerbog.infrastructure.telemetry.store_statistics import StoreStatisticsReader

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType
    from uuid import UUID

    from brugerbog.application.background.due_work import DueWorkRunner
    from brugerbog.application.background.worker import Heartbeat, Worker
    from brugerbog.application.client_authentication import ClientAuthentication
    from brugerbog.application.commands.administration import Administration
    from brugerbog.application.commands.self_service import SelfService
    from brugerbog.application.ports.event_log import Transaction
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.queries.queries import Queries
    from brugerbog.application.rate_limits import RateLimiter
    from brugerbog.infrastructure.background.scheduler import WorkerScheduler
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.key_rotation.key_management import KeyManagement
    from brugerbog.infrastructure.projections.runner import ProjectionRunner
    from brugerbog.infrastructure.telemetry.store_statistics import StoreStatistics
    from brugerbog.infrastructure.transparency_log.checkpoint_signing import StoredCheckpointSigner

StoreFailure = SQLAlchemyError
"""A failure of the store itself, for callers of the service to catch."""

refusal_of_failure = failures.refusal_of_failure
"""The refusal for a `StoreFailure` that was a passed deadline or a full disk; None for any other failure."""


@dataclass(frozen=True)
class Service:
    """An opened store: `administration` takes commands, `queries` answers queries.

    `self_service` takes the commands of users with a mailed link; `access` authenticates systems. `worker`
    does the background work: in a thread when opened with `background`, else when `run_once()` is called.

    Thread-safe. Close it, or use it as a context manager.
    """

    administration: Administration
    self_service: SelfService
    queries: Queries
    access: ClientAuthentication
    worker: Worker
    due_work: DueWorkRunner
    heartbeat: Heartbeat
    runner: ProjectionRunner
    log: BrugerbogLog
    keys: KeyManagement
    checkpoint_signer: StoredCheckpointSigner
    scheduler: WorkerScheduler
    observer: Observer
    rate_limiter: RateLimiter

    @property
    def is_embedded(self) -> bool:
        """Whether the store is in files or memory, and not on a database server."""
        return not self.log.backend.has_single_database

    def operator(self, cvr: str | None = None, *, door: Door = Door.EMBEDDED) -> Actor:
        """The operator as actor in an organisation, which need not be named when there is only one.

        Raises: OrganisationUnknown, OrganisationNotNamed.
        """
        return operator(self.organisation_id(cvr), door)

    def user(self, user_id: UUID, cvr: str | None = None, *, door: Door = Door.EMBEDDED) -> Actor:
        """A user as actor in their organisation, with the roles they have. Raises: as `operator`."""
        return Actor(user_id, self.organisation_id(cvr), door)

    def organisation_id(self, cvr: str | None = None) -> UUID:
        """The id of an organisation. Raises: OrganisationUnknown, OrganisationNotNamed."""
        if cvr is not None:
            if not (cvr.isascii() and cvr.strip().isdecimal()):
                raise OrganisationUnknown
            wanted = cvr_identity(cvr.strip())
            try:
                return self.log.identity_holders(INSTALLATION_SCOPE, [wanted])[wanted]
            except KeyError:
                raise OrganisationUnknown from None
        known = self.log.organisation_ids()
        if len(known) > 1:
            raise OrganisationNotNamed
        if not known:
            raise OrganisationUnknown
        return known[0]

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Store several commands in one transaction: all of them at the end of the block, or none.

        The transaction belongs to this thread; other threads and processes can't record anything until it
        ends. Each command sees those before it. Lists show the commands, and mails, codes and secrets take
        effect, only after the end. An exception that leaves the block rolls it back; so does `rollback()` on
        the object that the block gets; a refusal caught inside rolls back one command. A transaction inside
        another is a savepoint. After a failure of the store nothing is stored, even if the failure is caught.
        Imports, commands with a link, `show_cpr`, readings of the log, due work and queries about mails
        raise `NotInTransaction`. Raises: what the block and the store raise.
        """
        return transaction(self.log, self.runner)

    def run_due(self) -> int:
        """Record due work, such as the end of an absence; returns how many things were recorded."""
        return self.due_work.run_due()

    def erase(self, *, scrub: bool = False) -> int:
        """Record due work, erasures among it, and finish those that were cut off; returns how much was due.

        With `scrub`, files that may still contain deleted data are rewritten, while other processes wait.
        Where the read tables belong to another role, the owner of the log only scrubs.
        Raises: ReadTablesOfAnother when the owner of the log is to do the rest.
        """
        recorded = 0
        if self.log.backend.can_access_read_tables or not scrub:
            recorded = self.due_work.run_due()
            finish_erasures(self.log, self.runner)
        if scrub:
            self.log.backend.vacuum()
        return recorded

    def unreadable(self) -> list[UUID]:
        """Users with ciphertexts in the log and no key: the keys belong to another copy."""
        return list(unreadable(self.log.backend))

    def check_organisations(self) -> None:
        """Check the MACs of every organisation's events. Raises: OrganisationForged."""
        self.log.check_organisations()

    def make_views(self) -> None:
        """Create the SQL views for reporting tools, or replace them.

        Raises: ReportingNeedsServer, ReportingNotSetUp.
        """
        self.log.backend.create_reporting_views()

    def store_statistics(self) -> StoreStatistics:
        """The store's statistics, for monitoring. Raises: what the store raises."""
        return StoreStatisticsReader(self.log.backend, self.runner, self.heartbeat, self.queries).read()

    def close(self) -> None:
        self.scheduler.stop()
        self.log.close()
        self.log.backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
