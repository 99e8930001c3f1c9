"""Documents that are evidently generated, what they promise, and what became of it, as rows for bulk INSERTs."""

from __future__ import annotations

import enum
import hashlib
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import invented

from tracker import codebook, deadlines
from tracker.codebook import (
    Attribution,
    Checkability,
    Comparator,
    Confidence,
    DeadlineKind,
    DeadlineRule,
    DocumentKind,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    FigureRole,
    Kind,
    LicenceMode,
    Outcome,
    PublicationState,
    Reason,
    SourceTier,
    Tense,
    UnitBasis,
    UnitRole,
    Verdict,
)

#: Table → rows, each by its columns.
Rows = dict[str, list[dict[str, Any]]]

#: When the last thing was written down.
LAST = datetime(2026, 6, 30, 12, tzinfo=UTC)

#: How often each status is found, in the order of the codes; `not_reviewed` is the lack of an assessment.
_FOUND = dict(zip(Execution, (0, 12, 3, 12, 28, 10, 16, 2, 5, 3, 2, 1, 6), strict=True))

#: Deadlines, of each hundred: rule and phrase.
_DEADLINES: list[tuple[int, DeadlineRule | None, str | None]] = [
    (45, None, None),
    (30, DeadlineRule.SECOND_HALF, "下半年"),
    (5, DeadlineRule.CALENDAR_YEAR, "年内"),
    (20, DeadlineRule.ANNUAL_TARGET, "全年目标"),
]

_AS_THEY_ARE = (int, str, float, bool)


def plain(value: Any) -> Any:
    """A value as the audit keeps it."""
    if value.__class__ in _AS_THEY_ARE:
        return value
    return value.value if isinstance(value, enum.Enum) else value.isoformat()


