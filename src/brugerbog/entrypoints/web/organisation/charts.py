"""Bar charts as inline SVG: drawn by pygal, without the inline styles and scripts that our CSP forbids."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

import pygal  # type: ignore[import-untyped]
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# pygal installs an import hook for map plug-ins, which we don't use. Python 3.11 warns about its kind, and
# later versions ignore it.
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

WIDTH: Final = 440
COLOURS: Final = ("#1a3a5c", "#1b7f5c", "#a85400")
"""The colours of the first, second and third bar of a group; a test requires a contrast of 3:1 on white."""

INK: Final = "#1a1a1a"
_TEXT_SIZE: Final = 14
_BAR, _GAP, _MARGIN = 24, 14, 8
_AXIS_FACTOR: Final = 1.6
"""The axis is longer than the longest bar by this factor, so that the text behind the bar fits."""


@dataclass(frozen=True, slots=True)
class BarSeries:
    """A series: its name, and the length of its bar in each group."""

    of: str
    values: Sequence[int]


def bar_chart(
    title: str, groups: Sequence[str], bars: Sequence[BarSeries], in_words: Callable[[int], str] = str
) -> Markup:
    """Return a chart of horizontal bars, the first group on top, each with its value in words behind it.

    With several series, each bar has its series' name too, so that colour isn't the only distinction. The
    SVG's description contains all values, for screen readers.
    """

    def text_of(bar: BarSeries, at: int) -> str:
        value = in_words(bar.values[at])
        return f"{value} {bar.of}" if len(bars) > 1 else value

    chart = pygal.HorizontalBar(
        width=WIDTH,
        height=len(groups) * (len(bars) * _BAR + _GAP) + 2 * _MARGIN,
        range=(0, max(1, *(_AXIS_FACTOR * value for bar in bars for value in bar.values))),
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
    texts = (f"{group}: {', '.join(text_of(bar, at) for bar in bars)}" for at, group in enumerate(groups))
    return _inline(chart.render_tree(), title, "; ".join(texts))


def _value(value: int, text: str) -> dict[str, Any]:
    return {"value": value, "formatter": lambda _: text}


def _inline(drawn: Element, title: str, description: str) -> Markup:
    """Return the chart as inline SVG with title and description.

    pygal adds an inline style sheet and script. Only shapes and texts are copied, with attributes for styles.
    """
    svg = Element("svg", {"viewBox": drawn.get("viewBox", ""), "role": "img"})
    SubElement(svg, "title").text = title
    SubElement(svg, "desc").text = description
    svg.extend(_shapes(drawn, ()))
    return Markup(tostring(svg, encoding="unicode"))  # noqa: S704 - made by an XML writer, which escapes


def _shapes(parent: Element, within: tuple[str, ...]) -> Iterator[Element]:
    """Yield the bars, texts and the axis line; `within` are the classes of all ancestors."""
    for element in parent:
        classes = element.get("class", "").split()
        around = (*within, *classes)
        if element.tag == "g":
            group = Element("g", _only(element, "transform"))
            group.extend(_shapes(element, around))
            if len(group):
                yield group
        elif element.tag == "rect" and "bar" in within and element.get("width"):
            yield Element("rect", _only(element, "x", "y", "width", "height") | {"fill": _colour(within)})
        elif element.tag == "path" and "axis" in classes:
            yield Element("path", _only(element, "d") | {"stroke": INK, "fill": "none"})
        elif element.tag == "text" and element.text and "tooltip" not in within:
            looks = {"fill": INK, "font-size": str(_TEXT_SIZE)}
            anchor = "end" if "axis" in within else "start"
            text = Element("text", _only(element, "x", "y") | looks | {"text-anchor": anchor})
            text.text = element.text
            yield text


def _only(element: Element, *names: str) -> dict[str, str]:
    return {name: element.attrib[name] for name in names if name in element.attrib}


def _colour(within: Iterable[str]) -> str:
    at = next(int(name.removeprefix("color-")) for name in within if name.startswith("color-"))
    return COLOURS[at % len(COLOURS)]
