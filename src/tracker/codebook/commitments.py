"""Codes that describe what was promised."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class Kind(Coded):
    """What a commitment is about. The question that was asked decides."""

    SECOND_HALF_PLAN = (
        "second_half_plan",
        "下半年部署",
        "Second-half plan",
        "回答“下半年有哪些部署、计划”的内容",
        "Said in answer to: what is planned for the second half of the year",
    )
    PRO_BUSINESS_MEASURE = (
        "pro_business_measure",
        "帮企惠企举措",
        "Pro-business measure",
        "回答“帮企、扶企、惠企有哪些新动作”的内容",
        "Said in answer to: what is done to help enterprises",
    )
    INVESTMENT_PROMOTION_MEASURE = (
        "investment_promotion_measure",
        "招商举措",
        "Investment promotion measure",
        "回答“招商引资如何发力”的内容",
        "Said in answer to: how investors are to be attracted",
    )
    INVESTMENT_PRIORITY = (
        "investment_priority",
        "招商重点行业/项目",
        "Investment priority",
        "回答“招商重点行业或项目有哪些”的内容",
        "Said in answer to: which sectors or projects come first",
    )
    PRACTICE_ALREADY_RUN = (
        "practice_already_run",
        "已开展的创新做法",
        "Practice already run",
        "回答“做了哪些新尝试”的内容，以及已办的直播活动",
        "Said in answer to: what new things were tried",
    )
    FOREIGN_CAPITAL_RESPONSE = (
        "foreign_capital_response",
        "外资外贸应对",
        "Response on foreign capital and trade",
        "回答“外资撤离风险如何对冲”的内容",
        "Said in answer to: how the risk of leaving investors is met",
    )
    OTHER = (
        "other",
        "其他",
        "Other",
        "不是访谈问答中的内容，如任务分解表、工作报告、行动计划",
        "Not said in answer to a question: a task table, a work report, an action plan",
    )


class Tense(Coded):
    """Whether the speaker tells of something to come, going on, or done."""

    PLANNED = (
        "planned",
        "拟办",
        "Planned",
        "将、下半年、下一步；“将”字之下的继续、持续也算",
        "Announced for the time to come",
    )
    ONGOING = ("ongoing", "在办", "Ongoing", "经常性、持续进行的工作", "Standing activity")
    CLAIMED_DONE = (
        "claimed_done",
        "称已办",
        "Said to be done",
        "讲话人称已完成：有“了”、过去日期、已实现的金额或已印发的文件",
        "The speaker says that it has been done",
    )


class Confidence(Coded):
    """How sure a reading or a judgement is."""

    HIGH = ("high", "高", "High")
    MEDIUM = ("medium", "中", "Medium")
    LOW = ("low", "低", "Low")


class Checkability(Coded):
    """How well it can be told whether a commitment was kept."""

    HIGH = (
        "high",
        "易核查",
        "Easy to check",
        "一份文件、一张清单或一个数即可判定",
        "One document, list or count settles it",
    )
    MEDIUM = ("medium", "可核查", "Checkable", "需要指标或基期数", "Needs an indicator or a baseline")
    LOW = ("low", "难核查", "Hard to check", "口号式表述", "A slogan")


class DeadlineKind(Coded):
    """What the end of a window means."""

    COMPLETION = ("completion", "完成期限", "Completion", "到这一天必须办成", "Must be finished by then")
    HORIZON = ("horizon", "行动时段", "Horizon", "在这段时间内推进，不等于到期", "A period to act in, not a due date")
    EVENT_DATE = ("event_date", "活动日期", "Date of an event", "所说活动的日期", "The day of the event that was told")
    NONE = ("none", "无期限", "None", "没有说时间", "No time is given")


class DeadlineRule(Coded):
    """The named rule that turned a phrase of the text into an interval."""

    SECOND_HALF = (
        "second-half",
        "下半年",
        "Second half of the year",
        "当年7月1日至12月31日，行动时段",
        "1 July to 31 December; a horizon",
    )
    CALENDAR_YEAR = (
        "calendar-year",
        "某某年",
        "Calendar year",
        "当年1月1日至12月31日，行动时段",
        "1 January to 31 December; a horizon",
    )
    ANNUAL_TARGET = (
        "annual-target",
        "全年目标",
        "Target of the year",
        "推定：当年12月31日到期",
        "Convention: falls due on 31 December of that year",
    )
    ON_SCHEDULE_POVERTY = (
        "on-schedule-poverty",
        "如期脱贫",
        "Poverty target on schedule",
        "推定：国家脱贫目标期限2020年12月31日",
        "Convention: the national term, 31 December 2020",
    )
    DAY_WITHOUT_YEAR = (
        "day-without-year",
        "只有月日",
        "Day without a year",
        "推定：文献所在年份的该日",
        "Convention: that day in the year of the document",
    )
    STATED_DATE = (
        "stated-date",
        "写明的时限",
        "Date as stated",
        "文中写明完成时限：到该日、该月末、该年末须完成，没写年份的按文献所在年份",
        "The text gives the date: due that day, or the last of that month or year; the document’s year where none is",
    )

    @property
    def kind(self) -> DeadlineKind:
        """What the end of the interval means."""
        if self in {self.SECOND_HALF, self.CALENDAR_YEAR}:
            return DeadlineKind.HORIZON
        return DeadlineKind.EVENT_DATE if self is self.DAY_WITHOUT_YEAR else DeadlineKind.COMPLETION

    @property
    def is_convention(self) -> bool:
        """Whether the rule infers a date that the text does not give."""
        return self in {self.ANNUAL_TARGET, self.ON_SCHEDULE_POVERTY, self.DAY_WITHOUT_YEAR}


class PublicationState(Coded):
    """Whether readers see a commitment."""

    DRAFT = ("draft", "草稿", "Draft", "只在编辑台可见", "Seen at the desk only")
    PUBLISHED = ("published", "已发布", "Published", "读者可见", "Open to readers")
    WITHDRAWN = ("withdrawn", "已撤下", "Withdrawn", "不再展示，编号保留", "No longer shown; the code stays taken")


class LinkRelation(Coded):
    """How two commitments are tied; the tie has no direction."""

    REPEATS = ("repeats", "重复", "Repeats", "同一承诺说了两次", "The same commitment said twice")
    POSSIBLY_SAME_AS = ("possibly_same_as", "可能相同", "Possibly the same", "也许指同一件事", "May be the same thing")
    RELATED = ("related", "相关", "Related", "内容相关", "Related in substance")
    SIMILAR_ELSEWHERE = (
        "similar_elsewhere",
        "他市类似",
        "Similar elsewhere",
        "另一城市的类似承诺",
        "A like commitment of another city",
    )


class TermBasis(Coded):
    """On what ground a term was given to a commitment."""

    EXPLICIT = ("explicit", "明说", "Explicit", "文中明说", "The text says so")
    UMBRELLA = ("umbrella", "总领", "Umbrella", "在总领句之下", "Stands under a sentence that says so")
    INFERRED = ("inferred", "推断", "Inferred", "编码者推断", "Inferred by the coder")


class UnitRole(Coded):
    """A unit's part in a commitment."""

    LEAD = ("lead", "牵头", "Lead")
    RESPONSIBLE = ("responsible", "责任", "Responsible")
    SUPPORT = ("support", "配合", "Support")
    SUPERVISING = ("supervising", "督办", "Supervising")


class UnitBasis(Coded):
    """How it is known that a unit has that part."""

    STATED = ("stated", "原文所说", "Stated in the quote")
    TASK_TABLE = ("task_table", "任务分解表", "Task table")
    ASSIGNED = ("assigned", "分析员指派", "Assigned by an analyst")


class Comparator(Coded):
    """How a stated figure bounds the value."""

    EQ = ("eq", "", "", "等于", "Exactly")
    ABOUT = ("about", "约", "about", "左右", "About")
    AT_LEAST = ("at_least", "≥", "≥", "以上、不低于、多", "At least")
    MORE_THAN = ("more_than", ">", ">", "超过", "More than")
    AT_MOST = ("at_most", "≤", "≤", "以内、不超过", "At most")


class FigureRole(Coded):
    """What a number in the text is used for."""

    TARGET = ("target", "目标", "Target", "要达到的数", "To be reached")
    CLAIM = ("claim", "自称", "Claim", "讲话人称已达到的数", "Said to have been reached")
    BASELINE = ("baseline", "基期", "Baseline", "比较的起点", "What later values are compared with")
    CONTEXT = ("context", "背景", "Context", "说明背景", "Background")
