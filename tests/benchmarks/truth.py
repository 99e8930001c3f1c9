"""What pages and data have to show, by plain SQL on the same rows: not by a line of the code that is measured."""

from __future__ import annotations

from ledgers import Ledger

#: How each commitment stands: of what was neither corrected nor returned the latest; to have found nothing stands only
#: where nothing else was found. `{narrowed}` takes further conditions on the assessment `a`.
_STANDING = """
    SELECT commitment_id, execution FROM (
      SELECT a.commitment_id, a.execution, row_number() OVER (PARTITION BY a.commitment_id ORDER BY
        CASE WHEN a.execution IN ('not_reviewed', 'no_evidence_found') THEN 0 ELSE 1 END DESC,
        a.effective_on DESC, a.recorded_at DESC, a.id DESC) AS place
      FROM status_assessment a
      WHERE NOT EXISTS (SELECT 1 FROM status_assessment l WHERE l.corrects_id = a.id)
        AND coalesce((SELECT verdict FROM review r WHERE r.assessment_id = a.id
                      ORDER BY r.recorded_at DESC, r.id DESC LIMIT 1), '') <> 'return' {narrowed}
    ) ranked WHERE place = 1
"""

_OF_A_CITY = "c.jurisdiction_id = (SELECT id FROM jurisdiction WHERE code = ?)"

_ORDER = "ORDER BY c.document_id, c.position"

#: Title and own words of a commitment.
_WORDS = (
    "c.title_zh || ' ' || substr(d.text, coalesce(f.start, q.start) + 1,"
    ' coalesce(f."end", q."end") - coalesce(f.start, q.start))'
)


def of_city(ledger: Ledger, city: str, *, kind: str = "") -> list[str]:
    """Codes of the commitments of a city (GB/T code), in the order of the documents."""
    narrowed, values = (" AND c.kind = ?", [kind]) if kind else ("", [])
    return _codes(ledger, f"SELECT c.code FROM commitment c WHERE {_OF_A_CITY}{narrowed} {_ORDER}", city, *values)


def standing_so(ledger: Ledger, city: str, execution: str, *, as_of: str = "") -> list[str]:
    """Codes of the commitments of a city that stand so, today or as of a day."""
    narrowed = "AND a.commitment_id IN (SELECT c.id FROM commitment c WHERE " + _OF_A_CITY + ")"
    days = [as_of] if as_of else []
    standing = _STANDING.format(narrowed=narrowed + (" AND a.effective_on <= ?" if as_of else ""))
    return _codes(
        ledger,
        f"SELECT c.code FROM commitment c LEFT JOIN ({standing}) s ON s.commitment_id = c.id"
        f" WHERE {_OF_A_CITY} AND coalesce(s.execution, 'not_reviewed') = ? {_ORDER}",
        city, *days, city, execution,
    )  # fmt: skip


def every(ledger: Ledger, most: int, *, kind: str = "") -> list[str]:
    """Codes of the first commitments of all, in the order of the documents."""
    where, values = ("WHERE c.kind = ?", [kind]) if kind else ("", [])
    return _codes(ledger, f"SELECT c.code FROM commitment c {where} {_ORDER} LIMIT ?", *values, most)


def holding(ledger: Ledger, word: str, most: int) -> list[str]:
    """Codes of the first commitments whose title or own words hold a word."""
    return _codes(
        ledger,
        f"SELECT c.code FROM commitment c JOIN source_document d ON d.id = c.document_id"
        f" JOIN passage q ON q.id = c.passage_id LEFT JOIN passage f ON f.id = c.focus_id"
        f" WHERE {_WORDS} LIKE ? {_ORDER} LIMIT ?",
        f"%{word}%", most,
    )  # fmt: skip


def summary(ledger: Ledger) -> dict[tuple[str, str], int]:
    """City (GB/T code) and status → how many commitments that can be followed up stand so."""
    rows = ledger.rows(
        "SELECT j.code, coalesce(s.execution, 'not_reviewed'), count(*) FROM commitment c"
        " JOIN jurisdiction j ON j.id = c.jurisdiction_id"
        f" LEFT JOIN ({_STANDING.format(narrowed='')}) s ON s.commitment_id = c.id"
        " WHERE c.stands_alone OR NOT EXISTS (SELECT 1 FROM commitment p WHERE p.parent_id = c.id)"
        " GROUP BY 1, 2"
    )
    return {(city, execution): count for city, execution, count in rows}


def mislaid(ledger: Ledger, ids: list[int]) -> list[int]:
    """Those of some commitments of which the stored standing is not what their history gives."""
    which = ", ".join(map(str, ids))
    standing = _STANDING.format(narrowed=f"AND a.commitment_id IN ({which})")
    rows = ledger.rows(
        f"SELECT n.commitment_id FROM current_standing n LEFT JOIN ({standing}) s ON s.commitment_id = n.commitment_id"
        f" WHERE n.commitment_id IN ({which}) AND NOT n.approved_only"
        " AND n.execution <> coalesce(s.execution, 'not_reviewed')"
    )
    return [row[0] for row in rows]


def lengths(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """Shortest and longest title, and quote, in characters."""
    (found,) = ledger.rows(
        'SELECT min(length(title_zh)), max(length(title_zh)), min(q."end" - q.start), max(q."end" - q.start)'
        " FROM commitment c JOIN passage q ON q.id = c.passage_id"
    )
    return {"titles": (found[0], found[1]), "quotes": (found[2], found[3])}


def _codes(ledger: Ledger, sql: str, *values: object) -> list[str]:
    return [str(row[0]) for row in ledger.rows(sql, *values)]
