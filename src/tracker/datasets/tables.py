"""The tables of a data set, in an order in which each names only those before it, or itself."""

from __future__ import annotations

from tracker.codebook import listed
from tracker.datasets.coded import CODED
from tracker.datasets.followed import FOLLOWED
from tracker.datasets.judged import JUDGED
from tracker.datasets.places import PLACES
from tracker.datasets.resource import Resource

#: The codes of every closed vocabulary, with their definitions.
CODEBOOK = Resource(
    "codebook",
    "编码手册",
    "Codebook",
    ("各封闭词表的每个代码及其定义", "every code of every closed vocabulary, with its definition"),
    ("vocabulary", "code"),
    None,
    listed=listed.rows,
)

RESOURCES: tuple[Resource, ...] = (*PLACES, *CODED, *JUDGED, *FOLLOWED, CODEBOOK)
