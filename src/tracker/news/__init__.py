"""What was written down last of commitments: judgements, verdicts, deadlines, steps, and what became public."""

from tracker.news.happenings import JUDGED, SORTS
from tracker.news.newest import News, latest

__all__ = ["JUDGED", "SORTS", "News", "latest"]
