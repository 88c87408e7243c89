"""The one place where everything is wired together; importing it does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from brugerbog.application.background.due_work import Schedule
from brugerbog.application.background.erasure import erase_again, finish_erasures
from brugerbog.application.background.retention import Retention
from brugerbog.application.background.worker import Heartbeat, Worker
from brugerbog.application.client_authentication import Access
from brugerbog.application.commands.administration import Administration
from brugerbog.application.commands.authorization import Actor, operator
from brugerbog.application.commands.dependencies import Dependencies
from brugerbog.application.commands.organisation import read_registration
from brugerbog.application.commands.reservations import cvr_identity
from brugerbog.application.commands.self_service import SelfService
from brugerbog.application.commands.transactions import transaction
from brugerbog.application.mail.dispatcher import OutboxDispatcher
from brugerbog.application.mail.facts import MailFactsLookup
from brugerbog.application.ports.event_log import INSTALLATION_SCOPE
from brugerbog.application.queries.users import Queries
from brugerbog.application.rate_limits import cpr_limits
from brugerbog.application.refusals.database import ReadTablesOfAnother
from brugerbog.application.refusals.keys import MasterKeyNamedTwice, MasterKeyNotNamed
from brugerbog.application.refusals.requests import OrganisationNotNamed, OrganisationUnknown
from brugerbog.application.refusals.store import StoreEmpty, StoreOutOfReach, StoreReadOnly, StoreUrlInvalid
from brugerbog.domain.kernel.doors import Door
from brugerbog.infrastructure.background.heartbeat import StoredHeartbeat
from brugerbog.infrastructure.background.scheduler import WorkerScheduler
from brugerbog.infrastructure.backup.erase_list import FileEraseList, NoEraseList
from brugerbog.infrastructure.backup.listed_erasures import ListedErasures
from brugerbog.infrastructure.crypto.activation_codes import ScryptCodes
from brugerbog.infrastructure.crypto.installation_keys import InstallationKeys
from brugerbog.infrastructure.crypto.key_check import check_all, check_newest, unreadable
from brugerbog.infrastructure.crypto.key_file import KeyFile, KmsKeyFile
from brugerbog.infrastructure.crypto.key_management import KeyManagement
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.crypto.master_key import KeyInEnvironment, KeysInMemory
from brugerbog.infrastructure.crypto.master_key_ring import MasterKeyRing
from brugerbog.infrastructure.crypto.sealed_cursors import SealedCursors
from brugerbog.infrastructure.crypto.sealed_tokens import ACCESS, TO_THE_BROKER_AND_BACK, SealedTokens
from brugerbog.infrastructure.crypto.user_keys import KeyRing
from brugerbog.infrastructure.crypto.vault import Vault
from brugerbog.infrastructure.database import failures
from brugerbog.infrastructure.database.file_integrity import check_whole, remember_files
from brugerbog.infrastructure.database.preparation import prepare, unlock
from brugerbog.infrastructure.event_store.audit_reader import StoredAuditReader
from brugerbog.infrastructure.event_store.log import BrugerbogLog
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.infrastructure.event_store.retention import StoredRetention
from brugerbog.infrastructure.projections.read_connections import KeptConnectionsToRead, NoCatchUp
from brugerbog.infrastructure.projections.runner import Runner
from brugerbog.infrastructure.rate_limiter import StoredRateCounters
from brugerbog.infrastructure.settings import REQUEST_SECONDS, Installation, mail_settings
from brugerbog.infrastructure.system import SystemClock, SystemIds
from brugerbog.infrastructure.telemetry.composite_observer import CompositeObserver
from brugerbog.infrastructure.telemetry.log_lines import LogLines
from brugerbog.infrastructure.telemetry.logs import logger
from brugerbog.infrastructure.telemetry.spans import Spans
from brugerbog.infrastructure.telemetry.store_statistics import StoreStatisticsReader
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from brugerbog.infrastructure.transparency_log.checkpoint_signing import StoredCheckpointSigner
from brugerbog.infrastructure.transparency_log.exports import StoredExports
from brugerbog.infrastructure.web.sessions import SessionList, StoredSessions
from brugerbog.infrastructure.web.uploads import StoredUploads, web_uploads
from brugerbog.infrastructure.web.used_logins import UsedLogins
from brugerbog.projections.catalogue import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType
    from uuid import UUID

    from brugerbog.application.mail.outbox import Outbox
    from brugerbog.application.ports.clock import Clock, Ids
    from brugerbog.application.ports.event_log import Transaction
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.rate_limits import RateLimiter
    from brugerbog.infrastructure.backup.erase_list import KeptList
    from brugerbog.infrastructure.crypto.key_file import Kms
    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.mail.settings import MailSettings
    from brugerbog.infrastructure.telemetry.composite_observer import Watcher
    from brugerbog.infrastructure.telemetry.store_statistics import StoreStatistics
    from brugerbog.infrastructure.web.sessions import SessionLimits
    from brugerbog.projections.projection import Projection


_LISTED_AT_ONCE: Final = 500

StoreFailure = SQLAlchemyError
"""What goes wrong in the store itself, as those who call the service may catch it.
"""

refusal_of_failure = failures.refusal_of_failure
"""The refusal that a `StoreFailure` comes to where a deadline passed; None for every other failure."""


@dataclass(frozen=True)
class Service:
    """Brugerbog, opened: `administration` takes commands, `queries` answers questions.

    `self_service` is what users do with the links in their mails, `access` how systems prove who they are.
    `worker` takes the turns of work that nobody asks for: by itself when opened with `background`, else when
    told to.

    Thread-safe. Close it, or use it as a context manager.
    """

    administration: Administration
    self_service: SelfService
    queries: Queries
    access: Access
    worker: Worker
    schedule: Schedule
    heartbeat: Heartbeat
    runner: Runner
    log: BrugerbogLog
    keys: KeyManagement
    checkpoint_signer: StoredCheckpointSigner
    scheduler: WorkerScheduler
    observer: Observer
    rate_limiter: RateLimiter

    @property
    def is_embedded(self) -> bool:
        """Whether the store is this process's own, in files or memory, and no database server's."""
        return not self.log.backend.one_database

    def operator(self, cvr: str | None = None, *, door: Door = Door.EMBEDDED) -> Actor:
        """The operator acting in an organisation, which may be left unnamed when there is only one.

        Raises: OrganisationUnknown, OrganisationNotNamed.
        """
        return operator(self.organisation_id(cvr), door)

    def user(self, user_id: UUID, cvr: str | None = None, *, door: Door = Door.EMBEDDED) -> Actor:
        """A user acting in his organisation with the roles he holds. Raises: as `operator`."""
        return Actor(user_id, self.organisation_id(cvr), door)

    def organisation_id(self, cvr: str | None = None) -> UUID:
        """The id of an organisation. Raises: OrganisationUnknown, OrganisationNotNamed."""
        if cvr is not None:
            if not (cvr.isascii() and cvr.strip().isdecimal()):
                raise OrganisationUnknown
            wanted = cvr_identity(cvr.strip())
            try:
                return self.log.holders(INSTALLATION_SCOPE, [wanted])[wanted]
            except KeyError:
                raise OrganisationUnknown from None
        known = self.log.organisation_ids()
        if len(known) > 1:
            raise OrganisationNotNamed
        if not known:
            raise OrganisationUnknown
        return known[0]

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Make several commands one transaction: all of them are stored at the block's end, or none.

        The transaction belongs to this thread; other threads and processes can't record anything until it
        ends. Each command sees those before it; lists show them, and mails, codes and secrets take effect,
        only after the end. An exception that leaves the block undoes it, and so does `undo()` on the object
        that the block gets; a refusal caught inside undoes one command. A transaction inside another is a
        savepoint. After a failure of the store nothing is stored, even if the failure was caught.
        Imports, commands with a link, `show_cpr`, readings of the log, due work and questions about mails
        raise `NotInTransaction`. Raises: what the block and the store raise.
        """
        return transaction(self.log, self.runner)

    def run_due(self) -> int:
        """Record what has fallen due; returns how many things that were."""
        return self.schedule.run_due()

    def erase(self, *, scrub: bool = False) -> int:
        """Erase whoever is due for it and finish what was cut off; returns how many due things were recorded.

        With `scrub`, the files in which something deleted may still lie are written anew; others wait for it.
        Where the read tables belong to another role, scrubbing is all that the owner does.
        Raises: ReadTablesOfAnother when the owner of the log is to do the rest.
        """
        recorded = 0
        if self.log.backend.may_touch_read_tables or not scrub:
            recorded = self.schedule.run_due()
            finish_erasures(self.log, self.runner)
        if scrub:
            self.log.backend.rewrite()
        return recorded

    def unreadable(self) -> list[UUID]:
        """Users who have something sealed in the log, and no key: the keys belong to another copy."""
        return list(unreadable(self.log.backend))

    def check_organisations(self) -> None:
        """Load every organisation, which checks who recorded its events. Raises: OrganisationForged."""
        self.log.check_organisations()

    def make_views(self) -> None:
        """Make the views for reporting tools, or renew them.

        Raises: ReportingNeedsServer, ReportingNotSetUp.
        """
        self.log.backend.make_views()

    def store_statistics(self) -> StoreStatistics:
        """How the store stands, for those who watch. Raises: what the store raises."""
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


