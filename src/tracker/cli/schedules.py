"""Commands of time as it goes: revise-deadline, milestone."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from tracker import db
from tracker.cli import arguments
from tracker.cli.arguments import Code, Day
from tracker.codebook import DeadlineKind, EvidenceReports, Reason
from tracker.findings import Source
from tracker.models import Milestone
from tracker.schedules import plan_milestone, reach_milestone, revise_deadline


@click.command("revise-deadline")
@click.argument("code")
@click.option("--until", type=Day(), required=True, help="新的最后一天 / The new last day.")
@click.option("--text", required=True, help="原话 / The words that set it.")
@click.option("--announced-on", type=Day(), required=True, help="宣布日期 / The day it was announced.")
@click.option("--evidence", metavar="URL", required=True, help="出处网址 / Where it is said.")
@click.option("--kind", type=Code(DeadlineKind), default=DeadlineKind.COMPLETION.value, help="期限性质 / Kind.")
@click.option("--reason", type=Code(Reason), help="原因 / Reason.")
@click.option("--note", help="备注 / Note.")
@arguments.signed
@click.pass_obj
def revise(database: str, /, code: str, analyst: str | None, evidence: str, **given: Any) -> None:
    """记录期限调整；原文期限不变 / Record that a deadline was set anew; the text's own stays."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        commitment = arguments.commitment(session, code)
        signer = arguments.account(session, name)
        revise_deadline(session, commitment, source=Source(evidence), analyst=signer, **given)
        done = f"{commitment.code} {commitment.window_end or '—'} → {given['until']} · {name}"
    click.echo(f"已记录 / Recorded: {done}")


@click.group()
def milestone() -> None:
    """形象进度节点 / Milestones."""


@milestone.command("add")
@click.argument("code")
@click.argument("title")
@click.option("--planned-on", type=Day(), required=True, help="计划日期 / Planned day.")
@click.option("--title-en", help="英文名称 / In English.")
@click.option("--evidence", metavar="URL", required=True, help="计划出处 / Where the plan is said.")
@arguments.signed
@click.pass_obj
def milestone_add(database: str, /, code: str, title: str, analyst: str | None, evidence: str, **given: Any) -> None:
    """添加节点 / Add a step with its planned day."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        commitment = arguments.commitment(session, code)
        signer = arguments.account(session, name)
        made = plan_milestone(session, commitment, title_zh=title, source=Source(evidence), analyst=signer, **given)
        done = f"№ {made.id} {commitment.code} {title} · {given['planned_on']} · {name}"
    click.echo(f"已记录 / Recorded: {done}")


@milestone.command("reach")
@click.argument("number", type=int)
@click.option("--reached-on", type=Day(), required=True, help="达到日期 / The day it was reached.")
@click.option("--evidence", metavar="URL", required=True, help="依据网址 / What shows it.")
@click.option("--evidence-kind", type=Code(EvidenceReports), help="依据报道的内容 / What the evidence reports.")
@arguments.signed
@click.pass_obj
def milestone_reach(database: str, /, number: int, reached_on: date, analyst: str | None, **found: Any) -> None:
    """记录节点已达到 / Record that a step was reached."""
    name = arguments.signature(analyst)
    with db.writing(db.connect(database), actor=name) as session:
        step = arguments.row(session, Milestone, number, "节点", "milestone")
        source = Source(found["evidence"], reports=found["evidence_kind"])
        reach_milestone(session, step, reached_on=reached_on, source=source, analyst=arguments.account(session, name))
        done = f"{step.commitment.code} {step.title_zh} {step.planned_on} → {reached_on} · {name}"
    click.echo(f"已记录 / Recorded: {done}")


COMMANDS = (revise, milestone)
