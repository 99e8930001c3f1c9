"""A 督办单 as a Word document: A4 across, its header on every page, with columns for the hand."""

from __future__ import annotations

from typing import IO, Any

from tracker import events, word
from tracker.charts import palette
from tracker.duban.files import BY_HAND
from tracker.duban.sheet import NOTE, Item, Sheet
from tracker.events import Event

#: The columns that a page across has room for, with their width in millimetres.
_WIDTHS = {
    "序号": 9, "编号": 21, "事项": 30, "责任单位": 23, "完成时限（性质）": 26, "执行状态": 17, "序时进度": 20,
    "进展": 36, "存在问题": 22, "下一步": 26, "佐证": 32, **dict(zip(BY_HAND, (20, 11), strict=True)),
}  # fmt: skip

_SIGNED = "制表：＿＿＿＿＿＿　　审核：＿＿＿＿＿＿　　日期：＿＿＿＿＿＿"


def write_docx(made: Sheet, out: IO[bytes]) -> None:
    """Write the sheet as a document: each head, then a table of its lines, with evidence as links."""
    paper = word.document(made.title, made.day, "zh", across=True)
    paper.add_heading(made.title, 0)
    for said in (made.day, made.counts, f"说明：{NOTE}"):
        paper.add_paragraph(said)
    for group in made.groups:
        paper.add_heading(group.heading, 2)
        rows = [[_text(item, name) for name in _WIDTHS] for item in group.items]
        drawn = word.table(paper, list(_WIDTHS), rows, list(_WIDTHS.values()))
        for item, row in zip(group.items, drawn.rows[1:], strict=True):
            _finish(item, dict(zip(_WIDTHS, row.cells, strict=True)))
    paper.add_paragraph(_SIGNED)
    word.save(paper, out)
    events.say(Event.EXPORTED, what="docx", rows=sum(len(group.items) for group in made.groups))


def _text(item: Item, name: str) -> str:
    return "" if name == "佐证" else item.cells.get(name, "")


def _finish(item: Item, cells: dict[str, Any]) -> None:
    """Status and light in their colours, and the evidence as links."""
    from docx.shared import RGBColor  # noqa: PLC0415 - only documents need it

    coloured = [("执行状态", palette.status(item.execution))]
    # The yellow of a light is too pale for letters: the word alone says it.
    coloured += [("序时进度", palette.LIGHTS[item.light])] if item.light and item.light != "yellow" else []
    for name, colour in coloured:
        for run in cells[name].paragraphs[0].runs:
            run.bold, run.font.color.rgb = True, RGBColor(*bytes.fromhex(colour[1:]))
    line = cells["佐证"].paragraphs[0]
    for number, source in enumerate(item.evidence):
        if number:
            line.add_run("\n")
        word.link(line, source.text, source.url)
    if not item.evidence:
        line.add_run("—")