def check_registration(*, cvr: str, name: str, settings: Mapping[str, Any]) -> None:
    """Refuse what can't be registered before there is a store for it. Raises: as `register_organisation`."""
    read_registration(
        cvr, name, settings, allow_fictitious_cvr=Installation.from_environment().allow_fictitious_cvr
    )


def open_service(
    url: str | None = None,
    *,
    create: bool = True,
    master_key_file: str | Path | None = None,
    kms: Kms | None = None,
    master_keys: MasterKeys | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    projections: Sequence[Projection] = PROJECTIONS,
    on_new_key: Callable[[Path], None] | None = None,
    background: bool = False,
    catches_up: bool = True,
    erase_unreadable: bool = False,
    needs_read_tables: bool = True,
    mail: MailSettings | None = None,
    watchers: Sequence[Watcher] = (),
) -> Service:
    """Open a store: `sqlite:///file.db`, `sqlite://` (in memory) or `postgresql+psycopg://…`.

    What isn't given comes from BRUGERBOG_* in the environment. An empty store is prepared, unless `create`
    is False; `on_new_key` hears where a new master key was made. `kms` wraps the keys in their file;
    `master_keys` is another place for them altogether. With `background`, a thread records what
    falls due and sends mails, as `mail` or the environment says; without, `service.worker.run_once()` does.
    Without `catches_up`, questions answer from the read tables as they stand: every command brings them up
    before it returns, and so does a worker, but what another process is about to do may not show yet.
    With `erase_unreadable`, users whose keys are lost are recorded as erased; without, a store whose keys
    don't belong to its log is refused.
    Without `needs_read_tables`, a store opens on PostgreSQL for the owner of the log too, where these tables
    are another role's; whatever touches them raises ReadTablesOfAnother.
    `watchers` are told of all that is done, beside the log lines.
    Raises: StoreEmpty, StoreUnusable and its kin, MasterKeyMissing, MasterKeyWrong and theirs.
    """
    installation = Installation.from_environment()
    clock, ids = clock or SystemClock(), ids or SystemIds()
    observer = CompositeObserver([LogLines(), Spans(), *watchers])
    backend, path = backend_of(url or installation.store, installation.request_seconds)
    try:
        prepared = _check(backend, create=create, needs_read_tables=needs_read_tables)
        port = master_keys or master_keys_of(backend, path, installation, master_key_file, kms)
        if not prepared and port.make() and on_new_key is not None:
            on_new_key(Path(port.place))
        vault = Vault(*(() if prepared else port.read()))
        if not prepared:
            prepare(backend, vault, ids.random_id())
        masters = MasterKeyRing(backend, vault, port)
        installation_keys = InstallationKeys(backend, vault, masters)
        unlock(backend, masters, installation_keys)
    except (DBAPIError, OSError):
        backend.close()
        raise StoreOutOfReach from None
    except BaseException:
        backend.close()
        raise
    try:
        log = BrugerbogLog(
            backend,
            vault,
            KeyRing(backend, vault, masters),
            installation_keys,
            ListedErasures(backend, erase_list_of(installation, path, port)),
        )
        keys = KeyManagement(log, masters, clock)
        runner = Runner(backend, log, projections, observer)
        _make_ready(log, runner, clock, erase_unreadable=erase_unreadable)
        if not backend.is_read_only:
            keys.sweep_left_over()
    except BaseException:
        backend.close()
        raise
    folder = CheckpointFolder(installation.checkpoints) if installation.checkpoints else None
    checkpoint_signer = StoredCheckpointSigner(backend, keys.signing, clock, folder)
    outbox = StoredOutbox(backend, installation_keys)
    dependencies = Dependencies(
        log=log,
        projector=runner,
        clock=clock,
        ids=ids,
        codes=ScryptCodes(),
        tokens=RandomTokens(),
        links=outbox,
        observer=observer,
        checkpoint_signer=checkpoint_signer,
        rate_limiter=StoredRateCounters(backend, vault, clock),
        cpr_limits=cpr_limits(installation.cpr_per_minute, installation.cpr_per_day),
        allow_fictitious_cvr=installation.allow_fictitious_cvr,
    )
    read = KeptConnectionsToRead(backend)
    queries = Queries(
        log,
        read,
        projector=runner if catches_up and not backend.is_read_only else NoCatchUp(runner),
        clock=clock,
        cursors=SealedCursors(vault),
        outbox=outbox,
        observer=observer,
        trail=StoredAuditReader(log),
        ids=ids,
        exports=StoredExports(log, checkpoint_signer, keys.signing),
        sessions=SessionList(backend, clock, _session_limits),
    )
    access = Access(
        log,
        dependencies.tokens,
        SealedTokens(installation_keys, clock, "access-token", ACCESS),
        observer,
        clock,
    )
    schedule = Schedule(log, read, runner, clock, observer)
    heartbeat = StoredHeartbeat(backend, ids.random_id())

    @cache
    def dispatcher() -> OutboxDispatcher | None:
        settings = mail or mail_settings()
        return None if settings is None else _dispatcher(settings, dependencies, outbox)

    worker = Worker(
        runner,
        schedule,
        retention=Retention(log, StoredRetention(backend), clock),
        checkpoint_signer=checkpoint_signer,
        dispatcher=dispatcher,
        heartbeat=heartbeat,
        clock=clock,
        ids=ids,
        observer=observer,
    )
    service = Service(
        Administration(dependencies),
        SelfService(dependencies),
        queries,
        access,
        worker,
        schedule,
        heartbeat,
        runner,
        log,
        keys,
        checkpoint_signer,
        WorkerScheduler(worker),
        observer,
        dependencies.rate_limiter,
    )
    if background:
        service.scheduler.start()
    return service


