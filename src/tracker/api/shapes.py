"""The shapes that the API answers with, by name. Each holds exactly the fields that are sent."""

from __future__ import annotations

from tracker.api.schemas import DAY, INSTANT, NUMBER, TEXT, TRUTH, WHOLE, Schema, code, maybe, ref, rows, said, thing
from tracker.codebook import (
    Attribution,
    Checkability,
    Comparator,
    Confidence,
    DeadlineKind,
    DeadlineRule,
    DocumentKind,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    FigureRole,
    JurisdictionLevel,
    Kind,
    LicenceMode,
    Light,
    LinkRelation,
    ObstacleState,
    Outcome,
    Precision,
    PublicationState,
    Reason,
    SourceTier,
    Tense,
    TermBasis,
    Timeliness,
    UnitBasis,
    UnitRole,
    Validity,
    Verdict,
)

_CITY_CODE: Schema = said(TEXT, "行政区划代码（GB/T 2260，境外 ISO 3166）", "GB/T 2260 code; elsewhere ISO 3166")

_PARTS: dict[str, Schema] = {
    "Unit": thing({"code": TEXT, "zh": TEXT, "en": TEXT, "role": code(UnitRole), "basis": code(UnitBasis)}),
    "Term": thing({"vocabulary": TEXT, "code": TEXT, "zh": TEXT, "en": TEXT, "basis": code(TermBasis)}),
    "Figure": thing(
        {
            "id": WHOLE, "words": TEXT, "value": NUMBER, "comparator": code(Comparator),
            "unit": TEXT, "unit_zh": TEXT, "unit_en": TEXT, "what_zh": TEXT, "what_en": TEXT, "period": maybe(TEXT),
            "role": code(FigureRole), "note_zh": maybe(TEXT), "note_en": maybe(TEXT), "found": maybe(NUMBER),
            "found_as_of": maybe(DAY), "difference": maybe(NUMBER), "found_share": maybe(NUMBER),
            "found_in": maybe(TEXT), "found_note": maybe(TEXT),
        }
    ),
    "Milestone": thing(
        {
            "id": WHOLE, "title_zh": TEXT, "title_en": maybe(TEXT), "planned_on": DAY, "reached_on": maybe(DAY),
            "late_days": maybe(WHOLE), "planned_in": TEXT, "reached_in": maybe(TEXT),
        }
    ),
    "Tie": thing(
        {
            "code": TEXT, "title_zh": TEXT, "title_en": TEXT, "relation": code(LinkRelation), "note_zh": maybe(TEXT),
            "note_en": maybe(TEXT),
        }
    ),
    "Policy": thing(
        {
            "id": WHOLE, "title": TEXT, "number": maybe(TEXT), "valid_from": maybe(DAY), "valid_to": maybe(DAY),
            "validity": code(Validity), "url": maybe(TEXT),
        }
    ),
    "Obstacle": thing(
        {
            "number": WHOLE, "title": TEXT, "category": TEXT, "category_zh": TEXT, "category_en": TEXT,
            "state": code(ObstacleState), "raised_on": DAY, "due_on": maybe(DAY), "closed_on": maybe(DAY),
        }
    ),
}  # fmt: skip

#: Who said it, where, in which words. What the licence of a text withholds is null.
_SAID: dict[str, Schema] = {
    "code": said(TEXT, "编号，永久有效", "permanent code"),
    "city": TEXT, "city_en": TEXT, "city_code": _CITY_CODE, "speaker": maybe(TEXT), "speaker_en": maybe(TEXT),
    "post": maybe(TEXT), "post_en": maybe(TEXT), "document": TEXT, "turn": maybe(WHOLE), "question": maybe(TEXT),
    "question_head_missing": TRUTH,
    "kind": code(Kind), "secondary_kind": maybe(code(Kind)), "parent": maybe(TEXT), "is_leaf": TRUTH,
    "stands_alone": TRUTH, "title_zh": TEXT, "title_en": TEXT, "quote": maybe(TEXT), "focus": maybe(TEXT),
    "prefix": maybe(TEXT), "suffix": maybe(TEXT), "start": WHOLE, "end": WHOLE,
}  # fmt: skip

