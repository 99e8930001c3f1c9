"""What an address may say: each parameter is declared once, published so, and read so. Anything else is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from tracker.api import checking
from tracker.api.problems import of_parameter
from tracker.api.schemas import DAY, TEXT, Schema, between, code, words
from tracker.codebook import Checkability, DeadlineKind, Execution, Kind, ReviewState, Tense, Timeliness
from tracker.search import LONGEST

#: Rows of a page, where nothing is said, and at most.
USUAL, MOST = 50, 200

#: Longest cursor, in characters.
_CURSOR = 500


@dataclass(frozen=True)
class Parameter:
    """One thing that a request may say: in its address, its path or a header."""

    name: str
    schema: Schema
    zh: str
    en: str
    #: `query`, `path` or `header`
    place: str = "query"
    #: whether it may be said several times: any of the values then
    is_many: bool = False
    is_needed: bool = False
    example: Any = None


def _coded(name: str, codes: Any, zh: str, en: str) -> Parameter:
    return Parameter(name, code(codes), zh, en, is_many=True)


def _day(name: str, zh: str, en: str) -> Parameter:
    return Parameter(name, DAY, zh, en)


AS_OF = _day("as_of", "当天的实际情况；不写为今天", "what was true on that day; today where it is not said")
RECORDED_BY = _day("recorded_by", "只计此日及以前写下的记录", "as written down by the end of that day (UTC)")
VIEW = Parameter(
    "view",
    {"type": "string", "enum": ["public", "desk"]},
    "public：读者所见；desk：编辑台所见，连同草稿、已撤下的和未复核的，须有令牌",
    "public: what readers see; desk: what the desk sees, with drafts, what was withdrawn and what nobody has"
    " reviewed,"
    " for those with a token",
)
CITY = Parameter(
    "city",
    words(),
    "城市：行政区划代码、拼音或中文名",
    "a city by GB/T 2260 code, slug or Chinese name",
    is_many=True,
    example="chenzhou",
)
COMMITMENT = Parameter("commitment", words(), "承诺编号", "code of a commitment", is_many=True)
LIMIT = Parameter("limit", between(1, MOST), f"一页几条，默认 {USUAL}", f"rows of a page; {USUAL} where not said")
CURSOR = Parameter("cursor", words(_CURSOR, least=1), "游标：照抄 next 里的", "cursor: as it stands in `next`")

CUTOFF = (AS_OF, RECORDED_BY, VIEW)
PAGED = (LIMIT, CURSOR)

#: What narrows a list of commitments, as the list of the desk is narrowed.
NARROWING = (
    CITY,
    Parameter(
        "search",
        words(LONGEST, least=1),
        "承诺的原话、标题或单位里须有的词",
        "words that its quote, title or units hold",
    ),
    _coded("kind", Kind, "类别", "kind"),
    _coded("status", Execution, "执行状态", "status"),
    _coded("timeliness", Timeliness, "到期情况", "timeliness"),
    _coded("deadline", DeadlineKind, "期限性质", "kind of deadline"),
    _coded("tense", Tense, "时态", "tense"),
    _coded("checkability", Checkability, "可核查性", "checkability"),
    _coded("review", ReviewState, "复核情况", "where it stands in review"),
    Parameter(
        "term",
        words(),
        "词条代码，或 词表/词条",
        "code of a term, or vocabulary/term",
        is_many=True,
        example="sector/big-data",
    ),
    Parameter("unit", words(), "责任单位代码", "code of a unit that has a part in it", is_many=True),
    Parameter("disputed", {"type": "string", "enum": ["1", "0"]}, "依据是否相左", "whether its sources disagree"),
    _day("due_by", "完成期限不晚于此日", "to be completed by this day"),
    _day("next_check_by", "下次查看不晚于此日", "to be looked at again by this day"),
    _day("not_checked_since", "此日以来没有查过", "nobody has searched up to this day"),
    Parameter(
        "match",
        {"type": "string", "enum": ["all", "any"]},
        "条件全部满足（默认）或任一满足；城市和检索总须满足",
        "all conditions hold (usual), or at least one; city and search always do",
    ),
)

IF_NONE_MATCH = Parameter(
    "If-None-Match",
    TEXT,
    "上次答复的 ETag：没有变化则答 304",
    "ETag of an earlier answer: 304 where nothing has changed",
    place="header",
)


def in_path(name: str, zh: str, en: str, example: Any, schema: Schema = TEXT) -> Parameter:
    """A part of the path."""
    return Parameter(name, schema, zh, en, place="path", is_needed=True, example=example)


def given(declared: Sequence[Parameter]) -> dict[str, Any]:
    """What the address of the request says, by name: a value, or a tuple of them where several may be said.

    Raises `Problem` (400) for a name that is not declared, a value that is not allowed, or one said twice.
    """
    known = {one.name: one for one in declared if one.place == "query"}
    for name in request.args:
        if name not in known:
            allowed = ", ".join(known)
            raise of_parameter(name, f"没有这个参数；可用：{allowed}", f"is no parameter; allowed: {allowed}")
    found: dict[str, Any] = {}
    for name in dict.fromkeys(request.args):
        values = [_read(known[name], text) for text in request.args.getlist(name)]
        if len(values) > 1 and not known[name].is_many:
            raise of_parameter(name, "只能写一次", "can be said once only")
        found[name] = tuple(dict.fromkeys(values)) if known[name].is_many else values[0]
    return found


def _read(parameter: Parameter, text: str) -> Any:
    value: Any = text
    if parameter.schema["type"] == "integer" and text.isascii() and text.isdecimal() and len(text) < 10:
        value = int(text)
    elif not text.strip():
        raise of_parameter(parameter.name, "不能为空", "must not be empty")
    for wrong in checking.wrongs(parameter.schema, value):
        raise of_parameter(parameter.name, f"“{text[:40]}”{wrong.zh}", f"“{text[:40]}” {wrong.en}")
    return value
