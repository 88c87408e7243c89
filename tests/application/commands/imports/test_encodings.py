# ruff: noqa: RUF001 - these signs are what this module is about
"""Names come in with the letters they were written with, or the file or the row is refused by name."""

import pytest

from tests.application.commands.imports.csv_rows import HEADER, create, file_of
from tests.application.commands.imports.file_importer import FileImporter, only, outcomes, reasons

DANES = (("Søren", "Kjær"), ("Åse", "Østergård"), ("Ægidius", "Blå"), ("André", "Jørgensen-Müller"))
EUROPEANS = (
    ("Łukasz", "Wójcik-Żółć"),
    ("Ğülşah", "Çağlayanoğlu"),
    ("Jürgen", "Groß"),
    ("Œdipe", "Lœuillet"),
    ("FRANÇOIS", "LŒUILLET"),
    ("Žofie", "Šťastná"),
    ("Dušan", "Tomáš-Žižek"),
    ("Þórður", "Ðað"),
    ("Ștefan", "Țurcanu-Ăă"),
    ("Őze", "Űrhajós"),
    ("Ķīrs", "Ņiķītis"),
    ("Ãngela", "João-Gonçalves"),
    ("Núria", "Gal·la"),
    ("Ngũgĩ", "Nguyễn Thị Ánh"),
    ("Ελένη", "Παπαδοπούλου"),
    ("Володимир", "Щербак"),
    ("Siân", "Ŵyn"),
    ("Seán", "O’Brien"),
    ("D‘Angelo", "O´Hara"),
    ("Oʻtkir", "To‘xtayev"),
    ("L’Haÿ", "L'HAŸ-LES-ROSES"),
    ("Ĉiam", "Eĥoŝanĝo"),
    ("Ħal", "Għaxaq"),
    ("Mas‘ud", "Isma‘il-Sa‘id"),
    ("王 Wei", "欧阳"),
    ("Bo & Ib", "Holm + Co 100 %"),
    ("Iñupiaq Ŋ", "d'Œuvre"),
    ("Ālise", "ÅÄÖ-ØÆ"),
)
IN_WINDOWS_1252 = (
    *DANES,
    ("Jürgen", "Groß"),
    ("François", "Lœuillet"),
    ("Œdipe", "SŒUR"),
    ("Šimon", "Žižek-Tomáš"),
    ("Þórður", "Ðað"),
    ("João", "Núñez"),
    ("Siân", "D’Angelo"),
    ("SEÁN", "O’BRIEN"),
    ("ANDERS’", "M’BAPPÉ-HANS’S"),
    ("Strauß’", "»CAFÉ«"),
    ("“Bo”", "Å’s „Ib“ Å”"),
    ("Anne–Marie", "D´Angelo"),
    ("Mª", "nº 5, 120 m³, 20 °C, ½ dag, § 5, 50 €, 10 £"),
    ("Gal·la", "Afd. A–Å …"),
)
MISREAD = {
    "UTF-8 saved twice": "SÃ¸ren",
    "UTF-8 saved twice, æ": "KjÃ¦r",
    "UTF-8 saved twice, å": "BlÃ¥",
    "UTF-8 saved twice, Ø": "Ã˜stergaard",
    "UTF-8 saved twice, Å": "Ã…se",
    "UTF-8 saved twice by way of Latin-1": "Ø".encode().decode("latin-1") + "stergaard",
    "UTF-8 saved twice, à at the end": "LÃ\u00a0",
    "UTF-8 saved twice, ł": "PaweÅ‚",
    "UTF-8 saved twice, ę": "WÄ™gorz",
    "UTF-8 saved twice, ş": "AyÅŸe",
    "UTF-8 saved twice, Cyrillic": "Ð˜Ð²Ð°Ð½",
    "UTF-8 saved twice, Greek": "Î•Î»Î­Î½Î·",
    "UTF-8 saved twice, ’": "Oâ€™Brien",
    "UTF-8 saved twice, Vietnamese": "Nguyá»…n",
    "UTF-8 saved twice, U+FFFD": "Sï¿½ren",
    "DOS ø": "S›ren",
    "DOS æ": "Kj‘r",
    "DOS å": "P†l",
    "DOS å at the end": "Bl†",
    "DOS ø at the end": "B›",
    "DOS é": "Andr\u201a",
    "Macintosh ø": "S¿ren",
    "Macintosh æ": "Kj¾r",
    "Macintosh å": "HŒkon",
    "Macintosh Ø": "¯stergaard",
    "Macintosh ü": "MŸller",
    "UTF-8 read as DOS": "Søren".encode().decode("cp850"),
    "UTF-8 read as DOS, Å": "Åse".encode().decode("cp850"),
    "UTF-8 read as Macintosh": "Søren".encode().decode("mac_roman"),
    "UTF-8 read as Chinese": "Søren".encode().decode("gb18030"),
    "Windows-1252 read as DOS": "Søren".encode("cp1252").decode("cp850"),
    "Windows-1252 read as DOS, æ": "Kjær".encode("cp1252").decode("cp850"),
    "Windows-1252 read as DOS, Å": "Åse".encode("cp1252").decode("cp850"),
    "Windows-1252 read as Macintosh, Å": "Åse".encode("cp1252").decode("mac_roman"),
    "Windows-1252 read as Cyrillic": "Søren".encode("cp1252").decode("cp1251"),
    "Windows-1252 read as DOS of the USA, é": "René".encode("cp1252").decode("cp437"),
    "UTF-7": "Søren".encode("utf-7").decode(),
    "HTML, by number": '"S&#248;ren"',
    "HTML, by name": '"S&oslash;ren"',
    "JSON": r"S\u00f8ren",
    "an address": "S%C3%B8ren",
    "a mail": "S=F8ren",
    "a control character of Latin-1": "S\x9bren",
}
LOST = {"S\ufffdren": "unreadable_character"} | dict.fromkeys(("S?ren", "?se", "Ren?"), "letter_lost")


