"""Which commitments a command is asked for: the options that `list` and `export` share, and the filter they make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from sqlalchemy.orm import Session

from tracker import config, search
from tracker.cli import arguments
from tracker.cli.arguments import Code, Command
from tracker.codebook import Execution, Kind, Timeliness
from tracker.filters import CommitmentFilter
from tracker.standings import Cutoff
from tracker.texts import composed

_OPTIONS = (
    click.option("--city", help="城市：名称、拼音或行政区划代码 / City: name, slug or GB/T 2260 code."),
    click.option("--kind", type=Code(Kind), help="类型 / Kind."),
    click.option("--status", type=Code(Execution), help="执行状态 / Execution."),
    click.option("--timeliness", type=Code(Timeliness), help="时效 / Timeliness."),
    click.option("--search", default="", metavar="词", help="原文、标题或编号中的词 / Words of text, title, code."),
    arguments.as_of,
)


def which(command: Command) -> Command:
    """Give a command `--city --kind --status --timeliness --search --as-of --recorded-by`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked(session: Session, given: dict[str, Any]) -> CommitmentFilter:
    """The commitments that those options ask for. Raises `UsageError`."""
    if len(given["search"]) > search.LONGEST:
        raise click.UsageError(f"--search 至多 {search.LONGEST} 字 / takes {search.LONGEST} characters at most")
    return CommitmentFilter(
        cities=() if given["city"] is None else (arguments.city_code(session, given["city"]),),
        kinds=_one(given["kind"]),
        executions=_one(given["status"]),
        timeliness=_one(given["timeliness"]),
        search=composed(given["search"].strip()),
        cutoff=Cutoff(given["as_of"], given["recorded_by"]),
    )


def for_readers(asked: CommitmentFilter) -> CommitmentFilter:
    """The same as readers see it: only approved judgements, where the installation is set so."""
    approved_only = config.settings().readers_see == "approved"
    return replace(asked, cutoff=replace(asked.cutoff, approved_only=approved_only))


def _one(code: Any) -> tuple[Any, ...]:
    return () if code is None else (code,)
