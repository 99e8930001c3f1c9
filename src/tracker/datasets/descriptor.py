"""What a data set says of itself: the descriptor of a Frictionless Data Package, and how it is cited."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import codebook
from tracker.checkpoints import Anchor
from tracker.codebook.listed import anchor
from tracker.config import settings
from tracker.datasets.resource import Field, Resource, Scope
from tracker.export import plain
from tracker.models import SourceDocument

NAME = "mayors-commitments"
TITLE = ("市长承诺跟踪台账", "Mayors’ commitments")
ABOUT = (
    "官员承诺了什么，原话怎么说，后来怎么样了：承诺、评估、依据及其出处。",
    "What officials promised, in whose words, and what became of it: commitments, judgements, evidence, sources.",
)
RIGHTS = (
    "台账按 MIT 许可使用。引文和全文的权利属原刊发者，这里按各文献的 licence_mode 提供。",
    "The ledger is under the MIT licence. Quotes and texts remain their publishers’; licence_mode says what is given.",
)
LICENCE = {"name": "MIT", "title": "MIT License", "path": "https://spdx.org/licenses/MIT"}


@dataclass(frozen=True)
class Edition:
    """Which data set it is: of what, of which state of the ledger, and as which release, where it is one."""

    scope: Scope
    #: the last entry of the chain when it was made
    anchor: Anchor
    release: int | None = None
    made: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    @property
    def version(self) -> str:
        """The version of the data: that of the release, else that of the program."""
        return f"{self.release}.0.0" if self.release else version("tracker")

    def days(self) -> tuple[date, date]:
        """The days that it is of: as things stood, and as written down by."""
        cutoff = self.scope.cutoff
        return cutoff.day(), cutoff.recorded_by or self.made.date()

    def citation(self) -> tuple[str, str]:
        """How to cite it, in Chinese and English."""
        stood, written = self.days()
        number = (f"第 {self.release} 次发布，", f"release {self.release}, ") if self.release else ("", "")
        where = f" {settings().base_url}" if settings().base_url else ""
        program, book, entry = version("tracker"), codebook.VERSION, self.anchor.size
        zh = f"{TITLE[0]}［DS］。{number[0]}程序 {program} 版，编码手册 {book} 版；所示为 {stood} 的情况，"
        zh += f"计入 {written} 及以前的记录；记录链第 {entry} 条。{where}"
        en = f"{TITLE[1]} [data set], {number[1]}version {program}, codebook {book}; as things stood on {stood}, "
        en += f"as written down by {written}; entry {entry} of the chain.{where}"
        return zh, en

    def said(self) -> dict[str, Any]:
        """The state of the ledger that it is of, as a descriptor has it."""
        cutoff, anchor = self.scope.cutoff, self.anchor
        stood, written = self.days()
        asked = {name: value for name, value in asdict(self.scope.asked).items() if value and name != "cutoff"}
        return {
            "release": self.release,
            "program": version("tracker"),
            "codebook": codebook.VERSION,
            "as_of": stood.isoformat(),
            "recorded_by": written.isoformat(),
            "approved_only": cutoff.approved_only,
            "asked": {
                name: [plain(one) for one in value] if isinstance(value, tuple) else plain(value)
                for name, value in asked.items()
            },
            "chain": {"origin": anchor.origin, "entries": anchor.size, "head": anchor.entries[anchor.size - 1]},
            "citation": " ".join(self.citation()),
        }


def descriptor(session: Session, edition: Edition, written: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole descriptor; `written` are the resources with their path, bytes, hash and number of rows."""
    rows = session.execute(
        select(SourceDocument.title, SourceDocument.publisher, SourceDocument.url)
        .where(SourceDocument.id.in_(edition.scope.documents()))
        .order_by(SourceDocument.key)
    )
    home = {"homepage": settings().base_url} if settings().base_url else {}
    return {
        "profile": "tabular-data-package",
        "name": NAME,
        "title": " ".join(TITLE),
        "description": " ".join(ABOUT),
        "version": edition.version,
        "created": edition.made.isoformat().replace("+00:00", "Z"),
        **home,
        "keywords": ["承诺", "政府", "commitments", "government", "China"],
        "licenses": [LICENCE],
        "rights": " ".join(RIGHTS),
        "contributors": [{"title": "The tracker's authors", "role": "author"}],
        "sources": [
            {"title": f"{row.title}（{row.publisher}）", **({"path": row.url} if row.url else {})} for row in rows
        ],
        **edition.said(),
        "resources": written,
    }


def schema(resource: Resource) -> dict[str, Any]:
    """A table as Table Schema describes it."""
    return {
        "fields": [_column(column) for column in resource.fields],
        "missingValues": [""],
        "primaryKey": list(resource.key),
        "foreignKeys": [
            {
                "fields": list(key.fields),
                "reference": {"resource": "" if key.table == resource.name else key.table, "fields": list(key.there)},
            }
            for key in resource.foreign
        ],
    }


def _column(column: Field) -> dict[str, Any]:
    holds = {
        **({"required": True} if column.required else {}),
        **({"unique": True} if column.unique else {}),
        **({"enum": [code.value for code in column.codes]} if column.codes else {}),
        **column.bounds,
    }
    return {
        "name": column.name,
        "type": column.kind,
        "title": f"{column.zh} {column.en}",
        **({"description": said} if (said := _about(column)) else {}),
        **({"constraints": holds} if holds else {}),
    }


def _about(column: Field) -> str:
    return f"{column.about[0]}。{column.about[1]}." if any(column.about) else ""


def told(column: Field) -> str:
    """What a column is called and means, as one line."""
    said = _about(column)
    return f"{column.zh} {column.en}" + (f"：{said}" if said else "")


def vocabulary(column: Field) -> str | None:
    """The vocabulary of the codebook that the values of a column are of."""
    return anchor(column.codes.__name__) if column.codes else None