def _session_limits() -> SessionLimits:
    from brugerbog.infrastructure.web.settings import read_session_limits  # noqa: PLC0415 - seldom needed

    return read_session_limits()


def erase_list_of(installation: Installation, store: Path | None, keys: MasterKeys | None) -> KeptList:
    """Where it is said to be; else beside the store, or beside the master key of one that has no file."""
    if installation.erase_list is not None:
        return FileEraseList(installation.erase_list)
    beside = store or (Path(keys.place) if isinstance(keys, KeyFile | KmsKeyFile) else None)
    return NoEraseList() if beside is None else FileEraseList(beside.with_suffix(".erased"))


def _make_ready(log: BrugerbogLog, runner: Runner, clock: Clock, *, erase_unreadable: bool) -> None:
    """Do what comes before anything is served: see that files belong together, catch up, finish erasures.

    Where this process mustn't touch the read tables, it serves nobody, and leaves all this to who does.
    """
    if not log.backend.may_touch_read_tables:
        return
    is_new_place = check_whole(log.backend)
    listed = log.erase_list.unheard()
    if not erase_unreadable:
        check_keys = check_all if is_new_place else check_newest
        check_keys(log.backend, set(listed))
    if log.backend.is_read_only:
        _check_nothing_waits(log, listed)
        return
    runner.prepare()
    runner.catch_up()
    finish_erasures(log, runner)
    _erase_again(log, runner, clock, listed)
    if erase_unreadable:
        erase_again(log, runner, clock, list(unreadable(log.backend)))
    if is_new_place:
        remember_files(log.backend)


