"""What a search looks through is stored and indexed, and a search finds what the words of the ledger give."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, aliased

from following import ANALYST, commitment
from tracker import audit, db, filters, queries
from tracker.codebook import TermBasis, UnitBasis, UnitRole
from tracker.models import Commitment, CommitmentTerm, CommitmentUnit, Organisation, Passage, StatedFigure
from tracker.stored import words
from tracker.verification.stored import searched

CODE = "CZ-2020-21.1"


def found(session: Session, asked: str) -> set[str]:
    which = filters.CommitmentFilter(search=asked, unpublished=True)
    return {row.code for row in session.execute(queries.commitments(which, only=["code"]))}


def names(row: object) -> list[str]:
    return [row.name_zh, row.name_en]  # type: ignore[attr-defined]


class Read:
    """The ledger as a reader of every row knows it: what a search finds, without a stored word or an index."""

    def __init__(self, session: Session) -> None:
        quote, focus = aliased(Passage), aliased(Passage)
        rows = session.execute(
            select(Commitment, quote, focus)
            .join(quote, quote.id == Commitment.passage_id)
            .outerjoin(focus, focus.id == Commitment.focus_id)
        )
        self.own: dict[str, list[str]] = {}
        self.quote: dict[str, tuple[int, str]] = {}
        self.claims: dict[int, list[str]] = {}
        for row, said, alone in rows:
            words = row.document.text[(alone or said).start : (alone or said).end]
            self.own[row.code] = [words, row.title_zh, row.title_en, row.code, *self._hanging(row)]
            self.quote[row.code] = said.id, row.document.text[said.start : said.end]
            self.claims.setdefault(said.id, []).extend([words] if alone else [])

    @staticmethod
    def _hanging(row: Commitment) -> Iterator[str]:
        for unit in row.units:
            yield from names(unit.organisation)
        for given in row.terms:
            if given.basis is not TermBasis.INFERRED:
                yield from names(given.term) + names(given.term.vocabulary)
        for figure in row.figures:
            yield from (figure.what_zh, figure.what_en)

    def found(self, asked: str) -> set[str]:
        return {code for code in self.own if all(self._holds(code, word) for word in asked.split())}

    def _holds(self, code: str, word: str) -> bool:
        def has(held: str) -> bool:
            return word.lower() in held.lower()

        passage, quote = self.quote[code]
        return any(map(has, self.own[code])) or (has(quote) and not any(map(has, self.claims[passage])))


def asked_for(read: Read) -> list[str]:
    """Pairs of characters of titles and quotes, longer and shorter words, and strange ones."""
    texts = [text for of_one in read.own.values() for text in of_one[:4]] + [quote for _, quote in read.quote.values()]
    pairs = sorted({text[at : at + 2] for text in texts for at in range(len(text) - 1)})
    longer = [text[at : at + size] for text in texts[::20] for at, size in ((3, 3), (0, 7), (1, 40))]
    strange = '"" * "*" %% __ % _ / // " \' \\ () OR NOT 不在 AND É é 市 5 g 5g网络 CZ-2020'.split()  # noqa: SIM905
    return [word for word in (*pairs[::20], *longer, *strange, "加快 建设", "x" * 3000) if word.strip()]


def test_a_search_finds_what_reading_every_row_finds(desk: Session) -> None:
    read = Read(desk)
    wanted = asked_for(read)
    assert len(wanted) > 200
    assert {word: found(desk, word) for word in wanted} == {word: read.found(word) for word in wanted}


def _figure(session: Session) -> StatedFigure:
    return session.get_one(StatedFigure, 1)


def _state_another(session: Session) -> None:
    one = _figure(session)
    said = {name: getattr(one, name) for name in (column.name for column in one.__table__.columns) if name != "id"}
    session.add(StatedFigure(**said | {"what_zh": "玄武大道的里程"}))


def _unit(session: Session) -> Organisation:
    return session.scalars(select(Organisation).join(CommitmentUnit).order_by(Organisation.id)).first()  # type: ignore[return-value]


def _add_unit(session: Session) -> None:
    unit = Organisation(code="x", kind=_unit(session).kind, name_zh="玄武大道管委会", name_en="Xuanwu")
    row = commitment(session, CODE)
    row.units.append(CommitmentUnit(organisation=unit, role=UnitRole.LEAD, basis=UnitBasis.ASSIGNED))


def _given(session: Session, basis: TermBasis) -> CommitmentTerm:
    return session.scalars(select(CommitmentTerm).where(CommitmentTerm.basis == basis)).first()  # type: ignore[return-value]


def _infer(session: Session) -> None:
    for given in session.scalars(select(CommitmentTerm).where(CommitmentTerm.basis == TermBasis.EXPLICIT)):
        given.basis = TermBasis.INFERRED


#: What is done to the ledger, and a word that finds other commitments afterwards.
CHANGES: dict[str, tuple[Callable[[Session], object], str]] = {
    "a title": (lambda s: setattr(commitment(s, CODE), "title_zh", "修建玄武大道"), "玄武大道"),
    "a title, its old words": (lambda s: setattr(commitment(s, "CZ-2020-01.1"), "title_en", "Food"), "endorsing"),
    "words that were a row's alone": (lambda s: setattr(commitment(s, "CZ-2020-01.1"), "focus_id", None), "云开工"),
    "words that were nobody's alone": (
        lambda s: setattr(commitment(s, CODE), "focus", commitment(s, CODE).passage),
        "等一批",
    ),
    "a figure": (lambda s: setattr(_figure(s), "what_en", "Xuanwu"), "xuanwu"),
    "a figure more": (_state_another, "玄武大道"),
    "a figure less": (lambda s: s.delete(_figure(s)), "签约的项目数"),
    "a figure of another": (lambda s: setattr(_figure(s), "commitment_id", 1), "签约的项目数"),
    "a unit": (lambda s: setattr(_unit(s), "name_zh", "玄武大道管委会"), "玄武大道"),
    "a unit more": (_add_unit, "玄武大道"),
    "a term": (lambda s: setattr(_given(s, TermBasis.EXPLICIT).term, "name_zh", "玄武大道"), "玄武大道"),
    "a term less": (lambda s: s.delete(_given(s, TermBasis.EXPLICIT)), "term"),
    "terms that are inferred": (_infer, "term"),
    "a vocabulary": (lambda s: setattr(_given(s, TermBasis.EXPLICIT).term.vocabulary, "name_en", "Xuanwu"), "xuanwu"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen_by_the_next_search(desk: Session, change: str) -> None:
    alter, word = CHANGES[change]
    word = _given(desk, TermBasis.EXPLICIT).term.name_zh if word == "term" else word
    before = found(desk, word)
    alter(desk)
    desk.flush()
    desk.expire_all()
    assert found(desk, word) == Read(desk).found(word) != before
    assert searched(desk)[1] == []


def test_what_was_loaded_is_in_the_index(ledger: Engine) -> None:
    newer = f"SELECT count(*) FROM searched_text WHERE id > {words.NEWEST}"
    with ledger.connect() as connection:
        assert ledger.dialect.name == "postgresql" or connection.scalar(text(newer)) == 0
        assert words.misindexed(connection) == []


def test_what_a_transaction_writes_is_in_the_index_when_it_ends(ledger: Engine) -> None:
    newer = f"SELECT count(*) FROM searched_text WHERE id > {words.NEWEST}"
    with db.writing(ledger, actor=ANALYST) as session:
        commitment(session, CODE).title_zh = "玄武大道"
    with db.writing(ledger, actor=ANALYST) as session:
        _figure(session).what_zh = "朱雀大街"
    with ledger.connect() as connection:
        assert ledger.dialect.name == "postgresql" or connection.scalar(text(newer)) == 0
        assert words.misindexed(connection) == []


def test_what_is_taken_back_is_not_in_the_index(ledger: Engine) -> None:
    with db.sessions(ledger)() as session:
        commitment(audit.signed_by(session, ANALYST), CODE).title_zh = "玄武大道"
        session.flush()
        session.rollback()
    with db.writing(ledger, actor=ANALYST) as session:
        commitment(session, "JZ-2020-17.1").title_zh = "朱雀大街"
    with db.reading(ledger) as session:
        assert searched(session)[1] == []
        assert found(session, "玄武大道") == set()


def tampered(engine: Engine, statement: str) -> list[str]:
    """The commitments that the check of the stored words names after a change behind its back."""
    with engine.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(statement))
    with db.reading(engine) as session:
        return searched(session)[1]


OF = "commitment_id = (SELECT id FROM commitment WHERE code = 'CZ-2020-21.1') AND stated_figure_id IS NULL"


@pytest.mark.parametrize("change", ["UPDATE searched_text SET own = 'x' WHERE", "DELETE FROM searched_text WHERE"])
def test_words_that_were_altered_are_named_and_made_anew_by_an_upgrade(ledger: Engine, change: str) -> None:
    assert CODE in tampered(ledger, f"{change} {OF}")
    db.upgrade(ledger)
    assert tampered(ledger, "SELECT 1") == []


@pytest.mark.parametrize(
    "change", ["(rowid, pairs) SELECT id, 'e5'", "(word_index, rowid, pairs) SELECT 'delete', id, '637a'"]
)
def test_an_index_that_was_altered_names_the_commitment(ledger: Engine, change: str) -> None:
    if ledger.dialect.name == "postgresql":
        pytest.skip("the server keeps its index")
    assert tampered(ledger, f"INSERT INTO word_index {change} FROM searched_text WHERE {OF}") == [CODE]
