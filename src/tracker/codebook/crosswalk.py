"""Codes of the crosswalk to other schemes of status."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class MappingQuality(Coded):
    """How well a status reads in the terms of another scheme (as in SKOS)."""

    EXACT = ("exact", "等同", "Exact", "意思相同", "The same meaning")
    BROAD = ("broad", "对方较宽", "Broad", "对方的词涵盖更多", "Their term takes in more")
    NARROW = ("narrow", "对方较窄", "Narrow", "对方的词只及一部分", "Their term takes in less")
    NONE = ("none", "无对应", "None", "对方没有这样的词", "They have no such term")
