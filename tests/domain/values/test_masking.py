"""CPR numbers are masked however they are written, in time linear in the text."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brugerbog.domain.values.masking import MAX_SHOWN_LENGTH, masked
from brugerbog.domain.values.spreadsheet_damage import damage

CPR = "0709611111"
ID = "01a20462-50ba-725c-b703-982423121078"


def digits_left(text: str) -> list[int]:
    """Return the number of digits of each run without letters."""
    return [len(re.sub(r"\D", "", run)) for run in re.findall(r"[\d\W]+", text)]


@given(st.text(st.sampled_from("0123456789- ./x_é\u00a0"), max_size=60))
def test_of_a_run_of_nine_digits_six_are_shown(text: str) -> None:
    shown = masked(text)
    assert len(shown) == len(text)
    for run in re.finditer(r"\d[\d\W]*", text):
        many, left = (len(re.sub(r"\D", "", one)) for one in (run[0], shown[run.start() : run.end()]))
        assert left == (many if many < 9 else 6)


@given(st.text(st.sampled_from("0123456789- x"), max_size=40))
def test_of_a_sure_number_never_more_than_six_are_shown(text: str) -> None:
    assert all(left <= 6 for left in digits_left(masked(text, surely_a_number=True)))


@pytest.mark.parametrize("around", ["{}", "0 {}", "{} 0", "a {} b", "{0} {0}"])
def test_an_id_stays_whole(around: str) -> None:
    text = around.format(ID)
    assert masked(text) == text


def test_an_id_behind_a_cpr_number_stays_whole() -> None:
    assert masked(f"{CPR} {ID}") == f"070961xxxx {ID}"


@pytest.mark.parametrize("cut", range(11))
def test_a_number_cut_at_the_longest_text_is_masked_too(cut: int) -> None:
    text = "a" * (MAX_SHOWN_LENGTH - cut) + CPR + "b" * 20
    shown = masked(text)
    assert shown == "a" * (MAX_SHOWN_LENGTH - cut) + f"070961xxxx{'b' * 20}"[:cut] + "…"


HOSTILE = {
    "digits": "1" * 5_000_000,
    "a digit and blanks": "1" + " " * 5_000_000,
    "digits and blanks": "1 " * 2_500_000,
    "digits and hyphens": "0709611111-" * 500_000,
    "hexadecimal digits": "a0" * 2_500_000,
    "controls": "\x01" * 5_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_megabytes_of_anything_are_masked_at_once(text: str) -> None:
    begun = time.process_time()
    shown = masked(text)
    assert damage(text) is None
    assert time.process_time() - begun < 0.1
    assert len(shown) == MAX_SHOWN_LENGTH + 1
