"""The shapes that the API takes, by name; what is sent is checked by them before anything else looks at it."""

from __future__ import annotations

from tracker.api.schemas import DAY, TRUTH, Schema, between, code, maybe, rows, said, thing, words
from tracker.codebook import (
    Attribution,
    Checkability,
    Confidence,
    DeadlineRule,
    DocumentKind,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    JurisdictionLevel,
    Kind,
    LicenceMode,
    Outcome,
    Precision,
    PublicationState,
    Reason,
    SourceTier,
    Tense,
    TermBasis,
    UnitBasis,
    UnitRole,
    Verdict,
)
from tracker.models import LONG
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

_LINES = words(LONG)

#: How a commitment is coded, as far as that may change.
CODING: dict[str, Schema] = {
    "title_zh": words(least=1),
    "title_en": words(least=1),
    "secondary_kind": maybe(code(Kind)),
    "tense": code(Tense),
    "tense_confidence": code(Confidence),
    "tense_words": said(words(least=1), "时态所据词句", "words that the tense rests on"),
    "tense_note_zh": maybe(_LINES),
    "tense_note_en": maybe(_LINES),
    "checkability": code(Checkability),
    "completion_evidence": said(words(LONG, least=1), "怎样算完成", "what would show completion"),
    "completion_evidence_en": words(LONG, least=1),
    "beneficiaries_zh": maybe(words()),
    "beneficiaries_en": maybe(words()),
    "note_zh": maybe(_LINES),
    "note_en": maybe(_LINES),
    "stands_alone": said(TRUTH, "总项独立计数", "whether a head is counted on its own"),
    "publication_state": code(PublicationState),
    "next_check": maybe(DAY),
}

_CODING = {**thing(CODING, needed=()), "minProperties": 1}

_CODE = r"^[A-Z0-9][A-Z0-9.-]{2,39}$"
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_PLACE_CODE = "^([0-9]{6}|[A-Z]{2}(-[A-Z0-9]{1,3})?)$"
_PLACE_IS = "行政区划代码，境外用 ISO 3166 代码", "GB/T 2260 code; elsewhere ISO 3166"
_EDTF = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?[?~%]?$"

#: Longest text of a document, in characters, and most turns of it.
_LONGEST_DOCUMENT, _MOST_TURNS = 500_000, 1_000

_PLACE = between(0, _LONGEST_DOCUMENT)

_TURN = thing(
    {
        "question_start": maybe(_PLACE),
        "question_end": maybe(_PLACE),
        "answer_start": _PLACE,
        "answer_end": _PLACE,
        "question_head_missing": TRUTH,
    },
    needed=("answer_start", "answer_end"),
)

_DOCUMENT = thing(
    {
        "key": said(words(100, least=1, pattern=_SLUG), "文献号，永久有效", "permanent key"),
        "kind": code(DocumentKind),
        "language": words(2, pattern="^[a-z]{2}$"),
        "city": said(
            maybe(words(6, pattern=_PLACE_CODE)),
            "行政区划代码，境外用 ISO 3166 代码",
            "GB/T 2260 code; elsewhere ISO 3166",
        ),
        "publisher": words(least=1),
        "author": maybe(words()),
        "title": words(least=1),
        "kicker": maybe(words()),
        "headline": maybe(words()),
        "byline": maybe(words()),
        "date": said(
            words(11, pattern=_EDTF), "EDTF：2020、2020-05、2020-05-22；不知道就不推定", "EDTF; nothing is inferred"
        ),
        "date_note_zh": maybe(_LINES),
        "date_note_en": maybe(_LINES),
        "url": maybe(words()),
        "archived_url": maybe(words()),
        "source_tier": code(SourceTier),
        "licence_mode": said(code(LicenceMode), "能展示多少原文", "how much of the text may be shown"),
        "supersedes": said(maybe(words()), "所更正的文献", "key of the document that this one corrects"),
        "text": said(
            words(_LONGEST_DOCUMENT, least=1), "正文，装入后不再改动", "the words, which never change afterwards"
        ),
        "turns": said(
            rows(_TURN, _MOST_TURNS), "问答位置，按码点", "where questions and answers stand, in code points"
        ),
    },
    needed=("key", "kind", "publisher", "title", "date", "source_tier", "licence_mode", "text"),
)

_CITY = thing(
    {
        "code": said(
            words(6, pattern=_PLACE_CODE), "行政区划代码，境外用 ISO 3166 代码", "GB/T 2260 code; elsewhere ISO 3166"
        ),
        "slug": said(words(100, least=1, pattern=_SLUG), "网址用名", "name in addresses"),
        "name_zh": words(least=1),
        "name_en": words(least=1),
        "level": code(JurisdictionLevel),
        "parent": said(maybe(words(6, pattern=_PLACE_CODE)), "上级的代码", "code of what it lies in"),
        "iso_code": maybe(words(10, pattern="^[A-Z]{2}-[A-Z0-9]{1,3}$")),
    },
    needed=("code", "slug", "name_zh", "name_en", "level"),
)

_PROMISE = thing(
    {
        "code": said(words(40, pattern=_CODE), "编号，永久有效，不再他用", "permanent code, never used again"),
        "document": said(words(least=1), "文献号", "key of the document"),
        "city": said(words(6, pattern=_PLACE_CODE), *_PLACE_IS),
        "speaker": said(maybe(words(least=1)), "讲话人代码，没有就不填", "code of the person, where one is named"),
        "post": said(maybe(words(least=1)), "职务代码", "code of the post"),
        "quote": said(words(LONG, least=1), "逐字引文，在文献中恰好出现一次", "word for word; stands once in it"),
        "focus": said(maybe(words(LONG, least=1)), "共用引文时，这一条的词句", "its own words of a shared quote"),
        "parent": said(maybe(words()), "总项的编号", "code of its head"),
        "kind": code(Kind),
        "deadline": said(
            maybe(thing({"text": words(least=1), "rule": code(DeadlineRule)})),
            "期限用语和规则；日期由规则得出",
            "phrase of the text, and the rule that makes the dates of it",
        ),
        "units": rows(thing({"code": words(least=1), "role": code(UnitRole), "basis": code(UnitBasis)}), _MOST),
        "terms": rows(
            thing({"code": said(words(least=1), "词表/词条", "vocabulary/term"), "basis": code(TermBasis)}), _MOST
        ),
        **CODING,
        "publication_state": said(
            {"type": "string", "enum": ["draft", "published"]}, "默认 draft", "draft where it is not said"
        ),
    },
    needed=(
        "code", "document", "city", "quote", "kind", "title_zh", "title_en", "tense",
        "tense_confidence", "tense_words", "checkability", "completion_evidence", "completion_evidence_en",
    ),
)  # fmt: skip

TAKEN: dict[str, Schema] = {
    "NewAssessment": _FINDING,
    "NewReview": _VERDICT,
    "Coding": _CODING,
    "NewCommitment": _PROMISE,
    "NewDocument": _DOCUMENT,
    "NewCity": _CITY,
}
