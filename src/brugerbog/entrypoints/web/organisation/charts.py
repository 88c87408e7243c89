"""Bar charts as inline SVG: drawn by pygal, without its style sheets and scripts, which our CSP forbids."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

import pygal  # type: ignore[import-untyped]
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# pygal installs an import hook for map plug-ins, which we don't use. Python 3.11 warns about hooks of this
# kind, and later versions ignore them.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

WIDTH: Final = 440
COLOURS: Final = ("#1a3a5c", "#1b7f5c", "#a85400")
"""The colours of the first, second and third series; a test requires a contrast of 3:1 on white."""

INK: Final = "#1a1a1a"
_TEXT_SIZE: Final = 14
_BAR, _GAP, _MARGIN = 24, 14, 8
_AXIS_FACTOR: Final = 1.6
"""The length of the axis divided by the longest bar: the text to the right of the bar fits."""


@dataclass(frozen=True, slots=True)
class BarSeries:
    """A series of bars: its label, and the length of its bar in each group."""

    label: str
    values: Sequence[int]


def bar_chart(
    title: str, groups: Sequence[str], series: Sequence[BarSeries], in_words: Callable[[int], str] = str
) -> Markup:
    """Return a chart of horizontal bars, the first group on top; each bar has its value to the right of it.

    `in_words` formats a value. With several series, each bar has its series' label too, so that colour isn't
    the only distinction. The SVG's description contains all values, for screen readers.
    """

    def text_of(one: BarSeries, index: int) -> str:
        value = in_words(one.values[index])
        return f"{value} {one.label}" if len(series) > 1 else value

    chart = pygal.HorizontalBar(
        width=WIDTH,
        height=len(groups) * (len(series) * _BAR + _GAP) + 2 * _MARGIN,
        range=(0, max(1, *(_AXIS_FACTOR * value for one in series for value in one.values))),
        margin=_MARGIN,
        show_legend=False,
        show_x_labels=False,
        print_values=True,
        print_values_position="top",
        style=pygal.style.Style(label_font_size=_TEXT_SIZE, value_font_size=_TEXT_SIZE),
    )
    bottom_up = range(len(groups) - 1, -1, -1)  # pygal draws the first group at the bottom
    chart.x_labels = [groups[index] for index in bottom_up]
    for one in series:
        chart.add(one.label, [_value(one.values[index], text_of(one, index)) for index in bottom_up])
    texts = (
        f"{group}: {', '.join(text_of(one, index) for one in series)}" for index, group in enumerate(groups)
    )
    return _inline(chart.render_tree(), title, "; ".join(texts))


def _value(value: int, text: str) -> dict[str, Any]:
    return {"value": value, "formatter": lambda _: text}


def _inline(drawn: Element, title: str, description: str) -> Markup:
    """Return the chart as inline SVG with title and description.

    pygal adds an inline style sheet and script: only shapes and texts are copied, with colours and sizes as
    attributes.
    """
    svg = Element("svg", {"viewBox": drawn.get("viewBox", ""), "role": "img"})
    SubElement(svg, "title").text = title
    SubElement(svg, "desc").text = description
    svg.extend(_shapes(drawn, ()))
    return Markup(tostring(svg, encoding="unicode"))  # noqa: S704 - made by an XML writer, which escapes


def _shapes(parent: Element, within: tuple[str, ...]) -> Iterator[Element]:
    """Yield copies of the bars, texts and axis lines; `within` are the classes of all ancestors."""
    for element in parent:
        classes = element.get("class", "").split()
        if element.tag == "g":
            group = Element("g", _attributes(element, "transform"))
            group.extend(_shapes(element, (*within, *classes)))
            if len(group):
                yield group
        elif element.tag == "rect" and "bar" in within and element.get("width"):
            yield Element(
                "rect", _attributes(element, "x", "y", "width", "height") | {"fill": _colour(within)}
            )
        elif element.tag == "path" and "axis" in classes:
            yield Element("path", _attributes(element, "d") | {"stroke": INK, "fill": "none"})
        elif element.tag == "text" and element.text and "tooltip" not in within:
            looks = {"fill": INK, "font-size": str(_TEXT_SIZE)}
            anchor = "end" if "axis" in within else "start"
            text = Element("text", _attributes(element, "x", "y") | looks | {"text-anchor": anchor})
            text.text = element.text
            yield text


def _attributes(element: Element, *names: str) -> dict[str, str]:
    return {name: element.attrib[name] for name in names if name in element.attrib}


def _colour(within: Iterable[str]) -> str:
    number = next(int(name.removeprefix("color-")) for name in within if name.startswith("color-"))
    return COLOURS[number % len(COLOURS)]
