"""Golden files of stored events; every later version must read them, and write the same."""

import copy
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from brugerbog.domain.kernel.aggregate import Event
from brugerbog.domain.kernel.privacy import Secret
from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.organisation import Organisation
from brugerbog.domain.settings import Right, Settings
from brugerbog.domain.user.details import Edits
from brugerbog.domain.user.user import User
from brugerbog.domain.values.means import Ial, Means
from brugerbog.infrastructure.crypto.vault import KEY_SIZE, Vault, event_associated_data
from brugerbog.infrastructure.database.event_row import StoredEvent
from brugerbog.infrastructure.event_store.mapper import SealingMapper, event_schema
from tests.domain.event_classes import APART, EVENT_CLASSES
from tests.given import (
    CPR,
    EAN,
    MITID,
    NOON,
    P_NUMBER,
    PERMISSIVE_SETTINGS,
    SE_NUMBER,
    USER,
    a_user,
    activated,
    activity_reported,
    asking_for_anonymity,
    code_entered,
    confirmed,
    context,
    details,
    given_a_new_code,
    given_means,
    granted,
    link_expired,
    log_read,
    now,
    ordered,
    sealing_with,
    signing,
    user_after,
)

GOLDEN = Path(__file__).with_name("golden")
FILES = sorted(GOLDEN.glob("*.json"))
VAULT = Vault(Secret(os.urandom(KEY_SIZE)))
MAPPER = SealingMapper(VAULT)
KEY = os.urandom(KEY_SIZE)
UUIDS = ("originator_id", "organisation_id", "actor", "command_id")
FORM = ("topic", "schema_version", "payload", "personal")
OTHER_USER = UUID(int=USER.int + 1)

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
every_event = pytest.mark.parametrize(
    "event_class", [event for _, event in EVENT_CLASSES] + APART, ids=lambda event: event.__qualname__
)


def facts_of_today() -> dict[str, Event]:
    """Return one event of every topic, recorded by the current commands."""
    fields = {"phone": "12345678", "reference_text": "Hold 4", "ean": EAN, "p_number": P_NUMBER}
    imported = User.import_(context(), OTHER_USER, details(cpr=CPR), PERMISSIVE_SETTINGS)
    imported.send_to_activation(context(), PERMISSIVE_SETTINGS)
    imported.delete(context(), retention_days=0)
    created = User.create(
        context(), USER, details(**fields, anonymous=True, means=(Means.APP,)), PERMISSIVE_SETTINGS
    )
    created.activate(context())
    corrected = Edits(first_name="Åse", phone=None, cpr=CPR, target_ial=Ial.HIGH, means=(Means.CHIP,))
    created.edit(context(), corrected, PERMISSIVE_SETTINGS)
    created.edit(
        context(), Edits(se_number=SE_NUMBER, ean=None, reference_text="Hold 5"), PERMISSIVE_SETTINGS
    )
    created.edit(context(), Edits(user_name="anne@firma.test", external_id="e-1"), PERMISSIVE_SETTINGS)
    created.show_cpr(context())
    created.deactivate(context(), from_date=NOON.date(), to_date=None)
    created.deactivate(context(), from_date=NOON.date(), to_date=NOON.date())
    created.reactivate(context())
    created.delete(context(), retention_days=30)
    organisation = Organisation.register(
        context(), cvr="90000001", name="Firma", settings=PERMISSIVE_SETTINGS
    )
    organisation.change_settings(context(), Settings(rights=(Right("r1", "Ret", "Tjeneste"),)))
    organisation.give_role(context(), user_after(a_user()), Role.USER_ADMINISTRATOR)
    organisation.take_role(context(), USER, Role.USER_ADMINISTRATOR, [])
    organisation.create_client(context(), OTHER_USER, "Løn", [Role.READER], "ab" * 32)
    organisation.revoke_client(context(), OTHER_USER)
    organisation.record_cpr_limit_met(context())
    organisation.end_sessions(context(), user_after(a_user()))
    events = (
        *_activated_by_link(), *_entitled(), *_made_anonymous(),
        *imported.collect_events(), *created.collect_events(), *organisation.collect_events(),
        activity_reported(), log_read(),
    )  # fmt: skip
    return {event_schema(type(event)).topic: event for event in events}


def _activated_by_link() -> Iterable[Event]:
    expired = user_after(now("2026-02-18T12:00:00+01:00"), a_user(), link_expired)
    assert expired.link.expires_at == NOON
    voided = (confirmed, *[code_entered(matches=False)] * 3)
    accepted = (given_a_new_code, confirmed, code_entered(matches=True))
    means = given_means(Means.PRIVATE, Means.SHARED, Means.CHIP)
    user = user_after(a_user(ean=EAN), means, *voided, *accepted, ordered(Means.CHIP))
    both = {"means": (Means.PRIVATE, Means.CHIP), "consent": True, "new_id": lambda: MITID}
    user.complete_activation(context(), user.link.generation, **both)
    user.withdraw_consent(context())
    return (*expired.collect_events(), *user.collect_events())


def _entitled() -> Iterable[Event]:
    user = user_after(a_user(), granted("r1", "r2"), signing, sealing_with("p1"))
    user.withdraw_signing(context())
    user.revoke_rights(context(), ["r1"])
    return user.collect_events()


