"""The first moments of a server: what several people ask at once is put together as if each were alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from sqlalchemy import inspect

from tracker import stands

#: A process in which eight threads put the great question together at once, before anybody else did.
AT_ONCE = """
import sys, threading, warnings
from sqlalchemy.dialects import sqlite
from tracker import queries
from tracker.filters import CommitmentFilter

warnings.simplefilter("error")
sys.setswitchinterval(1e-6)
asked, failed, ready = set(), [], threading.Barrier(8)

def ask():
    ready.wait()
    try:
        asked.add(str(queries.commitments(CommitmentFilter()).compile(dialect=sqlite.dialect())))
    except Exception as error:
        failed.append(error)

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed or len(asked))
"""


def test_a_question_that_threads_ask_at_once_for_the_first_time_is_the_same_for_all() -> None:
    said = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=True)
    assert said.stdout == "1\n"


def test_no_alias_that_threads_share_is_found_out_when_it_is_asked() -> None:
    """The test above needs luck to fail; this one says where an alias of a module has to come from."""
    lazily = [
        path.name
        for path in (Path(__file__).parents[2] / "src").rglob("*.py")
        for line in ast.parse(path.read_text()).body
        if isinstance(line, ast.Assign) and "aliased(" in ast.unparse(line)
    ]
    assert lazily == []
    assert stands.judged.progress_share.__clause_element__().table is inspect(stands.judged).selectable
