"""The form that says how a table is read: its columns, what holds for every row, its words for statuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from flask import request

from tracker.codebook import Coded, Execution, MappingQuality
from tracker.importing import Outcome, Reading, Table, mappings, targets
from tracker.importing.mappings import Word
from tracker.importing.targets import Target
from tracker.language import label, t

#: Facts that often hold for every row, in groups; those of follow-ups are asked for both.
EVERY_ROW = (
    ("城市和编号", "City and codes", ("city", "city_zh", "city_en", "code_prefix")),
    ("文献（表格本身就是一份文献）", "Document (the table is one)",
     ("document", "document_title", "document_publisher", "document_date", "document_url")),
    ("讲话人（没有就空着）", "Speaker (empty where there is none)", ("speaker", "speaker_en", "post", "post_en")),
    ("编码", "Coding", ("kind", "tense", "vocabulary", "publication_state")),
    ("跟踪", "Follow-up", ("execution", "effective_on", "reviewed_up_to", "url", "summary")),
    ("第二次跟踪", "Second follow-up",
     ("followup2.execution", "followup2.effective_on", "followup2.reviewed_up_to", "followup2.url")),
)  # fmt: skip

#: How many of the first rows are shown beside each heading.
_SAMPLES = 3


@dataclass(frozen=True)
class Choice:
    """A column of the table, what stands in it, and what it is taken for."""

    number: int
    heading: str
    samples: tuple[str, ...]
    target: str
    #: its web addresses are evidence of the same follow-up
    links: bool


@dataclass(frozen=True)
class Asked:
    """A fact that holds for every row; `codes` where it is one of some."""

    name: str
    label: str
    value: str
    codes: tuple[tuple[str, str], ...] = ()


def choices(table: Table, reading: Reading) -> list[Choice]:
    """Each column with its first values and its target."""
    first = list(islice(table.lines(), 20))
    found = []
    for number, heading in enumerate(table.headings):
        names = reading.columns.get(heading, ())
        kept = (line.cells[number].strip() for line in first)
        samples = tuple(islice((cell[:60] for cell in kept if cell), _SAMPLES))
        main = next((name for name in names if not name.endswith("url")), names[0] if names else "")
        found.append(Choice(number, heading, samples, main, len(names) > 1))
    return found


def options() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can mean, in groups."""

    def named(found: Iterable[Target], number: int = 1) -> list[tuple[str, str]]:
        return [
            (Target(one.column, number if one.followup else 0).name, t(one.column.zh, one.column.en)) for one in found
        ]

    every = list(targets.everything())
    commitment, followup = [one for one in every if not one.followup], [one for one in every if one.followup]
    return [
        (t("承诺", "Commitment"), named(commitment)),
        (t("跟踪", "Follow-up"), named(followup)),
        *((t(f"第 {number} 次跟踪", f"Follow-up {number}"), named(followup, number)) for number in (2, 3)),
    ]  # fmt: skip


def every_row(reading: Reading) -> Iterator[tuple[str, list[Asked]]]:
    """What may hold for every row, in groups."""
    for zh, en, names in EVERY_ROW:
        yield t(zh, en), [_asked(name, reading) for name in names]


def _asked(name: str, reading: Reading) -> Asked:
    found = targets.NAMED[name]
    holds = found.column.holds
    codes = tuple((code.value, label(code)) for code in holds) if issubclass(holds, Coded) else ()
    return Asked(name, t(found.column.zh, found.column.en), reading.fixed.get(name, ""), codes)


def sent(headings: Sequence[str], before: Reading) -> Reading:
    """The reading that the form says. Raises `Unreadable`."""
    columns = {}
    for number, heading in enumerate(headings):
        name = request.form.get(f"column-{number}", "")
        if name:
            links = request.form.get(f"links-{number}") and [_url_beside(name)]
            columns[heading] = [name, *(links or [])]
    shown = {name for *_, names in EVERY_ROW for name in names}
    fixed = {name: request.form.get(f"every-{name}", "").strip() for name in shown}
    kept = {name: value for name, value in before.fixed.items() if name not in shown}
    words = {}
    count = request.form.get("words", "0")
    for number in range(int(count[:4]) if count.isascii() and count.isdecimal() else 0):
        status = request.form.get(f"status-{number}", "")
        if status:
            words[request.form.get(f"word-{number}", "")] = [status, request.form.get(f"quality-{number}", "")]
    said = {
        "columns": columns,
        "set": {**kept, **{name: value for name, value in fixed.items() if value}},
        "words": words,
        "scheme": request.form.get("scheme", ""),
    }
    return mappings.from_json(said)


def _url_beside(name: str) -> str:
    """The evidence of the follow-up that a target is of."""
    before, dot, _ = name.rpartition(".")
    return f"{before}{dot}url"


def called(name: str, headings: Sequence[str]) -> str:
    """What a column is called: its heading, or for what holds for every row the name of the target."""
    found = None if name in headings else targets.target(name)
    return t(found.column.zh, found.column.en) if found else name


@dataclass(frozen=True)
class Said:
    """A word for a status, how often it stands, what it is taken for, and whether somebody said so."""

    word: str
    times: int
    meant: Word | None
    known_from: str = ""
    note: str = ""


def words(outcome: Outcome, reading: Reading, unknown: Sequence[str]) -> list[Said]:
    """The words of the table for statuses, those that nobody has explained first."""
    found = [
        Said(word, times, meaning.word, meaning.known_from, t(meaning.note_zh, meaning.note_en))
        for (word, meaning), times in outcome.words.most_common(100)
    ]
    known = {one.word for one in found}
    return [*(Said(word, 0, reading.words.get(word)) for word in unknown if word not in known), *found]


def qualities() -> list[MappingQuality]:
    """How well a word may fit."""
    return [quality for quality in MappingQuality if quality is not MappingQuality.NONE]


def statuses() -> list[Execution]:
    """Our statuses."""
    return list(Execution)
