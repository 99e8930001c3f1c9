"""Commands of the ledger: list, show, record, summary, coverage, verify."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from tracker import audit, db, queries, records
from tracker.assessments import record_assessment
from tracker.cli import arguments, sheets, tables
from tracker.cli.arguments import Code, Day
from tracker.codebook import (
    Attribution,
    EvidenceReports,
    Execution,
    Kind,
    Outcome,
    Reason,
    Role,
    Timeliness,
)
from tracker.findings import Finding, Search, Source
from tracker.standings import Cutoff

Command = Callable[..., Any]

#: Longest search, in characters.
_LONGEST_SEARCH = 200

_FORMATS = click.Choice(["table", "csv", "jsonl", "xlsx"])


def _as_of(command: Command) -> Command:
    command = click.option("--recorded-by", type=Day(), help="截至当日已记录 / As written down by then.")(command)
    return click.option("--as-of", type=Day(), help="当日实况 / True on that day.")(command)


@click.command("list")
@click.option("--city", help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code.")
@click.option("--kind", type=Code(Kind), help="类型 / Kind.")
@click.option("--status", type=Code(Execution), help="执行状态 / Execution.")
@click.option("--timeliness", type=Code(Timeliness), help="时效 / Timeliness.")
@click.option("--search", default="", metavar="词", help="原文、标题或编号中的词 / Words of the text, title or code.")
@_as_of
@click.option("--format", "form", type=_FORMATS, default="table", show_default=True, help="输出格式 / Output.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), help="最多几条 / At most so many.")
@click.pass_obj
def list_(database: str, /, city: str | None, form: str, limit: int | None, **asked: Any) -> None:
    """列出承诺 / List commitments."""
    if len(asked["search"]) > _LONGEST_SEARCH:
        raise click.UsageError(f"--search 至多 {_LONGEST_SEARCH} 字 / takes {_LONGEST_SEARCH} characters at most")
    with db.reading(db.connect(database)) as session:
        found = queries.CommitmentFilter(
            city_code=None if city is None else arguments.city_code(session, city),
            kind=asked["kind"],
            execution=asked["status"],
            timeliness=asked["timeliness"],
            search=asked["search"].strip(),
            cutoff=Cutoff(asked["as_of"], asked["recorded_by"]),
        )
        rows = records.records(session, found, limit)
        if form != "table":
            from tracker import export  # noqa: PLC0415 - a table need not load what writes files

            count = export.write(rows, form, sys.stdout.buffer)
        else:
            listed = list(rows)
            count = len(listed)
            for line in sheets.ledger(listed):
                click.echo(line)
        if not count:
            click.echo(sheets.nothing_found(session, found), err=form != "table")


@click.command()
@click.argument("code")
@click.option("--history", is_flag=True, help="全部评估与修改记录 / Every assessment and every change.")
@_as_of
@click.pass_obj
def show(database: str, code: str, *, history: bool, as_of: date | None, recorded_by: date | None) -> None:
    """查看一条承诺 / Show a commitment."""
    with db.reading(db.connect(database)) as session:
        commitment = arguments.commitment(session, code)
        cutoff = Cutoff(as_of, recorded_by)
        asked = queries.CommitmentFilter(code=commitment.code, cutoff=cutoff, unpublished=True)
        for record in records.records(session, asked):
            for line in sheets.commitment(record):
                click.echo(line)
        if history:
            for line in sheets.history(session, commitment, cutoff):
                click.echo(line)


@click.command()
@click.argument("code")
@click.argument("execution", type=Code(Execution))
@click.option("--effective-on", type=Day(), required=True, help="状态生效日 / The day it is true of.")
@click.option("--reviewed-up-to", type=Day(), required=True, help="核查截止日 / Cut-off of the search.")
@click.option("--summary", required=True, help="一句话所见 / What was found, in one sentence.")
@click.option("--evidence", multiple=True, metavar="URL", help="依据网址，可多次 / Address of evidence; repeatable.")
@click.option("--evidence-kind", type=Code(EvidenceReports), help="依据报道的内容 / What the evidence reports.")
@click.option("--searched", metavar="WHERE", help="检索处 / Where was searched.")
@click.option("--query", metavar="Q", help="检索词 / What was searched for.")
@click.option("--reason", type=Code(Reason), help="原因 / Reason.")
@click.option("--attribution", type=Code(Attribution), help="归因 / Attribution.")
@click.option("--outcome", type=Code(Outcome), default=Outcome.UNKNOWN.value, help="成效 / Outcome.")
@click.option("--official-claim", type=Code(Execution), help="官方说法 / What the city itself says.")
@click.option("--analyst", help="署名，默认为登录名 / Who signs; your login name if not given.")
@click.pass_obj
def record(database: str, /, code: str, execution: Execution, analyst: str | None, **found: Any) -> None:
    """记录跟踪结果 / Record what became of a commitment."""
    if bool(found["searched"]) != bool(found["query"]):
        raise click.UsageError("--searched 与 --query 须同时给出 / go together")
    name = (arguments.operator() if analyst is None else analyst).strip()
    if not audit.can_sign(name):
        raise click.UsageError(f"“{name}” 不能署名 / cannot sign; --analyst takes the name of a person")
    finding = Finding(
        execution=execution,
        effective_on=found["effective_on"],
        reviewed_up_to=found["reviewed_up_to"],
        summary=found["summary"],
        evidence=tuple(Source(url=url, reports=found["evidence_kind"]) for url in found["evidence"]),
        searches=(Search(found["searched"], found["query"]),) if found["searched"] else (),
        outcome=found["outcome"],
        official_claim=found["official_claim"],
        reason=found["reason"],
        attribution=found["attribution"],
    )
    with db.writing(db.connect(database), actor=name) as session:
        commitment = arguments.commitment(session, code)
        analyst_account = audit.signer(session, name)
        if not analyst_account.role.covers(Role.ANALYST):
            raise click.UsageError(
                f"{name}（{analyst_account.role.zh}）不能记录 / may not record: needs the role analyst"
            )
        assessment = record_assessment(session, commitment, finding, analyst=analyst_account)
        done = f"{commitment.code} {execution.zh} {execution.en} · {assessment.effective_on} · {name}"
    click.echo(f"已记录 / Recorded: {done}")


@click.command()
@click.option("--by", type=click.Choice(["kind", "status", "timeliness"]), default="status", show_default=True)
@_as_of
@click.option("--format", "form", type=_FORMATS, default="table", show_default=True)
@click.pass_obj
def summary(database: str, by: str, form: str, as_of: date | None, recorded_by: date | None) -> None:
    """各市计数，连同分母 / Counts by city, with their denominators."""
    asked = queries.CommitmentFilter(cutoff=Cutoff(as_of, recorded_by))
    column = "execution" if by == "status" else by
    with db.reading(db.connect(database)) as session:
        counted = [dict(row) for row in session.execute(queries.tally(column, asked)).mappings()]
    if form != "table":
        from tracker import export  # noqa: PLC0415

        export.write(iter(counted), form, sys.stdout.buffer)
        return
    for line in sheets.counts(by, counted):
        click.echo(line)


@click.command()
@click.argument("document", required=False)
@click.pass_obj
def coverage(database: str, document: str | None) -> None:
    """回答文字有多少进入台账 / How much of the answers the ledger holds."""
    from tracker.coverage import coverage as measure  # noqa: PLC0415

    with db.reading(db.connect(database)) as session:
        found = measure(session, document)
        if document and not found:
            keys = ", ".join(row.document for row in measure(session))
            raise click.UsageError(f"没有文献 / there is no document “{document}”; allowed: {keys}")
    headings = ["文献 Document", "字数 Characters", "承诺 In commitments", "背景 Marked context", "遗漏 In no row"]
    rows = [
        [r.document, str(r.total), f"{r.held} ({r.share:.1%})", str(r.context), str(r.total - r.held - r.context)]
        for r in found
    ]
    for line in tables.table(headings, rows):
        click.echo(line)
    for row in found:
        for start, words in row.missing:
            click.echo(f"{row.document} {start}: {words}")


@click.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """核验全库 / Prove that the ledger is whole; exit 1 where it is not."""
    from tracker.verification import verify as prove  # noqa: PLC0415

    broken = False
    with db.reading(db.connect(context.obj)) as session:
        for check in prove(session):
            click.echo(f"{'✗' if check.faults else '✓'} {check.zh} / {check.en} ({check.count})")
            for fault in check.faults:
                click.echo(f"    {fault}")
            broken = broken or bool(check.faults)
    if broken:
        context.exit(1)


COMMANDS = (list_, show, record, summary, coverage, verify)
