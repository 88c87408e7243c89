"""Exports of a store, verified offline by the verifier alone; each export is recorded in the log."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from brugerbog.application.actors import Actor, operator
from brugerbog.application.commands.user_input import UserEdits
from brugerbog.application.queries.audit.search import AuditLogQuery
from brugerbog.application.refusals.backup import PlaceTaken
from brugerbog.application.refusals.log import CheckpointForged, LogDamaged
from brugerbog.application.refusals.requests import UserUnknown
from brugerbog.entrypoints import verify
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from tests.application.activity_reports import activity_report, record_reports
from tests.clock import NOON
from tests.infrastructure.database.tampering import tampering
from tests.infrastructure.transparency_log.test_log_verifier import ALTERATIONS
from tests.org_driver import OrgDriver, open_org
from tests.people import made_up_cpr

NAMES = ("Krabbeløs", "Ærøskøbingsen", "krabbe@by.test")


@dataclass
class Verdict:
    """The exit code and the JSON answer of the verifier."""

    code: int
    answer: dict[str, Any]


@dataclass
class Auditor:
    """An auditor with the verifier and a key received in person."""

    folder: Path

    def verify(self, export: Path, *more: str | Path) -> Verdict:
        """Run the verifier in an isolated process, which can't import the package."""
        ran = subprocess.run(
            [
                sys.executable,
                "-I",
                verify.__file__,
                export,
                "--key",
                self.folder / "key.pub",
                "--json",
                *more,
            ],
            capture_output=True,
            check=False,
            text=True,
        )
        return Verdict(ran.returncode, json.loads(ran.stdout))


@pytest.fixture
def org(prepared_url: str, tmp_path: Path) -> Iterator[OrgDriver]:
    """Two organisations; the first has a user with several events."""
    with open_org(prepared_url, tmp_path) as opened:
        user_id = opened.create_active(*NAMES[:2], email=NAMES[2])
        opened.administration.edit_user(opened.actor, user_id, UserEdits(phone="12345678"))
        record_reports(opened, activity_report(user_id, "one", NOON))
        opened.create("Bo", email="bo@by.test", cpr=made_up_cpr(NOON.date().replace(year=1980), 1))
        elsewhere = opened.administration.register_organisation(operator(), cvr="90000002", name="Nabo")
        other = Actor(operator().id, elsewhere.subject)
        OrgDriver(opened.service, other, opened.clock).create("Nabo", email="nabo@by.test")
        yield opened


@pytest.fixture
def auditor(org: OrgDriver, tmp_path: Path) -> Auditor:
    org.service.checkpoint_signer.sign(to=CheckpointFolder(tmp_path / "checkpoints"))
    return Auditor(tmp_path / "checkpoints")


def user_of(org: OrgDriver) -> UUID:
    return next(user.id for user in org.queries.users(org.actor).users if user.first_name == NAMES[0])


def lines(export: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (export / "events.jsonl").read_text().splitlines()]


def everything_in(export: Path) -> bytes:
    return b"".join(path.read_bytes() for path in export.iterdir())


def test_the_whole_log_is_sound(org: OrgDriver, auditor: Auditor, tmp_path: Path) -> None:
    made = org.queries.export_whole_log(org.actor, tmp_path / "export")

    verdict = auditor.verify(tmp_path / "export")
    assert (verdict.code, verdict.answer["verdict"], verdict.answer["size"]) == (0, "sound", made.size)
    assert [line["position"] for line in lines(tmp_path / "export")] == list(range(1, made.size + 1))


