"""Comments on a commitment among colleagues, and whom they are meant for."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, raiseload

from tracker.models import Comment, CommentMention, Commitment, User
from tracker.rules import Fault, RuleBroken

#: Longest comment, in characters.
LONGEST = 5000


def remark(session: Session, commitment: Commitment, text: str, *, author: User) -> Comment:
    """Append a comment, meant for whoever it names as `@name`; flushed, not committed. Raises `RuleBroken`."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        zh, en = f"写一句话；至多 {LONGEST} 个字符。", f"Say something, in {LONGEST} characters at most."
        raise RuleBroken([Fault("a comment says something", "text", zh, en)])
    made = Comment(commitment_id=commitment.id, author_id=author.id, text=text, recorded_at=datetime.now(UTC))
    session.add(made)
    session.flush()
    session.add_all(CommentMention(comment_id=made.id, user_id=user.id) for user in _named(session, text))
    session.flush()
    return made


def _named(session: Session, text: str) -> list[User]:
    """The people whom a text names as `@name`; of two names that fit, the longer."""
    if "@" not in text:
        return []
    people = {user.name: user for user in session.scalars(select(User).where(User.active))}
    if not people:
        return []
    names = "|".join(re.escape(name) for name in sorted(people, key=len, reverse=True))
    return [people[name] for name in dict.fromkeys(re.findall(f"@({names})", text))]


def of_commitment(commitment_id: int) -> Select[Comment]:
    """The comments on a commitment, the first first; like those below to be read as `unique()`."""
    return _shown().where(Comment.commitment_id == commitment_id).order_by(Comment.id)


def meant_for(user_id: int) -> Select[Comment]:
    """The comments that name somebody, the latest first."""
    mine = select(CommentMention.comment_id).where(CommentMention.user_id == user_id)
    return latest().where(Comment.id.in_(mine))


def latest() -> Select[Comment]:
    """Every comment with its commitment, the latest first."""
    return _shown().options(joinedload(Comment.commitment)).order_by(Comment.id.desc())


def _shown() -> Select[Comment]:
    people = joinedload(Comment.mentions).joinedload(CommentMention.user)
    return select(Comment).options(joinedload(Comment.author), people, raiseload("*"))