def _check_nothing_waits(log: BrugerbogLog, listed: Sequence[UUID]) -> None:
    """See that nobody is to be erased first where nothing can be written. Raises: StoreReadOnly."""
    some = (listed[start : start + _LISTED_AT_ONCE] for start in range(0, len(listed), _LISTED_AT_ONCE))
    if log.pending_erasures() or any(map(log.not_erased, some)):
        raise StoreReadOnly


def _erase_again(log: BrugerbogLog, runner: Runner, clock: Clock, listed: Sequence[UUID]) -> None:
    """Erase those listed whom a backup may have brought back, before anything is served."""
    some = (listed[start : start + _LISTED_AT_ONCE] for start in range(0, len(listed), _LISTED_AT_ONCE))
    if any(map(log.not_erased, some)):
        log.erase_list.say_put_back()
        erase_again(log, runner, clock, listed)
    log.erase_list.hear()


def _dispatcher(settings: MailSettings, dependencies: Dependencies, outbox: Outbox) -> OutboxDispatcher:
    from brugerbog.infrastructure.mail.rendering import DanishMailRenderer  # noqa: PLC0415 - slow to load
    from brugerbog.infrastructure.mail.transports import transport_for  # noqa: PLC0415 - as above

    return OutboxDispatcher(
        outbox=outbox,
        transport=transport_for(settings),
        tokens=dependencies.tokens,
        compose=MailFactsLookup(dependencies.log, dependencies.clock),
        writer=DanishMailRenderer(settings.base_url, settings.sender.domain),
        clock=dependencies.clock,
        journal=logger("brugerbog.mail"),
        observer=dependencies.observer,
    )


