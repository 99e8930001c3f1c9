"""How a table is to be read: what its columns mean, what holds for every row, and its words for statuses.

It is remembered by the headings, so that the next file of the same form needs no word.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.cells import plain
from tracker.codebook import Execution, MappingQuality
from tracker.importing import targets
from tracker.importing.tables import LONGEST_CELL, Unreadable
from tracker.models import ColumnMapping, User

#: What holds for every row of one table and of the next; who said it, where, in which document and when does not.
_LASTING = frozenset({"kind", "secondary_kind", "tense", "vocabulary", "unit_basis", "publication_state"})

#: What a mapping says.
_PARTS = {"columns", "set", "words", "scheme"}

#: Most words of another scheme that a mapping holds, and longest of them.
_MOST_WORDS = 200
_LONGEST_WORD = 200


@dataclass(frozen=True)
class Word:
    """Our status for a word of another scheme, and how well it fits: `broad` where their word takes in more."""

    execution: Execution
    quality: MappingQuality


@dataclass(frozen=True)
class Reading:
    """How a table is read."""

    #: heading → names of targets; a heading that is missing is not read
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: target → what holds where a row does not say
    fixed: Mapping[str, str] = field(default_factory=dict)
    #: word → our status, as somebody said
    words: Mapping[str, Word] = field(default_factory=dict)
    #: code of a scheme of the crosswalk whose words the table uses
    scheme: str = ""

    def targets(self) -> set[str]:
        """Names of all targets that are given, by a column or for all rows."""
        return {name for names in self.columns.values() for name in names} | set(self.fixed)

    def heading(self, name: str) -> str:
        """The heading under which a target stands, or the target where it holds for all rows."""
        return next((heading for heading, names in self.columns.items() if name in names), name)

    def and_also(self, other: Reading) -> Reading:
        """This reading, with what another one says put in its place; no targets at all: a column that is not read."""
        taken = {name for names in other.columns.values() for name in names if not targets.is_shared(name)}
        kept = {
            heading: tuple(name for name in names if name not in taken)
            for heading, names in self.columns.items()
            if heading not in other.columns
        }
        columns = {heading: names for heading, names in {**kept, **other.columns}.items() if names}
        # What a column now says is no longer said for all rows, and the other way round.
        fixed = {name: value for name, value in {**self.fixed, **other.fixed}.items() if value}
        return replace(
            self, columns=columns, fixed=fixed, words={**self.words, **other.words}, scheme=other.scheme or self.scheme
        )

    def as_json(self) -> dict[str, Any]:
        """As it is kept, and as a mapping file holds it."""
        return {
            "columns": {heading: list(names) for heading, names in self.columns.items()},
            "set": dict(self.fixed),
            "words": {word: [meant.execution.value, meant.quality.value] for word, meant in self.words.items()},
            "scheme": self.scheme,
        }


def from_json(said: Any) -> Reading:
    """The reading that `as_json` wrote, or somebody by hand. Raises `Unreadable`."""
    if not isinstance(said, dict) or set(said) - _PARTS:
        raise _no_mapping()
    try:
        return Reading(
            columns={str(heading): _names(names) for heading, names in (said.get("columns") or {}).items()},
            fixed={_name(name): str(value)[:LONGEST_CELL] for name, value in (said.get("set") or {}).items()},
            words=dict(_word(word, *_pair(meant)) for word, meant in (said.get("words") or {}).items()),
            scheme=str(said.get("scheme") or ""),
        )
    except (AttributeError, TypeError, LookupError) as error:
        raise _no_mapping() from error


def _no_mapping() -> Unreadable:
    return Unreadable(
        "映射只有 columns、set、words、scheme 四项：前三项各是“名称: 内容”",
        "a mapping has columns, set, words and scheme, and nothing else; the first three are of the form name: value",
    )


def column(said: str) -> Reading:
    """`HEADING=TARGET`, or several targets parted by commas; none: the column is not read. Raises `Unreadable`."""
    heading, mark, names = said.rpartition("=")
    if not mark:
        raise Unreadable(f"“{said}”须写作 标题=含义", f"“{said}”: write HEADING=TARGET")
    return Reading(columns={" ".join(heading.split()): _names([name for name in names.split(",") if name.strip()])})


def constant(said: str) -> Reading:
    """`TARGET=VALUE`: what holds where a row does not say. Raises `Unreadable`."""
    name, mark, value = said.partition("=")
    if not mark:
        raise Unreadable(f"“{said}”须写作 含义=值", f"“{said}”: write TARGET=VALUE")
    return Reading(fixed={_name(name): value.strip()})


def word(said: str) -> Reading:
    """`WORD=STATUS` or `WORD=STATUS:QUALITY`. Raises `Unreadable`."""
    given, mark, meant = said.rpartition("=")
    if not mark:
        raise Unreadable(f"“{said}”须写作 原词=状态", f"“{said}”: write WORD=STATUS")
    return Reading(words=dict([_word(given.strip(), *meant.partition(":")[::2])]))


def _pair(meant: Any) -> tuple[str, str]:
    return (meant, "") if isinstance(meant, str) else (str(meant[0]), str(meant[1]))


def _word(given: str, execution: str, quality: str = "") -> tuple[str, Word]:
    code = next((one for one in Execution if execution.strip() in {one.value, one.zh, one.en}), None)
    if code is None:
        allowed = ", ".join(f"{one.value} {one.zh}" for one in Execution)
        raise Unreadable(
            f"没有“{execution}”这种状态，可用：{allowed}", f"there is no status “{execution}”; there are: {allowed}"
        )
    try:
        return given[:_LONGEST_WORD], Word(code, MappingQuality(quality.strip() or MappingQuality.EXACT.value))
    except ValueError as error:
        allowed = ", ".join(one.value for one in MappingQuality)
        raise Unreadable(
            f"“{quality}”不是对应质量，可用：{allowed}", f"“{quality}” is no quality: {allowed}"
        ) from error


def _names(names: str | Iterable[Any]) -> tuple[str, ...]:
    names = [names] if isinstance(names, str) else names
    return tuple(dict.fromkeys(_name(str(name)) for name in names))


def _name(name: str) -> str:
    found = targets.target(name)
    if found is None:
        raise Unreadable(
            f"没有“{name.strip()}”这种含义：用 tracker import --columns 查看全部",
            f"no column can mean “{name.strip()}”: “tracker import --columns” lists what they can",
        )
    return found.name


def check(reading: Reading, headings: Sequence[str]) -> None:
    """Raise `Unreadable` where a reading does not fit a table: a heading that it has not, a target of two columns."""
    missing = [heading for heading in reading.columns if heading not in headings]
    if missing:
        zh, there = "”“".join(missing), ", ".join(headings[:40])
        raise Unreadable(f"表里没有“{zh}”这一列，有：{there}", f"the table has no column “{zh}”; it has: {there}")
    if len(reading.words) > _MOST_WORDS:
        raise Unreadable(f"至多对应 {_MOST_WORDS} 个词", f"{_MOST_WORDS} words at most")
    given = Counter(name for names in reading.columns.values() for name in names)
    for name, times in given.items():
        if times > 1 and not targets.is_shared(name):
            twice = "”“".join(heading for heading, names in reading.columns.items() if name in names)
            raise Unreadable(f"“{twice}”都对应 {name}：只留一列", f"“{twice}” all mean {name}: keep one of them")


def remembered(session: Session, headings: Sequence[str]) -> Reading | None:
    """How a table with these headings was read last, or none."""
    kept = session.scalar(select(ColumnMapping).where(ColumnMapping.headings_sha256 == digest(headings)))
    if kept is None:
        return None
    # The headings may differ in case, width or punctuation from those that were remembered.
    called = {plain(heading): heading for heading in headings}
    reading = from_json(kept.mapping)
    return replace(
        reading,
        columns={
            called[plain(heading)]: names for heading, names in reading.columns.items() if plain(heading) in called
        },
    )


def remember(session: Session, headings: Sequence[str], reading: Reading, *, by: User) -> None:
    """Keep how a table with these headings is read: what would be the same for another city's table, and no more."""
    kept = session.scalar(select(ColumnMapping).where(ColumnMapping.headings_sha256 == digest(headings)))
    lasting = {name: value for name, value in reading.fixed.items() if name in _LASTING}
    said = replace(reading, fixed=lasting).as_json()
    if kept is None:
        kept = ColumnMapping(headings_sha256=digest(headings))
        session.add(kept)
    elif kept.mapping == said:
        return
    kept.headings, kept.mapping = list(headings), said
    kept.saved_by_id, kept.saved_at = by.id, datetime.now(UTC)
    session.flush()


def digest(headings: Iterable[str]) -> str:
    """What the same headings have in common, whatever their order, case, width and punctuation."""
    return hashlib.sha256("\n".join(sorted(map(plain, headings))).encode()).hexdigest()


def start(session: Session, headings: Sequence[str]) -> tuple[Reading, bool]:
    """The reading to begin with: the remembered one, else what the headings say; and whether it was remembered."""
    known = remembered(session, headings)
    return (known, True) if known else (Reading(columns=targets.suggested(tuple(headings))), False)


def unread(reading: Reading, headings: Sequence[str]) -> Iterator[str]:
    """The headings whose columns are not read."""
    return (heading for heading in headings if heading not in reading.columns)
