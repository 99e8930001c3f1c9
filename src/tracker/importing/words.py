"""Words for statuses: our own, those of another scheme through the crosswalk, and those that somebody explained.

Nothing is guessed at: a word that may mean several of our statuses is asked about, and each that is taken comes with
how well it fits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.cells import Unreadable, plain
from tracker.codebook import Execution, MappingQuality
from tracker.crosswalk import UnknownScheme
from tracker.importing.mappings import Reading, Word
from tracker.models import Scheme, StatusMapping

#: From best to worst, read from their words to ours: theirs may say less, but not more than ours.
_BEST = (MappingQuality.EXACT, MappingQuality.NARROW, MappingQuality.BROAD)


@dataclass(frozen=True)
class Meaning:
    """What a word means, and how that is known."""

    word: Word
    #: `own`, `said`, or the code of the scheme
    known_from: str
    note_zh: str = ""
    note_en: str = ""


class Words:
    """The words of a table. Raises `UnknownScheme` where the reading names a scheme that the ledger has not."""

    def __init__(self, session: Session, reading: Reading) -> None:
        self.scheme = reading.scheme
        self._said = {plain(word): Meaning(meant, "said") for word, meant in reading.words.items()}
        self._own = {
            plain(said): Meaning(Word(code, MappingQuality.EXACT), "own")
            for code in Execution
            for said in (code.value, code.zh, code.en)
        }
        self._theirs = _of_scheme(session, reading.scheme) if reading.scheme else {}
        self.meaning = lru_cache(maxsize=1000)(self._meaning)

    def _meaning(self, cell: str) -> Meaning:
        """What a word means: as somebody said, else in the table's scheme, else as one of ours. Raises `Unreadable`."""
        word = plain(cell)
        if found := self._said.get(word):
            return found
        if candidates := self._theirs.get(word):
            return self._chosen(cell, candidates)
        if found := self._own.get(word):
            return found
        shown = cell.strip()[:60]
        raise Unreadable(
            f"不知道“{shown}”是哪种状态：请为这个词选一个状态，或选它所用的评级体系",
            f"what status is “{shown}”? Choose one for this word, or the scheme that it is from",
        )

    def _chosen(self, cell: str, candidates: list[StatusMapping]) -> Meaning:
        best = [one for quality in _BEST for one in candidates if one.quality is quality]
        own = self._own.get(plain(cell))
        same = [one for one in best if own and one.execution is own.word.execution]
        first = [one for one in best if one.quality is best[0].quality]
        chosen = same[:1] or (first if len(first) == 1 else [])
        if not chosen:
            zh, en = "、".join(one.execution.zh for one in best), ", ".join(one.execution.en for one in best)
            raise Unreadable(
                f"“{cell.strip()[:60]}”在“{self.scheme}”里可指：{zh}。请为这个词选一个状态",
                f"“{cell.strip()[:60]}” may mean in “{self.scheme}”: {en}. Choose one for this word",
            )
        one = chosen[0]
        return Meaning(Word(one.execution, one.quality), self.scheme, one.note_zh or "", one.note_en or "")


def _of_scheme(session: Session, code: str) -> dict[str, list[StatusMapping]]:
    """A word of a scheme, by code and by name in either language → what of ours it stands for."""
    scheme = session.scalar(select(Scheme).where(Scheme.code == code))
    if scheme is None:
        raise UnknownScheme(code, list(session.scalars(select(Scheme.code).order_by(Scheme.id))))
    rows = select(StatusMapping).where(StatusMapping.scheme_id == scheme.id, StatusMapping.term_id.is_not(None))
    found: dict[str, list[StatusMapping]] = defaultdict(list)
    for row in session.scalars(rows.options(joinedload(StatusMapping.term)).order_by(StatusMapping.id)):
        if row.term is not None:
            names = [part for name in (row.term.name_zh, row.term.name_en) for part in re.split(r"[()（）]", name)]
            for said in {plain(said) for said in (row.term.code, row.term.name_zh, row.term.name_en, *names)} - {""}:
                found[said].append(row)
    return found


def schemes(session: Session) -> list[tuple[str, str, str]]:
    """Code and names of every scheme."""
    rows = select(Scheme.code, Scheme.name_zh, Scheme.name_en).order_by(Scheme.id)
    return [(code, zh, en) for code, zh, en in session.execute(rows)]
