"""Charts drawn on the server: Vega-Lite specifications made from the ledger's numbers, as SVG and PNG.

Below the web: a chart function takes a session, a question, a language (`zh` or `en`) and `address`, which makes the
address of the rows behind a mark, so that this room knows no route. One drawing serves light, dark and paper: its
colours are names of the style sheet on a page, and plain light ones in a file. A status is a colour, a pattern that
survives greyscale, and a word.
"""

from tracker.charts.chart import Address, Cell, Chart
from tracker.charts.figures import stated_and_found
from tracker.charts.pace import pace
from tracker.charts.rendering import NothingToDraw, etag, file, png, svg
from tracker.charts.statuses import status_by_kind
from tracker.charts.timeline import timeline

__all__ = [
    "Address",
    "Cell",
    "Chart",
    "NothingToDraw",
    "etag",
    "file",
    "pace",
    "png",
    "stated_and_found",
    "status_by_kind",
    "svg",
    "timeline",
]
