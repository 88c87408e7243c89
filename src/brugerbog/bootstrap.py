"""The one place where everything is wired together; importing it does nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from brugerbog.application.actors import Actor, operator
from brugerbog.application.administration import Administration
from brugerbog.application.commands import Surroundings
from brugerbog.application.deed import cvr_identity
from brugerbog.application.erasure import finish_erasures
from brugerbog.application.errors import (
    MasterKeyMissing,
    MasterKeyNotNamed,
    OrganisationNotNamed,
    OrganisationUnknown,
    StoreEmpty,
    StoreOutOfReach,
    StoreUrlInvalid,
)
from brugerbog.application.letters import LetterComposer
from brugerbog.application.mail_round import MailRound
from brugerbog.application.organisations import read_registration
from brugerbog.application.ports import NOWHERE
from brugerbog.application.queries import Queries
from brugerbog.application.schedule import Schedule
from brugerbog.application.self_service import SelfService
from brugerbog.application.worker import Pulse, Worker
from brugerbog.domain.act import Door
from brugerbog.infrastructure.alarm_clock import AlarmClock
from brugerbog.infrastructure.codes import ScryptCodes
from brugerbog.infrastructure.complaints import LoggedComplaints
from brugerbog.infrastructure.cursors import SealedCursors
from brugerbog.infrastructure.logs import logger
from brugerbog.infrastructure.master_key import make_master_key, read_master_key
from brugerbog.infrastructure.pulse import StoredPulse
from brugerbog.infrastructure.runner import Runner
from brugerbog.infrastructure.settings import Installation, mail_settings
from brugerbog.infrastructure.store.keys import KeyRing
from brugerbog.infrastructure.store.log import BrugerbogLog
from brugerbog.infrastructure.store.mailbox import StoredMailbox
from brugerbog.infrastructure.store.prepare import prepare, unlock
from brugerbog.infrastructure.store.trail import StoredTrail
from brugerbog.infrastructure.system import SystemClock, SystemIds
from brugerbog.infrastructure.tokens import RandomTokens
from brugerbog.infrastructure.vault import KEY_SIZE, Vault
from brugerbog.projections.all import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from uuid import UUID

    from brugerbog.application.mail import Mailbox
    from brugerbog.application.ports import Clock, Ids
    from brugerbog.infrastructure.mail.settings import MailSettings
    from brugerbog.infrastructure.store.backend import Backend
    from brugerbog.projections.projection import Projection


StoreFailure = SQLAlchemyError
"""What goes wrong in the store itself, as those who call the service may catch it."""


@dataclass(frozen=True)
class Service:
    """Brugerbog, opened: `administration` takes commands, `queries` answers questions.

    `self_service` is what users do with the links in their mails. `worker` takes the turns of work that
    nobody asks for: by itself when opened with `background`, else when told to.

    Thread-safe. Close it, or use it as a context manager.
    """

    administration: Administration
    self_service: SelfService
    queries: Queries
    worker: Worker
    schedule: Schedule
    pulse: Pulse
    runner: Runner
    log: BrugerbogLog
    alarm_clock: AlarmClock

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
                return self.log.holders(NOWHERE, [wanted])[wanted]
            except KeyError:
                raise OrganisationUnknown from None
        known = self.log.organisation_ids()
        if len(known) > 1:
            raise OrganisationNotNamed
        if not known:
            raise OrganisationUnknown
        return known[0]

    def run_due(self) -> int:
        """Record what has fallen due; returns how many things that were."""
        return self.schedule.run_due()

    def close(self) -> None:
        self.alarm_clock.stop()
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
    clock: Clock | None = None,
    ids: Ids | None = None,
    projections: Sequence[Projection] = PROJECTIONS,
    on_new_key: Callable[[Path], None] | None = None,
    background: bool = False,
    mail: MailSettings | None = None,
) -> Service:
    """Open a store: `sqlite:///file.db`, `sqlite://` (in memory) or `postgresql+psycopg://…`.

    What isn't given comes from BRUGERBOG_* in the environment. An empty store is prepared, unless `create`
    is False; `on_new_key` hears where a new master key was made. With `background`, a thread records what
    falls due and sends mails, as `mail` or the environment says; without, `service.worker.run_once()` does.
    Raises: StoreEmpty, StoreUnusable and its kin, MasterKeyMissing, MasterKeyNotNamed, MasterKeyWrong.
    """
    installation = Installation.from_environment()
    clock, ids = clock or SystemClock(), ids or SystemIds()
    backend, path = _backend(url or installation.store)
    key_file = Path(master_key_file) if master_key_file else installation.master_key_file
    try:
        prepared = _check(backend, create=create)
        vault, place = _vault(backend, path, key_file, prepared=prepared, on_new_key=on_new_key)
        if not prepared:
            prepare(backend, vault, ids.random_id())
        unlock(backend, vault, place)
    except (DBAPIError, OSError):
        backend.close()
        raise StoreOutOfReach from None
    except BaseException:
        backend.close()
        raise
    try:
        log = BrugerbogLog(backend, vault, KeyRing(backend, vault))
        runner = Runner(backend, log, projections)
        runner.prepare()
        runner.catch_up()
        finish_erasures(log, runner)
    except BaseException:
        backend.close()
        raise
    mailbox = StoredMailbox(backend)
    surroundings = Surroundings(
        log=log,
        projector=runner,
        clock=clock,
        ids=ids,
        codes=ScryptCodes(),
        tokens=RandomTokens(),
        links=mailbox,
        complaints=LoggedComplaints(),
        allow_fictitious_cvr=installation.allow_fictitious_cvr,
    )
    queries = Queries(
        log,
        backend.read,
        projector=runner,
        clock=clock,
        cursors=SealedCursors(vault),
        mailbox=mailbox,
        complaints=surroundings.complaints,
        trail=StoredTrail(log),
        ids=ids,
    )
    schedule = Schedule(log, backend.read, runner, clock)
    pulse = StoredPulse(backend, ids.random_id())

    @cache
    def mail_round() -> MailRound | None:
        settings = mail or mail_settings()
        return None if settings is None else _mail_round(settings, surroundings, mailbox)

    worker = Worker(runner, schedule, mail_round, pulse, clock)
    alarm_clock = AlarmClock(worker)
    service = Service(
        Administration(surroundings),
        SelfService(surroundings),
        queries,
        worker,
        schedule,
        pulse,
        runner,
        log,
        alarm_clock,
    )
    if background:
        alarm_clock.start()
    return service


def _mail_round(settings: MailSettings, around: Surroundings, mailbox: Mailbox) -> MailRound:
    from brugerbog.infrastructure.mail.letters import DanishLetters  # noqa: PLC0415 - slow to load
    from brugerbog.infrastructure.mail.post_office import postman_of  # noqa: PLC0415 - as above

    return MailRound(
        mailbox=mailbox,
        postman=postman_of(settings),
        tokens=around.tokens,
        compose=LetterComposer(around.log, around.clock),
        writer=DanishLetters(settings.base_url, settings.sender.domain),
        clock=around.clock,
        journal=logger("brugerbog.mail"),
    )


def _backend(url: str) -> tuple[Backend, Path | None]:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUrlInvalid from None
    if parsed.drivername == "sqlite":
        from brugerbog.infrastructure.store.sqlite import SqliteBackend  # noqa: PLC0415 - only what is used

        path = Path(parsed.database) if parsed.database and parsed.database != ":memory:" else None
        return SqliteBackend(path), path
    if parsed.drivername == "postgresql+psycopg":
        from brugerbog.infrastructure.store.postgres import PostgresBackend  # noqa: PLC0415 - as above

        try:
            return PostgresBackend(parsed), None
        except DBAPIError:
            raise StoreOutOfReach from None
    raise StoreUrlInvalid


def _check(backend: Backend, *, create: bool) -> bool:
    prepared = backend.is_prepared()
    if not prepared and not create:
        raise StoreEmpty
    return prepared


def _vault(
    backend: Backend,
    store: Path | None,
    key_file: Path | None,
    *,
    prepared: bool,
    on_new_key: Callable[[Path], None] | None,
) -> tuple[Vault, str]:
    if key_file is None:
        if store is None and not backend.one_database:
            return Vault(os.urandom(KEY_SIZE)), "memory"
        if store is None:
            raise MasterKeyNotNamed
        key_file = store.with_suffix(".master.key")
    if not key_file.exists():
        if prepared:
            raise MasterKeyMissing(str(key_file))
        if make_master_key(key_file) and on_new_key is not None:
            on_new_key(key_file)
    return Vault(read_master_key(key_file)), str(key_file)
