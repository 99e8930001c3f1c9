"""Commands that follow a commitment up: record, review, measure, archive."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from tracker import db
from tracker import evidence as pages
from tracker.assessments import record_assessment
from tracker.cli import arguments
from tracker.cli.arguments import Code, Day
from tracker.codebook import (
    Attribution,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
    Verdict,
)
from tracker.findings import Finding, Search, Source
from tracker.measurements import measure as measure_figure
from tracker.models import Evidence, StatedFigure, StatusAssessment
from tracker.reviews import review as review_assessment

#: Options of `record` that a finding takes over under their own names.
_AS_GIVEN = (
    "effective_on", "reviewed_up_to", "summary", "summary_en", "outcome", "official_claim", "claim_source",
    "progress", "problems", "next_steps", "reason", "attribution", "confidence", "corrects",
)  # fmt: skip


@click.command()
@click.argument("code")
@click.argument("execution", type=Code(Execution))
@click.option("--effective-on", type=Day(), required=True, help="状态生效日 / The day it is true of.")
@click.option("--precision", type=Code(Precision), help="只知到月或年 / Where only month or year is known.")
@click.option("--reviewed-up-to", type=Day(), required=True, help="核查截止日 / Cut-off of the search.")
@click.option("--summary", required=True, help="一句话所见 / What was found, in one sentence.")
@click.option("--summary-en", help="同上，英文 / The same in English.")
@click.option("--evidence", multiple=True, metavar="URL", help="依据网址，可多次 / Address of evidence; repeatable.")
@click.option("--against", multiple=True, metavar="URL", help="相悖的依据 / Evidence that contradicts.")
@click.option("--context", "background", multiple=True, metavar="URL", help="背景 / Evidence for context.")
@click.option("--evidence-kind", type=Code(EvidenceReports), help="依据报道的内容 / What the evidence reports.")
@click.option("--evidence-origin", type=Code(EvidenceOrigin), help="来源方 / Who speaks in it.")
@click.option("--excerpt", help="第一条依据的原话 / Words of the first piece of evidence.")
@click.option("--searched", metavar="WHERE", help="检索处 / Where was searched.")
@click.option("--query", metavar="Q", help="检索词 / What was searched for.")
@click.option("--results-read", type=click.IntRange(0, 1_000_000), help="已读结果数 / Results read.")
@click.option("--reason", type=Code(Reason), help="原因 / Reason.")
@click.option("--attribution", type=Code(Attribution), help="归因 / Attribution.")
@click.option("--outcome", type=Code(Outcome), default=Outcome.UNKNOWN.value, help="成效 / Outcome.")
@click.option("--official-claim", type=Code(Execution), help="官方说法 / What the city itself says.")
@click.option("--claim-source", metavar="URL", help="官方说法出处 / Which evidence says so.")
@click.option("--progress", help="进展 / Progress.")
@click.option("--problems", help="问题 / Problems.")
@click.option("--next-steps", help="下一步 / Next steps.")
@click.option("--share", type=click.FloatRange(0, 100), metavar="PERCENT", help="完成比例 / Achieved share.")
@click.option("--confidence", type=Code(Confidence), help="把握程度 / How sure.")
@click.option("--corrects", type=int, metavar="NUMBER", help="更正哪一条评估 / Assessment that this corrects.")
@click.option("--next-check", type=Day(), help="下次查看 / When to look again.")
@arguments.signed
@click.pass_obj
def record(database: str, /, code: str, execution: Execution, analyst: str | None, **found: Any) -> None:
    """记录跟踪结果 / Record what became of a commitment."""
    if bool(found["searched"]) != bool(found["query"]):
        raise click.UsageError("--searched 与 --query 须同时给出 / go together")
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        commitment = arguments.commitment(session, code)
        finding = _finding(execution, found)
        made = record_assessment(session, commitment, finding, analyst=arguments.account(session, name))
        commitment.next_check = found["next_check"] or commitment.next_check
        done = f"№ {made.id} {commitment.code} {execution.zh} {execution.en} · {made.effective_on} · {name}"
    click.echo(f"已记录 / Recorded: {done}")


def _finding(execution: Execution, found: dict[str, Any]) -> Finding:
    search = Search(found["searched"], found["query"], results_read=found["results_read"])
    share = found["share"]
    return Finding(
        execution=execution,
        evidence=tuple(_sources(found)),
        searches=(search,) if found["searched"] else (),
        progress_share=None if share is None else share / 100,
        effective_precision=found["precision"],
        **{name: found[name] for name in _AS_GIVEN},
    )


def _sources(found: dict[str, Any]) -> list[Source]:
    sources = [
        Source(url=url, relation=relation, reports=found["evidence_kind"], origin=found["evidence_origin"])
        for relation, name in (
            (EvidenceRelation.SUPPORTS, "evidence"),
            (EvidenceRelation.CONTRADICTS, "against"),
            (EvidenceRelation.CONTEXT, "background"),
        )
        for url in found[name]
    ]
    if found["excerpt"] and not sources:
        raise click.UsageError("--excerpt 须与 --evidence 同时给出 / goes with --evidence")
    if found["excerpt"]:
        sources[0] = Source(**{**vars(sources[0]), "excerpt": found["excerpt"]})
    return sources


@click.command()
@click.argument("number", type=int)
@click.argument("verdict", type=Code(Verdict))
@click.option("--note", help="意见；退回时必填 / Why; needed for a return.")
@arguments.signed
@click.pass_obj
def review(database: str, number: int, verdict: Verdict, note: str | None, analyst: str | None) -> None:
    """复核一条评估（须由另一人） / Approve or return an assessment, as a second person."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        assessment = arguments.row(session, StatusAssessment, number, "评估", "assessment")
        review_assessment(session, assessment, verdict, reviewer=arguments.account(session, name), note=note)
        done = f"{assessment.commitment.code} № {number} {verdict.zh} {verdict.en} · {name}"
    click.echo(f"已复核 / Reviewed: {done}")


