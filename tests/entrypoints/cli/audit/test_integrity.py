"""Verification, signing and export of the log on the command line."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

import brugerbog
from brugerbog.entrypoints import verify
from brugerbog.infrastructure.database.schema import ciphertexts, events
from tests.entrypoints.cli.cli_runner import run_cli
from tests.entrypoints.cli.store_cli import StoreCli
from tests.infrastructure.database.tampering import tampering


def change_an_event(cli: StoreCli) -> None:
    with brugerbog.open(cli.url) as service, tampering(service) as connection:
        connection.execute(update(events).where(events.c.position == 3).values(topic="user.imported"))


def test_a_sound_log_is_reported_as_sound(cli: StoreCli) -> None:
    found = cli.run_json("audit", "verify", "--boxes")

    assert found["sound"]
    assert found["boxes"]["opened"] > 0
    assert (found["checkpoints"], found["damage"]) == (1, None)


def test_a_changed_event_is_found_and_nothing_is_signed_or_exported(cli: StoreCli, own_folder: Path) -> None:
    cli.run_json("audit", "export", "earlier")
    change_an_event(cli)

    found = run_cli("audit", "verify", "--store", cli.url, "--json")
    assert (found.code, found.document["sound"]) == (1, False)
    assert found.document["error"]["code"] == "log_damaged"
    exact = run_cli("audit", "verify", "--against", "earlier", "--store", cli.url)
    assert (exact.code, "hændelse 3 " in exact.err, "er ændret" in exact.err) == (1, True, True)
    for refused in (("audit", "checkpoint"), ("audit", "export", "later")):
        assert run_cli(*refused, "--store", cli.url, "--json").error["code"] == "log_damaged"
    assert not (own_folder / "later").exists()


def test_a_log_without_a_checkpoint_is_reported_as_consistent_only_with_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    brugerbog.open(url).close()
    assert "passer kun til sig selv" in run_cli("audit", "verify", "--store", url).err
    run_cli("audit", "checkpoint", "--store", url)
    assert "passer kun" not in run_cli("audit", "verify", "--store", url).err


def test_an_earlier_export_may_have_come_as_text_and_is_never_waited_for(
    cli: StoreCli, own_folder: Path
) -> None:
    cli.run_json("audit", "export", "earlier")
    note = own_folder / "earlier" / "checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\n", b"\r\n"))
    assert run_cli("audit", "verify", "--against", "earlier", "--store", cli.url).code == 0
    (own_folder / "earlier" / "leaves").unlink()
    os.mkfifo(own_folder / "earlier" / "leaves")
    assert run_cli("audit", "verify", "--against", "earlier", "--store", cli.url).code == 1


def test_a_box_in_anothers_place_is_found(cli: StoreCli) -> None:
    with brugerbog.open(cli.url) as service, service.log.recorder.write_transaction() as connection:
        first, *_ = connection.execute(text("SELECT box FROM sealed ORDER BY stream_id, version")).scalars()
        connection.execute(update(ciphertexts).where(ciphertexts.c.version == 1).values(box=first))

    assert run_cli("audit", "verify", "--store", cli.url, "--json").document["sound"]
    found = run_cli("audit", "verify", "--boxes", "--store", cli.url, "--json")
    assert (found.code, found.document["damage"]["kind"]) == (1, "broken_box")


def test_a_box_that_is_gone_is_no_damage(cli: StoreCli) -> None:
    with brugerbog.open(cli.url) as service, service.log.recorder.write_transaction() as connection:
        connection.execute(delete(ciphertexts).where(ciphertexts.c.version == 1))

    assert cli.run_json("audit", "verify", "--boxes")["boxes"]["gone"] > 0


def test_a_checkpoint_is_written_to_a_folder_and_an_export_verified_with_its_key(
    cli: StoreCli, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = cli.run_json("audit", "checkpoint", "--to", "kept")
    cli.run_json("audit", "export", "whole")
    cli.run_json("audit", "export", "own", "--organisation", "90000001")
    cli.run_json("audit", "export", "anne", "--user", cli.ids["anne"], "--with-personal-data")
    cli.run_json("audit", "export", "since", "--since", f"kept/{signed['size']}.checkpoint")

    older = f"kept/{signed['size']}.checkpoint"
    assert Path(older).read_text() == signed["note"]
    for export in ("whole", "own", "anne"):
        assert verify.run([export, "--key", "kept/key.pub"]) == 0
    assert verify.run(["since", "--key", "kept/key.pub", "--since", older]) == 0
    assert "Alt er i orden." in capsys.readouterr().out
    assert "Anne" in Path("anne/events.jsonl").read_text()


def test_every_checkpoint_after_a_declared_restore_names_it(cli: StoreCli) -> None:
    assert "restored 4\n" in cli.run_json("audit", "checkpoint", "--restored-to", "4")["note"]
    assert "restored 4\n" in cli.run_json("audit", "checkpoint")["note"]


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
def test_a_contradictory_call_is_a_usage_error(cli: StoreCli, wrong: tuple[str, ...]) -> None:
    answer = run_cli("audit", "export", "export", *wrong, "--store", cli.url, "--json")

    assert (answer.code, answer.error["code"]) == (2, "usage")
    assert not Path("export").exists()


def test_a_user_administrator_takes_nothing_away(cli: StoreCli) -> None:
    cli.run_json("users", "give-role", cli.ids["anne"], "user_administrator")
    for command in (("export", "export"), ("verify",), ("checkpoint",)):
        answer = run_cli("audit", *command, "--store", cli.url, "--as", cli.ids["anne"], "--json")
        assert (answer.code, answer.error["code"]) == (1, "not_allowed")


def test_an_organisation_administrator_exports_their_organisations_log(cli: StoreCli) -> None:
    cli.run_json("users", "give-role", cli.ids["anne"], "organisation_administrator")
    run_cli("audit", "export", "export", "--store", cli.url, "--as", cli.ids["anne"])

    manifest = Path("export/manifest").read_text().splitlines()
    assert manifest[1] == "kind organisation"
    last = json.loads(Path("export/events.jsonl").read_text().splitlines()[-1])
    assert (last["topic"], last["actor"]) == ("log.read", cli.ids["anne"])
