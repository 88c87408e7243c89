"""The log as an application of the library `eventsourcing`: loads aggregates and records events."""

from __future__ import annotations

from copy import copy
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, JSONTranscoder
from eventsourcing.utils import Environment
from sqlalchemy import bindparam, delete, select

from brugerbog.application.ports.activity_log import ReportKey
from brugerbog.application.ports.event_log import (
    INSTALLATION_SCOPE,
    AppendRequest,
    CommandRecord,
    UserVersion,
)
from brugerbog.application.ports.import_log import ImportedRow, ImportState
from brugerbog.domain.kernel.aggregate import Aggregate
from brugerbog.domain.kernel.instants import microseconds
from brugerbog.domain.kernel.streams import owner_of
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.user.activity import ActivityReported
from brugerbog.domain.user.user import User
from brugerbog.infrastructure.database.schema import (
    activation_codes,
    erasures,
    events,
    reported,
    reservations,
)
from brugerbog.infrastructure.database.statements import InList, Statement, any_uuid
from brugerbog.infrastructure.event_store.appender import ERASED_TOPIC
from brugerbog.infrastructure.event_store.import_records import ImportRecords
from brugerbog.infrastructure.event_store.mapper import SealingMapper
from brugerbog.infrastructure.event_store.recent_events import RecentEvents
from brugerbog.infrastructure.event_store.recorder import LogRecorder
from brugerbog.infrastructure.event_store.reservation_lookup import ReservationLookup
from brugerbog.infrastructure.event_store.sealed_events import SealedEventStore
from brugerbog.infrastructure.event_store.stream_versions import user_versions
from brugerbog.infrastructure.event_store.transactions import Transaction
from brugerbog.infrastructure.keys.row_macs import TOKEN_KEY, code_mac, is_same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from eventsourcing.utils import EnvType

    from brugerbog.application.ports.erasure_log import EraseListSpan
    from brugerbog.domain.kernel.aggregate import Event
    from brugerbog.domain.user.identity import Identity
    from brugerbog.infrastructure.crypto.vault import Vault
    from brugerbog.infrastructure.database.backend import Backend
    from brugerbog.infrastructure.erasure.store_erase_list import StoreEraseList
    from brugerbog.infrastructure.keys.installation_keys import InstallationKeys
    from brugerbog.infrastructure.keys.user_keys import UserKeyRing

_PAGE: Final = 1000
_CACHE_SIZE: Final = 500
"""The number of organisations and acting users kept in memory."""


