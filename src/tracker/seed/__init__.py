"""The seed: reviewed data in YAML, synchronised with the database by natural key, never replaced.

`files` reads and checks everything first (`places`, `documents`, `coding`, `policies`); `loading`
then writes, through `synchronising`. In doubt a load stops and names file and line.
"""

from tracker.seed.entries import SeedError
from tracker.seed.files import Counts, check, folder
from tracker.seed.loading import load
from tracker.seed.single import load_file
from tracker.seed.synchronising import ACTOR, Changes

__all__ = ["ACTOR", "Changes", "Counts", "SeedError", "check", "folder", "load", "load_file"]
