"""The rows of a list as its template writes them: in their order, with what each needs decided beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from tracker import outline
from tracker.language import current, label, marked
from tracker.outline import Entry, Head, Words
from tracker.pages import address
from tracker.records import Record

#: What stands for a code while the address of its page is made; no code holds it, and none is changed by quoting it.
_CODE = "CODE"


class Row(NamedTuple):
    """A commitment of a list, ready to be written."""

    row: Record
    #: none where they stand above
    words: Words | None
    #: whether it was asked for, and does not only stand there for its parts
    matches: bool
    #: of its heading: 3, of a part 4
    level: int
    title: Markup
    address: str
    #: what became of it; empty of a head that only groups its parts
    status: str
    #: empty where it is that of the head above
    kind: str
    is_first_part: bool
    #: of those under one head
    is_last: bool


def shown(answer: outline.Answer) -> Iterator[Row]:
    """The heads of an answer, each with those of its parts that are shown."""
    language, page = current(), _pages()
    for head in answer.heads:
        for number, entry in enumerate((head.entry, *head.parts)):
            title = marked(entry.record["title_zh" if language == "zh" else "title_en"])
            yield _row(head, number, entry, title, page)


def _row(head: Head, number: int, entry: Entry, title: Markup, page: Callable[[str], str]) -> Row:
    record = entry.record
    told = outline.is_followable(record) or record["execution"] != "not_reviewed"
    same = number and record["kind"] is head.entry.record["kind"]
    return Row(
        row=record,
        words=entry.words,
        matches=entry.matches,
        level=4 if number else 3,
        title=title,
        address=page(record["code"]),
        status=label(record["execution"]) if told else "",
        kind="" if same else label(record["kind"]),
        is_first_part=number == 1,
        is_last=number == len(head.parts),
    )


def _pages() -> Callable[[str], str]:
    """The address of the page of each commitment at the same point of both time axes; put together once for a list."""
    before, _, after = address.kept("pages.commitment", code=_CODE).partition(_CODE)
    return lambda code: f"{before}{quote(code)}{after}"
