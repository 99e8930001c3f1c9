"""The bare limit: what the same answers cost with a prepared statement of the driver and a plain template.

    .venv/bin/python tests/benchmarks/bare.py URL

Served by waitress with as many threads as the tracker, each with a connection of its own. Shows of a commitment what
the tracker's lists show: code, title, kind, deadline, status with its day and sentence, and the quote. No accounts, no
filters, no languages, no guards. `POST /write` writes, in a transaction of its own, the rows that recording an
assessment makes (`Writer`).
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment
from ledgers import Ledger
from psycopg.types.json import Json
from sqlalchemy import make_url
from waitress.server import create_server

_ROW = """
    c.code, c.title_zh, c.kind, c.deadline_text, n.window_end, n.execution, a.effective_on, a.summary,
    substr(d.text, q.start + 1, q."end" - q.start)
"""

_JOINED = """
    JOIN current_standing n ON n.commitment_id = c.id AND n.approved_only = {no}
    JOIN source_document d ON d.id = c.document_id
    JOIN passage q ON q.id = c.passage_id
    LEFT JOIN status_assessment a ON a.id = n.assessment_id
"""

_CITY = """
    SELECT {row} FROM commitment c {joined}
    WHERE c.jurisdiction_id = (SELECT id FROM jurisdiction WHERE code = ?) AND c.publication_state = 'published'
    ORDER BY c.document_id, c.position LIMIT 50
"""

#: The first 50 of what the index proposes and holds the word as its own, and only of these what is shown.
_SEARCH = """
    SELECT {row} FROM (
      SELECT DISTINCT k.id, k.document_id, k.position FROM searched_text t {first} JOIN commitment k
        ON k.id = t.commitment_id
      WHERE {proposed} AND t.own LIKE ? AND k.publication_state = 'published'
      ORDER BY k.document_id, k.position LIMIT 50
    ) found JOIN commitment c ON c.id = found.id {joined} ORDER BY c.document_id, c.position
"""

_PROPOSED = {
    "sqlite": "t.id IN (SELECT rowid FROM word_index WHERE word_index MATCH ?)",
    "postgresql": "string_to_array(lower(t.own || ' ' || t.quote), NULL) @> string_to_array(?, NULL)",
}

_COMMITMENT = "SELECT {row}, c.id FROM commitment c {joined} WHERE c.code = ?"

_HISTORY = """
    SELECT a.execution, a.effective_on, a.reviewed_up_to, a.recorded_at, a.summary, u.name, e.url, e.title, e.publisher,
      (SELECT verdict FROM review r WHERE r.assessment_id = a.id ORDER BY r.id DESC LIMIT 1)
    FROM status_assessment a JOIN "user" u ON u.id = a.analyst_id
    LEFT JOIN assessment_evidence l ON l.assessment_id = a.id LEFT JOIN evidence e ON e.id = l.evidence_id
    WHERE a.commitment_id = ? ORDER BY a.effective_on DESC, a.id DESC
