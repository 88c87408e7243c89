"""What people read: Danish messages on stderr, data on stdout."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from rich.console import Console

from brugerbog.entrypoints.cli import output
from tests.entrypoints.cli.cli_runner import DONE, FAILED, NOBODY, SOME_REFUSED, USAGE, call, english_in
from tests.entrypoints.cli.store_cli import BORN, MIXED, Office, csv_file

CREATE = ("users", "create", "--first-name", "Åge", "--surname", "Ø", "--email", "a@b.test", *BORN)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setattr(output, "console", lambda: Console(width=80, highlight=False, file=sys.stdout))


def test_a_command_writes_the_id_to_stdout_and_says_the_rest_beside_it(office: Office) -> None:
    answer = office("users", "edit", office.ids["anne"], "--phone", "87654321")
    assert (answer.code, answer.out) == (DONE, f"{office.ids['anne']}\n")
    assert answer.err == "Anne Hansen er opdateret. Status: Aktiv.\n"


def test_version_prints_the_version_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    answer = call("--version")
    assert (answer.code, answer.out, answer.err) == (DONE, f"brugerbog {project['version']}\n", "")


def test_an_e_mail_address_that_no_certificate_can_hold_is_remarked_upon(office: Office) -> None:
    arguments = ("users", "edit", office.ids["anne"], "--email", "anne@æblegård.test")
    assert "certifikat" in office(*arguments).err


def test_a_corrected_address_says_what_becomes_of_the_link(office: Office) -> None:
    created = office(*CREATE).out.splitlines()[0]
    assert "ny aktiveringsmail" in office("users", "edit", created, "--email", "ny@b.test").err
    assert "aktiveringsmail" not in office("users", "edit", created, "--phone", "12345678").err
    assert "aktiveringsmail" not in office("users", "edit", office.ids["anne"], "--email", "ny@c.test").err


def test_a_deletion_names_whom_it_was_about(office: Office) -> None:
    answer = office("users", "delete", office.ids["anne"], "--yes")
    assert answer.err.startswith("Anne Hansen er slettet permanent.")


def test_a_deletion_that_is_not_confirmed_is_a_usage_error_and_deletes_nobody(office: Office) -> None:
    answer = office("users", "delete", office.ids["anne"])
    assert answer.code == USAGE
    assert "--yes" in answer.err
    assert office.ask("users", "show", office.ids["anne"])["status"] == "active"


def test_a_deleted_user_is_shown_as_deleted_and_nothing_else(office: Office) -> None:
    office.ask("users", "delete", office.ids["bo"], "--yes")
    shown = office("users", "show", office.ids["bo"]).out
    assert "Slettet bruger" in shown
    assert "deaktiver" not in shown.casefold()


def test_reactivation_says_what_the_guide_says(office: Office) -> None:
    assert office("users", "reactivate", office.ids["bo"]).err.startswith("Aktivering er startet.\n")


def test_a_list_shows_names_statuses_and_whole_ids(office: Office) -> None:
    shown = office("users", "list")
    assert (shown.code, shown.err) == (DONE, "")
    for text in ("Anne Hansen", "Deaktiveret til og med 31.12.2999", "Importeret", *office.ids.values()):
        assert text in shown.out


def test_where_nobody_watches_nothing_is_cut_off(office: Office) -> None:
    first_name, email = "N" * 100, f"{'x' * 60}@{'y' * 60}.{'z' * 60}.test"
    office.ask("users", "edit", office.ids["anne"], "--first-name", first_name, "--email", email)
    shown = office("users", "list").out
    assert "…" not in shown
    assert email in shown


@pytest.mark.usefixtures("narrow")
def test_in_80_columns_the_ids_of_a_list_are_whole(office: Office) -> None:
    shown = office("users", "list").out
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert [user_id for user_id in office.ids.values() if user_id not in shown] == []


def test_the_next_page_is_said_beside_the_data(office: Office) -> None:
    answer = office("users", "list", "--limit", "1")
    key = answer.err.removeprefix("Der er flere: --after ").strip()
    assert "Bo Hansen" in office("users", "list", "--limit", "1", "--after", key).out


def test_a_card_masks_the_cpr_number_and_speaks_danish(office: Office) -> None:
    shown = office("users", "show", office.ids["anne"]).out
    for text in ("070961-xxxx", "betydelig", "Aktiv", "nej"):
        assert text in shown


def test_a_history_speaks_danish(office: Office) -> None:
    shown = office("users", "history", office.ids["anne"]).out
    for text in ("Tidspunkt", "Bruger aktiveret", "MitID Erhverv", "offentlig"):
        assert text in shown


def test_the_organisation_is_shown_with_yes_and_no(office: Office) -> None:
    shown = office("organisation", "show").out
    for text in ("Firma · CVR 90000001", "ja", "app, code_display", "115,00 kr. ekskl. moms"):
        assert text in shown


def test_a_receipt_counts_and_explains(office: Office, own_folder: Path) -> None:
    answer = office("import", csv_file(own_folder / "a.csv", *MIXED))
    assert answer.code == SOME_REFUSED
    assert "Kvittering: 2 rækker (UTF-8) · 1 oprettet" in answer.out
    assert "»5«: TargetIAL skal være 3 (betydelig) eller 4 (høj)." in answer.out


def test_a_dry_run_says_that_nothing_has_changed(office: Office, own_folder: Path) -> None:
    path = csv_file(own_folder / "a.csv", *MIXED)
    assert "Prøvekørsel, intet er ændret" in office("import", path, "--dry-run").out


def test_rows_held_back_do_not_hide_the_reason(office: Office, own_folder: Path) -> None:
    rows = [f"C;;Navn;Nr{n};;24121985;n{n}@k.test;;;;3;;;;" for n in range(60)]
    answer = office("import", csv_file(own_folder / "a.csv", *rows, MIXED[1]), "--all-or-nothing")
    assert "TargetIAL skal være 3" in answer.out


def test_nothing_is_imported_whose_receipt_cannot_be_written(office: Office, own_folder: Path) -> None:
    path = csv_file(own_folder / "a.csv", MIXED[0])
    before = office.ask("users", "list")
    answer = office("import", path, "--receipt", "no/such/folder.csv")
    assert answer.code == USAGE
    assert "no/such/folder.csv" in answer.err
    assert office.ask("users", "list") == before


def test_the_receipt_never_overwrites_the_file_itself(office: Office, own_folder: Path) -> None:
    path = csv_file(own_folder / "a.csv", MIXED[0])
    before = Path(path).read_bytes()
    office("import", path, "--receipt", path)
    assert Path(path).read_bytes() == before


def test_the_template_goes_to_stdout_or_into_a_file(own_folder: Path) -> None:
    shown = call("template")
    written = call("template", "template æøå.csv")
    assert (own_folder / "template æøå.csv").read_bytes() == shown.out.encode()
    assert (written.out, written.err) == ("", "Skabelonen er skrevet til template æøå.csv.\n")


@pytest.mark.parametrize("name", ["no/such/folder.csv", "."])
def test_a_template_that_cannot_be_written_is_said(name: str) -> None:
    answer = call("template", name)
    assert answer.code != DONE
    assert f"Filen {name} kan ikke skrives." in answer.err


def test_projections_are_shown_and_verified(office: Office) -> None:
    assert "user_list" in office("projections", "status").out
    assert "NEJ" not in office("projections", "verify").out
    rebuilt = office("projections", "rebuild")
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
        ("users", "history", NOBODY, "--from", "22-11-2026"),
        ("users", "history", NOBODY, "--to", "2026-02-30"),
        ("users", "deactivate", NOBODY, "--from", "20261122"),
        ("users", "assign-means", NOBODY, "key"),
        ("users", "assign-means", NOBODY),
        ("users", "assign-means", NOBODY, "app=0"),
        ("users", "assign-means", NOBODY, "app="),
        ("users", "assign-means", NOBODY, "app=100"),
        ("users", "assign-means", NOBODY, "app", "--shared-cvr", "90000001"),
        ("users", "send-to-activation", NOBODY, NOBODY),
        ("users", "send-many-to-activation"),
        ("users", "send-many-to-activation", NOBODY, "--all"),
        ("users", "send-many-to-activation", "--all", "--command-id", NOBODY),
        ("users", "give-role", NOBODY, "operator"),
        ("users", "give-role", NOBODY),
        ("users", "decline-anonymity", NOBODY, "--reason", "a", "--reason-stdin"),
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
    answer = call(*arguments)
    assert (answer.code, answer.out) == (USAGE, "")
    assert answer.err.startswith("Fejl: ")
    assert english_in(answer.err) == []


def test_unknown_ids_are_refused_in_danish(office: Office) -> None:
    answer = office("users", "show", NOBODY)
    assert (answer.code, answer.out) == (FAILED, "")
    assert answer.err.startswith("Fejl: Brugeren findes ikke i organisationen.")
