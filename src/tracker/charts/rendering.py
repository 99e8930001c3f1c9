"""From a specification to SVG and PNG, and the little that is kept of them.

vl-convert takes 0.7 s and about 65 MB for its first chart and 0.15 s for each later one, so it is loaded by the first
chart and not by the program, and what was rendered is kept. What Vega writes is then put right for our pages: its
English roles and its classes go, addresses lose the host they were given, statuses get their pattern, and the colours
become names of the style sheet.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from importlib.metadata import version
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from markupsafe import Markup

from tracker.charts.chart import HERE, Chart, wrapped
from tracker.charts.palette import COLOURS, FONT, PATTERNS, TILE, status
from tracker.codebook import Execution

#: How many drawings are kept, of 5 to 30 KB each, and how many of the larger PNGs, of up to 450 KB.
_KEPT, _KEPT_PNG = 64, 16

#: Ems of a line of the title in a file.
_TITLE = 42

#: Pixels of a PNG for each of the drawing.
_SCALE = 2

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"

#: What Vega writes and a page does not need: roles in English, and names that nothing uses.
_NEEDLESS = ("class", "role", "aria-label", "aria-roledescription", "aria-hidden", "style", "version")

#: What is so where nothing is said.
_USUAL = {("opacity", "1"), ("stroke-width", "1")}

#: A number with more places than a screen has.
_LONG = re.compile(r"(?<!\d)-?\d++\.\d{3,}")

_CHINESE = re.compile("[\u4e00-\u9fff]")

#: What bars and areas are drawn in; points and words keep their plain colour.
_PATTERNED = re.compile(r"mark-rect role-mark|mark-area role-mark|mark-symbol role-legend-symbol")


class NothingToDraw(LookupError):
    """There are no numbers to draw; the text says which."""


def svg(chart: Chart) -> Markup:
    """The drawing as an element of a page, in the colours of its style sheet, without its title, which stands above.

    Empty where there is nothing to draw.
    """
    return Markup(_rendered(chart.content(), alone=False)) if chart.spec else Markup("")  # noqa: S704 - our own


def file(chart: Chart) -> bytes:
    """The drawing as an SVG file in light colours, with its title and without links. Raises `NothingToDraw`."""
    return _rendered(chart.content(), alone=True).encode()


def png(chart: Chart) -> bytes:
    """The drawing as a PNG in light colours, with its title, in twice its size. Raises `NothingToDraw`."""
    return _pixels(chart.content())


def etag(chart: Chart) -> str:
    """Changes whenever the drawing would; known without drawing it."""
    return hashlib.sha256(f"{version('vl-convert-python')} {chart.content()}".encode()).hexdigest()[:32]


@lru_cache(maxsize=_KEPT_PNG)
def _pixels(content: str) -> bytes:
    import vl_convert  # noqa: PLC0415 - as below

    return vl_convert.svg_to_png(_rendered(content, alone=True), scale=_SCALE)


@lru_cache(maxsize=_KEPT)
def _rendered(content: str, *, alone: bool) -> str:
    """A chart's `content` as SVG: for a page, or `alone` in a file."""
    import vl_convert  # noqa: PLC0415 - 65 MB that only charts need

    drawn = json.loads(content)
    if not drawn["spec"]:
        raise NothingToDraw(drawn["description"])
    if alone:
        title = {"title": {"text": wrapped(drawn["title"], _TITLE).split("\n"), "frame": "bounds"}}
        drawn["spec"] |= {"background": COLOURS["surface"], **title}
    root = fromstring(vl_convert.vegalite_to_svg(drawn["spec"], allowed_base_urls=[]))  # noqa: S314 - our own
    _put_right(root, drawn["language"], mark=hashlib.sha256(content.encode()).hexdigest()[:8])
    if alone:
        root.set("role", "img")
        _unlinked(root)
        for name in ("desc", "title"):
            root.insert(0, _element(name, drawn["description" if name == "desc" else "title"]))
    else:
        root.set("role", "group")
        root.set("aria-label", drawn["title"])
        _named(root)
    root.set("lang", "zh-Hans" if drawn["language"] == "zh" else "en")
    return _written(root, alone=alone)


