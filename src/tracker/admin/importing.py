"""Tables and files of others, taken in at the desk: upload, say what the columns mean, look, then all or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from flask_login import current_user

from tracker import audit, events, importing, seed, uploads
from tracker.admin import arguments, import_forms, labels, refusals
from tracker.admin.base import Closed
from tracker.codebook import Role
from tracker.crosswalk import UnknownScheme
from tracker.events import Event
from tracker.importing import Outcome, Reading, Table, Unreadable, mappings
from tracker.importing.words import schemes
from tracker.language import lazy, t
from tracker.rules import RuleBroken

#: Endings of files in the form of the seed.
_SEED = {".yaml", ".yml"}


class ImportView(Closed):
    """Import."""

    opens: ClassVar[dict[str, Role]] = {"index": Role.ANALYST, "read_view": Role.ANALYST, "drop_view": Role.ANALYST}

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("导入", "Import"), endpoint="importing", url="/desk/import")
        self.session = session

    @expose("/", methods=("GET", "POST"))
    def index(self) -> ResponseReturnValue:
        """Upload a file; those that wait."""
        arguments.only([])
        wrong = ""
        if request.method == "POST":
            try:
                return redirect(url_for(".read_view", id=self._kept()))
            except Unreadable as refused:
                self.session.rollback()
                wrong = t(refused.zh, refused.en)
        waiting = uploads.waiting(self.session(), current_user.id)
        page = self.render(
            "desk/import.html", wrong=wrong, waiting=waiting, largest=uploads.LARGEST, most=uploads.MOST_ROWS
        )
        return page, 422 if wrong else 200

    def _kept(self) -> int:
        """The number of the file that was sent, once it is kept. Raises `Unreadable`."""
        file = request.files.get("file")
        name = PurePath((file.filename or "") if file else "").name[:200]
        content = file.read() if file else b""
        if not name or not content:
            raise Unreadable("请选择一个有内容的文件", "choose a file that is not empty")
        encoding = request.form.get("encoding", "utf-8")
        if encoding not in importing.tables.ENCODINGS:
            arguments.refuse(encoding[:20], importing.tables.ENCODINGS)
        if PurePath(name).suffix.lower() not in _SEED:
            with _file(name, content) as path:
                self._fits(importing.opened(path, name=name, encoding=encoding))
        number = uploads.keep(self.session(), current_user.id, name, content, encoding)
        self.session.commit()
        return number

    def _fits(self, table: Table) -> None:
        rows = sum(1 for _ in islice(table.lines(), uploads.MOST_ROWS + 1))
        if rows > uploads.MOST_ROWS:
            most = uploads.MOST_ROWS
            raise Unreadable(
                f"超过 {most} 行：请用命令 tracker import 导入，或分成几个文件",
                f"more than {most} rows: take it in by the command “tracker import”, or part the file",
            )

    @expose("/read/", methods=("GET", "POST"))
    def read_view(self) -> ResponseReturnValue:
        """How a file is read, what that would do, and the button that does it."""
        arguments.only(["id"])
        upload = uploads.one(self.session(), current_user.id, arguments.key(request.args.get("id")))
        if upload is None:
            abort(
                404,
                t(
                    "没有这个文件：可能已导入，或放了一天以上。",
                    "There is no such file: it was imported, or waited for more than a day.",
                ),
            )
        with _file(upload.name, upload.content) as path:
            if path.suffix.lower() in _SEED:
                return self._seed_file(upload, path)
            return self._table(upload, importing.opened(path, name=upload.name, encoding=upload.encoding))

    @expose("/drop/", methods=("POST",))
    def drop_view(self) -> ResponseReturnValue:
        """Let a file go."""
        arguments.only(["id"])
        upload = uploads.one(self.session(), current_user.id, arguments.key(request.args.get("id")))
        if upload is not None:
            uploads.drop(self.session(), upload.id)
            self.session.commit()
        return redirect(url_for(".index"))

    def _table(self, upload: Any, table: Table) -> ResponseReturnValue:
        reading, wrong, is_known = Reading(), "", False
        try:
            if upload.mapping:
                reading = mappings.from_json(upload.mapping)
            else:
                reading, is_known = mappings.start(self.session(), table.headings)
            if request.method == "POST":
                reading = import_forms.sent(table.headings, reading)
                if request.form.get("do") == "write" and (answer := self._written(upload, table, reading)):
                    return answer
                self.session.rollback()
                uploads.say_how(self.session(), upload.id, reading.as_json())
                self.session.commit()
            outcome = importing.look(self.session(), table, reading)
        except (Unreadable, UnknownScheme) as refused:
            self.session.rollback()
            wrong = t(refused.zh, refused.en) if isinstance(refused, Unreadable) else str(refused)
            outcome = Outcome()
        page = self.render(
            "desk/import_table.html",
            upload=upload,
            table=table,
            reading=reading,
            outcome=outcome,
            wrong=wrong,
            is_known=is_known,
            forms=import_forms,
            column_of=lambda name: import_forms.called(name, table.headings),
            column_name=lambda name: labels.of("commitment", name),
            unknown=_unknown(table, reading, outcome),
            schemes=schemes(self.session()),
        )
        return page, 422 if wrong or (request.method == "POST" and outcome.troubles) else 200

    def _written(self, upload: Any, table: Table, reading: Reading) -> ResponseReturnValue | None:
        """On to the list once all is written; none where a row has troubles, and nothing is."""
        analyst = current_user._get_current_object()  # noqa: SLF001 - the account itself, not the proxy

        def take() -> Outcome:
            outcome = importing.take(self.session(), table, reading, analyst=analyst)
            if outcome.troubles:
                first = outcome.troubles[0]
                raise Unreadable(
                    f"第 {first.row} 行 {first.column}：{first.zh}", f"row {first.row}, {first.column}: {first.en}"
                )
            mappings.remember(self.session(), table.headings, reading, by=analyst)
            uploads.drop(self.session(), upload.id)
            return outcome

        return self._done(
            upload.name, take, lambda made: {"new": made.new, "changed": made.changed, "followups": made.followups}
        )

    def _done(
        self, name: str, change: Callable[[], Any], counted: Callable[[Any], dict[str, int]]
    ) -> ResponseReturnValue | None:
        try:
            made = refusals.written(self.session, change)
        except (Unreadable, RuleBroken, seed.SeedError) as refused:
            self.session.rollback()
            said = t(refused.zh, refused.en) if isinstance(refused, Unreadable) else str(refused)
            flash(t(f"没有写入：{said}", f"Nothing was written: {said}"), "error")
            return None
        if made is None:
            return None
        counts = counted(made)
        events.say(Event.IMPORTED, who=current_user.name, what=name, **counts)
        new, changed, *followups = counts.values()
        recorded = "".join(t(f"，跟踪 {count} 次", f", {count} follow-ups") for count in followups)
        flash(
            t(
                f"已导入 {name}：新增 {new} 条，改动 {changed} 条{recorded}。",
                f"Imported {name}: {new} new, {changed} changed{recorded}.",
            ),
            "success",
        )
        return redirect(url_for("commitment.index_view"))

    def _seed_file(self, upload: Any, path: Path) -> ResponseReturnValue:
        """A file in the form of the seed: what it would change, or it is changed."""

        def load() -> seed.Changes:
            done = seed.load_file(self.session(), path, actor=current_user.name)
            uploads.drop(self.session(), upload.id)
            return done

        if request.method == "POST" and (
            answer := self._done(upload.name, load, lambda done: {"added": done.added, "changed": done.changed})
        ):
            return answer
        done, wrong = None, ""
        try:
            audit.signed_by(self.session(), current_user.name)
            done = seed.load_file(self.session(), path, actor=current_user.name)
        except (seed.SeedError, RuleBroken) as refused:
            wrong = str(refused)
        self.session.rollback()
        return self.render("desk/import_seed.html", upload=upload, done=done, wrong=wrong), 422 if wrong else 200


@contextmanager
def _file(name: str, content: bytes) -> Iterator[Path]:
    """The content as a file, as long as it is needed; its name is ours, its ending the sender's."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{PurePath(name).suffix.lower()[:10]}"
        path.write_bytes(content)
        yield path


def _unknown(table: Table, reading: Reading, outcome: Outcome) -> list[str]:
    """The words for statuses that could not be understood, by the rows that say them."""
    rows = {(one.row, one.column) for one in outcome.troubles}
    places = {
        heading: place
        for place, heading in enumerate(table.headings)
        if any(name.rpartition(".")[2] in {"execution", "official_claim"} for name in reading.columns.get(heading, ()))
    }
    found = (
        line.cells[place].strip()
        for line in (table.lines() if rows and places else ())
        for heading, place in places.items()
        if (line.number, heading) in rows
    )
    return list(dict.fromkeys(word for word in found if word))[:100]
