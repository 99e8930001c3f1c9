"""Codes that questions answer with. Computed, never stored."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class Neglect(Coded):
    """Why a commitment wants another look."""

    NEVER_LOOKED = ("never_looked", "从未查看", "Never looked at", "没有任何评估", "There is no assessment at all")
    PAST_NEXT_CHECK = (
        "past_next_check",
        "查看日已到",
        "Past its next check",
        "定下的查看日已到或已过",
        "The day set for the next look has come",
    )
    LONG_AGO = (
        "long_ago",
        "久未查看",
        "Not looked at lately",
        "最近一次记录早于所定天数",
        "The latest assessment was written down longer ago than the days asked for",
    )


class Divergence(Coded):
    """How what the city says and what was found differ."""

    CLAIM_AHEAD = (
        "claim_ahead",
        "说法超前",
        "Claim ahead",
        "官方说法比查到的更靠前",
        "The official claim is further along than what was found",
    )
    CONTRADICTED = (
        "contradicted",
        "另有相悖依据",
        "Contradicted",
        "媒体、独立方或企业的依据与结论相悖",
        "Evidence of the media, of independents or of firms speaks against it",
    )
    CLAIM_AHEAD_AND_CONTRADICTED = (
        "claim_ahead_and_contradicted",
        "说法超前，且有相悖依据",
        "Claim ahead, and contradicted",
        "两者都有",
        "Both",
    )


class ReviewState(Coded):
    """What a second person has said of the standing assessment. Computed, never stored."""

    AWAITING = ("awaiting", "待复核", "To be reviewed", "还没有第二人复核", "No second person has looked at it yet")
    APPROVED = ("approved", "已复核", "Reviewed", "第二人核过，结论成立", "A second person checked it and it stands")
    RETURNED = (
        "returned",
        "已退回",
        "Returned",
        "第二人退回，此后还没有新的评估",
        "A second person returned it, and nobody has recorded another since",
    )
