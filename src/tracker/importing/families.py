"""Which rows of a table belong together: heads and their parts, each code once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tracker.importing.givens import Given, Reader, Trouble

#: What tells families and documents apart, and the words of which codes are made where a table has none.
_NAMES = {"code", "code_prefix", "parent", "document"}
_WORDS = {"quote": "code", "parent_title": "parent"}


@dataclass
class Families:
    """The codes of a table."""

    #: code → its first row
    rows: dict[str, int] = field(default_factory=dict)
    #: code → code of its head
    parents: dict[str, str] = field(default_factory=dict)
    #: code of a head, or of a row without one → how many rows its family has
    sizes: Counter[str] = field(default_factory=Counter)
    #: what rows name as their document → how many do
    documents: Counter[str | None] = field(default_factory=Counter)

    def head(self, given: Given) -> str:
        """The code of the head of a row's family: its own where it has no head."""
        return given.said.get("parent") or given.code

    def troubles(self, given: Given, column: str) -> Iterator[Trouble]:
        """What is wrong with the place of a row among the others."""
        first = self.rows.get(given.code, given.row)
        if given.code and first != given.row:
            yield Trouble(
                given.row, column,
                f"编号 {given.code} 第 {first} 行已用：一条承诺一行",
                f"row {first} has the code {given.code}: one row each",
            )  # fmt: skip
        parent = given.said.get("parent")
        if parent and (parent == given.code or parent in self.parents):
            yield Trouble(
                given.row, column,
                f"上级 {parent} 本身是分项：只有总项和分项两级",
                f"the head {parent} is itself a part: there are two levels",
            )  # fmt: skip


def read(reader: Reader) -> Families:
    """The families of a table."""
    needed = _NAMES | {words for words, name in _WORDS.items() if name not in reader.targets}
    columns = {
        heading: tuple(name for name in names if name in needed) for heading, names in reader.reading.columns.items()
    }
    fixed = {name: value for name, value in reader.reading.fixed.items() if name in needed}
    narrow = Reader(reader.table, replace(reader.reading, columns=columns, fixed=fixed), reader.words)
    found = Families()
    for given in narrow.givens():
        found.documents[given.said.get("document")] += 1
        if given.code and given.code not in found.rows:
            found.rows[given.code] = given.row
            if parent := given.said.get("parent"):
                found.parents[given.code] = parent
            found.sizes[found.head(given)] += 1
    return found
