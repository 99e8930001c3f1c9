"""What each column is called at the desk, in both languages.

A name that means something else in one table stands under `table.column`.
"""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString

from tracker.language import lazy, t

_NAMES: dict[str, tuple[str, str]] = {
    # whose, which, where
    "id": ("序号", "Number"),
    "code": ("编号", "Code"),
    "key": ("文献号", "Key"),
    "name": ("姓名", "Name"),
    "name_zh": ("中文名", "Name in Chinese"),
    "name_en": ("英文名", "Name in English"),
    "title": ("标题", "Title"),
    "title_zh": ("中文标题", "Title in Chinese"),
    "title_en": ("英文标题（译）", "Title in English (translation)"),
    "kind": ("类别", "Kind"),
    "position": ("次序", "Order"),
    "parent": ("上级", "Part of"),
    "jurisdiction": ("地区", "Jurisdiction"),
    "person": ("人", "Person"),
    "post": ("职务", "Post"),
    "organisation": ("单位", "Unit"),
    "vocabulary": ("词表", "Vocabulary"),
    "terms": ("词条", "Terms"),
    "units": ("责任单位", "Units"),
    "document": ("文献", "Document"),
    "commitment": ("承诺", "Commitment"),
    "commitments": ("相关承诺（编号）", "Commitments (codes)"),
    "note_zh": ("备注（中文）", "Note in Chinese"),
    "note_en": ("备注（英文）", "Note in English"),
    "url": ("网址", "Address"),
    # places and offices
    "jurisdiction.code": ("行政区划代码（GB/T 2260）", "GB/T 2260 code"),
    "iso_code": ("ISO 3166-2 代码（仅省级）", "ISO 3166-2 code (provinces)"),
    "slug": ("网址用名", "Name in addresses"),
    "level": ("层级", "Level"),
    "post_holding.start": ("任职起（EDTF，未知留空）", "From (EDTF; empty where unknown)"),
    "post_holding.end": ("任职止（EDTF，未知留空）", "To (EDTF; empty where unknown)"),
    # policies
    "number": ("文号", "Document number"),
    "valid_from": ("执行时限起", "Valid from"),
    "valid_to": ("执行时限止", "Valid to"),
    "unit": ("责任单位", "Responsible unit"),
    "responsible_person": ("责任人", "Responsible person"),
    "contact": ("联系方式", "Contact"),
    # commitments
    "secondary_kind": ("内容另属", "By content also"),
    "tense": ("时态", "Tense"),
    "tense_confidence": ("时态把握", "Confidence in the tense"),
    "tense_words": ("时态所据词句", "Words the tense rests on"),
    "tense_note_zh": ("时态说明（中文）", "Note on the tense, Chinese"),
    "tense_note_en": ("时态说明（英文）", "Note on the tense, English"),
    "deadline_text": ("期限用语", "Deadline as said"),
    "deadline_kind": ("期限性质", "Kind of deadline"),
    "deadline_rule": ("期限规则", "Deadline rule"),
    "window_start": ("时段起", "Window from"),
    "window_end": ("时段止", "Window to"),
    "checkability": ("可核查性", "Checkability"),
    "completion_zh": ("怎样算完成（中文）", "What would show completion, Chinese"),
    "completion_en": ("怎样算完成（英文）", "What would show completion, English"),
    "beneficiaries_zh": ("受益方（中文）", "Beneficiaries, Chinese"),
    "beneficiaries_en": ("受益方（英文）", "Beneficiaries, English"),
    "stands_alone": ("总项独立计数", "Head counted on its own"),
    "publication_state": ("发布状态", "Publication"),
    "next_check": ("下次查看", "Next check"),
    "row_version": ("版本", "Version"),
    # assessments, evidence, searches
    "execution": ("执行状态", "Status"),
    "outcome": ("成效", "Outcome"),
    "official_claim": ("官方说法", "Official claim"),
    "official_claim_source_id": ("官方说法出处", "Source of the claim"),
    "effective_on": ("状态生效日", "True of"),
    "reviewed_up_to": ("核查截止日", "Reviewed up to"),
    "recorded_at": ("记录时间", "Recorded"),
    "summary": ("核查结论（一句话）", "Summary"),
    "progress": ("进展", "Progress"),
    "problems": ("问题", "Problems"),
    "next_steps": ("下一步", "Next steps"),
    "progress_share": ("完成比例", "Achieved share"),
    "reason": ("原因", "Reason"),
    "attribution": ("归因", "Attribution"),
    "confidence": ("把握程度", "Confidence"),
    "analyst": ("分析员", "Analyst"),
    "codebook_version": ("编码手册版本", "Codebook version"),
    "corrects_id": ("更正的评估", "Corrects assessment"),
    "publisher": ("发布者", "Publisher"),
    "published_on": ("发布日期", "Published"),
    "retrieved_on": ("获取日期", "Retrieved"),
    "excerpt": ("摘录", "Excerpt"),
    "sha256": ("SHA-256", "SHA-256"),
    "file": ("存档文件", "Archived file"),
    "origin": ("来源方", "Origin"),
    "reports": ("报道内容", "Reports"),
    "searched_in": ("检索处", "Searched in"),
    "query": ("检索词", "Searched for"),
    "searched_on": ("检索日期", "Searched on"),
    "results_read": ("已读结果数", "Results read"),
    # documents and figures
    "language": ("语言", "Language"),
    "author": ("作者", "Author"),
    "text": ("全文", "Full text"),
    "kicker": ("引题", "Kicker"),
    "headline": ("版面标题", "Headline on the page"),
    "byline": ("署名行", "Byline"),
    "date": ("日期（EDTF）", "Date (EDTF)"),
    "date_note_zh": ("日期说明（中文）", "Note on the date, Chinese"),
    "date_note_en": ("日期说明（英文）", "Note on the date, English"),
    "archived_url": ("存档网址", "Archived address"),
    "source_tier": ("来源层级", "Tier"),
    "licence_mode": ("可展示范围", "May be shown"),
    "raw_sha256": ("原始文件 SHA-256", "SHA-256 of the raw file"),
    "value": ("数值", "Value"),
    "stated_figure.unit": ("单位", "Unit"),
    "comparator": ("比较", "Comparator"),
    "what_zh": ("指标（中文）", "What, Chinese"),
    "what_en": ("指标（英文）", "What, English"),
    "period": ("时期", "Period"),
    "stated_figure.role": ("用途", "Used as"),
    # accounts and audit
    "email": ("电子邮箱", "E-mail"),
    "password": ("密码", "Password"),
    "fs_uniquifier": ("会话标识", "Session mark"),
    "role": ("角色", "Role"),
    "active": ("启用", "Active"),
    "at": ("时间", "When"),
    "actor": ("署名", "By"),
    "action": ("操作", "Action"),
    "table_name": ("表", "Table"),
    "row_key": ("行", "Row"),
    "changes": ("改动", "Changes"),
}

