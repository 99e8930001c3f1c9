"""The codebook as a page, made from the codebook itself: every vocabulary, code, label and definition."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker import codebook
from tracker.codebook import Coded
from tracker.codebook.listed import NAMES, anchor, members, rows
from tracker.filters import NOW
from tracker.language import t
from tracker.pages import citation, formats


@dataclass(frozen=True)
class Listed:
    """A vocabulary as the page shows it; `anchor` begins the stable address of each of its codes."""

    anchor: str
    name: str
    about: str
    codes: list[Coded]


def vocabularies() -> list[Listed]:
    """Every closed vocabulary: those of what became of commitments first."""
    return [
        Listed(anchor(name), t(zh, en), t(f"{about}。", _english(name)), list(members(name)))
        for name, (zh, en, about) in NAMES.items()
    ]


def page(_session: Session) -> ResponseReturnValue:
    """The page; as data, one row per code."""
    form, title = formats.wanted(), t("编码手册", "Codebook")
    if form != "html":
        return formats.answer(rows(), form, "codebook", formats.meta(NOW, list="codebook"))
    return render_template(
        "codebook.html",
        title=title,
        vocabularies=vocabularies(),
        codebook_version=codebook.VERSION,
        citation=citation.citation(title, NOW),
    )


def _english(name: str) -> str:
    return " ".join((members(name).__doc__ or "").split())
