"""Tables for a terminal, in which a Chinese character takes two columns."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence

from tracker.codebook import Coded
from tracker.texts import width

_GAP = "  "
#: A last column is never squeezed below this.
_NARROWEST = 24


def both(code: Coded | None) -> str:
    """A code's labels in both languages."""
    return f"{code.zh} {code.en}" if code else "—"


def padded(text: str, columns: int) -> str:
    """The text with spaces up to `columns`."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int) -> Iterator[str]:
    """The text in lines of at most `columns`; breaks at spaces, and anywhere between wide characters."""
    line = ""
    for word in _words(text):
        if line and width(line + word.rstrip()) > columns:
            yield line.rstrip()
            line = word.lstrip()
        else:
            line += word
    yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        if width(character) > 1:
            yield from (part for part in (word, character) if part)
            word = ""
        elif character == " ":
            yield word + " "
            word = ""
        else:
            word += character
    if word:
        yield word


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table. A cell may hold several lines; on a terminal the last column is wrapped to fit."""
    widths = [
        max((width(line) for row in [headings, *rows] for line in row[i].split("\n")), default=0)
        for i in range(len(headings))
    ]
    _fit(widths)
    yield from _lines(headings, widths)
    yield _GAP.join("─" * w for w in widths)
    for row in rows:
        yield from _lines(row, widths)


def definitions(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The lines of names and what they stand for, in two columns without headings."""
    widths = [max(width(line) for pair in pairs for line in pair[i].split("\n")) for i in range(2)]
    _fit(widths)
    for pair in pairs:
        yield from _lines(pair, widths)


def _fit(widths: list[int]) -> None:
    """Squeeze the last column so that the whole fits the terminal; a file or a pipe gets all of it."""
    if sys.stdout.isatty():
        taken = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
        widths[-1] = max(min(widths[-1], shutil.get_terminal_size().columns - taken), _NARROWEST)


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [
        [part for line in cell.split("\n") for part in wrapped(line, w)] for cell, w in zip(row, widths, strict=True)
    ]
    for i in range(max(len(cell) for cell in cells)):
        yield _GAP.join(
            padded(cell[i] if i < len(cell) else "", w) for cell, w in zip(cells, widths, strict=True)
        ).rstrip()