@pytest.mark.parametrize(("first_name", "surname"), EUROPEANS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_of_all_europe_come_in_by_unicode(
    dry_file_importer: FileImporter, first_name: str, surname: str, encoding: str
) -> None:
    line = create(first_name=first_name, surname=surname, reference_text=f"{surname}, {first_name}")
    assert only(dry_file_importer.import_bytes(file_of(line, encoding=encoding), dry_run=True)).errors == ()


@pytest.mark.parametrize(("first_name", "surname"), IN_WINDOWS_1252)
def test_ordinary_names_come_in_by_windows_1252(
    file_importer: FileImporter, first_name: str, surname: str
) -> None:
    receipt = file_importer.import_bytes(
        file_of(create(first_name=first_name, surname=surname), encoding="cp1252")
    )
    user = file_importer.user(only(receipt).id)
    assert (user.first_name, user.surname) == (first_name, surname)


@pytest.mark.parametrize("encoding", ["cp850", "cp865", "mac_roman"])
@pytest.mark.parametrize("above", [0, 3, 5000])
def test_a_file_of_dos_or_a_macintosh_is_refused_by_its_name_and_line(
    file_importer: FileImporter, encoding: str, above: int
) -> None:
    people = [create(n, first_name=first, surname=last) for n, (first, last) in enumerate(DANES[:2])]
    refusal = file_importer.refused(file_of(*[create(9)] * above, *people, encoding=encoding))
    assert refusal.code == "encoding_wrong"
    assert vars(refusal)["line"] == above + 2
    assert ("Macintosh" if encoding == "mac_roman" else "DOS") in refusal.message


CODE_PAGES = ["cp850", "cp865", "mac_roman", "cp1250", "cp1251", "cp1257", "iso8859-4", "koi8-r"]
NOT_TOLD_APART = {("cp1257", "Łukasz"), ("cp1257", "Wąs")}
"""Read as Windows-1252 these are `Ùukasz` and `Wàs`, which could be names."""


@pytest.mark.parametrize("encoding", CODE_PAGES)
@pytest.mark.parametrize("name", ["Søren", "Kjær", "Blå", "Åse", "Øster", "Łukasz", "Wąs", "Müller", "Иван"])
def test_no_name_becomes_another_in_silence(file_importer: FileImporter, encoding: str, name: str) -> None:
    try:
        content = file_of(create(first_name=name), encoding=encoding)
    except UnicodeEncodeError:
        pytest.skip("the encoding hasn't these letters")
    if content == file_of(create(first_name=name), encoding="cp1252", errors="replace"):
        pytest.skip("Windows-1252 has these letters in the same places")
    if (encoding, name) in NOT_TOLD_APART:
        pytest.skip("they are other letters of Windows-1252 and could be a name")
    assert file_importer.refused(content).code in {"encoding_wrong", "encoding_unknown"}


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp850", "KJÆR"),
        ("cp865", "BRÆNDSTRUP"),
        ("gb18030", "René"),
        ("gb18030", "Jürgen"),
        ("mac_roman", "Groß"),
    ],
)
def test_a_file_with_one_letter_beyond_ascii_is_refused_too(
    file_importer: FileImporter, encoding: str, name: str
) -> None:
    content = file_of(create(surname=name), encoding=encoding)
    assert file_importer.refused(content).code in {"encoding_wrong", "encoding_unknown"}


