"""What each column and table is called at the desk, in both languages."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString

from tracker.column_names import NAMES
from tracker.language import lazy, t

#: Table → what one of its rows is called.
TABLES = {
    "commitment": ("承诺", "Commitment"),
    "commitment_link": ("承诺关联", "Link of commitments"),
    "commitment_term": ("承诺标签", "Term of a commitment"),
    "commitment_unit": ("承诺责任单位", "Unit of a commitment"),
    "jurisdiction": ("地区", "Jurisdiction"),
    "person": ("人物", "Person"),
    "post": ("职务", "Post"),
    "post_holding": ("任职", "Holding of a post"),
    "organisation": ("单位", "Unit"),
    "vocabulary": ("词表", "Vocabulary"),
    "term": ("词条", "Term"),
    "policy_document": ("政策文件", "Policy document"),
    "obstacle": ("问题", "Obstacle"),
    "obstacle_closing": ("销号", "Closing of an obstacle"),
    "source_document": ("文献", "Source document"),
    "turn": ("问答", "Question and answer"),
    "passage": ("引文段", "Passage"),
    "passage_mark": ("段落标记", "Mark of a passage"),
    "stated_figure": ("原文数字", "Stated figure"),
    "evidence": ("依据", "Evidence"),
    "search_log": ("检索记录", "Search"),
    "status_assessment": ("评估", "Assessment"),
    "review": ("复核", "Review"),
    "measurement": ("实测值", "Measurement"),
    "deadline_revision": ("期限调整", "Deadline set anew"),
    "milestone": ("形象进度节点", "Milestone"),
    "milestone_reached": ("节点达到", "Milestone reached"),
    "archived_copy": ("存档文件", "Archived copy"),
    "scheme": ("评级体系", "Scheme of status"),
    "scheme_term": ("评级体系用词", "Term of a scheme"),
    "status_mapping": ("状态对照", "Mapping of a status"),
    "assessment_evidence": ("评估所引依据", "Evidence cited"),
    "comment": ("讨论", "Comment"),
    "comment_mention": ("讨论中提到的人", "Mention in a comment"),
    "saved_list": ("存下的列表", "Saved list"),
    "user": ("账户", "Account"),
    "authenticator_app": ("验证器应用", "Authenticator app"),
    "passkey": ("通行密钥", "Passkey"),
    "recovery_code": ("恢复码", "Recovery code"),
    "api_token": ("接口令牌", "API token"),
    "coding_round": ("双人编码轮次", "Round of second coding"),
    "coding_item": ("编码项", "Item to code again"),
    "coding_reading": ("重编", "Second coding"),
    "adjudication": ("裁定", "Adjudication"),
}


def _pair(table: str, column: str) -> tuple[str, str] | None:
    short = column.removesuffix("_id")
    return next((NAMES[name] for name in (f"{table}.{column}", column, short) if name in NAMES), None)


def of(table: str, column: str) -> str:
    """What a column is called; a name that is not known here stands as it is (the audit is older than any list)."""
    found = _pair(table, column)
    return t(*found) if found else column


def declared(table: str, column: str) -> LazyString:
    """`of` for a view that is being declared. Raises `KeyError` for a column without a name."""
    found = _pair(table, column)
    if found is None:
        raise KeyError(f"{table}.{column} has no name in labels.py")
    return lazy(*found)


def table(name: str) -> str:
    """What the rows of a table are called."""
    return t(*TABLES[name]) if name in TABLES else name


class Columns(dict[str, Any]):
    """What Flask-Admin looks the labels of a table's columns up in; a column without a name stops the start."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.table = table

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Any:
        return declared(self.table, name)

    def get(self, name: str, _default: Any = None) -> Any:
        """The label, whatever the default."""
        return self[name]