_TABLES = {
    "commitment": ("承诺", "Commitment"),
    "commitment_link": ("承诺关联", "Link of commitments"),
    "commitment_term": ("承诺标签", "Term of a commitment"),
    "commitment_unit": ("承诺责任单位", "Unit of a commitment"),
    "jurisdiction": ("地区", "Jurisdiction"),
    "person": ("人物", "Person"),
    "post": ("职务", "Post"),
    "post_holding": ("任职", "Holding of a post"),
    "organisation": ("单位", "Unit"),
    "vocabulary": ("词表", "Vocabulary"),
    "term": ("词条", "Term"),
    "policy_document": ("政策文件", "Policy document"),
    "source_document": ("文献", "Source document"),
    "turn": ("问答", "Question and answer"),
    "passage": ("引文段", "Passage"),
    "passage_mark": ("段落标记", "Mark of a passage"),
    "stated_figure": ("原文数字", "Stated figure"),
    "evidence": ("依据", "Evidence"),
    "search_log": ("检索记录", "Search"),
    "status_assessment": ("评估", "Assessment"),
    "assessment_evidence": ("评估所引依据", "Evidence cited"),
    "user": ("账户", "Account"),
}


def _pair(table: str, column: str) -> tuple[str, str] | None:
    short = column.removesuffix("_id")
    return next((_NAMES[name] for name in (f"{table}.{column}", column, short) if name in _NAMES), None)


def of(table: str, column: str) -> str:
    """What a column is called; a name that is not known here stands as it is (the audit is older than any list)."""
    found = _pair(table, column)
    return t(*found) if found else column


def declared(table: str, column: str) -> LazyString:
    """`of` for a view that is being declared. Raises `KeyError` for a column without a name."""
    found = _pair(table, column)
    if found is None:
        raise KeyError(f"{table}.{column} has no name in labels.py")
    return lazy(*found)


def table(name: str) -> str:
    """What the rows of a table are called."""
    return t(*_TABLES[name]) if name in _TABLES else name


class Columns(dict[str, Any]):
    """What Flask-Admin looks the labels of a table's columns up in; a column without a name stops the start."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.table = table

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return declared(self.table, name)

    def get(self, name: str, _default: Any = None) -> Any:
        """The label, whatever the default."""
        return self[name]
