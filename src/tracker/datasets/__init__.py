"""The ledger as data that others can trust: a data package, one SQLite file, numbered releases.

The tables are the same everywhere: a `Resource` names its columns, keys and the question that fills it, at any point of
both time axes, and holds what readers may see: published commitments, of each text as much as its licence allows.
"""

from tracker.datasets.descriptor import Edition
from tracker.datasets.package import damaged, edition, mark, write_folder, write_zip, zip_folder
from tracker.datasets.resource import Field, ForeignKey, Resource, Scope
from tracker.datasets.sqlite_file import described, write_sqlite
from tracker.datasets.sqlite_file import mark as sqlite_mark
from tracker.datasets.tables import RESOURCES

__all__ = [
    "RESOURCES",
    "Edition",
    "Field",
    "ForeignKey",
    "Resource",
    "Scope",
    "damaged",
    "described",
    "edition",
    "mark",
    "sqlite_mark",
    "write_folder",
    "write_sqlite",
    "write_zip",
    "zip_folder",
]
