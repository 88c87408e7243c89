"""Records are found by RFC 4180, however a file is cut into blocks."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from brugerbog.application.commands.imports.records import (
    LONGEST_LINE,
    OverlongLine,
    find_records,
    split_lines,
)
from brugerbog.application.commands.imports.row_refusals import LineBreakInCell, QuoteUnbalanced

CELLS = st.text(st.sampled_from('aæ;" \n'), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=5)


def in_blocks(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@given(rows=ROWS, quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), size=st.integers(1, 9))
def test_what_the_csv_module_writes_is_read_and_a_row_with_a_line_break_is_one(
    rows: list[list[str]], quoting: int, size: int
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n", quoting=quoting).writerows(rows)
    read = list(find_records(split_lines(in_blocks(out.getvalue(), size)), 1))

    line = 1
    assert len(read) == len(rows)
    for record, cells in zip(read, rows, strict=True):
        breaks = sum(cell.count("\n") for cell in cells)
        assert record.number == line
        assert isinstance(record.error and record.error[1], LineBreakInCell) == (breaks > 0)
        assert record.cells == ([] if breaks else cells)
        line += 1 + breaks


def may_be_a_row(text: str) -> set[int]:
    """The lines on which no quotation mark before them is open, by reading character by character."""
    found, line, place, is_inside = {1}, 1, "begin", False
    at = 0
    while at < len(text):
        sign = text[at]
        if is_inside:
            if text.startswith('""', at):
                at += 1
            elif sign == '"':
                is_inside, place = False, "behind"
        elif sign == '"' and place == "begin":
            is_inside = True
        elif place == "behind" and sign not in "; \n":
            return found
        elif sign in ";\n":
            place = "begin"
        elif sign != " " and place == "begin":
            place = "plain"
        line += sign == "\n"
        if sign == "\n" and not is_inside:
            found.add(line)
        at += 1
    return found


@given(text=st.text(st.sampled_from('a;" \n'), max_size=40), size=st.integers(1, 9))
def test_no_line_is_a_record_that_may_lie_inside_a_cell(text: str, size: int) -> None:
    read = list(find_records(split_lines(in_blocks(text, size)), 1))
    assert {record.number for record in read} <= may_be_a_row(text)
    torn = [record for record in read if record.error and isinstance(record.error[1], QuoteUnbalanced)]
    assert torn in ([], read[-1:])


@given(
    lengths=st.lists(st.integers(LONGEST_LINE - 2, LONGEST_LINE + 3), min_size=1, max_size=4),
    size=st.integers(500, 9000),
)
def test_a_line_is_as_long_as_it_is_wherever_blocks_end(lengths: list[int], size: int) -> None:
    lines = list(split_lines(in_blocks("".join("x" * length + "\n" for length in lengths), size)))
    assert [isinstance(line, OverlongLine) for line in lines] == [length > LONGEST_LINE for length in lengths]


@given(at=st.integers(0, 12_000), size=st.integers(500, 9000))
def test_a_quotation_mark_in_a_line_that_is_too_long_is_seen_wherever_it_stands(at: int, size: int) -> None:
    text = "x" * at + '"' + "x" * (12_000 - at)
    assert list(split_lines(in_blocks(text, size))) == [OverlongLine(has_quote=True)]
    assert list(split_lines(in_blocks(text.replace('"', "x"), size))) == [OverlongLine(has_quote=False)]
