"""A 督办单 as a workbook: to be sorted and filtered on the screen, and printed on A4 with its header on every page."""

from __future__ import annotations

from itertools import chain
from typing import IO, Any

from tracker import events, workbooks
from tracker.charts import palette
from tracker.codebook import Execution, Light
from tracker.duban.sheet import NOTE, Item, Sheet, Source
from tracker.events import Event
from tracker.texts import width

#: The columns of the sheet with how wide they are, in characters. The head stands in one: so rows can be sorted.
_WIDTHS = {
    "序号": 5, "编号": 12, "总项": 13, "事项": 15, "原话": 25, "责任单位": 12, "完成时限（性质）": 15, "执行状态": 9,
    "序时进度": 12, "进展": 21, "存在问题": 14, "下一步": 17, "佐证": 21, "核查截止日": 11, "复核": 7,
}  # fmt: skip

_EVIDENCE = {"序号": 5, "编号": 12, "事项": 30, "佐证": 60, "网址": 60}

_MAIN, _SOURCES = "督办单", "佐证清单"

#: Longest address that Excel takes as a link.
_LONGEST_LINK = 2_000

#: Points of a line of text.
_LINE = 14

Made = dict[str, Any]


def write_xlsx(made: Sheet, out: IO[bytes]) -> None:
    """Write the sheet as a workbook: one row for each line with its status in colour and word, and a list of evidence.

    No cell is a formula. Evidence is a link: to its page where there is one piece, else to its rows of the list.
    """
    with workbooks.made(out) as book:
        book.set_properties({"title": made.title, "subject": made.day, "created": workbooks.MADE})
        main, sources = book.add_worksheet(_MAIN), book.add_worksheet(_SOURCES)
        formats = _formats(book)
        _headed(main, formats, made, len(_WIDTHS))
        items = [(group.heading, item) for group in made.groups for item in group.items]
        first = _table(main, formats, _WIDTHS, 4, len(items))
        below = _table(sources, formats, _EVIDENCE, 0, sum(max(len(item.evidence), 1) for _, item in items))
        for row, (heading, item) in enumerate(items, first):
            _line(main, formats, row, heading, item, below)
            for source in item.evidence:
                _source(sources, formats, below, item, source)
                below += 1
    events.say(Event.EXPORTED, what="xlsx", rows=len(items))


def _formats(book: Any) -> Made:
    """Every way that a cell looks, by name, code of a status, or light."""
    text = {"valign": "top", "text_wrap": True, "border": 1, "border_color": palette.COLOURS["line"], "font_size": 10}
    looks: Made = {
        "title": {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"},
        "about": {"text_wrap": True, "valign": "top", "font_size": 10},
        "header": {**text, "bold": True, "align": "center", "valign": "vcenter", "bg_color": palette.COLOURS["sunken"]},
        "text": text,
        "link": {**text, "font_color": palette.COLOURS["link"], "underline": 1},
    }
    for execution in Execution:
        looks[execution] = {**text, "bold": True, "font_color": palette.status(execution)}
    for light, colour in palette.LIGHTS.items():
        ink = palette.COLOURS["on-mark" if light is Light.YELLOW else "surface"]
        looks[light] = {**text, "bold": True, "font_color": ink, "bg_color": colour}
    return {name: book.add_format(look) for name, look in looks.items()}


def _headed(sheet: Any, formats: Made, made: Sheet, columns: int) -> None:
    """What stands above the table: title, day, counts and note."""
    total = sum(_WIDTHS.values())
    sheet.merge_range(0, 0, 0, columns - 1, made.title, formats["title"])
    sheet.set_row(0, 26)
    for row, said in enumerate((made.day, made.counts, f"说明：{NOTE}"), 1):
        sheet.merge_range(row, 0, row, columns - 1, said, formats["about"])
        sheet.set_row(row, _LINE * (1 + width(said) // total))


def _table(sheet: Any, formats: Made, widths: dict[str, int], row: int, items: int) -> int:
    """The header of a table, and how the sheet is shown and printed; returns the row below."""
    for column, (name, characters) in enumerate(widths.items()):
        sheet.set_column(column, column, characters)
        sheet.write_string(row, column, name, formats["header"])
    sheet.freeze_panes(row + 1, 4 if "总项" in widths else 2)
    sheet.autofilter(row, 0, row + max(items, 1), len(widths) - 1)
    sheet.repeat_rows(row)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(0.35, 0.35, 0.4, 0.5)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    return row + 1


def _line(sheet: Any, formats: Made, row: int, heading: str, item: Item, below: int) -> None:
    looks = {"执行状态": item.execution, "序时进度": item.light or "text"}
    cells = dict(chain([("总项", heading)], item.cells.items()))
    for column, name in enumerate(_WIDTHS):
        if name == "佐证":
            _cited(sheet, formats, row, column, item.evidence, below)
        elif name == "序号":
            sheet.write_number(row, column, int(cells[name]), formats["text"])
        else:
            sheet.write_string(row, column, cells[name], formats[looks.get(name, "text")])


def _cited(sheet: Any, formats: Made, row: int, column: int, evidence: list[Source], below: int) -> None:
    """The evidence of a line, which `below` is the first row of in the list."""
    text = "\n".join(source.text for source in evidence) or "—"
    if not evidence:
        sheet.write_string(row, column, text, formats["text"])
    elif len(evidence) == 1:
        _linked(sheet, formats, row, column, evidence[0].url, text)
    else:
        sheet.write_url(row, column, f"internal:'{_SOURCES}'!A{below + 1}", formats["link"], text)


def _source(sheet: Any, formats: Made, row: int, item: Item, source: Source) -> None:
    sheet.write_number(row, 0, int(item.cells["序号"]), formats["text"])
    for column, text in enumerate((item.cells["编号"], item.cells["事项"], source.text), 1):
        sheet.write_string(row, column, text, formats["text"])
    _linked(sheet, formats, row, 4, source.url, source.url)


def _linked(sheet: Any, formats: Made, row: int, column: int, url: str, text: str) -> None:
    if url.startswith(("http://", "https://")) and len(url) <= _LONGEST_LINK:
        sheet.write_url(row, column, url, formats["link"], text)
    else:
        sheet.write_string(row, column, text, formats["text"])
