"""Commands of the analysts' questions: ask, duban."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from tracker import db, questions
from tracker.cli import answers, arguments
from tracker.cli.arguments import FORMATS, Code, Day
from tracker.codebook import Kind
from tracker.questions import PARAMETERS, QUESTIONS, Asked, Question
from tracker.standings import Cutoff


@click.command()
@click.argument("name", required=False)
@click.option("--city", help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code.")
@click.option("--kind", type=Code(Kind), help="类别 / Kind.")
@click.option("--by", type=Day(), help="到期不晚于 / Due by that day.")
@click.option("--days", type=click.IntRange(0, questions.MOST_DAYS), help="多少天没有查看 / Days without a look.")
@click.option("--sector", metavar="CODE", help="行业：代码或名称 / Sector: code or name.")
@arguments.as_of
@click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式 / Output.")
@click.option("--limit", type=click.IntRange(1, 10_000_000), help="最多几条 / At most so many.")
@click.pass_obj
def ask(database: str, /, name: str | None, form: str, limit: int | None, **given: Any) -> None:
    """分析员常问；不写名称则列出全部 / Questions analysts ask; without a name, lists them."""
    question = _named(name, {option for option, value in given.items() if value is not None})
    if question is None:
        for line in answers.listed(QUESTIONS.values()):
            click.echo(line)
        return
    with db.reading(db.connect(database)) as session:
        asked = _asked(session, question, given)
        rows = questions.answer(session, question, asked, limit)
    if form != "table":
        from tracker import export  # noqa: PLC0415 - a table need not load what writes files

        export.write(iter(rows), form, sys.stdout.buffer)
        return
    for line in answers.answered(question, rows):
        click.echo(line)


def _named(name: str | None, given: set[str]) -> Question | None:
    """The question of that name, which takes what was given; none where no name was given."""
    if name is None:
        if given:
            raise click.UsageError("须写明问题名称 / name the question; “tracker ask” lists them")
        return None
    if name not in QUESTIONS:
        raise click.UsageError(f"没有这个问题 / there is no question “{name}”; allowed: {', '.join(QUESTIONS)}")
    question = QUESTIONS[name]
    unused = sorted((given & set(PARAMETERS)) - set(question.parameters))
    if unused:
        allowed = ", ".join(f"--{option}" for option in question.parameters)
        raise click.UsageError(
            f"“{name}” 不用 / does not take --{unused[0]}; allowed: {allowed}, --as-of, --recorded-by"
        )
    return question


def _asked(session: Session, question: Question, given: dict[str, Any]) -> Asked:
    known = {row.code: row.name_zh for row in session.execute(questions.sectors())}
    sector = given["sector"]
    if sector is not None:
        sector = next((code for code, zh in known.items() if sector in {code, zh}), None)
    if sector is None and (given["sector"] is not None or "sector" in question.required):
        wrong = f"没有行业 / there is no sector “{given['sector']}”" if given["sector"] else "须给出 / give --sector"
        raise click.UsageError(f"{wrong}; allowed: {', '.join(f'{code} {zh}' for code, zh in known.items())}")
    return Asked(
        city_code=None if given["city"] is None else arguments.city_code(session, given["city"]),
        kind=given["kind"],
        by=given["by"],
        days=questions.DAYS if given["days"] is None else given["days"],
        sector=sector,
        cutoff=Cutoff(given["as_of"], given["recorded_by"]),
    )


@click.command()
@click.option("--city", required=True, help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code.")
@click.option("--by", type=Day(), help="只要时限止于当日及以前的 / Only what ends by that day.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="FILE.csv, .html, .xlsx, .docx"
)
@arguments.as_of
@click.pass_obj
def duban(database: str, city: str, by: date | None, out: Path, as_of: date | None, recorded_by: date | None) -> None:
    """一市的督办单：表格或可打印的网页 / The supervision sheet of a city: CSV, a workbook, or a page to print."""
    from tracker import duban as sheets  # noqa: PLC0415 - only this command needs templates
    from tracker import export  # noqa: PLC0415

    form = out.suffix.lower()
    if form not in sheets.FORMS:
        raise click.UsageError(f"“{out.name}” 的结尾须是其一 / has to end in one of {', '.join(sheets.FORMS)}")
    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    with db.reading(db.connect(database)) as session:
        made = sheets.sheet(session, arguments.city_code(session, city), Cutoff(as_of, recorded_by), by)
    with export.replacing(out) as file:
        sheets.FORMS[form](made, file)
    click.echo(f"{out}: {sum(len(group.items) for group in made.groups)} 项 / items")


COMMANDS = (ask, duban)
