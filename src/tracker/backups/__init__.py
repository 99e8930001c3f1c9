"""Copies of the whole database that can be trusted: taken at one moment while others write, proved before they get
their name, and refused where they are damaged.

A backup is two files: the copy, and beside it `NAME.manifest.json`, which says what the copy holds.
"""

from __future__ import annotations


class BackupRefused(ValueError):
    """A backup cannot be made, or is not what it says it is. The text says what to do."""
