"""What a question is: a name, a sentence that says what it selects, its columns, and the `Select` that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from tracker.codebook import Kind
from tracker.filters import NOW, CommitmentFilter
from tracker.models import Term, Vocabulary
from tracker.standings import Cutoff
from tracker.standings import Question as Rows

#: Days without a look that `stale` asks for where none are given.
DAYS = 90

#: Longest time without a look that can be asked for, in days.
MOST_DAYS = 36500

#: What a question can be narrowed by, beside the two days that each takes: name → what it is called.
PARAMETERS = {
    "city": ("城市", "City"),
    "kind": ("类别", "Kind"),
    "by": ("截止日", "By"),
    "days": ("天数", "Days"),
    "sector": ("行业", "Sector"),
}


@dataclass(frozen=True)
class Asked:
    """What a question is asked for; the same for command line and desk."""

    #: GB/T 2260 code
    city_code: str | None = None
    kind: Kind | None = None
    #: last day of what falls due; the day asked where none is given
    by: date | None = None
    #: how long nobody has looked
    days: int = DAYS
    #: code of a term of the vocabulary `sector`
    sector: str | None = None
    cutoff: Cutoff = NOW

    def which(self) -> CommitmentFilter:
        """The commitments that city and kind leave."""
        return CommitmentFilter(
            cities=(self.city_code,) if self.city_code else (),
            kinds=(self.kind,) if self.kind else (),
            cutoff=self.cutoff,
        )

    def until(self) -> date:
        """The last day of what falls due."""
        return self.by or self.cutoff.day()


class Shape(StrEnum):
    """How a column is shown."""

    PLAIN = "plain"
    #: the code of a commitment, which leads to it
    CODE = "code"
    STATUS = "status"
    #: long words
    TEXT = "text"
    #: the words of the text; `beside` holds the part that is this row's alone
    QUOTE = "quote"
    #: a title, or an address; `beside` holds the address of a title
    LINK = "link"
    #: a share of 1
    SHARE = "share"


@dataclass(frozen=True)
class Column:
    """A column of an answer."""

    zh: str
    en: str
    #: names of its values in the row: one, or one for each language
    keys: tuple[str, ...]
    shape: Shape = Shape.PLAIN
    #: name of what is shown with it
    beside: str = ""

    def key(self, language: str) -> str:
        """The name of its value in `zh` or `en`."""
        return self.keys[0] if language == "zh" else self.keys[-1]

    def value(self, row: Mapping[str, Any], language: str) -> Any:
        """Its value in a row, in `zh` or `en`; the Chinese where nobody wrote the English."""
        return row[self.key(language)] or row[self.keys[0]]

    def names(self) -> tuple[str, ...]:
        """Every name that it takes in a file."""
        return (*self.keys, self.beside) if self.beside else self.keys


@dataclass(frozen=True)
class Question:
    """A question that analysts ask, with the `Select` that answers it."""

    #: in addresses and on the command line
    name: str
    zh: str
    en: str
    #: what is selected and how it is sorted, exactly
    sentence_zh: str
    sentence_en: str
    columns: tuple[Column, ...]
    #: every row that answers; what it names beyond the columns is not shown
    rows: Callable[[Asked], Rows]
    parameters: tuple[str, ...] = ("city", "kind")
    #: those it cannot be asked without
    required: tuple[str, ...] = ()
    #: name of the value that parts the rows into sections
    sections: Column | None = None

    def names(self) -> list[str]:
        """Names of the values of a row, in their order."""
        columns = (*((self.sections,) if self.sections else ()), *self.columns)
        return [name for column in columns for name in column.names()]

    def select(self, asked: Asked) -> Rows:
        """The answer: just the columns, in order."""
        found = self.rows(asked)
        return found.with_only_columns(*(found.selected_columns[name] for name in self.names()))


def sectors() -> Rows:
    """The terms that `sector` takes: code, name_zh, name_en, in order."""
    rows = select(Term.code, Term.name_zh, Term.name_en).join(Vocabulary, Vocabulary.id == Term.vocabulary_id)
    return rows.where(Vocabulary.code == "sector").order_by(Term.position, Term.code)


CODE = Column("编号", "Code", ("code",), Shape.CODE)
CITY = Column("城市", "City", ("city", "city_en"))
TITLE = Column("标题", "Title", ("title_zh", "title_en"), Shape.TEXT)
QUOTE = Column("原话", "Quote", ("quote",), Shape.QUOTE, beside="focus")
KIND = Column("类别", "Kind", ("kind",))
STATUS = Column("执行状态", "Status", ("execution",), Shape.STATUS)
VERDICT = Column("复核", "Review", ("verdict",))
EFFECTIVE = Column("状态生效日", "True of", ("effective_on",))
SUMMARY = Column("核查结论", "Summary", ("summary", "summary_en"), Shape.TEXT)
SHOWN_BY = Column("怎样算完成", "What would show it", ("completion_evidence", "completion_evidence_en"), Shape.TEXT)
EVIDENCE = Column("最近依据", "Last evidence", ("evidence_title",), Shape.LINK, beside="evidence_url")
PUBLISHED = Column("依据发布日", "Published", ("evidence_published_on",))