_CODED: dict[str, Schema] = {
    "tense": code(Tense), "tense_confidence": code(Confidence), "tense_words": maybe(TEXT),
    "tense_note_zh": maybe(TEXT), "tense_note_en": maybe(TEXT),
    "deadline_text": maybe(TEXT), "deadline_kind": code(DeadlineKind), "deadline_rule": maybe(code(DeadlineRule)),
    "deadline_is_convention": maybe(TRUTH), "window_start": maybe(DAY), "window_end": maybe(DAY),
    "checkability": code(Checkability), "completion_evidence": TEXT, "completion_evidence_en": TEXT,
    "beneficiaries_zh": maybe(TEXT), "beneficiaries_en": maybe(TEXT), "note_zh": maybe(TEXT), "note_en": maybe(TEXT),
    "units": rows(ref("Unit")), "terms": rows(ref("Term")), "figures": rows(ref("Figure")),
    "milestones": rows(ref("Milestone")), "links": rows(ref("Tie")), "policies": rows(ref("Policy")),
    "obstacles": rows(ref("Obstacle")),
}  # fmt: skip

_FOUND: dict[str, Schema] = {
    "execution": code(Execution), "outcome": code(Outcome), "official_claim": maybe(code(Execution)),
    "summary": maybe(TEXT), "summary_en": maybe(TEXT), "progress": maybe(TEXT), "problems": maybe(TEXT),
    "next_steps": maybe(TEXT), "effective_on": maybe(DAY), "effective_precision": maybe(code(Precision)),
    "reviewed_up_to": maybe(DAY), "recorded_at": maybe(INSTANT), "confidence": maybe(code(Confidence)),
    "reason": maybe(code(Reason)), "attribution": maybe(code(Attribution)), "verdict": maybe(code(Verdict)),
    "disputed": TRUTH, "timeliness": code(Timeliness), "timeliness_rule": TEXT, "due_on": maybe(DAY),
    "slippage_days": maybe(WHOLE), "progress_share": maybe(NUMBER), "elapsed_share": maybe(NUMBER),
    "light": maybe(code(Light)), "light_rule": maybe(TEXT), "next_check": maybe(DAY),
    "publication_state": code(PublicationState),
}  # fmt: skip

#: What a piece of evidence says, under its address.
_SOURCE: dict[str, Schema] = {
    "url": TEXT, "title": maybe(TEXT), "publisher": maybe(TEXT), "published_on": maybe(DAY),
    "origin": maybe(code(EvidenceOrigin)), "reports": maybe(code(EvidenceReports)), "fact_date": maybe(TEXT),
    "excerpt": maybe(TEXT), "shows_zh": maybe(TEXT), "shows_en": maybe(TEXT), "caveat_zh": maybe(TEXT),
    "caveat_en": maybe(TEXT),
}  # fmt: skip

_JUDGED: dict[str, Schema] = {
    "id": WHOLE, "execution": code(Execution), "outcome": code(Outcome), "official_claim": maybe(code(Execution)),
    "effective_on": DAY, "effective_precision": maybe(code(Precision)), "reviewed_up_to": DAY, "recorded_at": INSTANT,
    "summary": TEXT, "summary_en": maybe(TEXT), "progress": maybe(TEXT), "problems": maybe(TEXT),
    "next_steps": maybe(TEXT), "progress_share": maybe(NUMBER), "reason": maybe(code(Reason)),
    "attribution": maybe(code(Attribution)), "confidence": maybe(code(Confidence)), "codebook_version": TEXT,
    "official_claim_source": maybe(TEXT), "analyst": TEXT, "corrects": maybe(WHOLE), "is_corrected": TRUTH,
    "corrected_by": maybe(WHOLE), "verdict": maybe(code(Verdict)), "reviews": rows(ref("Review")),
    "evidence": rows(thing({"relation": code(EvidenceRelation), **_SOURCE})),
}  # fmt: skip

