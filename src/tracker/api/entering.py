"""What is new: a city, a published text, and a commitment marked in one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response

from tracker.api import answers, cities, coding, documents
from tracker.api.asked import Asked
from tracker.api.cursors import whole
from tracker.api.operations import KEYED, Operation
from tracker.api.problems import BASE
from tracker.api.recording import said
from tracker.codebook import (
    DeadlineRule,
    DocumentKind,
    JurisdictionLevel,
    LicenceMode,
    PublicationState,
    Role,
    SourceTier,
    TermBasis,
    UnitBasis,
    UnitRole,
)
from tracker.entries import Answer, enter_city, enter_document
from tracker.promises import Promise, enter_commitment

#: Fields of a new commitment that say where it stands and who said it, as they are.
_STANDS = ("code", "document", "city", "speaker", "post", "quote", "focus", "parent")

#: Fields of a new document whose texts are codes.
_CODES: dict[str, Any] = {"kind": DocumentKind, "source_tier": SourceTier, "licence_mode": LicenceMode}


def city(asked: Asked) -> Response:
    """Enter a province or a city."""
    made = enter_city(asked.session, **{**said(asked.body), "level": JurisdictionLevel(asked.body["level"])})
    return answers.answer(cities.told(asked, made.code, unpublished=True), status=201, headers=_at("cities", made.code))


def document(asked: Asked) -> Response:
    """Load a published text."""
    given = {name: value for name, value in asked.body.items() if value is not None}
    turns = [_turn(one) for one in given.pop("turns", ())]
    codes = {name: made(given.pop(name)) for name, made in _CODES.items()}
    made = enter_document(asked.session, turns=turns, **given, **codes)
    content = documents.told(asked, made.key, unpublished=True)
    return answers.answer(content, status=201, headers=_at("documents", made.key))


def _turn(given: dict[str, Any]) -> Answer:
    start, end = given.get("question_start"), given.get("question_end")
    asked = None if start is None and end is None else (start or 0, end or 0)
    return Answer((given["answer_start"], given["answer_end"]), asked, given.get("question_head_missing", False))


def commitment(asked: Asked) -> Response:
    """Mark a commitment in a text that is loaded."""
    given = said(asked.body)
    deadline, units, terms = given.pop("deadline", None), given.pop("units", ()), given.pop("terms", ())
    promise = Promise(
        **{name: given.pop(name) for name in _STANDS if name in given},
        deadline=(deadline["text"], DeadlineRule(deadline["rule"])) if deadline else None,
        units=tuple((one["code"], UnitRole(one["role"]), UnitBasis(one["basis"])) for one in units),
        terms=tuple((one["code"], TermBasis(one["basis"])) for one in terms),
    )
    given.setdefault("publication_state", PublicationState.DRAFT)
    made = enter_commitment(
        asked.session, promise, **{coding.COLUMNS.get(name, name): value for name, value in given.items()}
    )
    return coding.shown(asked, made, status=201, headers=_at("commitments", made.code))


def _at(noun: str, name: str) -> dict[str, str]:
    return {"Location": whole(f"{BASE}/{noun}/{quote(name)}")}


OPERATIONS = (
    Operation(
        "enter_city",
        "POST",
        "/cities",
        "cities",
        "新增省或市",
        "Enter a province or a city",
        city,
        "City",
        (KEYED,),
        takes="NewCity",
        role=Role.ANALYST,
        status=201,
        also=(409,),
    ),
    Operation(
        "enter_document",
        "POST",
        "/documents",
        "documents",
        "装入一篇文献",
        "Load a published text",
        document,
        "DocumentWithText",
        (KEYED,),
        takes="NewDocument",
        role=Role.ANALYST,
        status=201,
        also=(409,),
        more_zh="正文装入后不能改；有误就另装一篇，用 supersedes 指明。SHA-256 由程序计算。",
        more_en="The words never change afterwards: a correction is another document that `supersedes` it. The"
        " SHA-256 is"
        " computed.",
    ),
    Operation(
        "enter_commitment",
        "POST",
        "/commitments",
        "commitments",
        "在文献中标出一条承诺",
        "Mark a commitment in a text",
        commitment,
        "Commitment",
        (KEYED,),
        takes="NewCommitment",
        role=Role.ANALYST,
        status=201,
        also=(409,),
        more_zh="引文须在已装入的文献中恰好出现一次；位置、前后文和日期由程序算出。默认是草稿，读者看不到。",
        more_en="The quote has to stand exactly once in a loaded text; its place, what stands around it and the"
        " dates are"
        " computed. It is a draft, which readers do not see, unless it says otherwise.",
    ),
)
