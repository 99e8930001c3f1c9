"""What a column of an imported table can mean: facts of a commitment, where they are from, and follow-ups.

A table may hold several follow-ups a row: `followup2.summary` is the summary of the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.cells import plain
from tracker.codebook import (
    Checkability,
    Confidence,
    DeadlineRule,
    DocumentKind,
    JurisdictionLevel,
    Kind,
    LicenceMode,
    PublicationState,
    SourceTier,
    Tense,
    UnitBasis,
)
from tracker.pasted import COLUMNS, Column
from tracker.records import FIELDS

#: Most follow-ups of a row.
MOST_FOLLOWUPS = 9

#: What a commitment is known by, and the words that it rests on.
_IDENTITY = (
    Column("code", "编号", "Code", required=True,
           also=("承诺编号", "commitment id", "id", "identifier", "promise id", "measure id", "measure no")),
    Column("code_prefix", "编号前缀", "Prefix of the code"),
    Column("parent", "上级编号", "Parent", also=("parent id", "parent code", "总项编号", "head")),
    Column("parent_title", "上级原话", "Words of the parent", also=("总项", "重点任务", "parent title", "parent text")),
    Column("quote", "原话", "Words", also=(
        "事项", "工作事项", "承诺", "承诺内容", "工作任务", "任务", "任务内容", "工作内容", "举措", "措施", "目标任务",
        "commitment", "commitment text", "promise", "measure", "action", "pledge", "text", "description")),
    Column("focus", "其中", "Focus"),
)  # fmt: skip

#: Where it is said, by whom.
_SOURCE = (
    Column("city", "城市", "City", also=("地区", "行政区划代码", "city_code", "jurisdiction", "place")),
    Column("city_zh", "城市中文名", "Name of the city in Chinese"),
    Column("city_en", "城市英文名", "Name of the city in English"),
    Column("city_level", "行政级别", "Level of the place", JurisdictionLevel),
    Column("speaker", "讲话人", "Speaker", also=("承诺人", "made by")),
    Column("speaker_en", "讲话人英文名", "Speaker in English"),
    Column("post", "职务", "Post", also=("office",)),
    Column("post_en", "职务英文名", "Post in English"),
    Column("document", "文献", "Document", also=("文献标识", "document key")),
    Column("document_title", "文献标题", "Title of the document", also=("document name",)),
    Column("document_publisher", "文献发布者", "Publisher of the document"),
    Column("document_date", "文献日期", "Date of the document"),
    Column("document_url", "文献网址", "Address of the document", also=("document link",)),
    Column("document_kind", "文献种类", "Kind of document", DocumentKind),
    Column("document_language", "文献语言", "Language of the document"),
    Column("document_source_tier", "来源层级", "Source tier", SourceTier),
    Column("document_licence", "可显示程度", "What may be shown", LicenceMode),
)  # fmt: skip

#: How it is coded.
_CODING = (
    Column("title_zh", "标题", "Title", also=("中文标题", "chinese title")),
    Column("title_en", "英文标题", "Title in English", also=("english title",)),
    Column("kind", "类别", "Kind", Kind),
    Column("secondary_kind", "另属类别", "Secondary kind", Kind),
    Column("tense", "时态", "Tense", Tense),
    Column("tense_confidence", "时态把握", "Confidence of the tense", Confidence),
    Column("tense_words", "时态依据", "Words of the tense"),
    Column("tense_note_zh", "时态存疑", "Doubt about the tense"),
    Column("tense_note_en", "时态存疑（英文）", "Doubt about the tense in English"),
    Column("deadline_text", "完成时限", "Deadline",
           also=("时限", "期限", "完成时间", "截止时间", "due", "due date", "by when")),
    Column("deadline_rule", "期限规则", "Rule of the deadline", DeadlineRule),
    Column("checkability", "可核查性", "Checkability", Checkability),
    Column("completion_zh", "完成标志", "Shown by", also=("completion_evidence", "怎样算完成")),
    Column("completion_en", "完成标志（英文）", "Shown by, in English", also=("completion_evidence_en",)),
    Column("beneficiaries_zh", "受益者", "For whom"),
    Column("beneficiaries_en", "受益者（英文）", "For whom, in English"),
    Column("note_zh", "备注", "Note", also=("notes", "comments")),
    Column("note_en", "备注（英文）", "Note in English"),
    Column("unit_lead", "牵头单位", "Lead unit", also=("牵头部门", "lead agency", "lead institution", "lead")),
    Column("unit_responsible", "责任单位", "Responsible unit",
           also=("责任部门", "承办单位", "agencies", "agency", "responsible agency", "responsible", "department")),
    Column("unit_support", "配合单位", "Supporting unit",
           also=("协办单位", "配合部门", "supporting agencies", "supporting units", "support", "other actors")),
    Column("unit_supervising", "督办单位", "Supervising unit", also=("督办部门",)),
    Column("units_lead_first", "责任单位（首列为牵头）", "Units, the first of them leading"),
    Column("unit_basis", "单位依据", "How the units are known", UnitBasis),
    Column("units", "单位（JSON）", "Units as JSON"),
    Column("term", "主题", "Subject", also=("theme", "topic", "policy area", "sector", "领域", "主题词")),
    Column("vocabulary", "主题词表", "Vocabulary of the subject"),
    Column("terms", "主题（JSON）", "Subjects as JSON"),
    Column("publication_state", "发布状态", "Publication state", PublicationState),
)  # fmt: skip

COMMITMENT = (*_IDENTITY, *_SOURCE, *_CODING)

#: What can be said of a follow-up: as in a pasted sheet; the evidence may be several addresses in one cell.
FOLLOWUP = tuple(column for column in COLUMNS if column.name not in {"code", "next_check"})
NEXT_CHECK = next(column for column in COLUMNS if column.name == "next_check")

#: Headings of a follow-up that task tables use.
_ALSO_FOLLOWUP = {
    "进展情况": "progress", "工作进展": "progress", "存在问题": "problems", "存在的问题": "problems",
    "下一步打算": "next_steps", "下一步工作": "next_steps", "佐证": "url", "佐证材料": "url", "evidence": "url",
    "sources": "url", "source url": "url", "links": "url", "rating": "execution", "completion status": "execution",
    "progress update": "summary", "status as of": "effective_on", "status date": "effective_on",
}  # fmt: skip

#: Targets that several columns may share: what they hold is put together.
SHARED = frozenset(
    {"unit_lead", "unit_responsible", "unit_support", "unit_supervising", "units_lead_first", "term", "url"}
)

#: What an export holds and an import does not take: computed, or said elsewhere.
_TAKEN = {column.name for column in (*COMMITMENT, *FOLLOWUP, NEXT_CHECK)}
COMPUTED = frozenset(
    {*FIELDS, "scheme", "scheme_status", "scheme_status_zh", "scheme_status_en", "scheme_match"}
    - _TAKEN
    - {"completion_evidence", "completion_evidence_en", "city_code"}
)

_OF_FOLLOWUP = re.compile(r"followup([1-9])\.([a-z_]+)")


@dataclass(frozen=True)
class Target:
    """What a column means: a fact of the commitment (`followup` 0), or of its first, second … follow-up."""

    column: Column
    followup: int = 0

    @property
    def name(self) -> str:
        """As it is written: `quote`, `summary`, `followup2.summary`."""
        return f"followup{self.followup}.{self.column.name}" if self.followup > 1 else self.column.name


#: Name → target, as far as the third follow-up.
NAMED = {
    **{column.name: Target(column) for column in (*COMMITMENT, NEXT_CHECK)},
    **{Target(column, number).name: Target(column, number) for number in (1, 2, 3) for column in FOLLOWUP},
}
#: Facts of a commitment that an export calls as a follow-up would: those of the follow-up count.
_SPELLINGS: dict[str, str] = (
    {
        plain(said): column.name
        for columns in (FOLLOWUP, (*COMMITMENT, NEXT_CHECK))
        for column in columns
        for said in (column.name, column.zh, column.en, *column.also)
    }
    | {plain(said): name for said, name in _ALSO_FOLLOWUP.items()}
    | {plain("title"): "title_zh", plain("city_code"): "city"}
)


def target(name: str) -> Target | None:
    """The target of a name, as code or heading, or none."""
    if found := _OF_FOLLOWUP.fullmatch(name.strip()):
        held = NAMED.get(found[2])
        return Target(held.column, int(found[1])) if held and held.followup else None
    return NAMED.get(name.strip()) or NAMED.get(_SPELLINGS.get(plain(name), ""))


def suggested(headings: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What headings say by themselves: heading → targets. Nothing is guessed at, and no target is given twice."""
    found: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    # In an export, the code of the city says more than its name.
    left_out = {"city", "title"} if "city_code" in headings else set()
    for heading in headings:
        name = None if heading in COMPUTED or heading in left_out else _SPELLINGS.get(plain(heading))
        # Beside the code of the head, what is called just “Parent” holds its words.
        if plain(heading) == "parent" and any(_SPELLINGS.get(plain(one)) == name for one in headings if one != heading):
            name = "parent_title"
        meant = NAMED[name] if name else None
        if meant and (meant.name not in taken or meant.column.name in SHARED):
            taken.add(meant.name)
            found[heading] = (meant.name,)
    return found


def is_shared(name: str) -> bool:
    """Whether several columns may have the target of this name."""
    return name.rpartition(".")[2] in SHARED


def everything() -> Iterator[Target]:
    """Every target, those of the second follow-up and on left out."""
    return (one for one in NAMED.values() if one.followup < 2)
