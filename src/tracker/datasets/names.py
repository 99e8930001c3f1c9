"""What the columns of the data sets are called, in Chinese and English, where the ledger's own names do not say it."""

from __future__ import annotations

from typing import Any

from tracker.column_names import NAMES

#: Names beside those of the ledger; one that means something else in one table stands under `table.column`.
_OWN: dict[str, tuple[str, str]] = {
    "cities.code": NAMES["jurisdiction.code"],
    "cities.parent": ("所属省（代码）", "Province (code)"),
    "posts.city": ("所在地（代码）", "Place (code)"),
    "organisations.city": ("所在地（代码）", "Place (code)"),
    "documents.city": ("所在地（代码）", "Place (code)"),
    "post_holdings.start": NAMES["post_holding.start"],
    "post_holdings.end": NAMES["post_holding.end"],
    "supersedes": NAMES["supersedes_id"],
    "city": ("城市（代码）", "City (code)"),
    "turns.key": ("问答号", "Key"),
    "turn": ("问答（turns 表的 key）", "Question and answer (key of turns)"),
    "question": ("提问原文", "Question as asked"),
    "quote": ("原话", "Quote"),
    "prefix": ("原话之前的文字", "Words before the quote"),
    "suffix": ("原话之后的文字", "Words after the quote"),
    "start": ("起点（字符）", "From (characters)"),
    "end": ("终点（字符）", "To (characters)"),
    "is_leaf": ("没有分项", "Has no parts"),
    "completion_evidence": NAMES["completion_zh"],
    "completion_evidence_en": NAMES["completion_en"],
    "disputed": ("来源说法不一", "Sources disagree"),
    "timeliness": ("到期情况", "Timeliness"),
    "standings.due_on": ("现行完成期限", "Completion date in force"),
    "horizon_until": ("行动时段止", "Horizon until"),
    "slippage_days": ("较原定顺延天数", "Days it was moved"),
    "light": ("进度灯", "Light of pace"),
    "elapsed_share": ("时间过去的比例", "Share of time elapsed"),
    "official_claim_source": NAMES["official_claim_source_id"],
    "corrects": NAMES["corrects_id"],
    "figures.unit": NAMES["stated_figure.unit"],
    "figures.role": NAMES["stated_figure.role"],
    "commitment_units.role": ("角色", "Part"),
    "figures.unit_vocabulary": ("计量单位所属词表", "Vocabulary of the unit"),
    "category_vocabulary": ("类别所属词表", "Vocabulary of the category"),
    "words": ("原文词句", "Words of the text"),
    "validity": ("效力", "Validity"),
    "policy": ("政策文件", "Policy document"),
    "obstacles.title": NAMES["obstacle.title"],
    "obstacles.note": NAMES["obstacle_closing.note"],
    "closing_recorded_at": ("销号记录时间", "Closing recorded"),
    "a": NAMES["a_id"],
    "b": NAMES["b_id"],
    "vocabulary_zh": ("词表中文名", "Vocabulary in Chinese"),
    "vocabulary_en": ("词表英文名", "Vocabulary in English"),
    "zh": ("中文标签", "Label in Chinese"),
    "en": ("英文标签", "Label in English"),
    "codebook.code": ("代码", "Code"),
}

#: What a column means, where its name does not say it all.
ABOUT: dict[str, tuple[str, str]] = {
    "commitments.code": ("永久编号，不再他用", "permanent, never used again"),
    "parent": ("所属总项的编号；总项不在本数据集内的留空", "its head, where that is in the data set"),
    "stands_alone": (
        "总项自身许诺了分项之外的内容，单独计数",
        "a head whose own words promise something no part covers",
    ),
    "quote": ("逐字取自文献，许可不允许展示的留空", "word for word from the document; empty where the licence forbids"),
    "start": ("从 0 起数的 Unicode 码位", "Unicode code points, counted from 0"),
    "end": ("从 0 起数的 Unicode 码位，不含终点", "Unicode code points, counted from 0, end excluded"),
    "text": ("许可允许全文展示的才有", "only where the licence allows the full text"),
    "documents.sha256": ("全文 UTF-8 编码的 SHA-256", "SHA-256 of the whole text in UTF-8"),
    "timeliness": ("由程序按现行期限计算", "computed against the deadline in force"),
    "standings.assessment": ("现行评估；未核查的为空", "the assessment by which it stands; empty where there is none"),
    "standings.verdict": (
        "第二人对现行评估的意见；未复核的为空",
        "a second person’s, of the standing assessment; empty while none",
    ),
    "assessments.verdict": (
        "第二人最后的意见；退回的不作数",
        "a second person’s last; what was returned does not stand",
    ),
    "corrects": ("这次评估更正的是哪一次", "the earlier assessment that this one replaces"),
    "effective_on": (
        "只知到月或年的，记为该月或该年最后一天",
        "the last day of the month or year where no more is known",
    ),
    "progress_share": ("0 到 1", "0 to 1"),
    "elapsed_share": ("测量当天，0 到 1", "on the day of measurement, 0 to 1"),
    "figures.commitment": ("不属于任何承诺的统计数字留空", "empty for a statistic that belongs to no commitment"),
    "measurements.value": ("与原文数字同单位", "in the unit of the stated figure"),
    "date": ("EDTF；版面没有写日的不补写", "EDTF; a day that the page does not give is not made up"),
    "recorded_at": ("写入台账的时间（UTC）", "when the ledger took it in (UTC)"),
}


_SHARE = {"minimum": 0, "maximum": 1}
_SHA256 = {"pattern": "[0-9a-f]{64}"}
_PLACE = {"minimum": 0}

#: What else holds of a column, as Table Schema says it.
BOUNDS: dict[str, dict[str, Any]] = {
    "cities.code": {"pattern": "[0-9]{6}|[A-Z]{2}(-[A-Z0-9]{1,3})?"},
    "sha256": _SHA256,
    "raw_sha256": _SHA256,
    "progress_share": _SHARE,
    "elapsed_share": _PLACE,
    "start": _PLACE,
    "end": _PLACE,
    "position": {"minimum": 1},
    "evidence.url": {"pattern": "https?://[\\s\\S]*"},
    "post_holdings.start": {},
    "post_holdings.end": {},
}


def named(table: str, column: str) -> tuple[str, str]:
    """What a column of a table is called, in Chinese and English."""
    for name in (f"{table}.{column}", column):
        if name in _OWN:
            return _OWN[name]
    return NAMES[column]
