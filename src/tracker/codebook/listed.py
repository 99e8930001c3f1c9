"""The codebook as a list: what each closed vocabulary is called, and every code with its labels and definitions."""

from __future__ import annotations

import re
from typing import Any

from tracker import codebook
from tracker.codebook.coded import Coded

#: What each vocabulary is called, and what it says of what.
NAMES: dict[str, tuple[str, str, str]] = {
    "Execution": ("执行状态", "Execution", "承诺的事做到了哪一步"),
    "StatusGroup": ("执行状态分组", "Groups of statuses", "逐月图里归并的几类状态，由程序计算，不手工填写"),
    "Outcome": ("成效", "Outcome", "做了之后有没有达到预期效果"),
    "Timeliness": ("到期情况", "Timeliness", "对照到期日处在什么位置，由程序计算，不手工填写"),
    "Light": ("进度灯", "Light of pace", "进度落后于时间多少，由程序计算，不手工填写"),
    "Reason": ("停滞、放弃的原因", "Reason", "承诺为什么停下或者放弃"),
    "Attribution": ("归因", "Attribution", "原因归到谁"),
    "Verdict": ("复核结论", "Verdict", "第二人对一次评估怎么说"),
    "ReviewState": ("复核情况", "State of review", "现行评估复核到了哪一步，由程序计算"),
    "Precision": ("日期精度", "Precision of dates", "评估所述时间不确知到日时，知道到哪一级"),
    "Confidence": ("把握", "Confidence", "一种读法或一次判断有多大把握"),
    "EvidenceOrigin": ("依据出自谁", "Origin of evidence", "依据里是谁在说话"),
    "EvidenceReports": ("依据报道了什么", "What evidence reports", "依据报道的是宣布、审批、开工还是交付等"),
    "EvidenceRelation": ("依据与判断的关系", "Relation of evidence", "依据支持判断、与之相悖，还是只作背景"),
    "Divergence": ("官方说法与依据的出入", "Divergence", "市里的说法和查到的情况差在哪里"),
    "Neglect": ("为何需要再看", "Why to look again", "一条承诺为什么该重新查看"),
    "Kind": ("类别", "Kind", "承诺属于哪一类，由记者的提问决定"),
    "Tense": ("时态", "Tense", "说的是将要做、正在做还是已经做了"),
    "Checkability": ("可核查性", "Checkability", "能不能查清承诺做到没有"),
    "DeadlineKind": ("期限性质", "Kind of deadline", "时段的终点意味着什么"),
    "DeadlineRule": ("期限规则", "Rule of dates", "把原文的时间说法变成起止日期的规则"),
    "PublicationState": ("发布状态", "State of publication", "读者能不能看到这条承诺"),
    "LinkRelation": ("承诺之间的关系", "Tie between commitments", "两条承诺怎样相关，关系不分方向"),
    "TermBasis": ("主题的根据", "Ground of a subject", "凭什么给承诺标上这个主题"),
    "UnitRole": ("单位的角色", "Part of a unit", "单位在承诺里承担什么"),
    "UnitBasis": ("单位角色的根据", "Ground of that part", "凭什么说单位承担这个角色"),
    "Comparator": ("数字的限定", "Comparator", "原文的数字怎样限定数值"),
    "FigureRole": ("数字的用途", "Role of a figure", "原文里的数字用来说明什么"),
    "DocumentKind": ("文本种类", "Kind of document", "来源文本是哪一种"),
    "SourceTier": ("来源层级", "Tier of a source", "来源离说话的人有多近"),
    "LicenceMode": ("可展示范围", "What may be shown", "文本可以展示多少"),
    "MarkReason": ("未编码文字的性质", "Why text holds no commitment", "文字为什么没有承诺，数字为什么不算数据"),
    "JurisdictionLevel": ("行政层级", "Level of jurisdiction", "地方的行政层级"),
    "OrganisationKind": ("机构种类", "Kind of organisation", "机构是哪一种"),
    "Validity": ("政策效力", "Validity of a policy", "政策文件在某一天是否有效"),
    "ObstacleState": ("问题状态", "State of an obstacle", "台账里的问题在某一天处在什么状态"),
    "MappingQuality": ("对照的贴合度", "Quality of a mapping", "执行状态换成别家的说法有多贴合"),
    "CodedField": ("双人编码的字段", "Field coded twice", "由第二位编码者重新编码的字段"),
    "Level": ("测量层次", "Level of measurement", "各种不一致是否同样严重"),
    "Reliability": ("信度", "Reliability", "一致性系数容许得出什么结论"),
    "Role": ("账户角色", "Role of an account", "账户可以做什么，后一级包含前一级"),
    "AuditAction": ("改动种类", "Kind of change", "对一行记录做了什么"),
}

#: Where a word begins in the name of a class.
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def rows() -> list[dict[str, Any]]:
    """One row per code, vocabulary by vocabulary."""
    return [
        {
            "vocabulary": anchor(name), "vocabulary_zh": zh, "vocabulary_en": en, "code": code.value,
            "zh": code.zh, "en": code.en, "definition_zh": code.definition_zh, "definition_en": code.definition_en,
        }
        for name, (zh, en, _) in NAMES.items()
        for code in members(name)
    ]  # fmt: skip


def members(name: str) -> type[Coded]:
    """The vocabulary of that name of `NAMES`."""
    found: type[Coded] = getattr(codebook, name)
    return found


def anchor(name: str) -> str:
    """A vocabulary’s name in addresses and files: `deadline_kind` for `DeadlineKind`."""
    return _WORD.sub("_", name).lower()
