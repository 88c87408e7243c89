"""Charts that stand within a page whose rules forbid styles and scripts in it."""

import re
import sys
from xml.etree import ElementTree as ET

import pytest

from brugerbog.entrypoints.web.organisation.charts import COLOURS, INK, BarSeries, bar_chart

ALLOWED = {
    "svg": {"viewBox", "role"},
    "title": set(),
    "desc": set(),
    "g": {"transform"},
    "rect": {"x", "y", "width", "height", "fill"},
    "text": {"x", "y", "fill", "font-size", "text-anchor"},
    "path": {"d", "stroke", "fill"},
}
LENGTHS = [3, 0, 12]


def drawn(*bars: BarSeries, groups: tuple[str, ...] = ("Aktiv", "Importeret", "Deaktiveret")) -> ET.Element:
    return ET.fromstring(bar_chart("Brugere", groups, bars))  # noqa: S314 - our own


def texts(svg: ET.Element) -> list[str]:
    return [str(one.text) for one in svg.iter("text")]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_chart_has_no_style_script_class_or_id() -> None:
    svg = drawn(BarSeries("tildelt", LENGTHS), BarSeries("i brug", LENGTHS))
    assert {one.tag: set(one.attrib) - ALLOWED[one.tag] for one in svg.iter() if one is not svg} == {
        tag: set() for tag in {one.tag for one in svg.iter()} - {"svg"}
    }
    assert set(svg.attrib) == ALLOWED["svg"]


def test_its_title_and_description_say_all_it_shows() -> None:
    svg = drawn(BarSeries("brugere", LENGTHS))
    assert svg.get("role") == "img"
    assert svg.findtext("title") == "Brugere"
    assert svg.findtext("desc") == "Aktiv: 3; Importeret: 0; Deaktiveret: 12"


def test_the_first_group_is_on_top_and_the_longest_bar_is_the_largest_number() -> None:
    svg = drawn(BarSeries("brugere", LENGTHS))
    names = {one.text: float(one.get("y", "")) for one in svg.iter("text")}
    assert names["Aktiv"] < names["Importeret"] < names["Deaktiveret"]
    bars = {float(one.get("y", "")): float(one.get("width", "")) for one in svg.iter("rect")}
    first, last = (bars[at] for at in sorted(bars))
    assert last == pytest.approx(4 * first)


def test_where_colours_differ_words_do_too() -> None:
    svg = drawn(BarSeries("tildelt", [3]), BarSeries("i brug", [1]), groups=("Chip",))
    downwards = sorted(svg.iter("rect"), key=lambda one: float(one.get("y", "")))
    assert [one.get("fill") for one in downwards] == list(COLOURS[:2])
    assert set(texts(svg)) == {"Chip", "3 tildelt", "1 i brug"}


@pytest.mark.parametrize("colour", [*COLOURS, INK])
def test_colours_stand_out_on_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 3


def test_what_stands_in_it_is_never_markup() -> None:
    markup = bar_chart("<b>&", ["<script>"], [BarSeries("x", [1])], lambda _: "<i>")
    assert not re.search("<(b|script|i)>", markup)
    assert texts(ET.fromstring(markup)) == ["<script>", "<i>"]  # noqa: S314 - our own


def test_a_chart_of_nothing_but_zeros_can_be_drawn() -> None:
    assert texts(drawn(BarSeries("brugere", [0, 0, 0]))).count("0") == 3


def test_the_library_stays_out_of_other_imports() -> None:
    assert not [one for one in sys.meta_path if type(one).__module__.startswith("pygal")]
