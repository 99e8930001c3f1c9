"""`/data`: what can be had as data, under which licence, how it is cited and proved; and the whole ledger as files."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from tracker import checkpoints, datasets, db, queries, registers
from tracker.datasets import Edition, Scope
from tracker.filters import CommitmentFilter
from tracker.language import t
from tracker.pages import address, citation, integrity


class NoSuchFile(NotFound):
    """The ledger is not to be had in that form; `links` leads to those in which it is."""

    def __init__(self, form: str) -> None:
        super().__init__(t(f"没有“{form}”这种文件。现有：", f"There is no file “{form}”. There are:"))
        self.links = [(address.kept("pages.data_file", form=one), f"ledger.{one}") for one in _FILES]


def page(session: Session) -> ResponseReturnValue:
    """Everything that can be had, of the whole ledger and of each city, at the point of time that the address names."""
    cutoff, title = address.cutoff(), t("数据下载", "Data")
    about = t("全部承诺、评估和依据。", "All commitments, judgements and evidence.")
    return render_template(
        "data.html",
        title=title,
        cutoff=cutoff,
        cities=session.execute(queries.cities()).all(),
        is_small=_is_small(session),
        public=checkpoints.public_key(session, integrity.key()),
        citation=citation.citation(title, cutoff),
        described=citation.dataset(title, about, cutoff),
    )


def file(session: Session, form: str) -> Response:
    """The whole ledger as `zip` (a data package) or `db` (SQLite). Raises `NoSuchFile`, and `UnknownValue` where it is
    too large to be made while somebody waits."""
    if form not in _FILES:
        raise NoSuchFile(form)
    if not _is_small(session):
        raise address.UnknownValue(
            t("台账太大，不能随取随制。请用 tracker export 生成，或按城市下载。",
              "The ledger is too large to be packed while you wait. Write it with `tracker export`, or take a city."),
            links=[(address.kept("pages.data"), t("数据下载", "Data"))],
        )  # fmt: skip
    kind, write = _FILES[form]
    key = integrity.key()
    # Of one moment, whatever others write meanwhile: else a row could name one that is not there.
    with db.reading(_engine(session), at_once=True) as whole, tempfile.TemporaryDirectory() as folder:
        of = datasets.edition(whole, Scope(CommitmentFilter(cutoff=address.cutoff())), key)
        made = Path(folder) / f"ledger.{form}"
        mark = write(whole, of, made, key)
        content = made.read_bytes()
    response = Response(content, content_type=kind)
    response.set_etag(mark[:32], weak=True)
    digest = hashlib.sha256(content).digest()
    response.headers["Content-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
    response.headers.set("Content-Disposition", "attachment", filename=made.name)
    return response.make_conditional(request)  # type: ignore[return-value]  # itself


def _engine(session: Session) -> Engine:
    """Where a session reads from: the database, or a replica of it."""
    return session.connection().engine


def _is_small(session: Session) -> bool:
    return registers.counted(session, CommitmentFilter()).rows <= registers.MOST


def _package(session: Session, of: Edition, path: Path, key: Ed25519PrivateKey) -> str:
    """Write a data package; returns what changes with its tables and not with the second that it was made in."""
    folder = path.with_name("package")
    folder.mkdir()
    datasets.write_folder(session, of, folder, key)
    with path.open("wb") as out:
        datasets.zip_folder(folder, out)
    return datasets.mark(folder)


def _sqlite(session: Session, of: Edition, path: Path, _key: Ed25519PrivateKey) -> str:
    datasets.write_sqlite(session, of, path)
    return datasets.sqlite_mark(path)


#: What a file is sent as, and what writes it and tells when it has changed.
_FILES: dict[str, tuple[str, Callable[[Session, Edition, Path, Ed25519PrivateKey], str]]] = {
    "zip": ("application/zip", _package),
    "db": ("application/vnd.sqlite3", _sqlite),
}
