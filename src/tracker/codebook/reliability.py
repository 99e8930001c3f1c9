"""Codes of second coding: which fields are coded twice, and how their agreement is read."""

from __future__ import annotations

from tracker.codebook.assessments import Execution
from tracker.codebook.coded import Coded
from tracker.codebook.commitments import Checkability, Kind, Tense


class Level(Coded):
    """Level of measurement: whether all disagreements weigh the same."""

    NOMINAL = ("nominal", "定类", "Nominal", "各种不一致分量相同", "Every disagreement weighs the same")
    ORDINAL = ("ordinal", "定序", "Ordinal", "相隔越远分量越重", "The further apart, the heavier")


class CodedField(Coded):
    """A field of the coding that a second analyst codes again."""

    KIND = (
        "kind",
        "类别",
        "Kind",
        "承诺属于哪一类？由所答的问题决定。",
        "What is it about? The question that was asked decides.",
    )
    TENSE = ("tense", "时态", "Tense", "讲话人说的是将办、在办还是已办？", "Is it told as to come, going on, or done?")
    CHECKABILITY = (
        "checkability",
        "可核查性",
        "Checkability",
        "兑现与否，核查起来有多容易？",
        "How well can it be told whether it was kept?",
    )
    EXECUTION = (
        "execution",
        "执行状态",
        "Status",
        "就所列依据看，这件事办得怎样？",
        "By the evidence listed, what became of it?",
    )

    @property
    def vocabulary(self) -> type[Coded]:
        """The vocabulary that its values are of."""
        vocabularies: dict[str, type[Coded]] = {
            "kind": Kind,
            "tense": Tense,
            "checkability": Checkability,
            "execution": Execution,
        }
        return vocabularies[self.value]

    @property
    def codes(self) -> tuple[Coded, ...]:
        """The codes that a coder may give, in the order of the vocabulary. That nobody has looked is no judgement."""
        return tuple(code for code in self.vocabulary if code is not Execution.NOT_REVIEWED)

    def named(self, text: str) -> str:
        """The code that a text names, by its code or by a label; the text itself where it names none."""
        return next((code.value for code in self.codes if text in {code.value, code.zh, code.en}), text)

    @property
    def level(self) -> Level:
        """Level of measurement."""
        return Level.ORDINAL if self is CodedField.CHECKABILITY else Level.NOMINAL


class Reliability(Coded):
    """What an alpha allows: Krippendorff, Content Analysis (2nd ed., 2004), p. 241."""

    RELIABLE = ("reliable", "可靠", "Reliable", "α ≥ 0.800", "α ≥ .800")
    TENTATIVE = ("tentative", "只可作初步结论", "Tentative only", "0.667 ≤ α < 0.800", ".667 ≤ α < .800")
    UNRELIABLE = ("unreliable", "不可靠", "Not reliable", "α < 0.667", "α < .667")

    @classmethod
    def of(cls, alpha: float) -> Reliability:
        """How an alpha is read."""
        if alpha >= 0.8:
            return cls.RELIABLE
        return cls.TENTATIVE if alpha >= 0.667 else cls.UNRELIABLE