@pytest.mark.parametrize("name", ["Bo\xf8", "\xc5se"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_one_letter_of_windows_1252_in_a_file_of_utf_8_refuses_it_with_both_lines(
    file_importer: FileImporter, name: str, mark: bytes
) -> None:
    rows = [create(0), create(1, first_name="Søren"), create(2)]
    content = mark + file_of(*rows) + file_of(create(3, first_name=name), encoding="cp1252").split(b"\n")[1]
    refusal = file_importer.refused(content)
    assert (refusal.code, vars(refusal)) == ("encodings_mixed", {"utf_8": 1 if mark else 3, "other": 5})


def test_a_file_cut_in_a_letter_is_refused(file_importer: FileImporter) -> None:
    content = file_of(create(first_name="Søren")) + "ø".encode()[:1]
    assert file_importer.refused(content).code == "encodings_mixed"


@pytest.mark.parametrize("size", [2**16 - 3, 2**16 - 2, 2**16 - 1, 2**16, 2**16 + 1])
@pytest.mark.parametrize("letters", ["S›ren".encode("cp1252"), "Sø".encode() + b"\xf8", b"S\x9dren"])
def test_letters_where_one_block_ends_are_seen_too(
    file_importer: FileImporter, size: int, letters: bytes
) -> None:
    begin = f"{HEADER}\r\n".encode()
    filler = b"C\r\n" * ((size - len(begin)) // 3)
    content = begin + filler + b"x" * (size - len(begin) - len(filler)) + letters
    refusal = file_importer.refused(content)
    line = vars(refusal).get("line", vars(refusal).get("utf_8"))
    assert line == content.count(b"\n") + 1


@pytest.mark.parametrize("name", MISREAD.values(), ids=MISREAD)
def test_letters_that_a_program_misread_refuse_the_row_alone(
    dry_file_importer: FileImporter, name: str
) -> None:
    receipt = dry_file_importer.import_rows(create(0, first_name=name), create(1), dry_run=True)
    assert outcomes(receipt) == ["refused", "created"]
    assert ("Fornavn", "letters_misread") in reasons(receipt.outcomes[0])


@pytest.mark.parametrize(("name", "code"), LOST.items())
def test_a_lost_letter_refuses_the_row_alone(dry_file_importer: FileImporter, name: str, code: str) -> None:
    receipt = dry_file_importer.import_rows(create(0, surname=name), create(1), dry_run=True)
    assert outcomes(receipt) == ["refused", "created"]
    assert reasons(receipt.outcomes[0]) == {("Efternavn", code)}


def test_misread_letters_are_one_reason_beside_others(dry_file_importer: FileImporter) -> None:
    outcome = only(dry_file_importer.import_rows(create(surname="KjÃ¦r", phone="1"), dry_run=True))
    assert reasons(outcome) == {("Efternavn", "letters_misread"), ("Telefon", "phone_invalid")}


def test_a_question_mark_in_a_reference_text_is_one(dry_file_importer: FileImporter) -> None:
    outcome = only(
        dry_file_importer.import_rows(create(reference_text="https://firma.test/?a=b"), dry_run=True)
    )
    assert outcome.errors == ()
