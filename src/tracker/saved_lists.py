"""Questions to the list of commitments, kept under a name: for oneself, or for everybody at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, raiseload

from tracker.codebook import Role
from tracker.models import SavedList, User
from tracker.rules import Fault, RuleBroken

#: Longest name, and longest question (what stands behind the `?` of the list's address), in characters.
LONGEST_NAME, LONGEST_QUESTION = 100, 2000


def keep(
    session: Session, name: str, question: str, *, owner: User, shared: bool = False, over: bool = False
) -> SavedList:
    """Keep a question under a name; `over` lets it take the place of the one that its owner keeps under that name.

    Flushed, not committed. Raises `RuleBroken`.
    """
    name = name.strip()
    known = _named(session, name, owner)
    faults = [*_faults(name, shared=shared, owner=owner), *_too_long(question)]
    if known and not over:
        faults.append(_taken(name))
    if faults:
        raise RuleBroken(faults)
    kept = known or SavedList(owner_id=owner.id, name=name)
    kept.question, kept.shared, kept.saved_at = question, shared, datetime.now(UTC)
    session.add(kept)
    session.flush()
    return kept


def rename(session: Session, kept: SavedList, name: str, *, shared: bool, owner: User) -> SavedList:
    """Call it otherwise, or show it to everybody or nobody else; flushed. Raises `RuleBroken`."""
    name = name.strip()
    other = _named(session, name, owner)
    faults = list(_faults(name, shared=shared, owner=owner))
    if other is not None and other.id != kept.id:
        faults.append(_taken(name))
    if faults:
        raise RuleBroken(faults)
    kept.name, kept.shared = name, shared
    session.flush()
    return kept


def forget(session: Session, kept: SavedList) -> str:
    """Keep it no longer; flushed. Returns its name."""
    name = kept.name
    session.delete(kept)
    session.flush()
    return name


def of_owner(owner_id: int) -> Select[SavedList]:
    """What somebody keeps, by name."""
    return select(SavedList).where(SavedList.owner_id == owner_id).order_by(SavedList.name, SavedList.id)


def visible_to(user_id: int) -> Select[SavedList]:
    """What somebody keeps and what colleagues share, each with its owner; one's own first, by name."""
    return (
        select(SavedList)
        .where(or_(SavedList.owner_id == user_id, SavedList.shared))
        .options(joinedload(SavedList.owner), raiseload("*"))
        .order_by(SavedList.owner_id != user_id, SavedList.name, SavedList.id)
    )


def _named(session: Session, name: str, owner: User) -> SavedList | None:
    return session.scalars(of_owner(owner.id).where(SavedList.name == name)).one_or_none()


def _faults(name: str, *, shared: bool, owner: User) -> Iterator[Fault]:
    if not 0 < len(name) <= LONGEST_NAME:
        zh, en = f"起一个名称，至多 {LONGEST_NAME} 个字符。", f"Give it a name of {LONGEST_NAME} characters at most."
        yield Fault("a list has a name", "name", zh, en)
    if shared and not owner.role.covers(Role.ANALYST):
        zh, en = "读者只能存给自己；要共享，请分析员来存。", "A reader saves for themselves; an analyst can share."
        yield Fault("an analyst shares", "shared", zh, en)


def _too_long(question: str) -> Iterator[Fault]:
    if len(question) > LONGEST_QUESTION:
        zh, en = "条件太多，存不下；请减去几项。", "There are too many conditions to save; take some away."
        yield Fault("a question fits", "name", zh, en)


def _taken(name: str) -> Fault:
    return Fault(
        "a name is used once",
        "name",
        f"您已存有“{name}”：换一个名称，或勾选“替换同名的”。",
        f"You already keep “{name}”: give another name, or tick “replace the one of that name”.",
    )
