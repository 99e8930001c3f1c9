"""The questions that analysts ask, as saved views of the desk, and the 督办单 of a city."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from typing import Any, ClassVar

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_admin.base import expose
from sqlalchemy import Row

from tracker import duban, export, queries, questions
from tracker.admin import arguments
from tracker.admin.base import Closed
from tracker.codebook import Kind, Role
from tracker.language import current, lazy, t
from tracker.questions import QUESTIONS, Asked, Question
from tracker.records import Record
from tracker.standings import Cutoff

#: The two days that every question takes.
_DAYS = ("as_of", "recorded_by")

#: What is sent as a file, and as what.
_FILES = {"csv": "text/csv", "xlsx": export.XLSX}


class QuestionsView(Closed):
    """An index of the questions, a page for each, and the 督办单."""

    opens: ClassVar[dict[str, Role]] = {
        "index": Role.READER,
        "question_view": Role.READER,
        "duban_view": Role.READER,
    }

    def __init__(self, session: Any) -> None:
        super().__init__(name=lazy("常用问题", "Questions"), endpoint="questions", url="/desk/questions")
        self.session = session

    @expose("/")
    def index(self) -> str:
        """Every question with its sentence and how many rows answer it now."""
        arguments.only([])
        session = self.session()
        counts = {
            name: None if question.required else questions.count(session, question, Asked())
            for name, question in QUESTIONS.items()
        }
        return self.render("desk/questions.html", questions=QUESTIONS.values(), counts=counts, cities=self._cities())

    @expose("/<question>")
    def question_view(self, question: str) -> ResponseReturnValue:
        """One question: its form, its rows, and the command that asks the same; as CSV where `format` says so."""
        if question not in QUESTIONS:
            abort(404, t("没有这个问题。", "There is no such question."))
        asking = QUESTIONS[question]
        arguments.only([*asking.parameters, *_DAYS, "format"])
        cities, sectors = self._cities(), self.session.execute(questions.sectors()).all()
        asked = _asked(cities, [row.code for row in sectors])
        missing = [name for name in asking.required if not request.args.get(name, "").strip()]
        rows = [] if missing else questions.answer(self.session(), asking, asked)
        if arguments.one_of("format", ["csv"]):
            if missing:
                arguments.refuse(f"{missing[0]}=", [row.code for row in sectors])
            return _download(rows, question)
        return self.render(
            "desk/question.html",
            question=asking,
            asked=asked,
            missing=missing,
            rows=rows,
            sections=_sections(asking, rows),
            command=questions.command(question, _given(asking, cities)),
            cities=cities,
            sectors=sectors,
            kinds=list(Kind),
            names=questions.PARAMETERS,
            limits={"days": questions.MOST_DAYS},
        )

    @expose("/duban")
    def duban_view(self) -> ResponseReturnValue:
        """The 督办单 of a city: a page to print, or CSV."""
        arguments.only(["city", "by", "format", *_DAYS])
        codes = [row.code for row in self._cities()]
        city = arguments.one_of("city", codes)
        if city is None:
            arguments.refuse("city=", codes)
        form = arguments.one_of("format", ["html", *_FILES])
        made = duban.sheet(self.session(), city, _cutoff(), arguments.day("by"))
        if form in _FILES:
            out = io.BytesIO()
            duban.FORMS[f".{form}"](made, out)
            return _file(out, f"duban-{city}", form)
        return Response(duban.page(made), headers={"Content-Security-Policy": duban.policy()})

    def _cities(self) -> Sequence[Row[Any]]:
        return self.session.execute(queries.cities()).all()  # type: ignore[no-any-return]


def _asked(cities: Sequence[Row[Any]], sectors: list[str]) -> Asked:
    """What the address asks for. Answers 400 to what is not understood."""
    kind = arguments.one_of("kind", [code.value for code in Kind])
    days = arguments.number("days", largest=questions.MOST_DAYS)
    return Asked(
        city_code=arguments.one_of("city", [city.code for city in cities]),
        kind=Kind(kind) if kind else None,
        by=arguments.day("by"),
        days=days if request.args.get("days", "").strip() else questions.DAYS,
        sector=arguments.one_of("sector", sectors),
        cutoff=_cutoff(),
    )


def _cutoff() -> Cutoff:
    return Cutoff(arguments.day("as_of"), arguments.day("recorded_by"))


def _given(question: Question, cities: Sequence[Row[Any]]) -> dict[str, str]:
    """What the address gives, as options of the command: names of cities, not their codes."""
    named = {city.code: city.name_zh for city in cities}
    given = {name: request.args.get(name, "").strip() for name in (*question.parameters, *_DAYS)}
    return {
        name.replace("_", "-"): named.get(value, value) if name == "city" else value for name, value in given.items()
    }


def _sections(question: Question, rows: list[Record]) -> list[tuple[Any, list[Record]]]:
    """The rows under the headings of their sections; under none where the question has no sections."""
    part = question.sections
    grouped = groupby(rows, key=lambda row: part.value(row, current()) if part else None)
    return [(heading, list(held)) for heading, held in grouped]


def _download(rows: list[Record], name: str) -> Response:
    out = io.BytesIO()
    export.write(iter(rows), "csv", out)
    return _file(out, name)


def _file(out: io.BytesIO, name: str, form: str = "csv") -> Response:
    disposition = f'attachment; filename="{name}.{form}"'
    return Response(out.getvalue(), mimetype=_FILES[form], headers={"Content-Disposition": disposition})
