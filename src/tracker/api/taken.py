"""The shapes that the API takes, by name; what is sent is checked by them before anything else looks at it."""

from __future__ import annotations

from tracker.api.schemas import DAY, Schema, between, code, maybe, rows, said, thing, words
from tracker.codebook import (
    Attribution,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
    Verdict,
)
from tracker.rules import LONGEST_ADDRESS, LONGEST_TEXT

#: Most pieces of evidence, and searches, of one assessment.
_MOST = 20

_LONG = words(LONGEST_TEXT)

_SOURCE = thing(
    {
        "url": said(
            words(LONGEST_ADDRESS, least=1), "网址，以 http:// 或 https:// 开头", "address, http:// or https://"
        ),
        "relation": said(
            code(EvidenceRelation), "与结论的关系，默认 supports", "how it speaks; supports where not said"
        ),
        "reports": maybe(code(EvidenceReports)),
        "origin": maybe(code(EvidenceOrigin)),
        "title": maybe(words()),
        "publisher": maybe(words()),
        "published_on": maybe(DAY),
        "retrieved_on": maybe(DAY),
        "excerpt": maybe(_LONG),
        "fact_date": said(maybe(words()), "所报事实的时间（EDTF）", "the time that the reported fact is of, as EDTF"),
        "shows_zh": maybe(_LONG),
        "shows_en": maybe(_LONG),
        "caveat_zh": maybe(_LONG),
        "caveat_en": maybe(_LONG),
    },
    needed=("url",),
)

_SEARCH = thing(
    {
        "searched_in": said(words(least=1), "检索处", "where"),
        "query": said(words(least=1), "检索词", "for what"),
        "searched_on": said(maybe(DAY), "检索日期，默认今天", "when; today where not said"),
        "results_read": maybe(between(0, 2**31 - 1)),
    },
    needed=("searched_in", "query"),
)

_FINDING = thing(
    {
        "execution": said(code(Execution), "执行状态", "status"),
        "effective_on": said(DAY, "状态生效日", "the day it is true of"),
        "reviewed_up_to": said(DAY, "核查截止日", "cut-off day of the search it rests on"),
        "summary": said(words(LONGEST_TEXT, least=1), "核查结论（一句话）", "what was found, in a sentence"),
        "evidence": rows(_SOURCE, _MOST),
        "searches": rows(_SEARCH, _MOST),
        "outcome": maybe(code(Outcome)),
        "summary_en": maybe(_LONG),
        "effective_precision": said(
            maybe(code(Precision)),
            "只知到月或年时；日期记其最后一天",
            "where only the month or year is known, of which it is the last day",
        ),
        "official_claim": said(maybe(code(Execution)), "官方自己的说法", "what the city itself says"),
        "claim_source": said(
            maybe(words(LONGEST_ADDRESS)), "官方说法的出处，须在所列依据之中", "which of the addresses says so"
        ),
        "progress": maybe(_LONG),
        "problems": maybe(_LONG),
        "next_steps": maybe(_LONG),
        "progress_share": said(maybe(between(0, 1, "number")), "完成比例，0 至 1", "achieved share, 0 to 1"),
        "reason": maybe(code(Reason)),
        "attribution": maybe(code(Attribution)),
        "confidence": maybe(code(Confidence)),
        "corrects": said(maybe(between(1, 2**31 - 1)), "所更正的评估", "id of the assessment that this one corrects"),
        "next_check": said(maybe(DAY), "下次查看；不写则不变", "when to look again; stays where not said"),
    },
    needed=("execution", "effective_on", "reviewed_up_to", "summary"),
)

_VERDICT = thing(
    {
        "verdict": said(code(Verdict), "approve 通过，return 退回", "approve or return"),
        "note": said(maybe(_LONG), "退回须写明理由", "a return says why"),
    },
    needed=("verdict",),
)

TAKEN: dict[str, Schema] = {"NewAssessment": _FINDING, "NewReview": _VERDICT}
