"""The command that takes in tables of others: a look first, then all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker import db, events
from tracker.cli import arguments
from tracker.events import Event

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tracker.importing import Outcome, Reading, Table


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--dry-run", is_flag=True, help="只看不写 / Only look, write nothing.")
@click.option("--map", "mapped", multiple=True, metavar="HEADING=TARGET", help="这一列是什么 / What a column means.")
@click.option("--set", "fixed", multiple=True, metavar="TARGET=VALUE", help="每一行都是 / What holds for every row.")
@click.option(
    "--word", "words", multiple=True, metavar="WORD=STATUS[:QUALITY]",
    help="状态词对应哪个状态 / Our status for a word of the table."
)  # fmt: skip
@click.option("--scheme", default="", help="状态词所用的评级体系 / Scheme that the status words are from.")
@click.option(
    "--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="映射文件 / A mapping as YAML."
)
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), default="utf-8", help="文本编码 / Encoding.")
@click.option("--sheet", default="", help="工作表 / Sheet of a workbook.")
@click.option("--columns", is_flag=True, help="列出一列可以是什么 / List what a column can mean.")
@click.option("--show-mapping", is_flag=True, help="写出所用的映射 / Print the mapping as YAML, write nothing.")
@arguments.signed
@click.pass_obj
def import_(database: str, /, file: Path | None, *, columns: bool, analyst: str | None, **asked: Any) -> None:
    """导入承诺和跟踪：CSV、XLSX、JSON Lines、YAML / Import commitments and follow-ups."""
    from tracker.cli import import_sheets  # noqa: PLC0415 - only this command needs it
    from tracker.importing import Unreadable  # noqa: PLC0415

    if columns:
        for line in import_sheets.all_targets():
            click.echo(line)
        return
    if file is None:
        raise click.UsageError("要导入哪个文件？/ Which file is to be imported?")
    try:
        _imported(db.connect(database), file, analyst, asked)
    except Unreadable as wrong:
        raise click.UsageError(str(wrong)) from wrong


def _imported(engine: Engine, file: Path, analyst: str | None, asked: dict[str, Any]) -> None:
    if file.is_dir() or file.suffix.lower() in {".yaml", ".yml"}:
        from tracker.cli import import_files  # noqa: PLC0415

        import_files.taken(engine, file, analyst, dry_run=asked["dry_run"])
        return
    from tracker import importing  # noqa: PLC0415
    from tracker.cli import import_sheets  # noqa: PLC0415

    table = importing.opened(file, encoding=asked["encoding"], sheet=asked["sheet"])
    with db.reading(engine) as session:
        reading, is_known = _reading(session, table, asked)
        if asked["show_mapping"]:
            click.echo(import_sheets.as_yaml(reading), nl=False)
            return
        with _watched("检查 Checking") as each:
            outcome = importing.look(session, table, reading, each=each)
        for line in import_sheets.preview(table, reading, outcome, is_known=is_known):
            click.echo(line)
    if outcome.trouble_count:
        raise click.UsageError(
            f"{file.name}：{outcome.trouble_count} 处有误，没有写入 / {outcome.trouble_count} faults: nothing written"
        )
    if not asked["dry_run"]:
        _write(engine, table, reading, analyst)


def _reading(session: Any, table: Table, asked: dict[str, Any]) -> tuple[Reading, bool]:
    """How the table is read: as remembered, else as its headings say, with all that was asked for on top."""
    from tracker.importing import Reading, mappings  # noqa: PLC0415

    reading, is_known = mappings.start(session, table.headings)
    if asked["mapping"]:
        from tracker.cli import import_sheets  # noqa: PLC0415

        reading = reading.and_also(import_sheets.from_yaml(asked["mapping"]))
    for said, read in (("mapped", mappings.column), ("fixed", mappings.constant), ("words", mappings.word)):
        for one in asked[said]:
            reading = reading.and_also(read(one))
    return reading.and_also(Reading(scheme=asked["scheme"])), is_known


def _write(engine: Engine, table: Table, reading: Reading, analyst: str | None) -> None:
    from tracker import importing  # noqa: PLC0415
    from tracker.importing import mappings  # noqa: PLC0415

    name = arguments.signature(analyst)
    with db.writing(engine, actor=name) as session, _watched("写入 Writing") as each:
        account = arguments.account(session, name)
        outcome = importing.take(session, table, reading, analyst=account, each=each)
        if outcome.troubles:
            # Somebody else changed the ledger between the look and the writing.
            first = outcome.troubles[0]
            raise click.UsageError(f"第 {first.row} 行 {first.column}：{first.zh} / row {first.row}: {first.en}")
        mappings.remember(session, table.headings, reading, by=account)
    db.survey(engine)
    done = _counts(outcome)
    events.say(Event.IMPORTED, who=name, what=table.name, **done)
    click.echo(
        f"已导入 / Imported: 新增 new {done['new']} · 改动 changed {done['changed']} · 跟踪 follow-ups "
        f"{done['followups']} · 未变 same {done['same']} · {name}"
    )


def _counts(outcome: Outcome) -> dict[str, int]:
    return {name: getattr(outcome, name) for name in ("new", "changed", "followups", "same")}


@contextmanager
def _watched(label: str) -> Iterator[Callable[[object], None]]:
    """A bar that goes on with each row; none where nobody watches."""
    with click.progressbar(length=0, label=label, show_eta=False, show_percent=False, show_pos=True) as bar:

        def each(_step: object) -> None:
            bar.length = (bar.length or 0) + 1
            bar.update(1)

        yield each


COMMANDS = (import_,)
