"""Other schemes of status, as the seed has them: their terms, where they are defined, and how ours reads in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.codebook import Execution, MappingQuality
from tracker.models import Scheme, SchemeTerm, StatusMapping
from tracker.rules import LONGEST_TEXT
from tracker.seed.entries import Entry, read_file
from tracker.seed.synchronising import Synchroniser, Wanted

_FILE = "crosswalk.yaml"


@dataclass(frozen=True)
class SchemeData:
    """A scheme: its own columns, its terms by code, and its mappings by our status (term's code or none)."""

    code: str
    values: dict[str, Any]
    terms: dict[str, dict[str, Any]]
    mappings: dict[Execution, tuple[str | None, dict[str, Any]]]


def read_crosswalk(folder: Path) -> list[SchemeData]:
    """Read `crosswalk.yaml`, where there is one. Each scheme maps every status of execution."""
    if not (folder / _FILE).is_file():
        return []
    file = read_file(folder, _FILE)
    file.allow("schemes")
    return [_scheme(entry) for entry in file.entries("schemes")]


def _scheme(entry: Entry) -> SchemeData:
    entry.allow("code", "name_zh", "name_en", "source_title", "source_publisher", "source_url", "retrieved_on",
                "source_note_zh", "source_note_en", "note_zh", "note_en", "terms", "mappings")  # fmt: skip
    values = {
        **{name: entry.text(name) for name in ("code", "name_zh", "name_en", "source_title", "source_publisher")},
        "source_url": entry.maybe_text("source_url", 2000),
        "retrieved_on": entry.day("retrieved_on"),
        **_both(entry, "source_note"),
        **_both(entry, "note"),
    }
    terms = {term.text("code"): _term(term, place) for place, term in enumerate(entry.entries("terms"), 1)}
    mappings = dict(_mapping(mapping, terms) for mapping in entry.entries("mappings"))
    missing = [code.value for code in Execution if code not in mappings]
    if missing:
        raise entry.error(
            f"no mapping for {', '.join(missing)}; every status has one, if only of quality none", "mappings"
        )
    return SchemeData(entry.text("code"), values, terms, mappings)


def _term(entry: Entry, place: int) -> dict[str, Any]:
    entry.allow("code", "name_zh", "name_en", "definition_zh", "definition_en")
    texts = {name: entry.text(name) for name in ("code", "name_zh", "name_en")}
    return {**texts, **_both(entry, "definition"), "position": place}


def _mapping(entry: Entry, terms: dict[str, dict[str, Any]]) -> tuple[Execution, tuple[str | None, dict[str, Any]]]:
    entry.allow("execution", "term", "quality", "note_zh", "note_en")
    quality, term = entry.choice("quality", MappingQuality), entry.maybe_one_of("term", terms, "term of this scheme")
    if (term is None) != (quality is MappingQuality.NONE):
        raise entry.error("a mapping has a term, or the quality none; mend one of them", "quality")
    return entry.choice("execution", Execution), (term, {"quality": quality, **_both(entry, "note")})


def _both(entry: Entry, key: str) -> dict[str, str | None]:
    zh, en = entry.pair(key, LONGEST_TEXT)
    return {f"{key}_zh": zh, f"{key}_en": en}


def write_crosswalk(writer: Synchroniser, schemes: list[SchemeData]) -> None:
    """Bring schemes, their terms and mappings in line with the file."""
    rows = writer.rows(Scheme, ["code"], [Wanted(data.code, data.values) for data in schemes])
    for data in schemes:
        of = {"scheme_id": rows[data.code,].id}
        terms = writer.rows(
            SchemeTerm,
            ["scheme_id", "code"],
            [Wanted(f"{data.code}/{code}", {**of, **values}) for code, values in data.terms.items()],
            among=SchemeTerm.scheme_id == of["scheme_id"],
        )
        writer.rows(
            StatusMapping,
            ["scheme_id", "execution"],
            [
                Wanted(
                    f"{data.code}: {execution}",
                    {
                        **of,
                        "execution": execution,
                        "term_id": terms[of["scheme_id"], term].id if term else None,
                        **values,
                    },
                )
                for execution, (term, values) in data.mappings.items()
            ],
            among=StatusMapping.scheme_id == of["scheme_id"],
        )
