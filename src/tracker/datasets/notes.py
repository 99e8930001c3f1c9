"""The texts beside the data: README, LICENSE and CITATION.cff."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tracker.config import settings
from tracker.datasets.descriptor import ABOUT, LICENCE, RIGHTS, TITLE, Edition
from tracker.datasets.resource import Resource

_TEMPLATES = Path(__file__).parents[1] / "templates"


def licence() -> str:
    """The licence of the ledger, and whose the quoted words are."""
    found = metadata.distribution("tracker")
    text = found.read_text("licenses/LICENSE") or found.read_text("LICENSE") or f"{LICENCE['title']}\n"
    return f"{text.rstrip()}\n\n--\n\n{RIGHTS[0]}\n{RIGHTS[1]}\n"


def citation_file(edition: Edition) -> str:
    """CITATION.cff: what GitHub, Zenodo and reference managers read."""
    zh, en = edition.citation()
    said = {
        "cff-version": "1.2.0",
        "message": f"引用请注明：{zh} Please cite as: {en}",
        "type": "dataset",
        "title": " ".join(TITLE),
        "abstract": " ".join(ABOUT),
        "version": edition.version,
        "date-released": edition.made.date().isoformat(),
        "license": LICENCE["name"],
        "authors": [{"name": "The tracker's authors"}],
        **({"url": settings().base_url} if settings().base_url else {}),
    }
    return str(yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=1000))


def readme(edition: Edition, resources: tuple[Resource, ...], counts: dict[str, int]) -> str:
    """What is in a data package, in both languages: tables with their rows, rights, citation, and how to prove it."""
    return text("dataset.md", edition, resources=resources, counts=counts)


def text(template: str, edition: Edition, **more: Any) -> str:
    """One of the texts of an edition, in both languages."""
    templates = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    said = {"title": TITLE, "about": ABOUT, "rights": RIGHTS, "citation": edition.citation(), "edition": edition}
    return templates.get_template(template).render(**said, **more)
