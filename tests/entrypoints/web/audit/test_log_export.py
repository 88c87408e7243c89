"""Hent eksport: a zip that the verifier finds sound, in which nobody is named unless that was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zipfile import ZipFile

import pytest

from brugerbog.domain.kernel.roles import Role
from brugerbog.domain.organisation.log_reading import LogRead, log_reading_stream_id
from brugerbog.entrypoints import verify
from brugerbog.infrastructure.transparency_log.checkpoint_folder import CheckpointFolder
from tests.entrypoints.web.browser import Browser, LogInAs
from tests.infrastructure.database.tampering import tampering
from tests.infrastructure.transparency_log.test_log_verifier import ALTERATIONS
from tests.org_driver import OrgDriver

if TYPE_CHECKING:
    from httpx2 import Response

NAMES = ("Krabbeløs", "Ærøskøbingsen", "krabbe@by.test")
PATH = "/haendelseslog/eksport"
DA = ["user.created", "user.activation_mail_issued", "user.activation_code_issued"]


@pytest.fixture
def browser(log_in_as: LogInAs) -> Browser:
    """Of somebody who may read the log."""
    return log_in_as(Role.ORGANISATION_ADMINISTRATOR)


def pressed(browser: Browser, path: str, **fields: str) -> Response:
    """What a browser is handed when the button is pressed."""
    command_id = browser.open(path).value("command_id")
    headers = {"sec-fetch-site": "same-origin"}
    return browser.client.post(path, data={"command_id": command_id, **fields}, headers=headers)


def unpacked(got: Response, folder: Path) -> Path:
    assert (got.status_code, got.headers["content-type"]) == (200, "application/zip")
    assert int(got.headers["content-length"]) == len(got.content)
    with ZipFile(BytesIO(got.content)) as packed:
        assert packed.testzip() is None
        packed.extractall(folder)
    (whole,) = folder.iterdir()
    assert got.headers["content-disposition"] == f'attachment; filename="{whole.name}.zip"'
    return whole


def verified(org: OrgDriver, export: Path, kept: Path) -> dict[str, Any]:
    """What the verifier says, in a process that can import nothing of ours, by a key got another way."""
    org.service.checkpoint_signer.sign(to=CheckpointFolder(kept))
    ran = subprocess.run(
        [sys.executable, "-I", verify.__file__, export, "--key", kept / "key.pub", "--json"],
        capture_output=True,
        check=True,
        text=True,
    )
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def lines(export: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (export / "events.jsonl").read_text().splitlines()]


def everything_in(export: Path) -> bytes:
    return b"".join(path.read_bytes() for path in export.iterdir())


def readings(org: OrgDriver) -> list[str]:
    told: list[LogRead] = list(org.service.log.events.get(log_reading_stream_id(org.id)))  # type: ignore[arg-type]
    return [one.what for one in told]


def test_an_export_is_sound_and_names_nobody(org: OrgDriver, browser: Browser, tmp_path: Path) -> None:
    org.create_active(*NAMES[:2], email=NAMES[2])
    export = unpacked(pressed(browser, PATH), tmp_path / "got")

    assert verified(org, export, tmp_path / "kept")["verdict"] == "sound"
    assert {line["organisation_id"] for line in lines(export)} == {str(org.id)}
    assert [name for name in NAMES if name.encode() in everything_in(export)] == []
    assert export.name == f"brugerbog-eksport-{org.clock.now():%Y-%m-%d}"
    assert readings(org) == ["export"]


def test_an_export_of_some_days_shows_their_events(
    org: OrgDriver, log_in_as: LogInAs, tmp_path: Path
) -> None:
    org.clock.advance(timedelta(days=5))
    day = f"{org.clock.now():%d.%m.%Y}"
    org.create("Da")
    org.clock.advance(timedelta(days=5))
    browser = log_in_as(Role.ORGANISATION_ADMINISTRATOR)

    export = unpacked(pressed(browser, PATH, fra=day, til=day), tmp_path / "got")

    assert verified(org, export, tmp_path / "kept")["verdict"] == "sound"
    assert [line["topic"] for line in lines(export)] == DA


def test_nothing_of_an_export_stays_behind(
    org: OrgDriver, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    user_id = org.create_active(*NAMES[:2], email=NAMES[2])
    pressed(browser, PATH)
    pressed(browser, f"/brugere/{user_id}/eksport", with_personal_data="true")
    assert list(tmp_path.iterdir()) == []


def test_what_is_personal_never_touches_a_disk(org: OrgDriver, browser: Browser) -> None:
    user_id = org.create_active(*NAMES[:2], email=NAMES[2])
    watched, written = [True], []

    def watch(event: str, told: tuple[Any, ...]) -> None:
        if watched and event == "open" and set("wax+") & set(str(told[1])):
            written.append(told[0])

    sys.addaudithook(watch)
    pressed(browser, f"/brugere/{user_id}/eksport", with_personal_data="true")
    assert written == []
    pressed(browser, PATH)
    assert written, "the watch is blind"
    watched.clear()


def test_a_persons_export_holds_what_is_personal_when_that_is_asked_for(
    org: OrgDriver, browser: Browser, tmp_path: Path
) -> None:
    user_id = org.create_active(*NAMES[:2], email=NAMES[2])
    path = f"/brugere/{user_id}/eksport"

    without = unpacked(pressed(browser, path), tmp_path / "without")
    whole = unpacked(pressed(browser, path, with_personal_data="true"), tmp_path / "with")

    for export in (without, whole):
        assert verified(org, export, tmp_path / "kept")["verdict"] == "sound"
    assert [name for name in NAMES if name.encode() in everything_in(without)] == []
    assert all(name in (whole / "events.jsonl").read_text() for name in NAMES)
    assert readings(org) == ["person", "person_with_personal_data"]
    assert whole.name.startswith(f"brugerbog-{user_id}-")


def test_days_that_cant_be_read_are_shown_at_their_field(org: OrgDriver, browser: Browser) -> None:
    page = browser.press(browser.open(PATH), "Hent eksport", fra="aldrig")
    assert (page.status, list(page.wrong), page.value("fra")) == (422, ["fra"], "aldrig")
    page = browser.press(page, "Hent eksport", fra="2.1.2027", til="1.1.2027")
    assert (page.status, list(page.wrong)) == (422, ["fra"])
    assert readings(org) == []


def test_the_page_shows_how_an_export_is_checked_and_that_it_names_nobody(browser: Browser) -> None:
    text = browser.open(PATH).text
    assert "brugerbog-verify" in text
    assert "key.pub" in text
    assert "ingen navne" in text


def test_who_exports_again_and_again_is_asked_to_wait(browser: Browser) -> None:
    told = [pressed(browser, PATH).status_code for _ in range(7)]
    assert told == [200] * 6 + [429]


def test_a_damaged_log_isnt_exported(org: OrgDriver, browser: Browser) -> None:
    with tampering(org.service) as connection:
        ALTERATIONS["time"](connection)
    page = browser.press(browser.open(PATH), "Hent eksport")
    assert page.status == 422
    assert page.alert.startswith("Der er en fejl")


def test_another_organisations_user_is_nobody(browser: Browser) -> None:
    assert browser.open(f"/brugere/{uuid4()}/eksport").status == 404
    assert browser.send(f"/brugere/{uuid4()}/eksport", command_id=str(uuid4())).status == 404


@pytest.mark.parametrize("role", [None, Role.USER_ADMINISTRATOR, Role.RIGHTS_ADMINISTRATOR])
def test_exports_are_closed_to_all_but_organisation_administrators(
    org: OrgDriver, log_in_as: LogInAs, role: Role | None
) -> None:
    browser = log_in_as(*filter(None, [role]))
    for path in (PATH, f"/brugere/{org.create()}/eksport"):
        assert browser.open(path).status == 403
        assert browser.send(path, command_id=str(uuid4())).status == 403
    assert readings(org) == []
