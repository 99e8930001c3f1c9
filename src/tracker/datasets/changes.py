"""What changed between two data packages, row by row, from their own files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from tracker.datasets.resource import Resource
from tracker.datasets.tables import RESOURCES
from tracker.export import harmless

#: The columns of `changes.csv`.
COLUMNS = ("change", "table", "key", "field", "old", "new")

#: Longest cell that is read: a published text is longer than what Python expects.
_LONGEST = 10_000_000

_Row = dict[str, str]
_Key = tuple[Any, ...]


@dataclass(frozen=True)
class Change:
    """A row that came or went, or a cell of one that is another; a whole column that came or went has no key."""

    #: added, removed or changed
    change: str
    table: str
    key: str
    field: str = ""
    old: str = ""
    new: str = ""


def between(before: Path, after: Path) -> Iterator[Change]:
    """What is new in the package in `after` since that in `before`, table by table, in the order of their keys.

    Both are read along, a row at a time.
    """
    csv.field_size_limit(_LONGEST)
    for resource in RESOURCES:
        old, new = (folder / "data" / f"{resource.name}.csv" for folder in (before, after))
        yield from _of_table(resource, old, new)
    known = {one.name for one in RESOURCES}
    for gone in sorted(_tables(before) - known):
        yield Change("removed", gone, "")


def _tables(folder: Path) -> set[str]:
    said = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return {one["name"] for one in said["resources"]}


def _of_table(resource: Resource, old: Path, new: Path) -> Iterator[Change]:
    names, earlier = _header(new), _header(old)
    for name in [*earlier, *names]:
        if earlier and (name in earlier) != (name in names):
            yield Change("added" if name in names else "removed", resource.name, "", name)
    shared = [name for name in names if name in earlier and name not in resource.key]
    for key, was, is_ in _side_by_side(_read(resource, old), _read(resource, new)):
        called = "/".join(map(str, key))
        if was is None or is_ is None:
            yield Change("added" if was is None else "removed", resource.name, called)
            continue
        for name in shared:
            if was[name] != is_[name]:
                yield Change("changed", resource.name, called, name, was[name], is_[name])


def _header(path: Path) -> Sequence[str]:
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])


def _read(resource: Resource, path: Path) -> Iterator[tuple[_Key, _Row]]:
    if not path.is_file():
        return
    whole = {column.name for column in resource.fields if column.kind == "integer"}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield tuple(int(row[name]) if name in whole else row[name] for name in resource.key), row


def _side_by_side(
    old: Iterator[tuple[_Key, _Row]], new: Iterator[tuple[_Key, _Row]]
) -> Iterator[tuple[_Key, _Row | None, _Row | None]]:
    """The rows of two tables that are sorted by key, those of the same key together."""
    was, is_ = next(old, None), next(new, None)
    while was or is_:
        if is_ is None or (was and was[0] < is_[0]):
            assert was is not None  # noqa: S101 - one of the two is there
            yield was[0], was[1], None
            was = next(old, None)
        elif was is None or is_[0] < was[0]:
            yield is_[0], None, is_[1]
            is_ = next(new, None)
        else:
            yield was[0], was[1], is_[1]
            was, is_ = next(old, None), next(new, None)


def write(changes: Iterator[Change], path: Path) -> tuple[Counter[tuple[str, str]], list[Change]]:
    """Write the changes as CSV; returns how many of each kind there are by table, and those of a status."""
    counts: Counter[tuple[str, str]] = Counter()
    statuses: list[Change] = []
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        seen: set[tuple[str, str]] = set()
        for one in changes:
            if (one.table, one.key) not in seen:
                # Cells of one row follow each other: only the last row need be remembered.
                seen = {(one.table, one.key)}
                counts[one.table, one.change] += 1
            if (one.table, one.field) == ("standings", "execution"):
                statuses.append(one)
            writer.writerow([harmless(cell) for cell in _cells(one)])
    return counts, statuses


def _cells(one: Change) -> Iterator[str]:
    return chain((one.change, one.table, one.key), (one.field, one.old, one.new))


def counted(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """How many rows were added, changed and removed, in all tables."""
    return {kind: sum(n for (_, of), n in counts.items() if of == kind) for kind in ("added", "changed", "removed")}
