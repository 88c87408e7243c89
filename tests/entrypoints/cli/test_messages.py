"""Output for people: Danish messages on stderr, data on stdout."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from brugerbog.entrypoints.cli import output
from tests.entrypoints.cli.cli_runner import (
    DONE,
    FAILED,
    SOME_REFUSED,
    UNKNOWN_ID,
    USAGE,
    english_in,
    run_cli,
)
from tests.entrypoints.cli.store_cli import DATE_OF_BIRTH, MIXED_ROWS, StoreCli, csv_file

CREATE = ("users", "create", "--first-name", "Åge", "--surname", "Ø", "--email", "a@b.test", *DATE_OF_BIRTH)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setattr(output, "console", lambda: Console(width=80, highlight=False, file=sys.stdout))


def test_a_command_writes_the_id_to_stdout_and_the_message_to_stderr(cli: StoreCli) -> None:
    answer = cli("users", "edit", cli.ids["anne"], "--phone", "87654321")
    assert (answer.code, answer.out) == (DONE, f"{cli.ids['anne']}\n")
    assert answer.err == "Anne Hansen er opdateret. Status: Aktiv.\n"


def test_version_prints_the_version_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    answer = run_cli("--version")
    assert (answer.code, answer.out, answer.err) == (DONE, f"brugerbog {project['version']}\n", "")


def test_an_e_mail_address_that_no_certificate_can_hold_is_remarked_upon(cli: StoreCli) -> None:
    arguments = ("users", "edit", cli.ids["anne"], "--email", "anne@æblegård.test")
    assert "certifikat" in cli(*arguments).err


def test_a_corrected_address_prints_the_effect_on_the_link(cli: StoreCli) -> None:
    created = cli(*CREATE).out.splitlines()[0]
    assert "ny aktiveringsmail" in cli("users", "edit", created, "--email", "ny@b.test").err
    assert "aktiveringsmail" not in cli("users", "edit", created, "--phone", "12345678").err
    assert "aktiveringsmail" not in cli("users", "edit", cli.ids["anne"], "--email", "ny@c.test").err


def test_a_deletion_names_whom_it_was_about(cli: StoreCli) -> None:
    answer = cli("users", "delete", cli.ids["anne"], "--yes")
    assert answer.err.startswith("Anne Hansen er slettet permanent.")


def test_a_deletion_without_confirmation_is_a_usage_error_and_deletes_no_user(cli: StoreCli) -> None:
    answer = cli("users", "delete", cli.ids["anne"])
    assert answer.code == USAGE
    assert "--yes" in answer.err
    assert cli.run_json("users", "show", cli.ids["anne"])["status"] == "active"


def test_a_deleted_user_is_shown_as_deleted_and_nothing_else(cli: StoreCli) -> None:
    cli.run_json("users", "delete", cli.ids["bo"], "--yes")
    result = cli("users", "show", cli.ids["bo"]).out
    assert "Slettet bruger" in result
    assert "deaktiver" not in result.casefold()


def test_reactivation_prints_the_guides_message(cli: StoreCli) -> None:
    assert cli("users", "reactivate", cli.ids["bo"]).err.startswith("Aktivering er startet.\n")


def test_a_list_shows_names_statuses_and_whole_ids(cli: StoreCli) -> None:
    result = cli("users", "list")
    assert (result.code, result.err) == (DONE, "")
    for text in ("Anne Hansen", "Deaktiveret til og med 31.12.2999", "Importeret", *cli.ids.values()):
        assert text in result.out


def test_output_to_a_pipe_is_not_cut_off(cli: StoreCli) -> None:
    first_name, email = "N" * 100, f"{'x' * 60}@{'y' * 60}.{'z' * 60}.test"
    cli.run_json("users", "edit", cli.ids["anne"], "--first-name", first_name, "--email", email)
    result = cli("users", "list").out
    assert "…" not in result
    assert email in result


@pytest.mark.usefixtures("narrow")
def test_in_80_columns_the_ids_of_a_list_are_whole(cli: StoreCli) -> None:
    result = cli("users", "list").out
    assert max(len(line) for line in result.splitlines()) <= 80
    assert [user_id for user_id in cli.ids.values() if user_id not in result] == []


def test_the_key_of_the_next_page_is_printed_to_stderr(cli: StoreCli) -> None:
    answer = cli("users", "list", "--limit", "1")
    key = answer.err.removeprefix("Der er flere: --after ").strip()
    assert "Bo Hansen" in cli("users", "list", "--limit", "1", "--after", key).out


def test_a_card_masks_the_cpr_number_and_speaks_danish(cli: StoreCli) -> None:
    result = cli("users", "show", cli.ids["anne"]).out
    for text in ("070961-xxxx", "betydelig", "Aktiv", "nej"):
        assert text in result


def test_a_history_speaks_danish(cli: StoreCli) -> None:
    result = cli("users", "history", cli.ids["anne"]).out
    for text in ("Tidspunkt", "Bruger aktiveret", "MitID Erhverv", "offentlig"):
        assert text in result


def test_the_organisation_is_shown_with_yes_and_no(cli: StoreCli) -> None:
    result = cli("organisation", "show").out
    for text in ("Firma · CVR 90000001", "ja", "app, code_display", "115,00 kr. ekskl. moms"):
        assert text in result


def test_a_receipt_counts_and_explains(cli: StoreCli, own_folder: Path) -> None:
    answer = cli("import", csv_file(own_folder / "a.csv", *MIXED_ROWS))
    assert answer.code == SOME_REFUSED
    assert "Kvittering: 2 rækker (UTF-8) · 1 oprettet" in answer.out
    assert "»5«: TargetIAL skal være 3 (betydelig) eller 4 (høj)." in answer.out


def test_a_dry_run_prints_that_nothing_has_changed(cli: StoreCli, own_folder: Path) -> None:
    path = csv_file(own_folder / "a.csv", *MIXED_ROWS)
    assert "Prøvekørsel, intet er ændret" in cli("import", path, "--dry-run").out


def test_rows_held_back_do_not_hide_the_reason(cli: StoreCli, own_folder: Path) -> None:
    rows = [f"C;;Navn;Nr{n};;24121985;n{n}@k.test;;;;3;;;;" for n in range(60)]
    answer = cli("import", csv_file(own_folder / "a.csv", *rows, MIXED_ROWS[1]), "--all-or-nothing")
    assert "TargetIAL skal være 3" in answer.out


def test_nothing_is_imported_whose_receipt_cannot_be_written(cli: StoreCli, own_folder: Path) -> None:
    path = csv_file(own_folder / "a.csv", MIXED_ROWS[0])
    before = cli.run_json("users", "list")
    answer = cli("import", path, "--receipt", "no/such/folder.csv")
    assert answer.code == USAGE
    assert "no/such/folder.csv" in answer.err
    assert cli.run_json("users", "list") == before


def test_the_receipt_never_overwrites_the_file_itself(cli: StoreCli, own_folder: Path) -> None:
    path = csv_file(own_folder / "a.csv", MIXED_ROWS[0])
    before = Path(path).read_bytes()
    cli("import", path, "--receipt", path)
    assert Path(path).read_bytes() == before


def test_the_template_is_written_to_stdout_or_a_file(own_folder: Path) -> None:
    result = run_cli("template")
    written = run_cli("template", "template æøå.csv")
    assert (own_folder / "template æøå.csv").read_bytes() == result.out.encode()
    assert (written.out, written.err) == ("", "Skabelonen er skrevet til template æøå.csv.\n")


@pytest.mark.parametrize("name", ["no/such/folder.csv", "."])
def test_a_template_that_cannot_be_written_is_reported(name: str) -> None:
    answer = run_cli("template", name)
    assert answer.code != DONE
    assert f"Filen {name} kan ikke skrives." in answer.err


def test_projections_are_shown_and_verified(cli: StoreCli) -> None:
    assert "user_list" in cli("projections", "status").out
    assert "NEJ" not in cli("projections", "verify").out
    rebuilt = cli("projections", "rebuild")
    assert (rebuilt.out, rebuilt.err[:12]) == ("", "Bygget igen:")


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "show", "nope"),
        ("users", "show"),
        ("users", "nope"),
        ("users", "list", "too", "many"),
        ("users", "list", "--limit", "0"),
        ("users", "list", "--limit", "1001"),
        ("users", "list", "--limit", "99999999999999999999"),
        ("users", "list", "--limit", "many"),
        ("users", "list", "--sort", "size"),
        ("users", "list", "--status", "gone"),
        ("users", "list", "--at", "2026-11-22"),
        ("users", "list", "--at", "2026-11-22T12:00:00"),
        ("users", "list", "--at"),
        ("users", "history", UNKNOWN_ID, "--from", "22-11-2026"),
        ("users", "history", UNKNOWN_ID, "--to", "2026-02-30"),
        ("users", "deactivate", UNKNOWN_ID, "--from", "20261122"),
        ("users", "assign-means", UNKNOWN_ID, "key"),
        ("users", "assign-means", UNKNOWN_ID),
        ("users", "assign-means", UNKNOWN_ID, "app=0"),
        ("users", "assign-means", UNKNOWN_ID, "app="),
        ("users", "assign-means", UNKNOWN_ID, "app=100"),
        ("users", "assign-means", UNKNOWN_ID, "app", "--shared-cvr", "90000001"),
        ("users", "send-to-activation", UNKNOWN_ID, UNKNOWN_ID),
        ("users", "send-many-to-activation"),
        ("users", "send-many-to-activation", UNKNOWN_ID, "--all"),
        ("users", "send-many-to-activation", "--all", "--command-id", UNKNOWN_ID),
        ("users", "give-role", UNKNOWN_ID, "operator"),
        ("users", "give-role", UNKNOWN_ID),
        ("users", "decline-anonymity", UNKNOWN_ID, "--reason", "a", "--reason-stdin"),
        ("me", "show"),
        ("me", "request-anonymity", "--accept-losing-rights"),
        ("self-service", "confirm-identity", "--date-of-birth", "1961-09-07"),
        ("report", "everything"),
        ("mail", "list", "--state", "lost"),
        ("activities", "record", "-"),
        ("worker", "--once", "--status"),
        ("worker", "--seconds", "0"),
        ("users", "create", "--first-name", "A"),
        ("users", "create", "--first-name", "A", "--surname", "B", "--email", "a@b.test"),
        ("users", "create", "--cpr", "1"),
        ("users", "list", "--json=1"),
        ("users", "list", "--as", "nope"),
        ("users", "list", "--command-id", "nope"),
        ("organisation", "register"),
        ("nope",),
    ],
)
def test_misuse_is_explained_in_danish(arguments: tuple[str, ...]) -> None:
    answer = run_cli(*arguments)
    assert (answer.code, answer.out) == (USAGE, "")
    assert answer.err.startswith("Fejl: ")
    assert english_in(answer.err) == []


def test_unknown_ids_are_refused_in_danish(cli: StoreCli) -> None:
    answer = cli("users", "show", UNKNOWN_ID)
    assert (answer.code, answer.out) == (FAILED, "")
    assert answer.err.startswith("Fejl: Brugeren findes ikke i organisationen.")