#: What is known of a text beside its words.
_DOCUMENT: dict[str, Schema] = {
    "key": TEXT, "kind": code(DocumentKind), "language": TEXT, "city_code": maybe(TEXT), "publisher": TEXT,
    "author": maybe(TEXT), "title": TEXT, "kicker": maybe(TEXT), "headline": maybe(TEXT), "byline": maybe(TEXT),
    "date": said(TEXT, "EDTF 日期", "a date in EDTF"), "date_note_zh": maybe(TEXT), "date_note_en": maybe(TEXT),
    "url": maybe(TEXT), "archived_url": maybe(TEXT), "source_tier": code(SourceTier), "licence_mode": code(LicenceMode),
    "sha256": said(TEXT, "正文（UTF-8）的 SHA-256", "SHA-256 of the text in UTF-8"), "supersedes": maybe(TEXT),
}  # fmt: skip

_NAMED: dict[str, Schema] = {"city": TEXT, "city_en": TEXT, "city_code": _CITY_CODE, "city_slug": TEXT}
_SHARES = ("completed", "of_all", "completed_checkable", "of_checkable", "completed_due", "of_due",
           "completed_reviewed", "of_reviewed", "approved", "lowest", "highest")  # fmt: skip

#: Name → shape of one row.
ONE: dict[str, Schema] = {
    "City": thing({"code": _CITY_CODE, "slug": TEXT, "name_zh": TEXT, "name_en": TEXT, "level": code(JurisdictionLevel),
                   "parent": maybe(TEXT), "iso_code": maybe(TEXT)}),
    "Document": thing(_DOCUMENT),
    "DocumentWithText": thing(
        {
            **_DOCUMENT,
            "text": said(maybe(TEXT), "全文；许可不允许时为空", "the whole text; null where its licence forbids that"),
            "turns": rows(
                thing({"position": WHOLE, "question_start": maybe(WHOLE), "question_end": maybe(WHOLE),
                       "answer_start": WHOLE, "answer_end": WHOLE, "question_head_missing": TRUTH})
            ),
        }
    ),
    **_PARTS,
    "Commitment": thing({**_SAID, **_CODED, **_FOUND}),
    "Review": thing({"verdict": code(Verdict), "note": maybe(TEXT), "reviewer": TEXT, "recorded_at": INSTANT}),
    "Assessment": thing({"commitment": TEXT, "city_code": _CITY_CODE, **_JUDGED}),
    "Search": thing({"searched_on": DAY, "searched_in": TEXT, "query": TEXT, "results_read": maybe(WHOLE)}),
    "DeadlineRevision": thing(
        {"announced_on": DAY, "deadline_text": TEXT, "deadline_kind": code(DeadlineKind), "window_end": DAY,
         "reason": maybe(code(Reason)), "note": maybe(TEXT), "recorded_at": INSTANT, "announced_in": TEXT}
    ),
    "Citation": thing({"assessment": WHOLE, "commitment": TEXT, "city_code": _CITY_CODE,
                       "relation": code(EvidenceRelation), **_SOURCE}),
    "Count": thing({**_NAMED, "value": said(TEXT, "类别、状态或到期情况的代码", "code of kind, status or timeliness"),
                    "count": WHOLE, "of": said(WHOLE, "分母", "what it is a count of")}),
    "Completion": thing({**_NAMED, **dict.fromkeys(_SHARES, WHOLE)}),
}  # fmt: skip


def page(items: Schema, **more: Schema) -> Schema:
    """A page of rows: what it is true of, and where the next one is."""
    return thing(
        {
            "items": rows(items),
            "next": said(maybe(TEXT), "下一页的网址；没有则为空", "address of the next page; null on the last"),
            "as_of": said(DAY, "这一天的情况", "true on this day"),
            "recorded_by": said(maybe(DAY), "只计此日及以前写下的；空为全部", "as written down by then; null for all"),
            "approved_only": said(TRUTH, "是否只计已复核的评估", "whether only reviewed judgements count"),
            **more,
        }
    )


SHAPES: dict[str, Schema] = {
    **ONE,
    **{f"{name}Page": page(ref(name)) for name in ("City", "Document", "Commitment", "Assessment", "Citation")},
    "History": page(ref("Assessment"), searches=rows(ref("Search")), deadline_revisions=rows(ref("DeadlineRevision"))),
    "Summary": page({"anyOf": [ref("Count"), ref("Completion")]}),
}
