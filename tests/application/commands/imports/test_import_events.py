"""The fast construction of an imported user's events equals that of the aggregate."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import from_json

from brugerbog.application.commands.imports.import_events import import_events
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.user.details import Details
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.infrastructure.crypto.vault import KEY_SIZE, Vault, event_associated_data
from brugerbog.infrastructure.database.event_row import StoredEvent
from brugerbog.infrastructure.event_store.mapper import SealingMapper
from tests.given import CPR, EAN, P_NUMBER, PERMISSIVE_SETTINGS, SE_NUMBER, USER, context, details

KEY = bytes(range(KEY_SIZE))
VAULT = Vault(Secret(KEY))


def everybody() -> Iterator[Details]:
    for anonymous, means, full in product((False, True), ((), (Means.PRIVATE,)), (False, True)):
        more: dict[str, Any] = {
            "cpr": CPR,
            "phone": "12345678",
            "reference_text": "Afd. 1",
            "target_ial": Ial.HIGH,
            "ean": EAN,
            "p_number": P_NUMBER,
            "se_number": SE_NUMBER,
            "first_name": "Ærø",
            "date_of_birth": date(1899, 3, 5),
        }
        yield details(anonymous=anonymous, means=means, **(more if full else {}))


EVERYBODY = list(everybody())
everyone = pytest.mark.parametrize("said", EVERYBODY, ids=range(len(EVERYBODY)))


def by_the_aggregate(said: Details, user_id: UUID = USER) -> list[Any]:
    return list(User.import_(context(), user_id, said, PERMISSIVE_SETTINGS).collect_events())


@everyone
def test_its_events_are_equal_to_those_of_the_aggregate(said: Details) -> None:
    events, expected = import_events(context(), USER, said), by_the_aggregate(said)
    assert [type(one) for one in events] == [type(one) for one in expected]
    assert [vars(one) for one in events] == [vars(one) for one in expected]
    assert [{name: type(value) for name, value in vars(one).items()} for one in events] == [
        {name: type(value) for name, value in vars(one).items()} for one in expected
    ]


@everyone
def test_they_are_stored_as_the_same_bytes(said: Details) -> None:
    mapper = SealingMapper(VAULT)
    pairs = zip(import_events(context(), USER, said), by_the_aggregate(said), strict=True)
    stored = [(mapper.seal_event(one, KEY), mapper.seal_event(other, KEY)) for one, other in pairs]
    for one, other in stored:
        assert (one.payload, one.topic, one.recorded_at) == (other.payload, other.topic, other.recorded_at)
        assert opened(one) == opened(other)
        columns = (
            "stream_id",
            "version",
            "organisation_id",
            "actor",
            "command_id",
            "schema_version",
        )
        assert [getattr(one, name) for name in columns] == [getattr(other, name) for name in columns]


@everyone
def test_they_make_the_same_user(said: Details) -> None:
    user: Any = None
    for event in import_events(context(), USER, said):
        user = event.mutate(user)
    assert vars(user) == vars(User.import_(context(), USER, said, PERMISSIVE_SETTINGS)) | {
        "_pending_events": []
    }


def opened(stored: StoredEvent) -> object:
    if stored.ciphertext is None:
        return None
    place = event_associated_data(stored.organisation_id.bytes, stored.stream_id.bytes, stored.version)
    return from_json(VAULT.open(KEY, place, stored.ciphertext, stored.commitment))