"""

_PAGE = Environment(autoescape=True, trim_blocks=True).from_string("""<!doctype html><meta charset="utf-8">
<table>
{% for row in rows %}
<tr id="{{ row[0] }}">{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table>
""")

#: What is asked → the statements, the first of which names the rows.
Statements = dict[str, str]


def statements(engine: str) -> Statements:
    """The statements in the words of an engine."""
    # SQLite is told to begin with what the index proposes; it would walk along all commitments in their order.
    no, mark, first = ("0", "?", "CROSS") if engine == "sqlite" else ("FALSE", "%s", "")
    parts = {"row": _ROW, "first": first, "joined": _JOINED.format(no=no), "proposed": _PROPOSED[engine]}
    asked = {"city": _CITY, "search": _SEARCH, "commitment": _COMMITMENT, "history": _HISTORY}
    return {name: statement.format(**parts).replace("?", mark) for name, statement in asked.items()}


def pairs(word: str) -> str:
    """How the index of SQLite is asked for a word: by every two neighbouring characters, as hexadecimal UTF-8."""
    return " ".join(f'"{word[at : at + 2].encode().hex()}"' for at in range(len(word) - 1))


#: Columns that point to rows of their own, and the tables of these.
_POINTS = {
    "assessment_id": "status_assessment", "evidence_id": "evidence", "event_id": "audit_event",
    "commitment_id": "commitment",
}  # fmt: skip


class Writer:
    """Writes the rows that recording an assessment makes, as often as wanted, with plain INSERTs.

    They are those of the assessment that was recorded last: what it cites, itself, their signatures, the entries of the
    chain, and how the commitment stands now. To be used on a copy without triggers.
    """

    #: Tables in which the rows get numbers of their own, with the column that bears it.
    _NUMBERED = {"evidence": "id", "status_assessment": "id", "audit_event": "id", "chain_entry": "seq"}  # noqa: RUF012

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._begin = "BEGIN IMMEDIATE" if ledger.is_sqlite else "BEGIN"
        self._last = ledger.value("SELECT max(id) FROM status_assessment")
        self._commitment = ledger.value("SELECT commitment_id FROM status_assessment WHERE id = ?", self._last)
        # One after another, so that two who write at once do not write of the same.
        self._commitments = cycle(row[0] for row in ledger.rows("SELECT id FROM commitment ORDER BY id LIMIT 5000"))
        self._next = {
            table: count(ledger.value(f"SELECT max({key}) FROM {table}") + 1) for table, key in self._NUMBERED.items()
        }
        self.sample = [(table, *self._sampled(table, which)) for table, which in self._rows().items()]

    def _rows(self) -> dict[str, str]:
        cited = f"SELECT evidence_id FROM assessment_evidence WHERE assessment_id = {self._last}"
        signed = (
            f"(table_name = 'status_assessment' AND row_key = '{self._last}')"
            f" OR (table_name = 'assessment_evidence' AND row_key LIKE '{self._last},%')"
            f" OR (table_name = 'evidence' AND row_key IN (SELECT CAST(evidence_id AS TEXT) FROM ({cited}) cited))"
        )
        events = f"id > (SELECT max(id) - 50 FROM audit_event) AND ({signed})"
        return {
            "evidence": f"id IN ({cited})",
            "assessment_evidence": f"assessment_id = {self._last}",
            "status_assessment": f"id = {self._last}",
            "audit_event": events,
            "chain_entry": f"event_id IN (SELECT id FROM audit_event WHERE {events})",
            "current_standing": f"commitment_id = {self._commitment}",
        }

    def _sampled(self, table: str, which: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        connection = self._ledger.connection()
        asked = connection.execute(f"SELECT * FROM {table} WHERE {which}")
        names = [column[0] for column in asked.description]
        rows = [tuple(row) for row in asked.fetchall()]
        connection.close()
        return names, rows

    def write(self, connection: Any) -> None:
        """One transaction."""
        commitment = next(self._commitments)
        new = {("commitment", self._commitment): commitment}
        connection.execute(self._begin)
        connection.execute(f"DELETE FROM current_standing WHERE commitment_id = {commitment}")
        for table, names, rows in self.sample:
            columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            for row in rows:
                values = [self._renumbered(table, name, value, new) for name, value in zip(names, row, strict=True)]
                connection.execute(statement if self._ledger.is_sqlite else statement.replace("?", "%s"), values)
        connection.execute("COMMIT")

    def _renumbered(self, table: str, name: str, value: Any, new: dict[tuple[str, int], int]) -> Any:
        if self._NUMBERED.get(table) == name:
            return new.setdefault((table, value), next(self._next[table]))
        if isinstance(value, dict):
            return Json(value)
        return new.get((_POINTS[name], value), value) if name in _POINTS else value


class Application:
    """The WSGI function, with a connection for each thread."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger, self._asked = ledger, statements(ledger.engine)
        self._own, self._lock = threading.local(), threading.Lock()
        self._writer: Writer | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        name = environ["PATH_INFO"].lstrip("/")
        if name == "write":
            body = self._written()
        else:
            body = _PAGE.render(rows=self._rows(name, parse_qs(environ["QUERY_STRING"])["of"][0])).encode()
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    def _connection(self) -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = self._ledger.connection()
            if self._ledger.is_sqlite:
                self._own.connection.execute("PRAGMA busy_timeout=15000")
                self._own.connection.execute("PRAGMA synchronous=FULL")
            else:
                # Planned once, at its first use.
                self._own.connection.prepare_threshold = 0
        return self._own.connection

    def _rows(self, name: str, value: str) -> list[Any]:
        values: tuple[str, ...] = (value,)
        if name == "search":
            values = (pairs(value) if self._ledger.is_sqlite else value, f"%{value}%")
        connection = self._connection()
        found = list(connection.execute(self._asked[name], values).fetchall())
        if name == "commitment" and found:
            found += connection.execute(self._asked["history"], (found[0][-1],)).fetchall()
        return found

    def _written(self) -> bytes:
        with self._lock:
            self._writer = self._writer or Writer(self._ledger)
        self._writer.write(self._connection())
        return b"written"


def serve(application_: Callable[..., Any]) -> None:
    """Serve as the tracker is served, and print the address."""
    server = create_server(application_, host="127.0.0.1", port=0, threads=8, ident="yardstick")
    print(f"http://127.0.0.1:{server.effective_port}/", flush=True)
    server.run()


def main() -> None:
    url = make_url(sys.argv[1])
    engine = "sqlite" if url.drivername == "sqlite" else "postgresql"
    serve(Application(Ledger(engine, 0, sys.argv[1], Path.cwd())))


if __name__ == "__main__":
    main()
