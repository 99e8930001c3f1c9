"""Codes that describe what became of a commitment, and how anyone knows."""

from __future__ import annotations

from tracker.codebook.coded import Coded


class Execution(Coded):
    """What became of the act itself."""

    NOT_REVIEWED = ("not_reviewed", "未核查", "Not reviewed", "尚无人查看", "Nobody has looked yet")
    NO_EVIDENCE_FOUND = (
        "no_evidence_found",
        "已查无据",
        "No evidence found",
        "查过，到截止日未见公开依据",
        "Searched up to the cut-off date and found nothing",
    )
    NOT_STARTED = (
        "not_started",
        "未启动",
        "Not started",
        "有依据表明尚未动手",
        "Evidence shows that nothing was begun",
    )
    PLANNED = (
        "planned",
        "已列入计划",
        "Planned",
        "已公布或列入计划，未见动手",
        "Announced or scheduled, nothing begun",
    )
    IN_PROGRESS = ("in_progress", "推进中", "In progress", "已动手，未完成", "Begun and not finished")
    PARTLY_COMPLETED = ("partly_completed", "部分完成", "Partly completed", "一部分已交付", "A part is delivered")
    COMPLETED = ("completed", "已完成", "Completed", "所说的已经做到", "What was said is done")
    COMPLETED_REDUCED = (
        "completed_reduced",
        "缩减完成",
        "Completed, reduced",
        "以缩小的规模做完",
        "Finished on a smaller scale",
    )
    STALLED = ("stalled", "停滞", "Stalled", "已动手而停下", "Begun and standing still")
    BLOCKED = ("blocked", "受阻", "Blocked", "因外部原因无法推进", "Kept from going on by something outside")
    ABANDONED = ("abandoned", "已放弃", "Abandoned", "不再进行", "Given up")
    REVERSED = ("reversed", "已逆转", "Reversed", "做过又撤销", "Done and undone")
    NOT_ASSESSABLE = (
        "not_assessable",
        "无法评估",
        "Not assessable",
        "表述无法检验",
        "Worded so that nothing could settle it",
    )

    @property
    def needs_evidence(self) -> bool:
        """Whether a judgement with this status must rest on published evidence."""
        return self not in {self.NOT_REVIEWED, self.NO_EVIDENCE_FOUND, self.NOT_ASSESSABLE}

    @property
    def is_progress(self) -> bool:
        """Whether the status says that something has been done; an announcement alone cannot show that."""
        return self in {self.IN_PROGRESS, self.PARTLY_COMPLETED, self.COMPLETED, self.COMPLETED_REDUCED}

    @property
    def needs_reason(self) -> bool:
        """Whether a reason and an attribution must be given."""
        return self in {self.STALLED, self.BLOCKED, self.ABANDONED, self.REVERSED}

    @property
    def is_done(self) -> bool:
        """Whether a deadline is met by this status."""
        return self in {self.COMPLETED, self.COMPLETED_REDUCED}

    @property
    def stage(self) -> int:
        """How far along the act is: 0 nothing shown or undone, 1 announced, 2 begun and halted, up to 6 done."""
        stages = {
            self.PLANNED: 1,
            self.STALLED: 2,
            self.BLOCKED: 2,
            self.IN_PROGRESS: 3,
            self.PARTLY_COMPLETED: 4,
            self.COMPLETED_REDUCED: 5,
            self.COMPLETED: 6,
        }
        return stages.get(self, 0)


class Outcome(Coded):
    """Whether what was done had the effect it was meant to have."""

    NOT_MEASURABLE_YET = ("not_measurable_yet", "尚不可测", "Not measurable yet")
    ACHIEVED = ("achieved", "达到预期", "Achieved")
    PARTLY_ACHIEVED = ("partly_achieved", "部分达到", "Partly achieved")
    NOT_ACHIEVED = ("not_achieved", "未达到", "Not achieved")
    UNKNOWN = ("unknown", "不明", "Unknown")
    NOT_APPLICABLE = ("not_applicable", "不适用", "Not applicable")


