"""The rules that a finding must meet to be recorded, each with how to meet it.

The database holds them again by checks and triggers, so that nothing gets past them.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.codebook import EvidenceRelation, EvidenceReports, Execution, Precision
from tracker.findings import Finding, Source
from tracker.models import LINE, Commitment, SearchLog, StatusAssessment
from tracker.texts import is_unseen, is_unstorable

#: Longest text of an assessment, and longest address of a piece of evidence, in characters.
LONGEST_TEXT = 4000
LONGEST_ADDRESS = 2000

#: Nothing that became of a commitment lies before.
EARLIEST = date(1949, 10, 1)


@dataclass(frozen=True)
class Fault:
    """A rule that a finding breaks, the field it is about, and how to meet it."""

    rule: str
    field: str
    zh: str
    en: str


@dataclass
class RuleBroken(ValueError):
    """A finding that breaks rules is refused whole; `faults` names each."""

    faults: list[Fault] = field(default_factory=list)

    def __str__(self) -> str:
        return "；".join(f"{fault.zh} / {fault.en}" for fault in self.faults)


def faults_of(session: Session, commitment: Commitment, finding: Finding, today: date) -> Iterator[Fault]:
    """Every rule that `finding` breaks; nothing where it may be recorded."""
    yield from _dates(finding, today)
    yield from _precision(finding)
    yield from _texts(finding)
    yield from _sources(finding)
    yield from _grounds(finding)
    yield from _search(session, commitment, finding, today)
    yield from _correction(session, commitment, finding)


def not_in_future(day: date, field: str, zh: str, en: str) -> Iterator[Fault]:
    """A fault where `day`, which Chinese and English call so, is no day that has been."""
    today = datetime.now().astimezone().date()
    if not EARLIEST <= day <= today:
        yield Fault(
            f"{field}-is-past", field,
            f"{zh} {day} 须在 {EARLIEST} 至今天 {today} 之间",
            f"{en}, {day}, lies between {EARLIEST} and today, {today}",
        )  # fmt: skip


def too_long(text: str | None, field: str, longest: int = LONGEST_TEXT) -> Iterator[Fault]:
    """A fault where a text is longer than the record takes, or holds a character that no database stores."""
    if len(text or "") > longest:
        yield Fault("text-length", field, f"至多 {longest} 字", f"{longest} characters at most")
    if is_unstorable(text or "") or (longest <= LINE and is_unseen(text or "")):
        yield Fault("text-characters", field, "含有看不见或无法保存的字符，请删去",
                    "leave out the character that is not seen or cannot be stored")  # fmt: skip


def addressed(source: Source) -> Iterator[Fault]:
    """A fault where a source cannot be opened in a browser, or is told of at too great length."""
    if not is_web_address(source.url):
        yield Fault(
            "evidence-address", "evidence",
            f"“{source.url}”不是网址：须以 http:// 或 https:// 开头",
            f"“{source.url}” is no web address: begin with http:// or https://",
        )  # fmt: skip
    for said in (source.title, source.publisher, source.fact_date):
        yield from too_long(said, "evidence", LINE)
    for said in (source.excerpt, source.shows_zh, source.shows_en, source.caveat_zh, source.caveat_en):
        yield from too_long(said, "evidence")


def _supporting(finding: Finding) -> list[Source]:
    return [source for source in finding.evidence if source.relation is EvidenceRelation.SUPPORTS]


def _dates(finding: Finding, today: date) -> Iterator[Fault]:
    if finding.effective_on > finding.reviewed_up_to:
        yield Fault(
            "effective-by-cut-off", "effective_on",
            f"生效日 {finding.effective_on} 晚于核查截止日 {finding.reviewed_up_to}：截止日须不早于生效日",
            f"the effective date {finding.effective_on} lies after the cut-off {finding.reviewed_up_to}:"
            " give a cut-off on or after it",
        )  # fmt: skip
    if finding.effective_on < EARLIEST:
        yield Fault(
            "effective-not-too-early", "effective_on",
            f"生效日 {finding.effective_on} 过早：不早于 {EARLIEST}",
            f"the effective date {finding.effective_on} is too early: {EARLIEST} or later",
        )  # fmt: skip
    if finding.reviewed_up_to > today:
        yield Fault(
            "cut-off-not-in-future", "reviewed_up_to",
            f"核查截止日 {finding.reviewed_up_to} 晚于今天 {today}",
            f"the cut-off {finding.reviewed_up_to} lies after today, {today}",
        )  # fmt: skip
    for source in finding.evidence:
        if source.published_on and source.published_on > today:
            yield Fault(
                "published-not-in-future", "evidence",
                f"依据的发布日期 {source.published_on} 晚于今天 {today}",
                f"evidence published on {source.published_on} lies after today, {today}",
            )  # fmt: skip
    for search in finding.searches:
        if search.searched_on and search.searched_on > today:
            yield Fault(
                "search-not-in-future", "searched_on",
                f"检索日期 {search.searched_on} 晚于今天 {today}",
                f"the search of {search.searched_on} lies after today, {today}",
            )  # fmt: skip


def _precision(finding: Finding) -> Iterator[Fault]:
    precision, day = finding.effective_precision, finding.effective_on
    month = 12 if precision is Precision.YEAR else day.month
    if precision and (day.month, day.day) != (month, calendar.monthrange(day.year, month)[1]):
        yield Fault(
            "effective-last-day", "effective_on",
            f"只知年份或月份时，生效日记为其最后一天，而不是 {day}",
            f"where only the month or year is known, its last day stands, not {day}",
        )  # fmt: skip


def _texts(finding: Finding) -> Iterator[Fault]:
    for name in ("summary", "summary_en", "progress", "problems", "next_steps"):
        yield from too_long(getattr(finding, name), name)
    if not finding.summary.strip():
        yield Fault("summary", "summary", "请用一句话写明所见", "say in one sentence what was found")
    if finding.progress_share is not None and not 0 <= finding.progress_share <= 1:
        yield Fault(
            "progress-share", "progress_share", "完成比例须在 0 与 1 之间", "the achieved share lies between 0 and 1"
        )


def _sources(finding: Finding) -> Iterator[Fault]:
    for search in finding.searches:
        if not all(0 < len(said.strip()) <= LINE for said in (search.searched_in, search.query)):
            yield Fault(
                "search-said", "searches",
                f"检索处和检索词须各为 1 至 {LINE} 字",
                f"say where and for what, in {LINE} characters at most",
            )  # fmt: skip
        yield from too_long(search.searched_in + search.query, "searches")
    for source in finding.evidence:
        yield from addressed(source)
    if len({source.url for source in finding.evidence}) < len(finding.evidence):
        yield Fault("evidence-once", "evidence", "同一网址只列一次", "cite each address once")


def is_web_address(url: str) -> bool:
    """Whether `url` can be opened in a browser: http or https, a host, no white space or control characters."""
    try:
        parts = urlsplit(url)
        # Reading the port refuses one that is no number.
        return (
            url.startswith(("http://", "https://")) and bool(parts.hostname) and (parts.port or 0) >= 0 and _typed(url)
        )
    except ValueError:
        return False


def _typed(url: str) -> bool:
    return url.isprintable() and " " not in url and len(url) <= LONGEST_ADDRESS


def _grounds(finding: Finding) -> Iterator[Fault]:
    execution, backing = finding.execution, _supporting(finding)
    if execution.needs_evidence and not backing:
        yield Fault(
            "evidence", "evidence",
            f"“{execution.zh}”须有支持它的依据：请附上网址",
            f"“{execution.en}” rests on evidence: cite an address that supports it",
        )  # fmt: skip
    elif execution.is_progress and all(source.reports is EvidenceReports.ANNOUNCEMENT for source in backing):
        yield Fault(
            "announcement", "execution",
            "仅有宣布不算进展：最多记为“已列入计划”，或补充报道批复、资金、开工、交付或统计的依据",
            "an announcement alone is not progress: record planned at most, or cite evidence of approval, funding,"
            " start, delivery or statistics",
        )  # fmt: skip
    if execution.needs_reason and not (finding.reason and finding.attribution):
        yield Fault(
            "reason", "reason",
            f"“{execution.zh}”须写明原因和归因",
            f"“{execution.en}” needs a reason and an attribution",
        )  # fmt: skip
    if finding.official_claim is not None and not finding.evidence:
        yield Fault(
            "claim-source", "official_claim",
            "官方说法须有出处：请附上网址",
            "an official claim needs its source: cite the address",
        )  # fmt: skip
    if finding.claim_source and finding.claim_source not in {source.url for source in finding.evidence}:
        yield Fault(
            "claim-source", "official_claim",
            f"官方说法的出处 {finding.claim_source} 不在所列依据之中",
            f"the source of the official claim, {finding.claim_source}, is not among the evidence cited",
        )  # fmt: skip


def _search(session: Session, commitment: Commitment, finding: Finding, today: date) -> Iterator[Fault]:
    if finding.execution is not Execution.NO_EVIDENCE_FOUND:
        return
    if any((search.searched_on or today) >= finding.reviewed_up_to for search in finding.searches):
        return
    logged = select(SearchLog.id).where(
        SearchLog.commitment_id == commitment.id, SearchLog.searched_on >= finding.reviewed_up_to
    )
    if session.scalars(logged.limit(1)).first() is None:
        yield Fault(
            "search", "searches",
            f"“已查无据”须有截至 {finding.reviewed_up_to} 的检索记录：请写明检索处和检索词",
            f"“no evidence found” rests on a search made on or after {finding.reviewed_up_to}: say where and for what",
        )  # fmt: skip


def _correction(session: Session, commitment: Commitment, finding: Finding) -> Iterator[Fault]:
    corrects = finding.corrects
    if corrects is None:
        return
    earlier = session.get(StatusAssessment, corrects)
    if earlier is None or earlier.commitment_id != commitment.id:
        yield Fault(
            "corrects", "corrects",
            f"评估 {corrects} 不属于 {commitment.code}",
            f"assessment {corrects} is not one of {commitment.code}",
        )  # fmt: skip
