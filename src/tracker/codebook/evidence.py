"""Codes of evidence."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class EvidenceOrigin(Coded):
    """Who speaks in a piece of evidence."""

    OFFICIAL = ("official", "官方", "Official", "政府及其部门自己发布", "A government or its offices speak themselves")
    PARTY_MEDIA = (
        "party_media",
        "党报党媒",
        "Party media",
        "党委政府主管的媒体报道",
        "Reported by media run by the party or the state",
    )
    INDEPENDENT = (
        "independent",
        "独立",
        "Independent",
        "与有关政府和企业无隶属关系的报道或研究",
        "Reported or studied by somebody under neither the government nor the firm concerned",
    )
    COMPANY = ("company", "企业", "Company", "企业或商业网站发布", "A firm or a commercial site")


class EvidenceReports(Coded):
    """What a piece of evidence reports."""

    ANNOUNCEMENT = ("announcement", "宣布", "Announcement", "只说要做", "Says that it will be done")
    APPROVAL = ("approval", "批复", "Approval", "主管机关批准", "An authority approved it")
    FUNDING = ("funding", "资金", "Funding", "资金下达", "Money was given")
    START = ("start", "开工", "Start", "已动工或启动", "Work has begun")
    DELIVERY = ("delivery", "交付", "Delivery", "已建成、印发或办结", "It was built, issued or settled")
    STATISTICS = ("statistics", "统计", "Statistics", "统计数据", "Counted or measured")


class EvidenceRelation(Coded):
    """How evidence bears on the assessment it is cited for."""

    SUPPORTS = ("supports", "支持", "Supports")
    CONTRADICTS = ("contradicts", "相悖", "Contradicts")
    CONTEXT = ("context", "背景", "Context")
