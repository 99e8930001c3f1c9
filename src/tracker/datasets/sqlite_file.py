"""One SQLite file of the same tables, for Datasette and whoever asks in SQL.

Every table has its keys, indexes on what it names, and its rows in the order of its key. Words are searched through
FTS5 by trigrams, which find any stretch of three characters or more in Chinese and English alike; a word of two
characters is found with LIKE. `metadata` says what the file is of; `_checksums` holds of each table the number of rows
and a SHA-256 over them in the canonical form: each row as a JSON array on a line of its own (UTF-8, no spaces, as
`json.dumps(row, ensure_ascii=False, separators=(",", ":"))` writes it), in the order of the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tracker import events
from tracker.datasets import descriptor
from tracker.datasets.descriptor import Edition
from tracker.datasets.resource import Resource
from tracker.datasets.tables import RESOURCES
from tracker.db.sqlite import driver
from tracker.events import Event

_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}

#: Table → the columns whose words can be searched.
_SEARCHED = {
    "commitments": ("title_zh", "title_en", "quote"),
    "evidence": ("title", "excerpt", "shows_zh", "shows_en"),
    "assessments": ("summary", "summary_en", "progress", "problems", "next_steps"),
}

#: Questions that most readers would ask, ready made.
_VIEWS = {
    "commitments_with_status": """
        SELECT c.code, p.name_zh AS city_zh, p.name_en AS city_en, c.title_zh, c.title_en, c.quote, c.kind,
               s.execution, e.zh AS execution_zh, e.en AS execution_en, s.timeliness, s.light, s.due_on,
               s.progress_share, s.effective_on, s.reviewed_up_to, s.verdict, s.disputed, a.summary, a.summary_en,
               c.stands_alone, c.is_leaf
        FROM commitments c JOIN standings s ON s.commitment = c.code JOIN cities p ON p.code = c.city
        LEFT JOIN assessments a ON a.id = s.assessment
        LEFT JOIN codebook e ON e.vocabulary = 'execution' AND e.code = s.execution""",
    "followable_commitments": """
        SELECT * FROM commitments_with_status WHERE is_leaf OR stands_alone""",
    "evidence_of_commitments": """
        SELECT s.commitment, x.relation, v.title, v.publisher, v.published_on, v.origin, v.reports, v.url, s.assessment
        FROM standings s JOIN assessment_evidence x ON x.assessment = s.assessment
        JOIN evidence v ON v.id = x.evidence""",
    "stated_and_found": """
        SELECT f.commitment, f.what_zh, f.what_en, f.words, f.value AS stated, f.unit, m.value AS found, m.as_of, v.url
        FROM figures f LEFT JOIN measurements m ON m.figure = f.id LEFT JOIN evidence v ON v.id = m.evidence""",
}

#: What each view shows.
_SHOWN = {
    "commitments_with_status": ("每条承诺连同现行状态", "each commitment with how it stands"),
    "followable_commitments": (
        "只含计数的承诺：分项，以及另有许诺的总项",
        "only those that are counted: parts, and heads that stand alone",
    ),
    "evidence_of_commitments": ("现行评估所引的依据", "what the standing assessments cite"),
    "stated_and_found": ("原文的数字与查实的值", "stated figures beside what was found"),
}


_ABOUT = """
    CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT);
    CREATE TABLE _checksums ("table" TEXT PRIMARY KEY, rows INTEGER NOT NULL, sha256 TEXT NOT NULL);
    CREATE TABLE _columns (
      "table" TEXT, "column" TEXT, title_zh TEXT, title_en TEXT, about_zh TEXT, about_en TEXT, type TEXT,
      vocabulary TEXT, PRIMARY KEY ("table", "column")
    );
