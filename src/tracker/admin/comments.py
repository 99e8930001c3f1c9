"""What colleagues say to each other about a commitment: those that mention me, the latest, and a place to answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import comments
from tracker.admin import arguments, refusals
from tracker.admin.base import PAGE, Closed
from tracker.codebook import Role
from tracker.language import lazy, t
from tracker.models import Comment, Commitment, User
from tracker.rules import RuleBroken

#: A web address in a text; what ends a sentence is no part of it.
_ADDRESS = r"https?://[^\s<>\"“”‘’，。；：！？、（）《》【】]*[^\s<>\"“”‘’，。；：！？、（）《》【】.,;:!?)\]']"


@dataclass(frozen=True)
class Part:
    """A stretch of a comment, and where it leads."""

    text: str
    href: str = ""
    #: the address is somebody else's
    outside: bool = False


@dataclass(frozen=True)
class Said:
    """A comment as it is shown."""

    id: int
    author: str
    at: datetime
    parts: list[Part]
    #: what it is about, where that is not plain from the page
    commitment: Commitment | None


@dataclass(frozen=True)
class Discussion:
    """The comments on a commitment, the first first, and what is needed to add one."""

    code: str
    comments: list[Said]
    #: who can be named
    colleagues: list[str]
    #: what was typed and not taken, and why
    text: str = ""
    errors: tuple[str, ...] = ()


def comments_of(session: Session, commitment: Commitment) -> Discussion:
    """The discussion of a commitment, for the macro in `desk/_comments.html`; two queries, whatever its length."""
    names = select(User.name).where(User.active, User.password.is_not(None)).order_by(User.name)
    rows = session.scalars(comments.of_commitment(commitment.id))
    return Discussion(commitment.code, [said(row) for row in rows.unique()], list(session.scalars(names)))


def said(comment: Comment, commitment: Commitment | None = None) -> Said:
    """A comment with its mentions and web addresses as links; all else is plain text. `commitment` is shown with it."""
    people = {f"@{mention.user.name}": mention.user.id for mention in comment.mentions}
    words = "|".join([*(re.escape(name) for name in sorted(people, key=len, reverse=True)), _ADDRESS])
    return Said(
        comment.id,
        comment.author.name,
        comment.recorded_at,
        [_part(text, people) for text in re.split(f"({words})", comment.text) if text],
        commitment,
    )


def _part(text: str, people: dict[str, int]) -> Part:
    if text in people:
        return Part(text, url_for("comments.index", person=people[text]))
    return Part(text, text, outside=True) if re.fullmatch(_ADDRESS, text) else Part(text)


class CommentsView(Closed):
    """Comments by whom they are meant for, and of one commitment."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.READER, "of": Role.READER, "add": Role.ANALYST}

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("讨论", "Comments"), endpoint="comments", url="/desk/comments")
        self.session = session

    @expose("/")
    def index(self) -> str:
        """Those that mention me, or somebody else by `person`, or `which=all`; the latest first."""
        arguments.only(["which", "person", "before"])
        everybody = arguments.one_of("which", ["all"]) is not None
        person = None if everybody else self._person()
        rows = comments.meant_for(person.id) if person else comments.latest()
        before = arguments.number("before")
        found = (
            self.session.scalars((rows.where(Comment.id < before) if before else rows).limit(PAGE + 1)).unique().all()
        )
        return self.render(
            "desk/comments.html",
            person=person,
            comments=[said(row, row.commitment) for row in found[:PAGE]],
            older=found[PAGE - 1].id if len(found) > PAGE else None,
        )

    def _person(self) -> User:
        """Whose mentions are asked for: mine, if the address says nothing. Else 404."""
        if not request.args.get("person"):
            return current_user._get_current_object()  # type: ignore[no-any-return]  # noqa: SLF001
        person: User | None = self.session.get(User, arguments.key(request.args["person"]))
        return person or abort(404, t("没有这个人。", "There is no such person."))

    @expose("/of/")
    def of(self) -> str:
        """The comments on the commitment that `code` names."""
        arguments.only(["code"])
        commitment = self._commitment()
        return self._discussed(commitment, comments_of(self.session(), commitment))

    @expose("/add", methods=("POST",))
    def add(self) -> ResponseReturnValue:
        """Add a comment and go back to where it was written; with `back=of`, to the page of the comments alone."""
        arguments.only(["code", "back"])
        alone = arguments.one_of("back", ["of"]) is not None
        commitment, text = self._commitment(), request.form.get("text", "")
        author = current_user._get_current_object()  # noqa: SLF001 - the account itself, not the proxy
        try:
            made = refusals.written(
                self.session, lambda: comments.remark(self.session(), commitment, text, author=author)
            )
        except RuleBroken as broken:
            self.session.rollback()
            made, errors = None, tuple(t(fault.zh, fault.en) for fault in broken.faults)
        else:
            errors = ()
        if made is None:
            refused = replace(comments_of(self.session(), commitment), text=text, errors=errors)
            return self._discussed(commitment, refused), 422
        flash(t("已发表。", "Your comment is there."), "success")
        page = "comments.of" if alone else "commitment.details_view"
        return redirect(url_for(page, code=commitment.code, _anchor=f"comment-{made.id}"))

    def _discussed(self, commitment: Commitment, discussion: Discussion) -> str:
        return self.render("desk/discussion.html", commitment=commitment, discussion=discussion)

    def _commitment(self) -> Commitment:
        """The commitment that the address names. Else 404."""
        code = request.args.get("code", "").strip()[:100]
        row: Commitment | None = self.session.scalar(select(Commitment).where(Commitment.code == code))
        return row or abort(404, t("没有这个编号的承诺。", "There is no commitment with this code."))