class Maker:
    """Makes rows document by document, in the numbering of a ledger that was empty."""

    def __init__(self, random: Random, each: float) -> None:
        self.random = random
        self.rows: Rows = defaultdict(list)
        self._last: dict[str, int] = defaultdict(int)
        #: one commitment in seven is never looked at; the others make up for it
        self._most = max(1, round(2 * each / 0.85 - 1))

    def taken(self) -> Rows:
        """The rows made since the last time."""
        rows, self.rows = self.rows, defaultdict(list)
        return rows

    def _add(self, table: str, **columns: Any) -> int:
        self._last[table] += 1
        self.rows[table].append({"id": self._last[table], **columns})
        return self._last[table]

    def document(self, number: int, year: int, city: int, size: int) -> None:
        """A report of a city with `size` commitments: questions, and heads with their parts in the answers."""
        of = Document(self, number, year, city)
        while of.position < size:
            of.ask()
            for _ in range(self.random.randint(1, 4)):
                parts = self.random.randint(1, 4)
                left = size - of.position - 1 - parts
                # Every head has a part: no place for one of the next head alone may be left.
                if left < 2:
                    parts += left
                if of.position < size:
                    of.promise(parts)
        of.close()

    def follow_up(self, commitment: int, year: int) -> None:
        """What became of a commitment: assessments in the order of their days, each with what it rests on."""
        if self.random.random() < 0.15:
            return
        first = date(year, 7, 1).toordinal()
        days = sorted(self.random.sample(range(first, LAST.date().toordinal()), self.random.randint(1, self._most)))
        page, before = self._page(commitment, date.fromordinal(days[0])), None
        for day in map(date.fromordinal, days):
            execution = self.random.choices(list(_FOUND), list(_FOUND.values()))[0]
            before = self._assess(commitment, execution, day, page, before)

    def _page(self, commitment: int, day: date) -> int:
        return self._add(
            "evidence", url=f"https://example.org/generated/{commitment}", title=f"测试报道{commitment:07}",
            publisher="测试日报", published_on=day, retrieved_on=day, excerpt=None,
            origin=EvidenceOrigin.OFFICIAL, reports=self.random.choice(
                (EvidenceReports.START, EvidenceReports.DELIVERY, EvidenceReports.STATISTICS)),
        )  # fmt: skip

    def _assess(self, commitment: int, execution: Execution, day: date, page: int, before: int | None) -> int:
        random, number = self.random, self._last["status_assessment"] + 1
        at = datetime.combine(day, time(9), UTC) + timedelta(seconds=random.randrange(30_000))
        if execution is Execution.NO_EVIDENCE_FOUND:
            self._add("search_log", commitment_id=commitment, searched_in="测试检索站", query=f"测试 {commitment}",
                      searched_on=day, analyst_id=1, results_read=20)  # fmt: skip
        if execution.needs_evidence:
            relation = EvidenceRelation.SUPPORTS
            self.rows["assessment_evidence"].append(
                {"assessment_id": number, "evidence_id": page, "relation": relation}
            )
        halted, running = execution.needs_reason, execution in {Execution.IN_PROGRESS, Execution.PARTLY_COMPLETED}
        self._add(
            "status_assessment", commitment_id=commitment, execution=execution, outcome=Outcome.UNKNOWN,
            effective_on=day - timedelta(days=random.randrange(20)), recorded_at=at, reviewed_up_to=day,
            summary=f"测试记录：{execution.zh}。", analyst_id=1, codebook_version=codebook.VERSION,
            progress_share=random.randrange(101) / 100 if running and random.random() < 0.4 else None,
            reason=random.choice(list(Reason)) if halted else None,
            attribution=random.choice(list(Attribution)) if halted else None,
            confidence=Confidence.MEDIUM, corrects_id=before if random.random() < 0.02 else None,
        )  # fmt: skip
        if random.random() < 0.3:
            verdict = Verdict.RETURN if random.random() < 0.1 else Verdict.APPROVE
            self._add("review", assessment_id=number, verdict=verdict, reviewer_id=2, recorded_at=at,
                      note="测试退回" if verdict is Verdict.RETURN else None)  # fmt: skip
        return number

    def measure(self, document: int, commitment: int, passage: int, year: int) -> None:
        """A number that a commitment states, and for half of them a value found later."""
        figure = self._add(
            "stated_figure", document_id=document, commitment_id=commitment, passage_id=passage,
            value=float(self.random.randint(1, 500)), unit_id=1, comparator=Comparator.AT_LEAST,
            what_zh="测试数量", what_en="generated number", role=FigureRole.TARGET,
        )  # fmt: skip
        if self.random.random() < 0.5:
            day = date(year, 12, 31)
            self._add("measurement", figure_id=figure, value=float(self.random.randint(1, 500)), as_of=day,
                      evidence_id=self._page(commitment, day), analyst_id=1, recorded_at=LAST)  # fmt: skip

    def postpone(self, commitment: int, year: int) -> None:
        """A deadline is moved by a year."""
        day = date(year, 11, 1)
        self._add(
            "deadline_revision", commitment_id=commitment, deadline_kind=DeadlineKind.COMPLETION,
            deadline_text="延至次年底", window_end=date(year + 1, 12, 31), announced_on=day,
            evidence_id=self._page(commitment, day), analyst_id=1, recorded_at=datetime.combine(day, time(9), UTC),
        )  # fmt: skip


