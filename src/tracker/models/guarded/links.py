"""Rules of addresses and kept files: what a reader's browser is led to, or given to keep."""

from __future__ import annotations

from tracker.models.guarded.rule import Rule

#: Table → its columns that hold addresses, and whether its rows are changed.
_ADDRESSES = {
    "evidence": (("url",), False),
    "source_document": (("url", "archived_url"), False),
    "policy_document": (("url",), True),
    "scheme": (("source_url",), True),
}


def _no_link(column: str) -> str | dict[str, str]:
    """Condition: a text is no address of the web, or holds what browsers drop or take for an end."""
    other = f"substr(NEW.{column}, 1, 7) <> 'http://' AND substr(NEW.{column}, 1, 8) <> 'https://'"
    return {
        "sqlite": f"({other}) OR NEW.{column} GLOB '*[' || char(1) || '-' || char(32) || char(127) || ']*'",
        "postgresql": rf"({other}) OR NEW.{column} ~ '[\x01-\x20\x7f]'",
    }


RULES: dict[str, Rule] = {
    f"guard_{table}_{column}_{operation.lower()}": (
        table,
        operation,
        _no_link(column),
        "a link begins with http:// or https:// and holds no blank",
    )
    for table, (columns, is_changed) in _ADDRESSES.items()
    for column in columns
    for operation in (("INSERT", "UPDATE") if is_changed else ("INSERT",))
} | {
    "guard_archived_copy_name": (
        "archived_copy",
        "INSERT",
        {
            "sqlite": "length(NEW.sha256) <> 64 OR NEW.sha256 GLOB '*[^0-9a-f]*'",
            "postgresql": "NEW.sha256 !~ '^[0-9a-f]{64}$'",
        },
        "a kept file is named after its SHA-256",
    ),
}
