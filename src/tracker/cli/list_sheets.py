"""How the lists of a city read in a terminal: its policies and its problems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tracker.cli.tables import both, table

if TYPE_CHECKING:
    from tracker.records import Record


def policy(row: Record) -> str:
    """A policy document in one line."""
    facts = [row["title"], row["number"], _validity(row), row["url"]]
    return " · ".join(fact for fact in facts if fact)


def _validity(row: Record) -> str:
    days = f" {row['valid_from'] or '…'}–{row['valid_to'] or '…'}"
    return both(row["validity"]) + (days if row["valid_from"] or row["valid_to"] else "")


def obstacle(row: Record) -> str:
    """An obstacle in one line."""
    facts = [f"№ {row['number']} {row['title']}", f"{row['category_zh']} {row['category_en']}"]
    return " · ".join([*facts, _state(row)])


def _state(row: Record) -> str:
    day = row["closed_on"] or (f"≤ {row['due_on']}" if row["due_on"] else "")
    return f"{both(row['state'])} {day}".strip()


def policies(rows: Sequence[Record]) -> Iterator[str]:
    """The lines of policy lists, with the columns that 郴州 says its list has."""
    headings = ["城市 City", "文件 Document", "文号 Number", "执行时限 Validity", "责任单位、责任人、联系方式 Who",
                "网址 Link", "承诺 Commitments"]  # fmt: skip
    cells = [
        [
            f"{row['city']} {row['city_en']}",
            row["title"],
            row["number"] or "—",
            _validity(row),
            " · ".join(filter(None, (row["unit"], row["responsible_person"], row["contact"]))) or "—",
            row["url"] or "—",
            ", ".join(row["commitments"]) or "—",
        ]
        for row in rows
    ]
    if rows:
        yield from table(headings, cells)
        yield f"共 {len(rows)} 件 / {len(rows)} in all"


def obstacles(rows: Sequence[Record]) -> Iterator[str]:
    """The lines of problem ledgers."""
    headings = ["序号 №", "城市 City", "类别 Category", "登记 Raised", "状态 State", "承诺 Tied", "问题 Obstacle"]
    cells = [
        [
            str(row["number"]),
            f"{row['city']} {row['city_en']}",
            f"{row['category_zh']} {row['category_en']}",
            f"{row['raised_on']} {row['raised_by']}",
            _state(row),
            str(row["tied"]),
            "\n".join(filter(None, (row["title"], row["remedy"], row["unit"]))),
        ]
        for row in rows
    ]
    if rows:
        yield from table(headings, cells)
        open_ = sum(row["closed_on"] is None for row in rows)
        yield f"共 {len(rows)} 个，未销号 {open_} 个 / {len(rows)} in all, {open_} of them open"