def _made_anonymous() -> Iterable[Event]:
    user = user_after(a_user(), activated, asking_for_anonymity)
    new = User.create_in_place_of(context(), OTHER_USER, user, PERMISSIVE_SETTINGS)
    user.decline_anonymity(context(), "Vi mangler dit navn")
    return (*user.collect_events(), *new.collect_events())


TODAY = facts_of_today()
ADDED_SINCE = {
    "organisation.registered": {
        "activity_retention_months": 13,
        "mail_retention_months": 13,
        "prices": {
            "user": 2_000, "free_users": 3, "code_display": 3_350, "audio_code_reader": 23_550, "chip": 11_500
        }
    }
}  # fmt: skip
"""Settings added after the golden file was written; they are absent from it."""


def written(event: Event) -> dict[str, Any]:
    """Return an event in the form of a golden file: payload and personal data exactly as stored."""
    stored = MAPPER.seal_event(event, KEY)
    associated_data = event_associated_data(
        stored.organisation_id.bytes, stored.stream_id.bytes, stored.version
    )
    personal = (
        stored.ciphertext and VAULT.open(KEY, associated_data, stored.ciphertext, stored.commitment).decode()
    )
    return {
        "topic": stored.topic,
        "originator_id": str(stored.stream_id),
        "organisation_id": str(stored.organisation_id),
        "actor": str(stored.actor),
        "command_id": str(stored.command_id),
        "originator_version": stored.version,
        "schema_version": stored.schema_version,
        "recorded_at": stored.recorded_at,
        "payload": stored.payload.decode(),
        "personal": personal,
    }


def read(file: Path) -> StoredEvent:
    """Return a golden file as a stored event, with its personal data sealed again."""
    record = json.loads(file.read_text(encoding="utf-8"))
    record |= {name: UUID(record[name]) for name in UUIDS}
    stream_id, version = record.pop("originator_id"), record.pop("originator_version")
    associated_data = event_associated_data(record["organisation_id"].bytes, stream_id.bytes, version)
    payload, personal = record.pop("payload").encode(), record.pop("personal")
    ciphertext, commitment = VAULT.seal(KEY, associated_data, personal.encode()) if personal else (None, b"")
    return StoredEvent(
        position=0,
        stream_id=stream_id,
        version=version,
        payload=payload,
        ciphertext=ciphertext,
        commitment=commitment,
        **record,
    )


def with_settings(payload: str, added: dict[str, Any]) -> str:
    record = json.loads(payload)
    record["settings"] |= added
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def at_version(event: Event, version: int) -> Event:
    """Return the same event at another version of its stream, which identifies links and periods."""
    moved = copy.copy(event)
    vars(moved).update(originator_version=version)
    return moved


def applied(event: Event) -> Any:  # noqa: ANN401 - a User or an Organisation
    """Return a new aggregate with only this event."""
    form = event_schema(type(event))
    if form.aggregate_topic:
        return event.mutate(None)
    if type(event) in APART:
        return vars(event)
    entered = "user.created" if isinstance(event, User.Event) else "organisation.registered"
    aggregate = TODAY[entered].mutate(None)
    event.apply(aggregate)
    return aggregate


@every_event
def test_every_version_of_every_event_has_a_golden_file(event_class: type[Event]) -> None:
    form = event_schema(event_class)
    for version in range(1, form.schema_version + 1):
        file = GOLDEN / f"{form.topic}.v{version}.json"
        record = json.dumps(written(TODAY[form.topic]), indent=2, ensure_ascii=False)
        assert file.exists(), f"{file.name} is missing; today's version of it is\n{record}"


@every_event
def test_today_s_facts_are_written_as_the_golden_file_has_them(event_class: type[Event]) -> None:
    form = event_schema(event_class)
    golden = json.loads((GOLDEN / f"{form.topic}.v{form.schema_version}.json").read_text(encoding="utf-8"))
    today = written(TODAY[form.topic])
    if form.topic in ADDED_SINCE:
        golden["payload"] = with_settings(golden["payload"], ADDED_SINCE[form.topic])
    assert [today[name] for name in FORM] == [golden[name] for name in FORM]


@every_file
def test_a_golden_file_is_named_by_its_topic_and_version(file: Path) -> None:
    stored = read(file)
    assert file.name == f"{stored.topic}.v{stored.schema_version}.json"


@every_file
def test_a_golden_event_is_read_with_its_columns(file: Path) -> None:
    golden, event = json.loads(file.read_text(encoding="utf-8")), MAPPER.open_event(read(file), KEY)
    assert {name: str(getattr(event, name)) for name in UUIDS} == {name: golden[name] for name in UUIDS}
    assert (event.originator_version, event.timestamp) == (golden["originator_version"], NOON)


@every_file
def test_a_golden_event_changes_an_aggregate_as_today_s_does(file: Path) -> None:
    stored = read(file)
    today = at_version(TODAY[stored.topic], stored.version)
    assert applied(MAPPER.open_event(stored, KEY)) == applied(today)


@every_file
def test_a_golden_event_without_its_box_is_read_and_applied(file: Path) -> None:
    applied(MAPPER.open_event(read(file)._replace(ciphertext=None), KEY))


@every_file
def test_a_golden_payload_holds_nothing_personal(file: Path) -> None:
    golden = json.loads(file.read_text(encoding="utf-8"))
    names = {"first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text"}
    names |= {"reason", "identifier", "replaced", "user_name", "external_id"}
    names |= {"transaction", "service_provider", "service_type", "occurred_at"}
    assert names.isdisjoint(json.loads(golden["payload"]))