class Timeliness(Coded):
    """Where a commitment stands against its due date. Computed, never typed."""

    NO_DEADLINE = (
        "no_deadline",
        "无到期日",
        "No due date",
        "没有到期日；“下半年”之类只是行动时段",
        "Nothing falls due; a horizon is no due date",
    )
    NOT_DUE = (
        "not_due",
        "未到期",
        "Not due",
        "到期日未到，进度未测",
        "The due date lies ahead and progress is not measured",
    )
    AHEAD = (
        "ahead",
        "超序时",
        "Ahead",
        "进度快于时间十个百分点以上",
        "Progress leads the elapsed time by ten points or more",
    )
    ON_SCHEDULE = (
        "on_schedule",
        "达序时",
        "On schedule",
        "进度与时间相差不到十个百分点",
        "Progress within ten points of the elapsed time",
    )
    BEHIND = (
        "behind",
        "欠序时",
        "Behind",
        "进度慢于时间十个百分点以上",
        "Progress trails the elapsed time by ten points or more",
    )
    OVERDUE = (
        "overdue",
        "逾期",
        "Overdue",
        "到期日已过，未认定完成",
        "The due date has passed and nothing says that it is completed",
    )
    DONE_EARLY = (
        "done_early",
        "提前完成",
        "Done early",
        "早于到期日（提前满时段一成）完成",
        "Done a tenth of the window or more before the due date",
    )
    DONE_ON_TIME = ("done_on_time", "按期完成", "Done on time", "不晚于到期日完成", "Done by the due date")
    DONE_LATE = ("done_late", "逾期完成", "Done late", "到期日之后完成", "Done after the due date")


class Reason(Coded):
    """Why a commitment stands still or was given up."""

    MONEY = ("money", "资金", "Money")
    LAND = ("land", "用地", "Land")
    APPROVAL = ("approval", "审批", "Approval")
    MARKET = ("market", "市场", "Market")
    HIGHER_LEVEL = ("higher_level", "上级", "Higher level")
    EPIDEMIC_OR_DISASTER = ("epidemic_or_disaster", "疫情或灾害", "Epidemic or disaster")
    PRIORITY_CHANGE = ("priority_change", "重点调整", "Change of priority")
    ENTERPRISE_WITHDREW = ("enterprise_withdrew", "企业退出", "Enterprise withdrew")
    MERGED = ("merged", "并入他项", "Merged")
    OTHER = ("other", "其他", "Other")


class Attribution(Coded):
    """To whom the reason is put down."""

    CITY = ("city", "本市", "The city")
    HIGHER_LEVEL = ("higher_level", "上级政府", "A higher level of government")
    ENTERPRISE = ("enterprise", "企业", "An enterprise")
    EXTERNAL = ("external", "外部因素", "Outside causes")
    UNKNOWN = ("unknown", "不明", "Unknown")


class Precision(Coded):
    """How exactly the time is known that an assessment is true of, where it is not known to the day."""

    MONTH = (
        "month",
        "到月",
        "To the month",
        "依据只到月份，记为当月最后一天",
        "Only the month is known; its last day stands",
    )
    YEAR = (
        "year",
        "到年",
        "To the year",
        "依据只到年份，记为当年最后一天",
        "Only the year is known; its last day stands",
    )


class Verdict(Coded):
    """What a second person says of an assessment."""

    APPROVE = ("approve", "通过", "Approved", "第二人核过，结论成立", "A second person checked it and it stands")
    RETURN = (
        "return",
        "退回",
        "Returned",
        "第二人不同意；在更正之前不作数",
        "A second person disagrees; it does not stand",
    )


class Light(Coded):
    """The light of pace (序时进度): how far progress trails time. Computed, never typed."""

    GREEN = ("green", "绿灯", "Green", "进度不慢于时间十个百分点", "Less than ten points behind time")
    YELLOW = ("yellow", "黄灯", "Yellow", "进度慢于时间十个百分点以上", "Ten points or more behind time")
    RED = (
        "red",
        "红灯",
        "Red",
        "进度慢于时间三十个百分点以上，或已逾期",
        "Thirty points or more behind time, or overdue",
    )
