"""Commands of the lists that a city keeps: its policies (惠企政策清单) and its problems (问题台账)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import db, ledgers
from tracker import policies as lists_of_policies
from tracker.cli import arguments, list_sheets
from tracker.cli.arguments import FORMATS, Code, Day
from tracker.codebook import EvidenceReports, ObstacleState
from tracker.findings import Source
from tracker.ledgers import ObstacleFilter
from tracker.models import Jurisdiction, Obstacle, Organisation, Term, Vocabulary
from tracker.obstacles import CATEGORIES, Difficulty, close_obstacle, raise_obstacle
from tracker.policies import PolicyFilter
from tracker.records import Record
from tracker.standings import Cutoff

_R = TypeVar("_R", Term, Organisation)

_CITY = click.option("--city", help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code.")
_FORMAT = click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式 / Output.")


@click.command("policies")
@_CITY
@arguments.as_of
@_FORMAT
@click.pass_obj
def policies(database: str, /, city: str | None, form: str, **days: Any) -> None:
    """列出惠企政策清单；--as-of 只列当日执行中和时限未载明的 / List policies; --as-of: those in force that day."""
    cutoff = Cutoff(days["as_of"], days["recorded_by"])
    with db.reading(db.connect(database)) as session:
        asked = PolicyFilter(None if city is None else arguments.city_code(session, city), cutoff)
        rows = lists_of_policies.lines(session, asked)
        _write(rows, form, list_sheets.policies, sheet="政策清单 Policies", nothing="没有政策文件 / no policy document")


def _write(
    rows: Iterator[Record], form: str, table: Callable[[Sequence[Record]], Iterator[str]], *, sheet: str, nothing: str
) -> None:
    """Write rows as a table for people, or as a file for programs; say so where there are none."""
    if form != "table":
        from tracker import export  # noqa: PLC0415 - a table need not load what writes files

        count = export.write(rows, form, sys.stdout.buffer, sheet=sheet)
    else:
        listed = list(rows)
        count = len(listed)
        for line in table(listed):
            click.echo(line)
    if not count:
        click.echo(nothing, err=form != "table")


@click.group()
def obstacle() -> None:
    """问题台账 / The problem ledger."""


@obstacle.command("list")
@_CITY
@click.option("--open", "state", flag_value=ObstacleState.OPEN.value, help="未销号的 / Not closed.")
@click.option("--overdue", "state", flag_value=ObstacleState.OVERDUE.value, help="逾期未销号的 / Past due and open.")
@click.option("--closed", "state", flag_value=ObstacleState.CLOSED.value, help="已销号的 / Closed.")
@arguments.as_of
@_FORMAT
@click.pass_obj
def obstacle_list(database: str, /, city: str | None, state: str | None, form: str, **days: Any) -> None:
    """列出问题 / List obstacles."""
    with db.reading(db.connect(database)) as session:
        asked = ObstacleFilter(
            city_code=None if city is None else arguments.city_code(session, city),
            state=ObstacleState(state) if state else None,
            cutoff=Cutoff(days["as_of"], days["recorded_by"]),
        )
        rows = ledgers.lines(session, asked)
        _write(
            rows, form, list_sheets.obstacles, sheet="问题台账 Obstacles", nothing="没有符合条件的问题 / no obstacle"
        )


@obstacle.command("add")
@click.option("--city", required=True, help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code.")
@click.option("--title", required=True, help="一句话说明困难 / What is difficult, in one sentence.")
@click.option("--category", required=True, help="问题类别：编码或名称 / Category: code or name.")
@click.option("--raised-on", type=Day(), required=True, help="登记日期 / The day it was raised.")
@click.option("--remedy", help="解决措施 / What is to be done.")
@click.option("--unit", help="责任单位：编码或名称 / Responsible unit: code or name.")
@click.option("--due-on", type=Day(), help="办结期限 / The day by which it is to be settled.")
@click.option("--commitment", "codes", multiple=True, metavar="CODE", help="相关承诺，可多次 / Commitment; repeatable.")
@arguments.signed
@click.pass_obj
def obstacle_add(database: str, /, city: str, category: str, analyst: str | None, **said: Any) -> None:
    """登记一个问题 / Raise an obstacle."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        place = select(Jurisdiction).where(Jurisdiction.code == arguments.city_code(session, city))
        difficulty = Difficulty(
            jurisdiction=session.scalars(place).one(),
            title=said["title"],
            category=_named(category, _categories(session), "问题类别", "category of obstacles"),
            raised_on=said["raised_on"],
            remedy=(said["remedy"] or "").strip() or None,
            unit=_unit(session, said["unit"]),
            due_on=said["due_on"],
            commitments=tuple(arguments.commitment(session, code) for code in said["codes"]),
        )
        made = raise_obstacle(session, difficulty, analyst=arguments.account(session, name))
        done = f"{made} · {made.raised_on} · {name}"
    click.echo(f"已登记 / Raised: {done}")


def _categories(session: Session) -> Sequence[Term]:
    rows = select(Term).join(Vocabulary).where(Vocabulary.code == CATEGORIES).order_by(Term.position)
    return session.scalars(rows).all()


def _unit(session: Session, unit: str | None) -> Organisation | None:
    if unit is None:
        return None
    known = session.scalars(select(Organisation).order_by(Organisation.code)).all()
    return _named(unit, known, "单位", "unit")


def _named(given: str, known: Sequence[_R], zh: str, en: str) -> _R:
    """The row that is called so, by code, Chinese or English name."""
    for row in known:
        if given.strip().casefold() in {row.code, row.name_zh, row.name_en.casefold()}:
            return row
    allowed = ", ".join(f"{row.code} {row.name_zh}" for row in known) or "none yet; run “tracker seed”"
    raise click.UsageError(f"“{given}” 不是{zh} / is no {en}; allowed: {allowed}")


@obstacle.command("close")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--closed-on", type=Day(), required=True, help="销号日期 / The day from which it is out of the way.")
@click.option("--evidence", required=True, metavar="URL", help="依据网址 / Address of the evidence.")
@click.option("--evidence-kind", type=Code(EvidenceReports), help="依据报道的内容 / What the evidence reports.")
@click.option("--note", required=True, help="怎样解决的 / How it was settled.")
@arguments.signed
@click.pass_obj
def obstacle_close(database: str, /, number: int, evidence: str, analyst: str | None, **said: Any) -> None:
    """销号：须由登记人以外的人，凭依据 / Close an obstacle: by a second person, on evidence."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        found = session.scalar(select(Obstacle).where(Obstacle.id == number).with_for_update())
        if found is None:
            raise click.UsageError(
                f"没有问题 / there is no obstacle “{number}”; “tracker obstacle list” shows their numbers"
            )
        source = Source(evidence, reports=said["evidence_kind"])
        closer = arguments.account(session, name)
        made = close_obstacle(session, found, source, closed_on=said["closed_on"], note=said["note"], closer=closer)
        done = f"{found} · {made.closed_on} · {name}"
    click.echo(f"已销号 / Closed: {done}")


COMMANDS = (policies, obstacle)
