"""Bar charts as SVG that stands within a page: drawn by pygal, and freed of what a strict page forbids."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

import pygal  # type: ignore[import-untyped]
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# For maps that nobody asks for, pygal hooks into every import of the process, in a way that Python 3.11
# warns of and later ones pass over.
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

WIDTH: Final = 440
COLOURS: Final = ("#1a3a5c", "#1b7f5c", "#a85400")
"""Of the first, second and third bar of each group; a test holds their contrast on white against 3:1."""

INK: Final = "#1a1a1a"
_TEXT_SIZE: Final = 14
_BAR, _GAP, _MARGIN = 24, 14, 8
_ROOM_BEHIND: Final = 1.6
"""The axis ends so much beyond the longest bar that what is written behind it has room."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar in each group: what they are together, and how long each is."""

    of: str
    values: Sequence[int]


def bar_chart(
    title: str, groups: Sequence[str], bars: Sequence[Bars], in_words: Callable[[int], str] = str
) -> Markup:
    """A chart of horizontal bars, the first group on top, each with its value in words behind it.

    Where a group has several bars, each says its name too, so that colours aren't the only sign. All it shows
    is in its description, for those who don't see it.
    """

    def text_of(bar: Bars, at: int) -> str:
        said = in_words(bar.values[at])
        return f"{said} {bar.of}" if len(bars) > 1 else said

    chart = pygal.HorizontalBar(
        width=WIDTH,
        height=len(groups) * (len(bars) * _BAR + _GAP) + 2 * _MARGIN,
        range=(0, max(1, *(_ROOM_BEHIND * value for bar in bars for value in bar.values))),
        margin=_MARGIN,
        show_legend=False,
        show_x_labels=False,
        print_values=True,
        print_values_position="top",
        style=pygal.style.Style(label_font_size=_TEXT_SIZE, value_font_size=_TEXT_SIZE),
    )
    upwards = range(len(groups) - 1, -1, -1)
    chart.x_labels = [groups[at] for at in upwards]
    for bar in bars:
        chart.add(bar.of, [_value(bar.values[at], text_of(bar, at)) for at in upwards])
    told = (f"{group}: {', '.join(text_of(bar, at) for bar in bars)}" for at, group in enumerate(groups))
    return _inline(chart.render_tree(), title, "; ".join(told))


def _value(value: int, text: str) -> dict[str, Any]:
    return {"value": value, "formatter": lambda _: text}


def _inline(drawn: Element, title: str, told: str) -> Markup:
    """The picture as a part of a page, named and described.

    pygal dresses it with a style sheet and a script of its own, both inline; only shapes and texts are taken
    over, and what they look like is said by attributes.
    """
    svg = Element("svg", {"viewBox": drawn.get("viewBox", ""), "role": "img"})
    SubElement(svg, "title").text = title
    SubElement(svg, "desc").text = told
    svg.extend(_shapes(drawn, ()))
    return Markup(tostring(svg, encoding="unicode"))  # noqa: S704 - made by an XML writer, which escapes


def _shapes(parent: Element, within: tuple[str, ...]) -> Iterator[Element]:
    """The bars, texts and the line they begin at; `within` are the classes of what they stand in."""
    for one in parent:
        classes = one.get("class", "").split()
        around = (*within, *classes)
        if one.tag == "g":
            group = Element("g", _only(one, "transform"))
            group.extend(_shapes(one, around))
            if len(group):
                yield group
        elif one.tag == "rect" and "bar" in within and one.get("width"):
            yield Element("rect", _only(one, "x", "y", "width", "height") | {"fill": _colour(within)})
        elif one.tag == "path" and "axis" in classes:
            yield Element("path", _only(one, "d") | {"stroke": INK, "fill": "none"})
        elif one.tag == "text" and one.text and "tooltip" not in within:
            looks = {"fill": INK, "font-size": str(_TEXT_SIZE)}
            anchor = "end" if "axis" in within else "start"
            text = Element("text", _only(one, "x", "y") | looks | {"text-anchor": anchor})
            text.text = one.text
            yield text


def _only(one: Element, *names: str) -> dict[str, str]:
    return {name: one.attrib[name] for name in names if name in one.attrib}


def _colour(within: Iterable[str]) -> str:
    at = next(int(name.removeprefix("color-")) for name in within if name.startswith("color-"))
    return COLOURS[at % len(COLOURS)]
