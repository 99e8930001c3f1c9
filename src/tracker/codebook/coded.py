"""The base of every closed vocabulary."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Coded(StrEnum):
    """A code with a label and a definition in Chinese and English."""

    zh: str
    en: str
    definition_zh: str
    definition_en: str

    def __new__(cls, code: str, zh: str = "", en: str = "", definition_zh: str = "", definition_en: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh, member.en = zh, en
        member.definition_zh, member.definition_en = definition_zh, definition_en
        return member

    def label(self, language: str) -> str:
        """The label in `zh` or `en`."""
        return self.zh if language == "zh" else self.en
