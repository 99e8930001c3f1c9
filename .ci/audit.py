"""Asks whether a package of the lock file has a known vulnerability.

`.venv/bin/python .ci/audit.py` ends with 0 where none has one. It ends with 1 where one has, and where an answer was to
be had and did not come whole. Where nobody can be asked it says NOT AUDITED and why, and ends with 0, or, with
TRACKER_REQUIRE_AUDIT=1, with 1. Another file, and the address of another feed in the manner of osv.dev, may be named.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[1] / "tests" / "requirements.lock"

#: Known to be vulnerable. An audit that does not find it has seen no data, whatever it says.
PROBE = "pip==20.0"


def audit(service: list[str], file: Path) -> tuple[dict[str, list[str]] | None, str]:
    """Package → its vulnerabilities as `service` knows them, or None where it did not answer; and its last words."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--no-deps", "--progress-spinner", "off"),
        *("--format", "json", "--requirement", str(file), *service),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    words = (ran.stderr.strip().splitlines() or ["no answer"])[-1]
    try:
        packages = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None, words
    return {each["name"]: [found["id"] for found in each["vulns"]] for each in packages if each["vulns"]}, words


def main(arguments: list[str]) -> int:
    lock, *feed = arguments or [str(LOCK)]
    services = [["--osv-url", feed[0], "-s", "osv"]] if feed else [["-s", "pypi"], ["-s", "osv"]]
    reasons = []
    for service in services:
        with tempfile.TemporaryDirectory() as folder:
            probe = Path(folder) / "probe.txt"
            probe.write_text(PROBE + "\n", encoding="utf-8")
            known, words = audit(service, probe)
        if not known:
            reasons.append(f"{service[-1]}: {words}")
            continue
        found, words = audit(service, Path(lock))
        if found is None:
            print(f"AUDIT FAILED: {service[-1]} could be asked, and did not answer for every package: {words}")
            return 1
        for name, ids in found.items():
            print(f"VULNERABLE: {name}: {', '.join(ids)}")
        print(f"audited by {service[-1]}: {len(found)} packages with a known vulnerability")
        return 1 if found else 0
    print("=" * 100)
    print("NOT AUDITED: nobody could be asked for known vulnerabilities.", *reasons, sep="\n  ")
    print("=" * 100)
    return 1 if os.environ.get("TRACKER_REQUIRE_AUDIT") == "1" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