def _put_right(root: Element, language: str, *, mark: str) -> None:
    """What Vega wrote, as our pages want it; `mark` keeps the names of two charts on a page apart."""
    _with_patterns(root, mark)
    for parent in list(root.iter()):
        for child in [child for child in parent if _is_empty(child)]:
            parent.remove(child)
    for link in root.iter(f"{_SVG}a"):
        said = link[0].get("aria-label", "")
        link.set("href", link.attrib.pop(_LINK).removeprefix(HERE))
        link.set("aria-label", said)
        # The table beside the chart has the same links, where the keyboard reaches them in order.
        link.set("tabindex", "-1")
        link.insert(0, _element("title", said))
    root.set("font-family", FONT)
    for element in root.iter():
        _trim(element)
        if language == "en" and _CHINESE.search((element.text or "") + element.get("aria-label", "")):
            element.set("lang", "zh-Hans")


def _trim(element: Element) -> None:
    """An element without what a page does not need, and its numbers to a hundredth of a pixel."""
    is_link = element.tag == f"{_SVG}a"
    for name, value in list(element.items()):
        if (name in _NEEDLESS or (name, value) in _USUAL) and not (is_link and name == "aria-label"):
            del element.attrib[name]
        elif name in {"d", "transform", "x", "y", "x2", "y2"}:
            element.set(name, _LONG.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), value))
    if element.get("font-family") == FONT and element.tag == f"{_SVG}text":
        del element.attrib["font-family"]
    if element.tag == f"{_SVG}text" and element.get("stroke"):
        element.set("paint-order", "stroke")


def _is_empty(element: Element) -> bool:
    """Whether Vega drew nothing: the ground of a group that has no colour."""
    if element.tag != f"{_SVG}path" or element.get("aria-label"):
        return False
    return not (element.get("fill") or element.get("stroke")) or not element.get("d")


def _with_patterns(root: Element, mark: str) -> None:
    """Bars, areas and legends filled as their status is drawn in one colour."""
    by_colour = {status(execution): execution for execution in Execution}
    used: set[Execution] = set()
    for group in root.iter(f"{_SVG}g"):
        if not _PATTERNED.search(group.get("class", "")):
            continue
        for path in group.iter(f"{_SVG}path"):
            execution = by_colour.get(path.get("fill", ""))
            if execution and PATTERNS[execution]:
                used.add(execution)
                path.set("fill", f"url(#{execution}-{mark})")
    if used:
        definitions = Element(f"{_SVG}defs")
        definitions.extend(_pattern(execution, mark) for execution in sorted(used))
        root.insert(0, definitions)


def _pattern(execution: Execution, mark: str) -> Element:
    lines, width = PATTERNS[execution] or ("", 0)
    side = str(TILE)
    pattern = Element(
        f"{_SVG}pattern", id=f"{execution}-{mark}", width=side, height=side, patternUnits="userSpaceOnUse"
    )
    SubElement(pattern, f"{_SVG}rect", width=side, height=side, fill=COLOURS["surface"])
    if lines:
        SubElement(pattern, f"{_SVG}path", {"d": lines, "stroke": status(execution), "stroke-width": str(width)})
    return pattern


def _named(root: Element) -> None:
    """Colours by their name in the style sheet, which knows light from dark."""
    names = {colour: name for name, colour in reversed(COLOURS.items())}
    for element in root.iter():
        for attribute in ("fill", "stroke"):
            colour = element.get(attribute)
            if colour in names:
                element.set(attribute, f"var(--{names[colour]})")


def _unlinked(root: Element) -> None:
    """A file is opened anywhere, where an address of this site without a host leads nowhere."""
    for link in root.iter(f"{_SVG}a"):
        link.tag = f"{_SVG}g"
        for name in ("href", "tabindex", "aria-label"):
            del link.attrib[name]


def _element(name: str, text: str) -> Element:
    element = Element(f"{_SVG}{name}")
    element.text = text
    return element


def _written(root: Element, *, alone: bool) -> str:
    """The text of the drawing. On a page SVG needs no namespace, in a file it does."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
    if alone:
        root.set("xmlns", "http://www.w3.org/2000/svg")
    return tostring(root, encoding="unicode")
