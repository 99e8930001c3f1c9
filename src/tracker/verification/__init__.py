"""Proof that the ledger is whole: quotes stand, hashes fit, derived equals stored, history is guarded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.chain import Misfit
from tracker.verification import chained, coding, history, pages, stored
from tracker.verification.coding import Result


@dataclass(frozen=True)
class Check:
    """One thing that was proved, over how many rows, and each row that fails it."""

    zh: str
    en: str
    count: int
    faults: tuple[str, ...]


def verify(session: Session) -> Iterator[Check]:
    """Every check of the ledger, one after the other."""
    for zh, en, check in _CHECKS:
        try:
            count, faults = check(session)
        except Exception as error:  # what cannot be read is not whole, and the other checks go on
            session.rollback()
            count, faults = 0, [f"cannot be read: {type(error).__name__}: {(str(error).splitlines() or [''])[0]}"]
        yield Check(zh, en, count, tuple(faults))


def first_misfit(session: Session, *others: Misfit) -> Misfit | None:
    """The first in the order of the chain of all that does not fit: entries, rows of the history, and `others`."""
    return min((*chained.misfits(session), *history.misfits(session), *others), default=None)


_CHECKS: tuple[tuple[str, str, Callable[[Session], Result]], ...] = (
    ("数据库各页完好", "The pages of the database are whole", pages.whole),
    ("文献与其校验和相符", "Documents fit their hashes", coding.hashes),
    ("引文在原文中恰好出现一次", "Quotes stand exactly once, in their answer", coding.quotes),
    ("要点在引文之内", "Focuses lie within their quotes", coding.focuses),
    ("期限等于规则推算", "Windows equal what their rules make", coding.windows),
    ("回答中的数字均有着落", "Every number of the answers is accounted for", coding.digits),
    ("回答文字无遗漏", "No text of the answers is left out", coding.covered),
    ("每个总项都有分项", "Every head has a part", coding.heads),
    ("评估均有依据", "Assessments rest on what they must", history.grounds),
    ("复核均由第二人作出", "Reviews are by a second person", history.second_persons),
    ("问题均由他人销号", "Obstacles were closed by a second person", history.closings),
    ("存档文件与校验和、摘录相符", "Kept copies fit their hash and hold their excerpt", history.copies),
    ("评估与依据同修改记录一致", "History is as the audit says it was written", history.signed),
    ("记录链完整", "The chain of events is whole", chained.chained),
    ("各行之间的指向均有着落", "No row points to one that is not there", history.ties),
    ("存储的现状与历史推算相符", "Stored standings are what the history gives", stored.standings),
    ("各市计数与现状相符", "Counts are those of what stands", stored.counted),
    ("检索用的词句与台账相符", "Every commitment is found by the words that it holds", stored.searched),
    ("防改触发器齐全", "History guards are in place", history.guarded),
)
