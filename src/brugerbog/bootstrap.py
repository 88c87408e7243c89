"""Composition root: the one place where a service is put together. Importing it has no side effects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from brugerbog.application.background.due_work import DueWorkRunner
from brugerbog.application.background.retention import Retention
from brugerbog.application.background.worker import Worker
from brugerbog.application.client_authentication import ClientAuthentication
from brugerbog.application.commands.administration import Administration
from brugerbog.application.commands.dependencies import Dependencies
from brugerbog.application.commands.organisation import read_registration
from brugerbog.application.commands.self_service import SelfService
from brugerbog.application.mail.dispatcher import OutboxDispatcher
from brugerbog.application.mail.facts import MailFactsLookup
from brugerbog.application.queries.queries import Queries
from brugerbog.application.rate_limits import cpr_limits
from brugerbog.application.refusals.database import ReadTablesOfAnother
from brugerbog.application.refusals.store import StoreEmpty, StoreOutOfReach
from brugerbog.infrastructure.background.heartbeat import StoredHeartbeat
from brugerbog.infrastructure.background.scheduler import WorkerScheduler
from brugerbog.infrastructure.crypto.activation_codes import ScryptCodes
from brugerbog.infrastructure.crypto.link_tokens import RandomTokens
from brugerbog.infrastructure.crypto.sealed_cursors import SealedCursors
from brugerbog.infrastructure.event_store.audit_reader import StoredAuditReader
from brugerbog.infrastructure.event_store.outbox import StoredOutbox
from brugerbog.infrastructure.event_store.retention import StoredRetention
from brugerbog.infrastructure.key_rotation.key_management import KeyManagement
from brugerbog.infrastructure.keys.sealed_tokens import ACCESS_TOKEN_LIFETIME, LOGIN_LIFETIME, SealedTokens
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.projections.read_connections import NoCatchUp, PooledReadStore
from brugerbog.infrastructure.projections.runner import ProjectionRunner
from brugerbog.infrastructure.rate_limiter import StoredRateCounters
from brugerbog.infrastructure.settings import Installation, mail_settings
from brugerbog.infrastructure.startup import make_ready
from brugerbog.infrastructure.system import SystemClock, SystemIds
from brugerbog.infrastructure.telemetry.composite_observer import CompositeObserver
from brugerbog.infrastructure.telemetry.log_lines import LogLines
from brugerbog.infrastructure.telemetry.spans import Spans
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from brugerbog.infrastructure.transparency_log.checkpoint_signing import StoredCheckpointSigner
from brugerbog.infrastructure.transparency_log.exports import StoredExports
from brugerbog.infrastructure.web.sessions import SessionList, StoredSessions
from brugerbog.infrastructure.web.uploads import StoredUploads, web_uploads
from brugerbog.infrastructure.web.used_logins import UsedLogins
from brugerbog.infrastructure.wiring import wire_store
from brugerbog.projections.catalogue import PROJECTIONS
from brugerbog.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from brugerbog.application.ports.clock import Clock, Ids
    from brugerbog.application.ports.observation import Observer
    from brugerbog.application.ports.read_store import Projector
    from brugerbog.infrastructure.crypto.key_file import Kms
    from brugerbog.infrastructure.crypto.master_key import MasterKeys
    from brugerbog.infrastructure.event_store.log import BrugerbogLog
    from brugerbog.infrastructure.mail.settings import MailSettings
    from brugerbog.infrastructure.telemetry.composite_observer import OperationListener
    from brugerbog.infrastructure.web.sessions import SessionLimits
    from brugerbog.infrastructure.wiring import StoreKeys, StoreWiring
    from brugerbog.projections.projection import Projection


def check_registration(*, cvr: str, name: str, settings: Mapping[str, Any]) -> None:
    """Refuse a registration that would fail, before a store is created for it.

    Raises: as `register_organisation`.
    """
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
    watchers: Sequence[OperationListener] = (),
) -> Service:
    """Open a store: `sqlite:///file.db`, `sqlite://` (in memory) or `postgresql+psycopg://…`.

    Arguments left out come from BRUGERBOG_* in the environment. The tables and keys of an empty store are
    created, unless `create` is False; `on_new_key` is called with the path of a new master key. `kms` wraps
    the keys in their file; `master_keys` replaces the file as the source of master keys.
    With `background`, a thread records due work and sends mails, as `mail` or the environment configures;
    without, `service.worker.run_once()` does.
    Without `catches_up`, queries don't catch up the projections first: every command does so before it
    returns, and so does a worker, but an event that another process has just recorded may be missing.
    With `erase_unreadable`, users whose keys are lost are recorded as erased; without, a store whose keys
    don't belong to its log is refused.
    Without `needs_read_tables`, a store on PostgreSQL opens for the owner of the log too, where the read
    tables belong to another role; every use of them raises ReadTablesOfAnother.
    `watchers` are listeners called for every operation, in addition to log lines and spans.
    Raises: StoreEmpty; StoreUnusable or a subclass; MasterKeyMissing, MasterKeyWrong and the other refusals
    of master keys.
    """
    settings = Installation.from_environment()
    clock, ids = clock or SystemClock(), ids or SystemIds()
    observer = CompositeObserver([LogLines(), Spans(), *watchers])
    store = wire_store(
        url,
        settings,
        request_seconds=settings.request_seconds,
        key_file=master_key_file,
        kms=kms,
        master_keys=master_keys,
    )
    try:
        keys = _unlock(store, ids, on_new_key, create=create, needs_read_tables=needs_read_tables)
        log = store.event_log(keys, store.erase_list)
        key_management = KeyManagement(log, keys.master_keys, clock)
        runner = ProjectionRunner(store.backend, log, projections, observer)
        make_ready(log, runner, clock, erase_unreadable=erase_unreadable)
        if not store.backend.is_read_only:
            key_management.finish_rotations()
    except BaseException:
        store.backend.close()
        raise
    builder = _ServiceBuilder(settings, log, key_management, runner, clock, ids, observer)
    service = builder.service(mail, catches_up=catches_up and not store.backend.is_read_only)
    if background:
        service.scheduler.start()
    return service


def _unlock(
    store: StoreWiring,
    ids: Ids,
    on_new_key: Callable[[Path], None] | None,
    *,
    create: bool,
    needs_read_tables: bool,
) -> StoreKeys:
    """Load the keys of a store; create the store first if it is empty and `create` is true.

    Raises: ReadTablesOfAnother, StoreEmpty, StoreOutOfReach, and as `StoreWiring.create` and `.unlock`.
    """
    try:
        if needs_read_tables and not store.backend.can_access_read_tables:
            raise ReadTablesOfAnother
        if not store.backend.is_prepared():
            if not create:
                raise StoreEmpty
            store.create(ids.random_id(), on_new_key)
        return store.unlock()
    except (DBAPIError, OSError):
        raise StoreOutOfReach from None


@dataclass(frozen=True)
class _ServiceBuilder:
    """Builds a service from an event log that is ready; parts that others share are built once."""

    settings: Installation
    log: BrugerbogLog
    key_management: KeyManagement
    runner: ProjectionRunner
    clock: Clock
    ids: Ids
    observer: Observer

    def service(self, mail: MailSettings | None, *, catches_up: bool) -> Service:
        due_work = DueWorkRunner(self.log, self.read_store, self.runner, self.clock, self.observer)
        heartbeat = StoredHeartbeat(self.log.backend, self.ids.random_id())
        worker = self._worker(due_work, heartbeat, mail)
        return Service(
            administration=Administration(self.dependencies),
            self_service=SelfService(self.dependencies),
            queries=self._queries(self.runner if catches_up else NoCatchUp(self.runner)),
            access=self._access(),
            worker=worker,
            due_work=due_work,
            heartbeat=heartbeat,
            runner=self.runner,
            log=self.log,
            keys=self.key_management,
            checkpoint_signer=self.checkpoint_signer,
            scheduler=WorkerScheduler(worker),
            observer=self.observer,
            rate_limiter=self.dependencies.rate_limiter,
        )

    @cached_property
    def read_store(self) -> PooledReadStore:
        return PooledReadStore(self.log.backend)

    @cached_property
    def outbox(self) -> StoredOutbox:
        return StoredOutbox(self.log.backend, self.log.installation_keys)

    @cached_property
    def checkpoint_signer(self) -> StoredCheckpointSigner:
        folder = CheckpointFolder(self.settings.checkpoints) if self.settings.checkpoints else None
        return StoredCheckpointSigner(self.log.backend, self.key_management.signing, self.clock, folder)

    @cached_property
    def dependencies(self) -> Dependencies:
        return Dependencies(
            log=self.log,
            projector=self.runner,
            clock=self.clock,
            ids=self.ids,
            codes=ScryptCodes(),
            tokens=RandomTokens(),
            links=self.outbox,
            observer=self.observer,
            checkpoint_signer=self.checkpoint_signer,
            rate_limiter=StoredRateCounters(self.log.backend, self.log.vault, self.clock),
            cpr_limits=cpr_limits(self.settings.cpr_per_minute, self.settings.cpr_per_day),
            allow_fictitious_cvr=self.settings.allow_fictitious_cvr,
        )

    def _queries(self, projector: Projector) -> Queries:
        return Queries(
            self.log,
            self.read_store,
            projector=projector,
            clock=self.clock,
            cursors=SealedCursors(self.log.vault),
            outbox=self.outbox,
            observer=self.observer,
            audit_reader=StoredAuditReader(self.log),
            ids=self.ids,
            exports=StoredExports(self.log, self.checkpoint_signer, self.key_management.signing),
            sessions=SessionList(self.log.backend, self.clock, _session_limits),
        )

    def _access(self) -> ClientAuthentication:
        tokens = SealedTokens(self.log.installation_keys, self.clock, "access-token", ACCESS_TOKEN_LIFETIME)
        return ClientAuthentication(self.log, self.dependencies.tokens, tokens, self.observer, self.clock)

    def _worker(
        self, due_work: DueWorkRunner, heartbeat: StoredHeartbeat, mail: MailSettings | None
    ) -> Worker:
        @cache
        def dispatcher() -> OutboxDispatcher | None:
            settings = mail or mail_settings()
            return None if settings is None else self._dispatcher(settings)

        return Worker(
            self.runner,
            due_work,
            retention=Retention(self.log, StoredRetention(self.log.backend), self.clock),
            checkpoint_signer=self.checkpoint_signer,
            dispatcher=dispatcher,
            heartbeat=heartbeat,
            clock=self.clock,
            ids=self.ids,
            observer=self.observer,
        )

    def _dispatcher(self, settings: MailSettings) -> OutboxDispatcher:
        from brugerbog.infrastructure.mail.rendering import DanishMailRenderer  # noqa: PLC0415 - slow to load
        from brugerbog.infrastructure.mail.transports import transport_for  # noqa: PLC0415 - as above

        return OutboxDispatcher(
            outbox=self.outbox,
            transport=transport_for(settings),
            tokens=self.dependencies.tokens,
            facts_source=MailFactsLookup(self.log, self.clock),
            renderer=DanishMailRenderer(settings.base_url, settings.sender.domain),
            clock=self.clock,
            logger=logger("brugerbog.mail"),
            observer=self.observer,
        )


def _session_limits() -> SessionLimits:
    from brugerbog.infrastructure.web.settings import read_session_limits  # noqa: PLC0415 - seldom needed

    return read_session_limits()


@dataclass(frozen=True, slots=True)
class WebStores:
    """The stores of the web pages, in addition to the service; all processes that serve pages share them."""

    sessions: StoredSessions
    login_tokens: SealedTokens
    used_logins: UsedLogins
    uploads: StoredUploads
    ids: Ids


def web_stores(service: Service, limits: SessionLimits) -> WebStores:
    """Return the stores of the web pages, with the clock of the service."""
    backend, clock = service.log.backend, service.queries
    keys = service.log.installation_keys
    return WebStores(
        StoredSessions(backend, keys, clock, limits, dependent_tables=[web_uploads]),
        SealedTokens(keys, clock, "web-ticket", LOGIN_LIFETIME),
        UsedLogins(backend, clock),
        StoredUploads(backend, clock),
        SystemIds(),
    )
