"""Events as they were written once; every later version must read them, and write the same."""

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from brugerbog.domain.details import Edits
from brugerbog.domain.events import Event
from brugerbog.domain.means import Ial, Means
from brugerbog.domain.organisation import Organisation
from brugerbog.domain.settings import Right, Settings
from brugerbog.domain.user import User
from brugerbog.infrastructure.store.mapper import LoggedEvent, SealingMapper, form_of
from brugerbog.infrastructure.vault import KEY_SIZE, Vault, place_of
from tests.domain.event_classes import APART, EVENT_CLASSES
from tests.given import (
    CPR,
    EAN,
    NOON,
    OPEN_HANDED,
    P_NUMBER,
    SE_NUMBER,
    USER,
    act,
    details,
    reported,
)

GOLDEN = Path(__file__).with_name("golden")
FILES = sorted(GOLDEN.glob("*.json"))
VAULT = Vault(os.urandom(KEY_SIZE))
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
    """One event of every topic, recorded by the commands of today."""
    said = {"phone": "12345678", "reference_text": "Hold 4", "ean": EAN, "p_number": P_NUMBER}
    imported = User.import_(act(), OTHER_USER, details(cpr=CPR), OPEN_HANDED)
    imported.send_to_activation(act())
    imported.delete(act(), retention_days=0)
    created = User.create(act(), USER, details(**said, anonymous=True, means=(Means.APP,)), OPEN_HANDED)
    created.activate(act())
    corrected = Edits(first_name="Åse", phone=None, cpr=CPR, target_ial=Ial.HIGH, means=(Means.CHIP,))
    created.edit(act(), corrected, OPEN_HANDED)
    created.edit(act(), Edits(se_number=SE_NUMBER, ean=None, reference_text="Hold 5"), OPEN_HANDED)
    created.deactivate(act(), from_date=NOON.date(), to_date=None)
    created.deactivate(act(), from_date=NOON.date(), to_date=NOON.date())
    created.reactivate(act())
    created.delete(act(), retention_days=30)
    organisation = Organisation.register(act(), cvr="90000001", name="Firma", settings=OPEN_HANDED)
    organisation.change_settings(act(), Settings(rights=(Right("r1", "Ret", "Tjeneste"),)))
    told = (*imported.collect_events(), *created.collect_events(), *organisation.collect_events(), reported())
    return {form_of(type(event)).topic: event for event in told}


TODAY = facts_of_today()


def written(event: Event) -> dict[str, Any]:
    """An event as a golden file tells it: the payload and what is personal exactly as written."""
    stored = MAPPER.seal_event(event, KEY)
    place = place_of(stored.organisation_id.bytes, stored.originator_id.bytes, stored.originator_version)
    personal = stored.box and VAULT.open(KEY, place, stored.box, stored.commitment).decode()
    columns = {name: str(getattr(stored, name)) for name in UUIDS}
    numbers = ("originator_version", "schema_version", "recorded_at")
    columns |= {name: getattr(stored, name) for name in numbers}
    return {"topic": stored.topic, **columns, "payload": stored.state.decode(), "personal": personal}


def read(file: Path) -> LoggedEvent:
    """A golden file as if it came from the log, with what is personal sealed afresh."""
    told = json.loads(file.read_text(encoding="utf-8"))
    told |= {name: UUID(told[name]) for name in UUIDS}
    place = place_of(told["organisation_id"].bytes, told["originator_id"].bytes, told["originator_version"])
    payload, personal = told.pop("payload").encode(), told.pop("personal")
    box, commitment = VAULT.seal(KEY, place, personal.encode()) if personal else (None, b"")
    return LoggedEvent(position=0, state=payload, box=box, commitment=commitment, **told)


def applied(event: Event) -> Any:  # noqa: ANN401 - a User or an Organisation
    """A fresh aggregate to which only this has happened."""
    form = form_of(type(event))
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
    form = form_of(event_class)
    for version in range(1, form.schema_version + 1):
        file = GOLDEN / f"{form.topic}.v{version}.json"
        told = json.dumps(written(TODAY[form.topic]), indent=2, ensure_ascii=False)
        assert file.exists(), f"{file.name} is missing; today's version of it is\n{told}"


@every_event
def test_today_s_facts_are_written_as_the_golden_file_has_them(event_class: type[Event]) -> None:
    form = form_of(event_class)
    golden = json.loads((GOLDEN / f"{form.topic}.v{form.schema_version}.json").read_text(encoding="utf-8"))
    today = written(TODAY[form.topic])
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
    assert applied(MAPPER.open_event(stored, KEY)) == applied(TODAY[stored.topic])


@every_file
def test_a_golden_event_without_its_box_is_read_and_applied(file: Path) -> None:
    applied(MAPPER.open_event(read(file)._replace(box=None), KEY))


@every_file
def test_a_golden_payload_holds_nothing_personal(file: Path) -> None:
    golden = json.loads(file.read_text(encoding="utf-8"))
    names = {"first_name", "surname", "cpr", "date_of_birth", "email", "phone", "reference_text"}
    names |= {"transaction", "service_provider", "service_type", "occurred_at"}
    assert names.isdisjoint(json.loads(golden["payload"]))