"""


def write_sqlite(session: Session, of: Edition, path: Path) -> int:
    """Write the file at `path`, where nothing is; returns how many commitments it holds."""
    with closing(driver().connect(path, isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _ABOUT)
        database.execute("BEGIN")
        sums = []
        for resource in RESOURCES:
            database.execute(_table(resource))
            sums.append((resource.name, *_fill(database, resource, resource.rows(session, of.scope))))
        for statement in _indexes():
            database.execute(statement)
        for table, columns in _SEARCHED.items():
            _make_searchable(database, table, columns)
        for name, question in _VIEWS.items():
            database.execute(f"CREATE VIEW {name} AS {question.strip()}")
        _say(database, session, of, sums)
        for statement in ("COMMIT", "ANALYZE", "VACUUM"):
            database.execute(statement)
    count = next(rows for name, rows, _ in sums if name == "commitments")
    events.say(Event.EXPORTED, what="sqlite", rows=count)
    return count


def _table(resource: Resource) -> str:
    lines = [
        f'"{column.name}" {_TYPES.get(column.kind, "TEXT")}{" NOT NULL" if column.required else ""}{_check(column)}'
        for column in resource.fields
    ]
    lines.append(f"PRIMARY KEY ({_quoted(resource.key)})")
    lines += [
        f"FOREIGN KEY ({_quoted(key.fields)}) REFERENCES {key.table} ({_quoted(key.there)})" for key in resource.foreign
    ]
    return f"CREATE TABLE {resource.name} (\n  " + ",\n  ".join(lines) + "\n)"


def _check(column: Any) -> str:
    if column.kind == "boolean":
        return f' CHECK ("{column.name}" IN (0, 1))'
    return ""


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _fill(database: Any, resource: Resource, rows: Iterator[list[Any]]) -> tuple[int, str]:
    """Write the rows; returns how many, and the SHA-256 of their canonical form."""
    digest, count = hashlib.sha256(), 0
    put = f"INSERT INTO {resource.name} VALUES ({', '.join('?' * len(resource.fields))})"

    def summed() -> Iterator[list[Any]]:
        nonlocal count
        for row in rows:
            kept = [int(value) if isinstance(value, bool) else value for value in row]
            digest.update(canonical(kept))
            count += 1
            yield kept

    database.executemany(put, summed())
    return count, digest.hexdigest()


def canonical(row: Iterable[Any]) -> bytes:
    """A row as it is hashed: a JSON array on a line of its own."""
    return json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _indexes() -> Iterator[str]:
    for resource in RESOURCES:
        for key in resource.foreign:
            if resource.key[: len(key.fields)] != key.fields:
                name = "_".join((resource.name, *key.fields))
                yield f"CREATE INDEX idx_{name} ON {resource.name} ({_quoted(key.fields)})"


def _make_searchable(database: Any, table: str, columns: tuple[str, ...]) -> None:
    """An index of words beside a table, as Datasette and sqlite-utils know it: `TABLE_fts`, by the table’s rowid."""
    names = _quoted(columns)
    database.execute(f'CREATE VIRTUAL TABLE {table}_fts USING fts5({names}, content="{table}", tokenize="trigram")')
    database.execute(f"INSERT INTO {table}_fts (rowid, {names}) SELECT rowid, {names} FROM {table}")


def _say(database: Any, session: Session, of: Edition, sums: list[tuple[str, int, str]]) -> None:
    """What the file is of, its sums, and its columns."""
    said = descriptor.descriptor(session, of, [])
    said |= {
        "canonical_form": "each row as a JSON array on a line (UTF-8, no spaces), in the order of the key; SHA-256"
    }
    rows = (
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for key, value in said.items()
    )
    database.executemany(
        "INSERT INTO metadata VALUES (?, ?)", ((key, value) for key, value in rows if key != "resources")
    )
    database.executemany("INSERT INTO _checksums VALUES (?, ?, ?)", sums)
    database.executemany(
        "INSERT INTO _columns VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (one.name, column.name, column.zh, column.en, *column.about, column.kind,
             descriptor.vocabulary(column))
            for one in RESOURCES
            for column in one.fields
        ),
    )  # fmt: skip


def described(of: Edition, name: str) -> dict[str, Any]:
    """What Datasette is told of the file (`datasette FILE --metadata FILE.metadata.json`): rights, tables, columns."""
    tables: dict[str, Any] = {
        one.name: {
            "title": f"{one.zh} {one.en}",
            "description": f"一行是{one.about[0]}。One row is {one.about[1]}.",
            "columns": {column.name: descriptor.told(column) for column in one.fields},
            **({"label_column": "title_zh"} if one.name == "commitments" else {}),
            **({"fts_table": f"{one.name}_fts", "fts_pk": "rowid"} if one.name in _SEARCHED else {}),
        }
        for one in RESOURCES
    }
    tables |= {view: {"title": f"{zh} {en}"} for view, (zh, en) in _SHOWN.items()}
    tables |= {name: {"hidden": True} for name in ("_columns", *(f"{table}_fts" for table in _SEARCHED))}
    return {
        "title": " ".join(descriptor.TITLE),
        "description": " ".join((*descriptor.ABOUT, *descriptor.RIGHTS)),
        "license": descriptor.LICENCE["name"],
        "license_url": descriptor.LICENCE["path"],
        "source": " ".join(of.citation()),
        "databases": {name: {"tables": tables}},
    }


def mark(path: Path) -> str:
    """What changes with the tables of a file and not with the second that it was made in, in hexadecimal."""
    with closing(driver().connect(path)) as database:
        sums = database.execute("SELECT sha256 FROM _checksums ORDER BY 1").fetchall()
        said = database.execute(
            "SELECT value FROM metadata WHERE key IN ('program', 'as_of', 'recorded_by')"
        ).fetchall()
    return hashlib.sha256(canonical([*sums, *said])).hexdigest()
