"""The commitments of a city as they were said: question, head, parts, each with the words to show."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby

from tracker.codebook import Kind
from tracker.records import Record

#: Code points of a quote that are shown on each side of a focus where the whole quote stands above.
_AROUND = 14

#: Where an excerpt begins and ends if it can.
_PAUSE = re.compile("[，。；、：！？]")


@dataclass(frozen=True)
class Words:
    """A quote in three stretches, the middle one its focus; `cut` where it is an excerpt."""

    before: str
    focus: str = ""
    after: str = ""
    cut: tuple[bool, bool] = (False, False)


@dataclass(frozen=True)
class Entry:
    """A commitment on a page: its record, the words to show (none where they stand above), whether it was asked for."""

    record: Record
    words: Words | None
    matches: bool = True


@dataclass(frozen=True)
class Head:
    """A head and those of its parts that are shown."""

    entry: Entry
    parts: list[Entry]


@dataclass(frozen=True)
class Answer:
    """The commitments made in answer to one question, or in one city; `record` is any of them."""

    record: Record
    heads: list[Head]
    kinds: list[Kind]
    #: followable commitments among those shown
    count: int


def is_followable(row: Record) -> bool:
    """Whether a row is counted, as `queries.tally` counts."""
    return bool(row["is_leaf"] or row["stands_alone"])


#: What a list of one city is parted by, and one of several.
BY_QUESTION, BY_CITY = ("document", "turn"), ("city_code",)


def answers(rows: list[Record], found: set[str], by: tuple[str, ...] = BY_QUESTION) -> list[Answer]:
    """The rows that were found under their heads, parted by questions or cities, in the order of the documents."""
    heads = [head for block in _blocks(rows) if (head := _head(block, found))]
    grouped = []
    for _, group in groupby(heads, key=lambda head: [head.entry.record[name] for name in by]):
        shown = list(group)
        asked_for = [e.record for head in shown for e in (head.entry, *head.parts) if e.matches]
        grouped.append(
            Answer(
                record=shown[0].entry.record,
                heads=shown,
                kinds=[kind for kind in Kind if any(row["kind"] is kind for row in asked_for)],
                count=sum(is_followable(row) for row in asked_for),
            )
        )
    return grouped


def _blocks(rows: list[Record]) -> list[list[Record]]:
    """Each head with its parts. A part whose head is not published stands for itself."""
    blocks: list[list[Record]] = []
    for row in rows:
        if blocks and row["parent"] in {other["code"] for other in blocks[-1]}:
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return blocks


def _head(block: list[Record], found: set[str]) -> Head | None:
    """A head with the parts that were found; nothing where neither it nor a part was."""
    head, parts = block[0], [row for row in block[1:] if row["code"] in found]
    if head["code"] not in found and not parts:
        return None
    above = {head["quote"]}
    entries = []
    for row in parts:
        entries.append(Entry(row, _words(row, excerpt=row["quote"] in above)))
        above.add(row["quote"])
    return Head(Entry(head, _words(head, excerpt=False), matches=head["code"] in found), entries)


def _words(row: Record, *, excerpt: bool) -> Words | None:
    quote, focus = row["quote"], row["focus"]
    if not focus:
        return None if excerpt else Words(quote)
    before, _, after = quote.partition(focus)
    if not excerpt:
        return Words(before, focus, after)
    near = Words(_last_clauses(before), focus, _first_clauses(after))
    return replace(near, cut=(near.before != before, near.after != after))


def _last_clauses(text: str) -> str:
    """The end of a text, from a pause on where there is one."""
    end = text[-_AROUND:]
    return end if end == text else _PAUSE.split(end, maxsplit=1)[-1]


def _first_clauses(text: str) -> str:
    """The beginning of a text, up to a pause where there is one."""
    beginning = text[:_AROUND]
    pauses = [match.end() for match in _PAUSE.finditer(beginning)]
    return beginning[: pauses[-1]] if pauses and beginning != text else beginning