def backend_of(url: str, request_seconds: float = REQUEST_SECONDS) -> tuple[Backend, Path | None]:
    """The engine that a store's address names, and its file if it has one. Raises: StoreUnusable's kin."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid from None
    if parsed.drivername == "sqlite":
        from brugerbog.infrastructure.database.sqlite import SqliteBackend  # noqa: PLC0415 - only what is used

        path = Path(parsed.database) if parsed.database and parsed.database != ":memory:" else None
        try:
            return SqliteBackend(path, request_seconds), path
        except OSError:
            raise StoreOutOfReach from None
    if parsed.drivername == "postgresql+psycopg":
        from brugerbog.infrastructure.database.postgres import PostgresBackend  # noqa: PLC0415 - as above

        try:
            return PostgresBackend(parsed, request_seconds), None
        except DBAPIError:
            raise StoreOutOfReach from None
    raise StoreUrlInvalid


def _check(backend: Backend, *, create: bool, needs_read_tables: bool) -> bool:
    if needs_read_tables and not backend.may_touch_read_tables:
        raise ReadTablesOfAnother
    prepared = backend.is_prepared()
    if not prepared and not create:
        raise StoreEmpty
    return prepared


def master_keys_of(
    backend: Backend,
    store: Path | None,
    installation: Installation,
    key_file: str | Path | None,
    kms: Kms | None,
) -> MasterKeys:
    """Where master keys come from: what is given, else what the environment says, else beside the store."""
    if key_file is None and installation.master_key_in_environment and kms is None:
        if installation.master_key_file is not None:
            raise MasterKeyNamedTwice
        return KeyInEnvironment()
    key_file = key_file or installation.master_key_file
    if key_file is None and store is not None:
        key_file = store.with_suffix(".master.key")
    if key_file is not None:
        return KeyFile(key_file) if kms is None else KmsKeyFile(key_file, kms)
    if backend.one_database:
        raise MasterKeyNotNamed
    return KeysInMemory()


@dataclass(frozen=True, slots=True)
class WebRoom:
    """What the pages keep beside an opened service."""

    sessions: StoredSessions
    tickets: SealedTokens
    used_logins: UsedLogins
    uploads: StoredUploads
    ids: Ids


def web_room(service: Service, limits: SessionLimits) -> WebRoom:
    """What the pages of an opened service keep, which every process that serves it shares."""
    backend, clock = service.log.backend, service.queries
    keys = service.log.installation_keys
    return WebRoom(
        StoredSessions(backend, keys, clock, limits, belongings=[web_uploads]),
        SealedTokens(keys, clock, "web-ticket", TO_THE_BROKER_AND_BACK),
        UsedLogins(backend, clock),
        StoredUploads(backend, clock),
        SystemIds(),
    )
