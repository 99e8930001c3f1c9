"""Codes that describe places and published texts."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class JurisdictionLevel(Coded):
    """Level of a jurisdiction."""

    COUNTRY = ("country", "国家", "Country")
    PROVINCE = ("province", "省级", "Province")
    PREFECTURE = ("prefecture", "地级", "Prefecture-level city")
    COUNTY = ("county", "县级", "County")


class OrganisationKind(Coded):
    """What sort of body an organisation is."""

    GOVERNMENT = ("government", "政府", "Government")
    DEPARTMENT = ("department", "部门", "Department")
    LEADERSHIP = ("leadership", "领导干部", "Leading officials")
    LEGISLATURE = ("legislature", "人大", "People's congress")
    ENTERPRISE = ("enterprise", "企业", "Enterprise")
    OTHER = ("other", "其他", "Other")


class DocumentKind(Coded):
    """What sort of text a source document is."""

    INTERVIEW = ("interview", "访谈", "Interview")
    WORK_REPORT = ("work_report", "政府工作报告", "Government work report")
    TASK_TABLE = ("task_table", "任务分解表", "Task table")
    OTHER = ("other", "其他", "Other")


class SourceTier(Coded):
    """How near a source stands to the one who speaks."""

    OFFICIAL = ("official", "官方文件", "Official document")
    PRESS = ("press", "报刊", "Press")
    SECONDARY = ("secondary", "转引", "Secondary")


class LicenceMode(Coded):
    """How much of a text may be shown."""

    FULL_TEXT = ("full_text", "全文", "Full text")
    QUOTE_ONLY = ("quote_only", "仅引文", "Quotes only")
    METADATA_ONLY = ("metadata_only", "仅著录信息", "Metadata only")


class MarkReason(Coded):
    """Why a stretch of text that holds no commitment, or a number that is no figure, was marked."""

    BACKGROUND = ("background", "背景", "Background")
    OPINION = ("opinion", "观点", "Opinion")
    NATIONAL_STATEMENT = ("national_statement", "全国性表述", "National statement")
    STATISTIC = ("statistic", "统计", "Statistic")
    LEAD_IN = ("lead_in", "引语", "Lead-in")
    NAME = ("name", "名称中的数字", "Number in a name")
    DATE = ("date", "日期", "Date")

    @property
    def is_context(self) -> bool:
        """Whether the mark accounts for a stretch of text (the others account for a number)."""
        return self not in {self.NAME, self.DATE}
