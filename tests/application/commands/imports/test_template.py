"""The template can be imported as it is."""

from brugerbog.application.commands.imports.columns import COLUMNS
from brugerbog.application.commands.imports.template import template
from brugerbog.domain.values.means import Means
from tests.application.commands.imports.file_importer import FileImporter, outcomes, reasons
from tests.people import passes_modulus_11

LINES = template().decode("utf-8-sig").splitlines()


def test_it_has_15_columns_in_every_line() -> None:
    assert LINES[0].split(";") == list(COLUMNS)
    assert [len(line.split(";")) for line in LINES] == [15] * len(LINES)


def test_it_opens_rightly_in_a_danish_spreadsheet() -> None:
    assert template().startswith(b"\xef\xbb\xbf")
    assert template().count(b"\r\n") == template().count(b"\n") == len(LINES)


def test_it_has_an_example_of_every_action() -> None:
    assert {line.split(";")[0] for line in LINES[1:]} == {"C", "U", "D"}


def test_no_cell_of_it_begins_a_formula() -> None:
    assert not [cell for line in LINES for cell in line.split(";") if cell.startswith(("=", "+", "-", "@"))]


def test_its_people_do_not_exist() -> None:
    numbers = {line.split(";")[4] for line in LINES[1:]} - {""}
    assert numbers
    assert not [number for number in numbers if passes_modulus_11(number)]


def test_its_rows_create_edit_and_delete(file_importer: FileImporter) -> None:
    receipt = file_importer.import_bytes(template())
    assert outcomes(receipt) == ["created", "created", "updated", "deleted"]
    assert receipt.outcomes[0].id == receipt.outcomes[2].id == receipt.outcomes[3].id
    assert file_importer.names() == ["Åse"]


def test_its_rows_that_create_leave_the_people_they_describe(file_importer: FileImporter) -> None:
    lines = [line for line in LINES if not line.startswith(("U", "D"))]
    users = [
        file_importer.user(one.id) for one in file_importer.import_bytes("\n".join(lines).encode()).outcomes
    ]
    assert [user.first_name for user in users] == ["Ærø", "Åse"]
    assert [user.means for user in users] == [(Means.PRIVATE,), ()]


def test_where_private_means_are_not_allowed_only_their_row_and_those_on_that_user_are_refused(
    strict_file_importer: FileImporter,
) -> None:
    receipt = strict_file_importer.import_bytes(template())
    assert outcomes(receipt) == ["refused", "created", "refused", "refused"]
    assert reasons(receipt.outcomes[0]) == {("Loginmiddel", "means_not_offered")}
