"""Verifying, signing and exporting the log at the command line."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

import brugerbog
from brugerbog.entrypoints import verify
from brugerbog.infrastructure.database.schema import ciphertexts, events
from tests.entrypoints.cli.cli_runner import call
from tests.entrypoints.cli.store_cli import Office
from tests.infrastructure.database.tampering import tampering


def change_an_event(office: Office) -> None:
    with brugerbog.open(office.url) as service, tampering(service) as connection:
        connection.execute(update(events).where(events.c.position == 3).values(topic="user.imported"))


def test_a_sound_log_is_said_to_be_sound(office: Office) -> None:
    found = office.ask("audit", "verify", "--boxes")

    assert found["sound"]
    assert found["boxes"]["opened"] > 0
    assert (found["checkpoints"], found["damage"]) == (1, None)


def test_a_changed_event_is_found_and_nothing_is_signed_or_exported(office: Office, own_folder: Path) -> None:
    office.ask("audit", "export", "earlier")
    change_an_event(office)

    found = call("audit", "verify", "--store", office.url, "--json")
    assert (found.code, found.document["sound"]) == (1, False)
    assert found.document["error"]["code"] == "log_damaged"
    exact = call("audit", "verify", "--against", "earlier", "--store", office.url)
    assert (exact.code, "hændelse 3 " in exact.err, "er ændret" in exact.err) == (1, True, True)
    for refused in (("audit", "checkpoint"), ("audit", "export", "later")):
        assert call(*refused, "--store", office.url, "--json").error["code"] == "log_damaged"
    assert not (own_folder / "later").exists()


def test_a_log_without_a_checkpoint_is_said_to_fit_only_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    brugerbog.open(url).close()
    assert "passer kun til sig selv" in call("audit", "verify", "--store", url).err
    call("audit", "checkpoint", "--store", url)
    assert "passer kun" not in call("audit", "verify", "--store", url).err


def test_an_earlier_export_may_have_come_as_text_and_is_never_waited_for(
    office: Office, own_folder: Path
) -> None:
    office.ask("audit", "export", "earlier")
    note = own_folder / "earlier" / "checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\n", b"\r\n"))
    assert call("audit", "verify", "--against", "earlier", "--store", office.url).code == 0
    (own_folder / "earlier" / "leaves").unlink()
    os.mkfifo(own_folder / "earlier" / "leaves")
    assert call("audit", "verify", "--against", "earlier", "--store", office.url).code == 1


def test_a_box_in_anothers_place_is_found(office: Office) -> None:
    with brugerbog.open(office.url) as service, service.log.recorder.write_transaction() as connection:
        first, *_ = connection.execute(text("SELECT box FROM sealed ORDER BY stream_id, version")).scalars()
        connection.execute(update(ciphertexts).where(ciphertexts.c.version == 1).values(box=first))

    assert call("audit", "verify", "--store", office.url, "--json").document["sound"]
    found = call("audit", "verify", "--boxes", "--store", office.url, "--json")
    assert (found.code, found.document["damage"]["kind"]) == (1, "broken_box")


def test_a_box_that_is_gone_is_no_damage(office: Office) -> None:
    with brugerbog.open(office.url) as service, service.log.recorder.write_transaction() as connection:
        connection.execute(delete(ciphertexts).where(ciphertexts.c.version == 1))

    assert office.ask("audit", "verify", "--boxes")["boxes"]["gone"] > 0


def test_a_checkpoint_is_kept_elsewhere_and_an_export_checked_with_its_key(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    made = office.ask("audit", "checkpoint", "--to", "kept")
    office.ask("audit", "export", "whole")
    office.ask("audit", "export", "own", "--organisation", "90000001")
    office.ask("audit", "export", "anne", "--user", office.ids["anne"], "--with-personal-data")
    office.ask("audit", "export", "since", "--since", f"kept/{made['size']}.checkpoint")

    older = f"kept/{made['size']}.checkpoint"
    assert Path(older).read_text() == made["note"]
    for export in ("whole", "own", "anne"):
        assert verify.run([export, "--key", "kept/key.pub"]) == 0
    assert verify.run(["since", "--key", "kept/key.pub", "--since", older]) == 0
    assert "Alt er i orden." in capsys.readouterr().out
    assert "Anne" in Path("anne/events.jsonl").read_text()


def test_a_declared_restore_stands_in_every_checkpoint_from_then_on(office: Office) -> None:
    assert "restored 4\n" in office.ask("audit", "checkpoint", "--restored-to", "4")["note"]
    assert "restored 4\n" in office.ask("audit", "checkpoint")["note"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--with-personal-data",),
        ("--user", "00000000-0000-7000-8000-000000000009", "--from", "2026-01-01"),
        ("--since", "none.checkpoint"),
        ("--since", "kept", "--organisation", "90000001"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_a_usage_error(office: Office, wrong: tuple[str, ...]) -> None:
    answer = call("audit", "export", "export", *wrong, "--store", office.url, "--json")

    assert (answer.code, answer.error["code"]) == (2, "usage")
    assert not Path("export").exists()


def test_a_user_administrator_takes_nothing_away(office: Office) -> None:
    office.ask("users", "give-role", office.ids["anne"], "user_administrator")
    for command in (("export", "export"), ("verify",), ("checkpoint",)):
        answer = call("audit", *command, "--store", office.url, "--as", office.ids["anne"], "--json")
        assert (answer.code, answer.error["code"]) == (1, "not_allowed")


def test_an_organisation_administrator_takes_his_organisations_log(office: Office) -> None:
    office.ask("users", "give-role", office.ids["anne"], "organisation_administrator")
    call("audit", "export", "export", "--store", office.url, "--as", office.ids["anne"])

    manifest = Path("export/manifest").read_text().splitlines()
    assert manifest[1] == "kind organisation"
    last = json.loads(Path("export/events.jsonl").read_text().splitlines()[-1])
    assert (last["topic"], last["actor"]) == ("log.read", office.ids["anne"])
