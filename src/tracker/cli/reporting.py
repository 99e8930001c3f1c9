"""The command that writes the report of a city."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from tracker import db, sources
from tracker.cli import arguments
from tracker.cli.asking import for_readers
from tracker.cli.signing import own_key
from tracker.filters import CommitmentFilter
from tracker.standings import Cutoff


@click.command()
@click.option("--city", required=True, help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="FILE.html, FILE.docx")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="语言 / Language.")
@arguments.as_of
@click.pass_obj
def report(database: str, city: str, out: Path, lang: str, as_of: date | None, recorded_by: date | None) -> None:
    """一市的逐条报告，供打印 / The report of a city, to print: words, status, evidence, what is not known."""
    from tracker import export, reports  # noqa: PLC0415 - only this command needs templates and charts

    form = out.suffix.lower()
    if form not in reports.FORMS:
        raise click.UsageError(f"“{out.name}” 的结尾须是其一 / has to end in one of {', '.join(reports.FORMS)}")
    if not out.parent.is_dir():
        raise click.UsageError(f"没有文件夹 / there is no folder {out.parent}")
    engine = db.connect(database)
    cutoff = for_readers(CommitmentFilter(cutoff=Cutoff(as_of, recorded_by))).cutoff
    with db.reading(engine, at_once=True) as session:
        code = arguments.city_code(session, city)
        of, signed = reports.edition(session, code, cutoff, own_key(engine, make=True))
        documents = session.execute(sources.of_city(code)).all()
        made = reports.report(session, documents, cutoff, of, lang, drawn=form == ".html")
        with export.replacing(out) as file:
            reports.FORMS[form](made, signed, file)
    click.echo(f"{out}: {sum(1 + len(head.parts) for head in made.heads)} 条 / commitments")


COMMANDS = (report,)
