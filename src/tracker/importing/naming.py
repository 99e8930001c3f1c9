"""Who and what a row names: city, speaker, office, units, subjects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tracker.codebook import DocumentKind, TermBasis, UnitBasis, UnitRole
from tracker.importing.stock import Held, Stock, slug
from tracker.models import Commitment
from tracker.rules import Fault
from tracker.texts import is_unseen, skeleton

#: Fields that rules speak of → targets.
ALIASES = {"evidence": "url", "searches": "searched_in", "": "code"}

#: Target of units → the part that they have.
_ROLES = {
    "unit_lead": UnitRole.LEAD,
    "unit_responsible": UnitRole.RESPONSIBLE,
    "unit_support": UnitRole.SUPPORT,
    "unit_supervising": UnitRole.SUPERVISING,
}

#: What stands in brackets behind a unit, and the part that it means.
_PARTS_SAID = {
    "牵头": UnitRole.LEAD, "责任": UnitRole.RESPONSIBLE, "配合": UnitRole.SUPPORT, "协办": UnitRole.SUPPORT,
    "督办": UnitRole.SUPERVISING,
}  # fmt: skip
_SAID_PART = re.compile(r"\A(?P<name>[^（(]+)[（(](?P<part>牵头|责任|配合|协办|督办)(?:单位|部门)?[）)]")

_PLACE_CODE = re.compile(r"[0-9]{6}|[A-Z]{2}(-[A-Z0-9]{1,3})?")

#: Code of a vocabulary, and what it is where a row names a subject and no vocabulary.
_VOCABULARY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
THEME = "theme"

#: A unit by name, its part, how that is known.
Unit = tuple[str, UnitRole, UnitBasis]

#: A subject: vocabulary, name, on what ground it is given.
Subject = tuple[str, str, TermBasis]


def units(said: dict[str, Any]) -> list[Unit]:
    """The units that a row names; where the document is a task table, known from that."""
    stated = (
        UnitBasis.TASK_TABLE
        if said.get("document_kind", DocumentKind.TASK_TABLE) is DocumentKind.TASK_TABLE
        else UnitBasis.STATED
    )
    basis = said.get("unit_basis") or stated
    found: dict[tuple[str, UnitRole], UnitBasis] = {}
    for target, role in _ROLES.items():
        for name in said.get(target, ()):
            found[_with_part(name, role)] = basis
    first, *others = said.get("units_lead_first") or [None]
    if first:
        found |= {(first, UnitRole.LEAD): basis, **{(name, UnitRole.SUPPORT): basis for name in others}}
    for one in said.get("units", ()):
        found[str(one.get("code") or one.get("zh")), _code(UnitRole, one.get("role"))] = _code(
            UnitBasis, one.get("basis")
        )
    return [(name, role, known) for (name, role), known in found.items()]


def _with_part(name: str, role: UnitRole) -> tuple[str, UnitRole]:
    """A unit with the part that stands behind its name, as in 市发改委（牵头）, else with that of its column."""
    found = _SAID_PART.fullmatch(name)
    return (found["name"], _PARTS_SAID[found["part"]]) if found else (name, role)


def subjects(said: dict[str, Any]) -> list[Subject]:
    """The subjects that a row names."""
    vocabulary = said.get("vocabulary") or THEME
    found = [(vocabulary, name, TermBasis.EXPLICIT) for name in said.get("term", ())]
    return found + [
        (str(one.get("vocabulary") or vocabulary), str(one.get("code")), _code(TermBasis, one.get("basis")))
        for one in said.get("terms", ())
    ]


def _code(codes: Any, value: Any) -> Any:
    """A code, or the first of its kind where it is none: `faults` tells of it."""
    return next((code for code in codes if code.value == value), next(iter(codes)))


def new_units(said: dict[str, Any], row: Commitment | None, stock: Stock) -> list[Unit]:
    """Those that the commitment has not, under any name or in that part."""
    held = {(part.organisation_id, part.role) for part in row.units} if row else set()
    return [one for one in units(said) if (stock.units.get(one[0].casefold()), one[1]) not in held]


def new_terms(said: dict[str, Any], row: Commitment | None, stock: Stock) -> list[Subject]:
    """Those that the commitment has not been given."""
    held = {part.term_id for part in row.terms} if row else set()
    return [one for one in subjects(said) if stock.terms.get((one[0], one[1].casefold())) not in held]


def faults(said: dict[str, Any], stock: Stock) -> Iterator[Fault]:
    """What is wrong with the names of a row."""
    for name, *_ in units(said):
        if is_unseen(name):
            yield Fault(
                "name",
                "unit_responsible",
                f"单位名“{name}”里有看不见的字符",
                f"“{name}” holds a character that is not seen",
            )
        known = stock.spelled.setdefault(skeleton(name), name)
        if name.casefold() not in stock.units and known != name:
            yield Fault(
                "name", _of_unit(said, name), f"“{name}”和“{known}”看起来一样，请统一写法",
                f"“{name}” looks like “{known}”: write it in one way",
            )  # fmt: skip
    for vocabulary, subject, _ in subjects(said):
        if is_unseen(subject):
            yield Fault(
                "name", "term", f"主题“{subject}”里有看不见的字符", f"“{subject}” holds a character that is not seen"
            )
        if not _VOCABULARY.fullmatch(vocabulary):
            yield Fault(
                "vocabulary", "vocabulary", f"“{vocabulary}”不能作词表代码：用小写字母、数字和连字符",
                f"“{vocabulary}” is no code of a vocabulary: lower-case letters, digits, hyphens",
            )  # fmt: skip


def _of_unit(said: dict[str, Any], name: str) -> str:
    return next(
        (target for target in (*_ROLES, "units_lead_first") for one in said.get(target, ()) if one.startswith(name)),
        "units",
    )


def needed(said: dict[str, Any], stock: Stock) -> Iterator[Fault]:
    """What is missing of the place of a new commitment."""
    name = said.get("city", "")
    if not name:
        yield Fault("city", "city", "没有写城市", "the city is missing")
    elif stock.place(name) is None:
        if not (said.get("city_zh") and said.get("city_en")):
            yield Fault(
                "city", "city", f"库里没有“{name}”：请写行政区划代码，并写明城市中文名（city_zh）和英文名（city_en）",
                f"the ledger has no “{name}”: give its code, and its name in Chinese (city_zh) and English (city_en)",
            )  # fmt: skip
        elif not _PLACE_CODE.fullmatch(name):
            yield Fault(
                "city", "city", f"“{name}”不是行政区划代码：写六位数字，中国以外写 ISO 3166 代码，如 US、CA-ON",
                f"“{name}” is no code of a place: six digits (GB/T 2260), elsewhere ISO 3166 such as US or CA-ON",
            )  # fmt: skip
        elif (there := stock.place(said["city_zh"])) is not None:
            yield Fault(
                "city", "city", f"库里的“{said['city_zh']}”是另一个代码：请核对代码和城市名",
                f"the ledger has “{said['city_zh']}” under another code (№ {there}): check the code and the name",
            )  # fmt: skip
        elif max(len(said["city_zh"]), len(said["city_en"])) > 100:
            yield Fault("city", "city_zh", "城市名至多 100 字", "the name of a city has 100 characters at most")
        elif not slug(said["city_en"]):
            yield Fault("city", "city_en", "城市英文名须有拉丁字母", "the English name of the city needs Latin letters")


def fixed_facts(said: dict[str, Any], held: Held, stock: Stock) -> Iterator[Fault]:
    """What a row says otherwise than its commitment, and no import changes."""
    facts = (
        ("quote", "原话", "words", held.quote, " ".join(said.get("quote", "").split()) == " ".join(held.quote.split())),
        ("focus", "其中", "focus", held.focus, said.get("focus") == " ".join((held.focus or "").split())),
        ("document", "文献", "document", held.document, _is_part_of(said.get("document", ""), held.document)),
        ("parent", "上级", "head", held.parent, said.get("parent") == held.parent),
        ("city", "城市", "city", held.city.code, stock.place(said.get("city", "")) == held.city.id),
        (
            "speaker",
            "讲话人",
            "speaker",
            held.speaker,
            held.speaker and said.get("speaker") in {held.speaker.name_zh, held.speaker.name_en},
        ),
        ("post", "职务", "post", held.post, held.post and said.get("post") in {held.post.name_zh, held.post.name_en}),
    )
    for name, zh, en, stored, agrees in facts:
        if said.get(name) and not agrees:
            shown = str(stored)[:40]
            yield Fault(
                "kept", name, f"{zh}与库里的（{shown}）不同，导入不改：改动原话要另立编号",
                f"the {en} in the ledger is {shown}; an import does not change it: a reworded promise has its own code",
            )  # fmt: skip


def _is_part_of(said: str, key: str) -> bool:
    """Whether a commitment is from a document, or from one of the parts that a long table is kept in."""
    return key == said or bool(re.fullmatch(rf"{re.escape(said)}-\d+", key))