def test_an_organisation_exports_its_own_events_and_only_hashes_of_others(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    made = org.queries.export_log(org.actor, tmp_path / "export")

    assert auditor.verify(tmp_path / "export").code == 0
    assert {line["organisation_id"] for line in lines(tmp_path / "export")} == {str(org.id)}
    assert made.events < made.size
    assert (tmp_path / "export" / "leaves").stat().st_size == 32 * made.size


def test_an_export_since_a_checkpoint_is_consistent_with_it(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    (older,) = auditor.folder.glob("*.checkpoint")
    org.create("Ny", email="ny@by.test", cpr=made_up_cpr(NOON.date().replace(year=1981), 1))
    org.queries.export_whole_log(org.actor, tmp_path / "export", after_checkpoint=older.read_bytes())

    assert auditor.verify(tmp_path / "export", "--since", older).code == 0
    assert lines(tmp_path / "export")[0]["position"] == int(older.stem) + 1


def test_an_export_since_an_unknown_checkpoint_is_refused(org: OrgDriver, tmp_path: Path) -> None:
    with pytest.raises(CheckpointForged):
        org.queries.export_whole_log(org.actor, tmp_path / "export", after_checkpoint=b"nothing")
    assert not (tmp_path / "export").exists()


def test_an_export_of_a_period_has_the_events_recorded_in_it(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    begin = org.clock.now() + timedelta(days=1)
    org.clock.advance(timedelta(days=2))
    org.administration.edit_user(org.actor, user_of(org), UserEdits(phone="87654321"))
    until = org.clock.now() + timedelta(days=1)
    org.clock.advance(timedelta(days=2))

    org.queries.export_log(org.actor, tmp_path / "export", since=begin, until=until)

    assert auditor.verify(tmp_path / "export").code == 0
    assert [line["topic"] for line in lines(tmp_path / "export")] == ["user.contact_changed"]


def test_an_export_of_a_user_has_all_their_events_and_personal_data(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    org.queries.export_person(org.actor, user_of(org), tmp_path / "export", with_personal_data=True)

    assert auditor.verify(tmp_path / "export").code == 0
    shown = lines(tmp_path / "export")
    assert {"user.created", "user.activated", "activity.reported"} <= {line["topic"] for line in shown}
    assert all(name in (tmp_path / "export" / "events.jsonl").read_text() for name in NAMES)


def test_an_export_has_no_personal_data_unless_requested(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    org.queries.export_person(org.actor, user_of(org), tmp_path / "person")
    org.queries.export_log(org.actor, tmp_path / "own")
    org.queries.export_whole_log(org.actor, tmp_path / "whole")

    for name in ("person", "own", "whole"):
        assert auditor.verify(tmp_path / name).code == 0
        assert [text for text in NAMES if text.encode() in everything_in(tmp_path / name)] == []


def test_an_export_of_a_user_can_be_returned_in_memory(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    at_hand = org.queries.person_at_hand(org.actor, user_of(org), with_personal_data=True)

    for name, content in at_hand.files.items():
        (tmp_path / "export").mkdir(exist_ok=True)
        (tmp_path / "export" / name).write_bytes(content)
    assert auditor.verify(tmp_path / "export").code == 0
    assert len(lines(tmp_path / "export")) == at_hand.made.events
    assert all(name in (tmp_path / "export" / "events.jsonl").read_text() for name in NAMES)


def test_an_export_of_an_erased_user_has_events_without_personal_data(
    org: OrgDriver, auditor: Auditor, tmp_path: Path
) -> None:
    user_id = user_of(org)
    org.administration.delete_user(org.actor, user_id)

    org.queries.export_person(org.actor, user_id, tmp_path / "export", with_personal_data=True)

    assert auditor.verify(tmp_path / "export").code == 0
    assert lines(tmp_path / "export")[-1]["topic"] == "user.personal_data_erased"
    assert not any("personal" in line for line in lines(tmp_path / "export"))


def test_a_user_of_another_organisation_is_unknown(org: OrgDriver, tmp_path: Path) -> None:
    other = Actor(operator().id, org.service.log.organisation_ids()[1])

    with pytest.raises(UserUnknown):
        org.queries.export_person(other, user_of(org), tmp_path / "export")
    with pytest.raises(UserUnknown):
        org.queries.person_at_hand(other, user_of(org))


def test_each_export_is_recorded_before_it_is_made(org: OrgDriver, tmp_path: Path) -> None:
    org.queries.export_log(org.actor, tmp_path / "own")
    org.queries.export_person(org.actor, user_of(org), tmp_path / "person", with_personal_data=True)

    entries = org.queries.audit_log(org.actor, AuditLogQuery(kind="log.read")).entries
    read = [change.after for entry in entries for change in entry.changes if change.field == "what"]
    assert read[-2:] == ["udtræk om en bruger med personoplysninger", "udtræk af loggen"]
    assert lines(tmp_path / "own")[-1]["topic"] == "log.read"


def test_an_export_of_the_whole_log_is_recorded_in_every_organisation(org: OrgDriver, tmp_path: Path) -> None:
    org.queries.export_whole_log(org.actor, tmp_path / "export")

    recorded_in = [
        line["organisation_id"] for line in lines(tmp_path / "export") if line["topic"] == "log.read"
    ]
    assert sorted(recorded_in) == sorted(map(str, org.service.log.organisation_ids()))


def test_a_damaged_log_is_not_exported(org: OrgDriver, tmp_path: Path) -> None:
    with tampering(org.service) as connection:
        ALTERATIONS["time"](connection)

    with pytest.raises(LogDamaged):
        org.queries.export_whole_log(org.actor, tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir() if "export" in path.name] == []


def test_an_earlier_export_identifies_the_event_that_was_changed(org: OrgDriver, tmp_path: Path) -> None:
    org.queries.export_whole_log(org.actor, tmp_path / "export")
    with tampering(org.service) as connection:
        ALTERATIONS["time"](connection)

    found = org.service.checkpoint_signer.verify(
        expected=org.service.checkpoint_signer.leaves_of(tmp_path / "export")
    )
    assert found.damage is not None
    assert (found.damage.kind.value, found.damage.position) == ("altered", 4)


def test_two_checkpoints_in_a_folder_are_consistent(org: OrgDriver, auditor: Auditor) -> None:
    (older,) = auditor.folder.glob("*.checkpoint")
    org.create("Ny", email="ny@by.test", cpr=made_up_cpr(NOON.date().replace(year=1981), 1))
    org.service.checkpoint_signer.sign(to=CheckpointFolder(auditor.folder))
    (newer,) = set(auditor.folder.glob("*.checkpoint")) - {older}
    (proof,) = auditor.folder.glob("*.consistency")

    assert (
        verify.run(
            ["consistency", *map(str, (older, newer, proof)), "--key", str(auditor.folder / "key.pub")]
        )
        == 0
    )


def test_an_existing_folder_is_not_overwritten(org: OrgDriver, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "mine").write_text("mine")

    with pytest.raises(PlaceTaken):
        org.queries.export_whole_log(org.actor, tmp_path / "export")
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["mine"]
