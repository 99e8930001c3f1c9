"""What a row says of a commitment, as the columns that it is stored in; and what is assumed where it says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tracker import deadlines
from tracker.codebook import Checkability, Confidence, DeadlineKind, DeadlineRule, Kind, PublicationState, Tense
from tracker.models import LINE
from tracker.rules import Fault
from tracker.texts import visible

#: Columns of a commitment that a row may set, and may change of one that is there.
PLAIN = (
    "title_zh", "title_en", "kind", "secondary_kind", "tense", "tense_confidence", "tense_words", "tense_note_zh",
    "tense_note_en", "checkability", "completion_zh", "completion_en", "beneficiaries_zh", "beneficiaries_en",
    "note_zh", "note_en", "publication_state", "next_check",
)  # fmt: skip

#: Longest title that is made from the words themselves.
_LONGEST_TITLE = 60

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NO_TIME = re.compile(
    r"(?:长期|持续|常年|常态化|全年推进).{0,6}|无|不限|ongoing|continuous|n/?a|tbd|-+|—+|/", re.IGNORECASE
)
_NOT_READ = ("导入时按默认值记为“拟办”，未经编码者判读。", "Set to “planned” at import; no coder has read it.")
_NOT_SAID = ("导入时未写完成标志，请编码者补写。", "Not said at import what would show completion: for a coder to add.")


def deadline(said: dict[str, Any], year: int) -> dict[str, Any]:
    """The columns of the deadline that a row says, in a document of `year`; empty where it says none.

    Raises `ValueError` where the phrase is no time.
    """
    text = said.get("deadline_text")
    if not text or _NO_TIME.fullmatch(text):
        return {}
    rule = said.get("deadline_rule") or (DeadlineRule.SECOND_HALF if text == "下半年" else DeadlineRule.STATED_DATE)
    start, end = deadlines.interval(rule, text, year)
    return {
        "deadline_text": text,
        "deadline_kind": rule.kind,
        "deadline_rule": rule,
        "window_start": start,
        "window_end": end,
    }


def changes(said: dict[str, Any], stored: Any, year: int) -> dict[str, tuple[Any, Any]]:
    """Column → (stored, said), for what a row says otherwise than a commitment that is there. Raises as `deadline`."""
    new = {name: said[name] for name in PLAIN if said.get(name) is not None}
    text = said.get("deadline_text")
    if text and (text != stored.deadline_text or said.get("deadline_rule") not in {None, stored.deadline_rule}):
        new |= deadline(said, year)
    return {name: (getattr(stored, name), value) for name, value in new.items() if getattr(stored, name) != value}


def coded(said: dict[str, Any], quote: str, year: int) -> dict[str, Any]:
    """The columns of a new commitment that rests on `quote`. Raises as `deadline`."""
    zh, en = said.get("title_zh"), said.get("title_en")
    title = zh or en or shortened(quote)
    assumed: dict[str, Any] = {
        "title_zh": title,
        "title_en": en or title,
        "kind": Kind.OTHER,
        "tense": Tense.PLANNED,
        "tense_confidence": Confidence.MEDIUM if said.get("tense") else Confidence.LOW,
        "tense_words": quote[:LINE],
        "checkability": Checkability.MEDIUM,
        "completion_zh": said.get("completion_en") or _NOT_SAID[0],
        "completion_en": said.get("completion_zh") or _NOT_SAID[1],
        "publication_state": PublicationState.PUBLISHED,
        "deadline_kind": DeadlineKind.NONE,
    }
    found = assumed | {name: said[name] for name in PLAIN if said.get(name) is not None} | deadline(said, year)
    if found["tense_confidence"] is Confidence.LOW and not found.get("tense_note_zh"):
        found |= dict(zip(("tense_note_zh", "tense_note_en"), _NOT_READ, strict=True))
    return found


def assumptions(said: dict[str, Any]) -> Iterator[str]:
    """What is assumed of a new commitment: names of columns that its row does not say."""
    yield from (name for name in ("kind", "tense", "completion_zh") if said.get(name) is None)
    if said.get("deadline_text") and _NO_TIME.fullmatch(said["deadline_text"]):
        yield "deadline_text"
    if not said.get("title_zh"):
        yield "title_zh"
    if not said.get("title_en"):
        yield "title_en"


def faults(said: dict[str, Any], year: int) -> Iterator[Fault]:
    """What is wrong with the coding of a row, in a document of `year`."""
    try:
        deadline(said, year)
    except ValueError:
        shown = str(said["deadline_text"])[:40]
        yield Fault(
            "deadline", "deadline_text",
            f"“{shown}”看不出时限：写作 2023-12-31、2023-12、2023、12月底、年底或下半年，没有就留空",
            f"“{shown}” is no time: write 2023-12-31, 2023-12, 2023, 2023 Q4, 年底 or 下半年, or leave it empty",
        )  # fmt: skip
    if said.get("tense_confidence") is Confidence.LOW and not said.get("tense_note_zh"):
        yield Fault(
            "tense", "tense_note_zh", "时态把握低的须写明存疑", "a tense of low confidence says why"
        )  # fmt: skip


def shortened(words: str) -> str:
    """A title made from the words themselves: their first clause, as long as a line takes."""
    words = " ".join(visible(words).split())
    longest = _LONGEST_TITLE if _CHINESE.search(words) else 2 * _LONGEST_TITLE
    if len(words) <= longest:
        return words
    clause = re.split(r"[，。；：]", words)[0]
    if 3 < len(clause) <= longest:
        return clause
    cut = words[:longest]
    return (cut.rpartition(" ")[0] or cut) + "…"
