"""Codes of accounts and of the audit."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class Role(Coded):
    """What an account may do. Each role may do what the ones before it may."""

    READER = ("reader", "读者", "Reader", "查看编辑台", "May look at the desk")
    ANALYST = ("analyst", "分析员", "Analyst", "记录跟踪、修改编码", "May record follow-ups and edit the coding")
    REVIEWER = ("reviewer", "复核员", "Reviewer", "另可复核", "May also review")
    ADMIN = ("admin", "管理员", "Administrator", "另可管理账户", "May also manage accounts")

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may do."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class AuditAction(Coded):
    """What was done to a row."""

    INSERT = ("insert", "新增", "Added")
    UPDATE = ("update", "修改", "Changed")
    DELETE = ("delete", "删除", "Deleted")