@click.command()
@click.argument("figure", type=int)
@click.argument("value", type=float)
@click.option("--as-of", type=Day(), required=True, help="数值日期 / The day the value is of.")
@click.option("--evidence", metavar="URL", required=True, help="依据网址 / Address of the evidence.")
@click.option("--evidence-kind", type=Code(EvidenceReports), help="依据报道的内容 / What the evidence reports.")
@click.option("--note", help="数了什么，没数什么 / What was counted, and what not.")
@arguments.signed
@click.pass_obj
def measure(database: str, /, figure: int, value: float, as_of: date, analyst: str | None, **found: Any) -> None:
    """记录原文数字的实测值 / Record a value found for a stated figure."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        stated = arguments.row(session, StatedFigure, figure, "原文数字", "stated figure")
        measure_figure(
            session, stated, value, as_of=as_of, source=Source(found["evidence"], reports=found["evidence_kind"]),
            analyst=arguments.account(session, name), note=found["note"],
        )  # fmt: skip
        done = f"{stated.what_zh} {value:g} / {stated.value:g} {stated.unit.name_zh} · {as_of} · {name}"
    click.echo(f"已记录 / Recorded: {done}")


@click.command()
@click.argument("url")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--retrieved-on", type=Day(), help="获取日期，默认今天 / The day it was retrieved; today if not given.")
@arguments.signed
@click.pass_obj
def archive(database: str, url: str, file: Path, retrieved_on: date | None, analyst: str | None) -> None:
    """为依据存档一个文件 / Keep a file of a piece of evidence, under its SHA-256."""
    name = arguments.signature(analyst)
    media_type = pages.MEDIA_TYPES.get(file.suffix.lower(), file.suffix)
    with db.writing(db.connect(database), actor=name) as session:
        cited = session.scalars(select(Evidence).where(Evidence.url == url).order_by(Evidence.id)).all()
        if not cited:
            raise click.UsageError(f"没有依据 / there is no evidence of this address: {url}; record it first")
        day, signer = retrieved_on or datetime.now().astimezone().date(), arguments.account(session, name)
        content = file.read_bytes()
        copies = [
            pages.archive(session, row, content, media_type=media_type, retrieved_on=day, analyst=signer)
            for row in cited
        ]
        done = f"{copies[0].sha256} · {len(content)} bytes · {name}"
    click.echo(f"已存档 / Kept: {done}")


COMMANDS = (record, review, measure, archive)