class BrugerbogLog(Application[UUID]):
    """The event log of one installation (port: `EventLog`)."""

    name = "brugerbog"
    events: SealedEventStore
    recorder: LogRecorder

    def __init__(
        self,
        backend: Backend,
        vault: Vault,
        keys: UserKeyRing,
        installation_keys: InstallationKeys,
        erase_list: StoreEraseList,
    ) -> None:
        self.backend = backend
        self.vault = vault
        self.keys = keys
        self.installation_keys = installation_keys
        self.erase_list = erase_list
        super().__init__()
        engine = backend.log
        self._user_versions = InList(user_versions, engine)
        self._reported = InList(
            lambda digests: select(reported.c.digest).where(
                reported.c.organisation_id == bindparam("scope"), reported.c.digest.in_(digests)
            ),
            engine,
        )
        self._pending_erasures = Statement(select(erasures.c.user_id), engine)
        self._reservations = ReservationLookup(engine, self.recorder, vault, installation_keys)
        self._imports = ImportRecords(engine, self.recorder)
        self.recent_events = RecentEvents()
        self._cache: dict[UUID, Aggregate] = {}

    # Extension points of the library

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:  # noqa: ARG002
        """Return an empty environment, so that no environment variable configures the library."""
        return Environment(name, {})

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        return InfrastructureFactory.construct(env)

    def construct_mapper(self) -> SealingMapper:
        return SealingMapper(self.vault)

    def construct_transcoder(self) -> JSONTranscoder:
        return JSONTranscoder()

    def construct_recorder(self) -> LogRecorder:
        return LogRecorder(self.backend, self.vault, self.keys, self.installation_keys)

    def construct_event_store(self) -> SealedEventStore:
        return SealedEventStore(self.mapper, self.recorder, self.keys)  # type: ignore[arg-type]

    # Aggregates

    def user(self, user_id: UUID) -> User | None:
        found = self._get(user_id)
        return found if isinstance(found, User) else None

    def acting_user(self, user_id: UUID) -> User | None:
        found = self._cached(user_id)
        return found if isinstance(found, User) else None

    def organisation(self, organisation_id: UUID) -> Organisation | None:
        """Return the organisation as of now. Raises: OrganisationForged."""
        found = self._cached(organisation_id)
        if not isinstance(found, Organisation):
            return None
        organisation = copy(found)
        organisation._pending_events = []  # noqa: SLF001 - each caller decides on a copy of its own
        return organisation

    def _cached(self, stream_id: UUID) -> Aggregate | None:
        """Return an aggregate from the cache while the log has no later version of it, else load it.

        An aggregate loaded inside a transaction isn't cached: a rollback would free its versions for others.
        """
        known = self._cache.get(stream_id)
        if known is not None and self.recorder.last_version(stream_id) == known.version:
            return known
        self._cache.pop(stream_id, None)
        found = self._get(stream_id)
        if found is not None and not self.recorder.in_transaction:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            self._cache[stream_id] = found
        return found

    def users(self, user_ids: Iterable[UUID]) -> dict[UUID, User]:
        stored = self.recorder.select_streams([one for one in user_ids if owner_of(one) == one])
        found = {}
        for user_id, stream in groupby(self.events.open(stored), attrgetter("originator_id")):
            user = replay(None, stream)
            if isinstance(user, User):
                found[user_id] = user
        return found

    def user_versions(self, organisation_id: UUID, user_ids: Collection[UUID]) -> dict[UUID, UserVersion]:
        wanted = [one for one in user_ids if one != organisation_id and owner_of(one) == one]
        with self.recorder.read_connection() as connection:
            found = list(self._user_versions.rows(connection, wanted))
        return {
            any_uuid(user_id): UserVersion(version, bool(is_deleted))
            for user_id, in_, version, is_deleted in found
            if any_uuid(in_) == organisation_id
        }

    def last_versions(self, stream_ids: Collection[UUID]) -> dict[UUID, int]:
        return self.recorder.last_versions(stream_ids)

    def record(self, facts: Sequence[Aggregate | Event], append_request: AppendRequest) -> int:
        """Store new events and the rest of a request, all or nothing; return the log's last position.

        Used in place of the library's `save`, whose protocol checks take as long as the append.
        Raises: Conflict, IdentityTaken, DuplicateCommand.
        """
        new: list[Any] = []
        for fact in facts:
            if isinstance(fact, Aggregate):
                new += fact.collect_events()
            else:
                new.append(fact)
        positions = self.events.append(new, append_request=append_request)
        if not self.recorder.in_transaction:
            self.recent_events.add(positions, new)
        return positions.stop - 1

    def _get(self, stream_id: UUID) -> Aggregate | None:
        if owner_of(stream_id) != stream_id:
            return None
        stored = self.recorder.select_events(stream_id)
        if not stored:
            return None
        if stored[0].topic == Organisation.Registered.TOPIC:
            self.recorder.verify_macs(stored)
        found: Aggregate = replay(None, self.events.open(stored))
        return found

    # Transactions

    def transaction(self) -> AbstractContextManager[Transaction]:
        return self.recorder.transaction()

    @property
    def in_transaction(self) -> bool:
        return self.recorder.in_transaction

    # Rows stored beside the events

    def command_record(self, organisation_id: UUID, command_id: UUID) -> CommandRecord | None:
        return self.recorder.command_record(CommandRecord(organisation_id, command_id, b"", "", None))

    def fingerprint(self, organisation_id: UUID, *texts: str) -> bytes:
        return self.vault.digest("command", organisation_id, *texts)

    def activation_code_hash(self, user_id: UUID) -> bytes | None:
        stored = select(activation_codes.c.kept, activation_codes.c.mac, TOKEN_KEY).where(
            activation_codes.c.user_id == user_id
        )

        def read() -> tuple[Any, bytes]:
            with self.recorder.read_connection() as connection:
                row = connection.execute(stored).one_or_none()
            return row, self.vault.token_key.id if row is None else row.token_key

        row, token_key = self.installation_keys.read_with_token_key(read)
        is_authentic = row is not None and is_same(row.mac, code_mac(token_key, user_id, row.kept))
        return bytes(row.kept) if is_authentic else None

    def identity_holders(self, scope: UUID, identities: Sequence[Identity]) -> dict[Identity, UUID]:
        return self._reservations.holders(scope, identities)

    def name_identity_holders(self, scope: UUID, persons: Sequence[Identity]) -> dict[Identity, set[UUID]]:
        return self._reservations.holders_by_name(scope, persons)

    def report_key(self, organisation_id: UUID, reporter: str, reference: str) -> ReportKey:
        return ReportKey(organisation_id, self.vault.digest("activity", organisation_id, reporter, reference))

    def known_report_digests(self, organisation_id: UUID, digests: Sequence[bytes]) -> set[bytes]:
        with self.recorder.read_connection() as connection:
            return {digest for (digest,) in self._reported.rows(connection, digests, scope=organisation_id)}

    def organisation_ids(self) -> list[UUID]:
        """Return the ids of all organisations, in the order of registration."""
        with self.recorder.read_connection() as connection:
            found = connection.execute(
                select(reservations.c.holder).where(reservations.c.scope == INSTALLATION_SCOPE)
            )
            return sorted(found.scalars())

    def check_organisations(self) -> int:
        """Load every organisation, which verifies the MACs of its events; return their number.

        Raises: OrganisationForged.
        """
        organisation_ids = self.organisation_ids()
        for organisation_id in organisation_ids:
            self.organisation(organisation_id)
        return len(organisation_ids)

    # The past

    def events_until(
        self, organisation_id: UUID, instant: datetime, *, user_id: UUID | None = None
    ) -> Iterator[tuple[int, Event]]:
        position = 0
        while stored := self.recorder.select_positions(
            position,
            _PAGE,
            organisation_id=organisation_id,
            stream_id=user_id,
            recorded_until=microseconds(instant),
            but=ActivityReported.TOPIC,
        ):
            yield from zip((event.position for event in stored), self.events.open(stored), strict=True)
            position = stored[-1].position

    # Imports

    def import_by_id(self, import_id: UUID) -> ImportState | None:
        return self._imports.by_id(import_id)

    def unfinished_import(self, organisation_id: UUID, digest: bytes) -> ImportState | None:
        return self._imports.unfinished(organisation_id, digest)

    def has_imported(self, organisation_id: UUID) -> bool:
        return self._imports.exists(organisation_id)

    def begin_import(self, state: ImportState) -> None:
        self._imports.begin(state)

    def imported_rows(self, import_id: UUID) -> dict[int, ImportedRow]:
        return self._imports.rows(import_id)

    # Erasure

    def pending_erasures(self) -> list[UUID]:
        with self.recorder.read_connection() as connection:
            return [any_uuid(user_id) for (user_id,) in self._pending_erasures.run(connection).fetchall()]

    def list_erased(self, user_ids: Sequence[UUID]) -> EraseListSpan:
        return self.erase_list.add(user_ids)

    def destroy_keys(self, user_ids: Sequence[UUID]) -> None:
        self.keys.destroy(user_ids)

    def purge_deleted(self) -> None:
        self.backend.purge_deleted()

    def not_erased(self, user_ids: Sequence[UUID]) -> list[UUID]:
        streams = select(events.c.stream_id).distinct().where(events.c.stream_id.in_(list(user_ids)))
        with self.recorder.read_connection() as connection:
            known = set(connection.execute(streams).scalars())
            erased = set(connection.execute(streams.where(events.c.topic == ERASED_TOPIC)).scalars())
        return sorted(known - erased)

    def erasures_done(self, user_ids: Sequence[UUID], listed: EraseListSpan) -> None:
        with self.recorder.write_transaction() as connection:
            self.erase_list.mark_added(connection, listed)
            connection.execute(delete(erasures).where(erasures.c.user_id.in_(list(user_ids))))


def replay(aggregate: Any, events: Iterable[Any]) -> Any:  # noqa: ANN401 - the library's projector function
    """Apply events in order, without the protocol check that the library makes for each event."""
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate
