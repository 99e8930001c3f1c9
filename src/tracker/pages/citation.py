"""How a page is cited, and what it says of itself to machines (schema.org, as JSON-LD).

A citation names both days of the cut-off and an address that asks for them: whoever follows it reads what was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import metadata
from typing import Any
from urllib.parse import urlencode

from flask import request

from tracker import codebook
from tracker.codebook import DocumentKind, Verdict
from tracker.export import XLSX
from tracker.language import label, t
from tracker.pages import address
from tracker.records import Record
from tracker.standings import Cutoff

#: What an address carries that says how a page is shown and not what it shows.
_MANNER = {"lang", "format", "as_of", "recorded_by"}

#: What schema.org calls each sort of text.
_TEXTS = {DocumentKind.INTERVIEW: "NewsArticle", DocumentKind.WORK_REPORT: "Report"}

_CONTEXT = {"@context": "https://schema.org"}

#: Under what anybody may use the data.
LICENCE = "https://spdx.org/licenses/MIT"

#: JSON-LD before it is written down.
Described = dict[str, Any]


@dataclass(frozen=True)
class Citation:
    """A suggested citation: `words` in the language of the request, and the address that goes on showing this."""

    words: str
    address: str


@cache
def version() -> str:
    """The version of the program."""
    return metadata.version("tracker")


def citation(title: str, cutoff: Cutoff) -> Citation:
    """How to cite this page, called `title`, as it is shown at `cutoff`."""
    true_on, written_by = _days(cutoff)
    approved = t("；只计复核通过的评估", "; approved assessments only") if cutoff.approved_only else ""
    return Citation(
        t(
            f"市长承诺跟踪：{title}［DS/OL］。程序 {version()} 版，编码手册 {codebook.VERSION} 版；"
            f"所示为 {true_on} 的情况，计入 {written_by} 及以前的记录{approved}。",
            f"Mayors’ commitments: {title} [data set]. Version {version()}, codebook {codebook.VERSION};"
            f" as things stood on {true_on}, as written down by {written_by}{approved}.",
        ),
        permanent(cutoff),
    )


def permanent(cutoff: Cutoff) -> str:
    """The whole address of this page that goes on showing what it shows now: with both days in it."""
    true_on, written_by = _days(cutoff)
    asked = {name: values for name, values in request.args.to_dict(flat=False).items() if name not in _MANNER}
    days = {"as_of": true_on.isoformat(), "recorded_by": written_by.isoformat()}
    return f"{address.whole()}?{urlencode({**asked, **days}, doseq=True)}"


def _days(cutoff: Cutoff) -> tuple[date, date]:
    """The days that a page shows where it is asked for none: today, here and (for what was written down) in UTC."""
    return cutoff.day(), cutoff.recorded_by or datetime.now(UTC).date()


def dataset(name: str, about: str, cutoff: Cutoff) -> Described:
    """A list of commitments as a `Dataset`, with the files that its address also answers with."""
    return {
        **_CONTEXT,
        "@type": "Dataset",
        "name": name,
        "description": about,
        "url": permanent(cutoff),
        "version": f"{version()} / {codebook.VERSION}",
        "license": LICENCE,
        "inLanguage": ["zh", "en"],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{permanent(cutoff)}&format={form}"}
            for form, media in (("json", "application/json"), ("csv", "text/csv"), ("xlsx", XLSX))
        ],
    }


def quotation(row: Record, source: Described, cutoff: Cutoff) -> Described:
    """A commitment as a `Quotation` from `source`; where a second person approved what became of it, also a review.

    A promise is no claim of fact: only an approved verdict on it is published as a `ClaimReview`.
    """
    said = {
        "@type": "Quotation",
        "identifier": row["code"],
        "name": t(row["title_zh"], row["title_en"]),
        "text": row["quote"],
        "inLanguage": source["inLanguage"],
        "url": permanent(cutoff),
        **({"creator": _speaker(row)} if row["speaker"] else {}),
        "isPartOf": source,
    }
    if row["verdict"] is not Verdict.APPROVE:
        return {**_CONTEXT, **said}
    return {**_CONTEXT, "@graph": [said, _verdict(row, said["inLanguage"], cutoff)]}


def _verdict(row: Record, spoken: str, cutoff: Cutoff) -> Described:
    claim = {"@type": "Claim", "text": row["quote"], "inLanguage": spoken}
    if row["speaker"]:
        claim |= {"author": _speaker(row)}
    return {
        "@type": "ClaimReview",
        "url": permanent(cutoff),
        "claimReviewed": t(row["title_zh"], row["title_en"]),
        "itemReviewed": claim,
        "reviewBody": t(row["summary"], row["summary_en"] or row["summary"]),
        "reviewRating": {"@type": "Rating", "alternateName": label(row["execution"])},
        "datePublished": row["recorded_at"].date().isoformat(),
        "author": {"@type": "Organization", "name": t("市长承诺跟踪", "Mayors’ commitments")},
    }


def _speaker(row: Record) -> Described:
    return {
        "@type": "Person",
        "name": t(row["speaker"], row["speaker_en"]),
        "jobTitle": t(row["post"], row["post_en"]),
    }


def text(document: Any, speakers: Iterable[str] = ()) -> Described:
    """A source document (any row with its columns) as the text that it is; `speakers` are names of who speaks in it."""
    described: dict[str, Any] = {
        **_CONTEXT,
        "@type": _TEXTS.get(document.kind, "CreativeWork"),
        "identifier": document.key,
        "headline": document.title,
        "inLanguage": document.language,
        "datePublished": document.date,
        "publisher": {"@type": "Organization", "name": document.publisher},
        "about": [{"@type": "Person", "name": name} for name in speakers],
        "url": document.url,
        "archivedAt": document.archived_url,
    }
    return {name: value for name, value in described.items() if value}
