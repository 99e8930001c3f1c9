"""A report as a Word document."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from tracker import events, word
from tracker.charts import palette
from tracker.charts.chart import speaking
from tracker.codebook import Execution
from tracker.events import Event
from tracker.reports import wording
from tracker.reports.report import Part, Report
from tracker.reports.wording import Said

if TYPE_CHECKING:
    from docx.document import Document


def write_docx(made: Report, checkpoint: str, out: IO[bytes]) -> None:
    """Write the report as a document with headings, a table of contents, and tables whose header is repeated."""
    t = speaking(made.language)
    paper = word.document(made.title, made.days, made.language)
    _opening(paper, made, t)
    paper.add_heading(t("逐条", "One by one"), 1)
    for head in made.heads:
        paper.add_heading(f"{head.code} {head.title}".rstrip(), 2)
        if head.own and (head.own.is_followable or not head.parts):
            _judged(paper, head.own, t)
        elif head.own and head.own.quote:
            paper.add_paragraph(head.own.quote, style="Quote")
        for part in head.parts:
            paper.add_heading(f"{part.record['code']} {t(part.record['title_zh'], part.record['title_en'])}", 3)
            _judged(paper, part, t)
    _closing(paper, made, checkpoint, t)
    word.save(paper, out)
    events.say(Event.EXPORTED, what="report.docx", rows=sum(1 + len(head.parts) for head in made.heads))


def _opening(paper: Document, made: Report, t: Said) -> None:
    """Title, contents, method and counts."""
    paper.add_heading(made.title, 0)
    paper.add_paragraph(made.days, style="Subtitle")
    paper.add_paragraph(t(*wording.ABOUT))
    contents = paper.add_paragraph()
    word.field(
        contents,
        r'TOC \o "1-2" \h \z \u',
        t("（在 Word 中按 F9 更新目录）", "(press F9 in Word to fill in the contents)"),
    )
    paper.add_heading(t("方法", "Method"), 1)
    paper.add_paragraph(t(*wording.METHOD))
    paper.add_heading(t("总数", "Counts"), 1)
    lowest, highest, of = made.band
    unknown = t("不明的若全未完成，或全已完成", "if everything unknown were not completed, or were")
    counted = [(name, str(done), str(all_)) for name, done, all_ in made.completed]
    word.table(
        paper,
        (t("分母", "Of"), t("已完成", "Completed"), t("共", "Of how many")),
        [*counted, (unknown, f"{lowest} – {highest}", str(of))],
    )
    paper.add_paragraph()
    stands = [(wording.label(code, t), str(number), str(all_)) for code, number, all_ in made.statuses]
    word.table(paper, (t("状态", "Status"), t("条数", "Number"), t("共", "Of how many")), stands)


def _judged(paper: Document, part: Part, t: Said) -> None:
    """A commitment: status, quote, what was found, evidence, what is not known."""
    from docx.shared import RGBColor  # noqa: PLC0415 - only documents need it

    row = part.record
    status, stand = Execution(row["execution"]), paper.add_paragraph()
    run = stand.add_run(wording.label(status, t))
    run.bold, run.font.color.rgb = True, RGBColor(*bytes.fromhex(palette.status(status)[1:]))
    pace = wording.pace(row, t)
    stand.add_run("".join(f" · {said}" for said in (pace, wording.deadline(row, t)) if said))
    stand.paragraph_format.keep_with_next = True
    if part.quote:
        paper.add_paragraph(part.quote, style="Quote")
    for name, said in (
        (t("查到了什么", "What was found"), wording.found(row, t)),
        (t("核查", "Checked"), wording.checked(row, t)),
        (t("责任单位", "Responsible"), wording.units(row, t)),
    ):
        if said:
            _named(paper, name, said, t)
    _evidence(paper, part, t)
    for said in part.unknown:
        _named(paper, t("还不知道", "Not known"), said, t)


def _named(paper: Document, name: str, said: str, t: Said) -> None:
    line = paper.add_paragraph()
    line.add_run(name + t("：", ": ")).bold = True
    line.add_run(said)


def _evidence(paper: Document, part: Part, t: Said) -> None:
    for one in part.evidence:
        line = paper.add_paragraph(style="List Bullet")
        line.add_run(wording.label(one.relation, t) + t("：", ": "))
        word.link(line, one.title or one.url, one.url)
        line.add_run("".join(f"{t('，', ', ')}{said}" for said in (one.publisher, one.published_on) if said))
        line.add_run(f" {one.url}")


def _closing(paper: Document, made: Report, checkpoint: str, t: Said) -> None:
    """Sources, licence, citation, checkpoint."""
    from docx.shared import Pt  # noqa: PLC0415 - as above

    paper.add_heading(t("出处", "Sources"), 1)
    for one in made.documents:
        who = f"{t(one.post_zh, one.post_en)} {t(one.speaker_zh, one.speaker_en)}"
        line = paper.add_paragraph(f"《{one.publisher}》“{one.title}”，{one.date}，{who} ", style="List Bullet")
        if one.url:
            word.link(line, one.url, one.url)
    for name, said in ((t("许可", "Licence"), made.rights), (t("引用", "Citation"), made.citation)):
        paper.add_heading(name, 1)
        paper.add_paragraph(said)
    if checkpoint:
        paper.add_heading(t("检查点", "Checkpoint"), 1)
        paper.add_paragraph().add_run(checkpoint).font.size = Pt(7)