class Document:
    """A document while it is written: its text grows, and passages of it are noted."""

    def __init__(self, maker: Maker, number: int, year: int, city: int) -> None:
        self.maker, self.number, self.year, self.city = maker, number, year, city
        self.position = 0
        self._text, self._length = [], 0
        self._turn: dict[str, Any] = {}
        self._turns: list[dict[str, Any]] = []
        self._heads = 0

    def _write(self, words: str) -> tuple[int, int]:
        start = self._length
        self._text.append(words)
        self._length += len(words)
        return start, self._length

    def ask(self) -> None:
        """Begin a turn."""
        start, end = self._write(invented.question(self.maker.random))
        self._write("\n")
        self.maker._last["turn"] += 1
        self._turn = {
            "id": self.maker._last["turn"], "document_id": self.number, "position": len(self._turns) + 1,
            "question_start": start, "question_end": end, "answer_start": end + 1, "question_head_missing": False,
        }  # fmt: skip
        self._turns.append(self._turn)

    def promise(self, parts: int) -> None:
        """Write a head with so many parts, each with a sentence of its own or all named in one."""
        random = self.maker.random
        self._heads += 1
        kind = random.choice(list(Kind))
        title = invented.title(random)
        head = self._commit(title, kind, self._passage(*self._write(invented.sentence(random, title))))
        together = random.random() < 0.4
        titles = [invented.title(random, plain=together) for _ in range(parts)]
        if together:
            words, places = invented.enumeration(random, titles)
            start, end = self._write(words)
            shared = self._passage(start, end)
            for title, (first, last) in zip(titles, places, strict=True):
                self._commit(title, kind, shared, head, focus=self._passage(start + first, start + last))
        else:
            for ordinal, title in zip("一二三四五", titles, strict=False):
                words = invented.sentence(random, title, lead=f"{ordinal}是")
                self._commit(title, kind, self._passage(*self._write(words)), head)
        self._write("\n")
        self._turn["answer_end"] = self._length

    def _passage(self, start: int, end: int) -> int:
        return self.maker._add("passage", document_id=self.number, start=start, end=end)

    def _commit(self, title: str, kind: Kind, passage: int, head: int | None = None, focus: int | None = None) -> int:
        maker, random = self.maker, self.maker.random
        self.position += 1
        part = f".{self.position}" if head else ""
        _, rule, phrase = random.choices(_DEADLINES, [weight for weight, *_ in _DEADLINES])[0]
        deadline = rule.kind if rule else DeadlineKind.NONE
        start, end = deadlines.interval(rule, phrase or "", self.year) if rule else (None, None)
        number = maker._add(
            "commitment", code=f"T{self.number:05}-{self.year}-{self._heads:02}{part}", jurisdiction_id=self.city + 1,
            document_id=self.number, speaker_id=self.city, post_id=self.city, turn_id=self._turn["id"],
            parent_id=head, position=self.position, passage_id=passage, focus_id=focus, title_zh=title,
            title_en=f"Generated commitment {maker._last['commitment']}", stands_alone=False, kind=kind,
            secondary_kind=None, tense=random.choice(list(Tense)), tense_confidence=Confidence.HIGH, tense_words="将",
            deadline_text=phrase, deadline_kind=deadline, deadline_rule=rule, window_start=start, window_end=end,
            checkability=random.choice(list(Checkability)), completion_zh="测试：公布办理结果",
            completion_en="generated", publication_state=PublicationState.PUBLISHED, row_version=1,
            next_check=date(2026, 1, 1) + timedelta(days=random.randrange(700)) if random.random() < 0.6 else None,
        )  # fmt: skip
        maker.rows["commitment_unit"].append(
            {"commitment_id": number, "organisation_id": 3 * self.city - random.randrange(3),
             "role": UnitRole.LEAD, "basis": UnitBasis.ASSIGNED}
        )  # fmt: skip
        maker.follow_up(number, self.year)
        if random.random() < 0.1 and not focus:
            maker.measure(self.number, number, passage, self.year)
        if deadline is DeadlineKind.COMPLETION and random.random() < 0.08:
            maker.postpone(number, self.year)
        return number

    def close(self) -> None:
        """The document with its text and questions."""
        text = "".join(self._text)
        self.maker.rows["turn"] += self._turns
        self.maker.rows["source_document"].append({
            "id": self.number, "key": f"generated-{self.number:05}", "kind": DocumentKind.WORK_REPORT, "language": "zh",
            "jurisdiction_id": self.city + 1, "publisher": "测试日报", "title": f"测试文件{self.number:05}",
            "date": str(self.year), "source_tier": SourceTier.PRESS, "licence_mode": LicenceMode.FULL_TEXT,
            "text": text, "sha256": hashlib.sha256(text.encode()).hexdigest(),
        })  # fmt: skip
