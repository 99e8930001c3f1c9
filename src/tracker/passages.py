"""A quote becomes a passage: it must stand in its document exactly once.

Positions and quotes follow the W3C Web Annotation model (TextPositionSelector, TextQuoteSelector):
code points from 0, end excluded, with up to `CONTEXT` code points of text before and after.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

#: Length of prefix and suffix, in code points.
CONTEXT = 32

#: White space, punctuation and symbols: what a reader does not miss when a stretch is left out.
_SILENT = re.compile(r"[\W_]+")
#: Words that only tie sentences together.
_CONNECTIVES = re.compile(r"[一二三四五六七八九十]是|同时|此外|另外|其中")


class QuoteError(ValueError):
    """A quote cannot be located."""


class QuoteNotFound(QuoteError):
    """A quote does not stand in the text."""


class QuoteAmbiguous(QuoteError):
    """A quote stands in the text more than once."""


def locate(text: str, quote: str, *, within: tuple[int, int] | None = None) -> tuple[int, int]:
    """Start and end of `quote` in `text`, or in the stretch `within` of it.

    Raises `QuoteNotFound` or `QuoteAmbiguous`; both name the quote.
    """
    start, end = within or (0, len(text))
    first = text.find(quote, start, end) if quote else -1
    if first < 0:
        raise QuoteNotFound(f"“{quote}” does not stand in the text")
    if text.find(quote, first + 1, end) >= 0:
        raise QuoteAmbiguous(f"“{quote}” stands in the text more than once; quote more of the sentence")
    return first, first + len(quote)


def sentence_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a passage: the rest of its own sentences, and one sentence more on each side."""
    bounds = [0, *(match.end() for match in re.finditer(r"[。！？\n]+", text)), len(text)]
    first = bounds[max(bisect_right(bounds, start) - 2, 0)]
    last = bounds[min(bisect_left(bounds, end) + 1, len(bounds) - 1)]
    return text[first:start].strip(), text[end:last].strip()


def merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping and touching spans as one, in order."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def gaps(spans: list[tuple[int, int]], within: tuple[int, int]) -> list[tuple[int, int]]:
    """The stretches of `within` that no span holds, in order."""
    start, end = within
    free, position = [], start
    for left, right in merged(spans):
        if left > position:
            free.append((position, min(left, end)))
        position = max(position, right)
        if position >= end:
            break
    if position < end:
        free.append((position, end))
    return [(left, right) for left, right in free if left < right]


def audible(text: str) -> str:
    """The text without white space, punctuation and bare connectives."""
    return _SILENT.sub("", _CONNECTIVES.sub("", text))
