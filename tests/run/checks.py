"""The checks behind `make lint`, `make unit`, … and `make test`: what each runs, how long it took, what was not run.

    python tests/run/checks.py all
    python tests/run/checks.py style unit

Ends with one line; the exit code is 0 only when everything that was asked for ran and passed, or had nothing to run
and said so. No check can reach a real account: what could lead there is taken out of its environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def pytest(folder: str, *options: str) -> list[str]:
    return [f"{BIN}/python", "-m", "pytest", folder, *options]


SANITY = [f"{BIN}/python", "tests/run/sanity.py"]
REPORT, PAGES = "tests/story/test_report.py", "tests/long/test_docs_pages.py"
DAILY = [f"tests/long/test_{name}.py" for name in ("day", "forecast", "costs", "judged", "sessions", "pace")]
"""Minutes each: a day of sessions, forecasts beside the lab, money of dry runs, refusals by site, AWS's own pace."""
STORIES = ("--durations=5", "-n", "3", "--dist", "loadfile")  # stories wait more than they work
SPREAD = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal")  # the lab in process, one a worker; some wait

CHECKS: dict[str, list[list[str]]] = {
    "style": [
        [f"{BIN}/ruff", "check", "--quiet"],
        [f"{BIN}/ruff", "format", "--check", "--quiet"],
        [f"{BIN}/mypy"],
        [f"{BIN}/yamllint", "--strict", "."],
    ],
    "plays": [[f"{BIN}/ansible-lint", "--offline", "-q"]],
    "unit": [pytest("tests/unit")],
    "contract": [pytest("tests/contract", *SPREAD)],
    "docs-lint": [
        [f"{BIN}/antsibull-changelog", "lint"],
        [f"{BIN}/antsibull-docs", "lint-collection-docs", "--plugin-docs", "."],
    ],
    "faults": [pytest("tests/faults", *SPREAD)],
    "story": [pytest("tests/story", "--ignore", REPORT, *STORIES)],
    "long": [
        SANITY,
        pytest("tests/long", *(f"--ignore={path}" for path in (PAGES, *DAILY)), *STORIES),
        pytest("tests/unit", "tests/contract", "tests/faults", "tests/story", "-m", "long", *SPREAD),
        pytest(REPORT),
        pytest(PAGES),
    ],
    "browser": [pytest(REPORT), pytest(PAGES)],
    "sanity": [SANITY],
    "test-faults": [
        pytest("tests/faults", *SPREAD),
        pytest("tests/contract", "-k", "exact or denied or no_engine_stops or kept or share or long", *SPREAD),
        pytest("tests/long/test_killed.py"),
    ],
    "daily": [pytest(*DAILY, "-s"), pytest("tests/long/test_published.py", "-m", "long")],
    "newest": [
        pytest("tests/unit", "--ignore", "tests/unit/tree/test_docs.py"),  # which speaks of the pinned amazon.aws
        pytest("tests/story", "--ignore", REPORT, *STORIES),
    ],
    "molecule": [[f"{BIN}/python", "extensions/molecule/run.py"]],
    "molecule-systems": [[f"{BIN}/python", "extensions/molecule/run.py", "--hosts", "like"]],
    "bench": [pytest("tests/bench", "-s")],
}
BESIDE_THE_STORY = ("style", "unit", "docs-lint", "faults")
"""One after the other, with what processor time the story leaves: it waits half of its time, and lasts long."""
AFTER_IT = ("contract",)
"""On all cores: some of it has to do with deadlines by the clock."""
IN_PART = 4  # exit code: nothing failed, and some of it cannot be run here


@dataclass(frozen=True)
class Outcome:
    check: str
    verdict: Literal["passed", "failed", "not run"]
    seconds: float
    reason: str = ""

    def __str__(self) -> str:
        answer = {"passed": "", "failed": " FAILED", "not run": f" not run ({self.reason})"}[self.verdict]
        return f"{self.check}{answer}" + ("" if self.verdict == "not run" else f" {self.seconds:.0f} s")


def environment(check: str) -> dict[str, str]:
    """The environment of a check: nothing of the user's AWS or Ansible settings, the project's tools first.

    Byte code is kept, as it is by default: checks start Python some thousand times.
    """
    others = ("AWS_", "ANSIBLE_", "MOLECULE_", "PYTHONDONTWRITEBYTECODE")
    mine = {key: value for key, value in os.environ.items() if not key.startswith(others)}
    return mine | {
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "GIT_CEILING_DIRECTORIES": str(ROOT),  # .venv is no part of this repository
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "PYTHONUNBUFFERED": "1",
        **({"ANSIBLE_HOME": str(ROOT / "build" / "ansible")} if check == "plays" else {}),  # no old release
        **({"WCS_TEST_ALL": "1"} if check == "test-faults" else {}),  # every generated case, not a sample
    }


def hindrance(command: list[str]) -> str:
    """Why this cannot be run here; "" when it can."""
    if command[-1] in (REPORT, PAGES):
        return (
            ""
            if shutil.which("chromium")
            else "report and documentation are looked at in Chromium: apt-get install chromium"
        )
    return ""


def run(check: str, into: IO[str] | None = None, behind: bool = False) -> Outcome:
    """How a check went: every command of it is run, also after one that failed; its output goes into that file.

    `behind`: it takes what processor time others leave.
    """
    start, failed = time.monotonic(), False
    for command in CHECKS[check]:
        shown = " ".join(command).replace(f"{BIN}/", "")
        if reason := hindrance(command):
            print(f"\n== {check}: not run: {reason}", file=into, flush=True)
            return Outcome(check, "failed" if failed else "not run", time.monotonic() - start, reason)
        print(f"\n== {check}: {shown}", file=into, flush=True)
        command = ["nice", *command] if behind else command
        done = subprocess.run(
            command, cwd=ROOT, env=environment(check), stdout=into, stderr=into and subprocess.STDOUT, check=False
        )
        if done.returncode == IN_PART and not failed:
            return Outcome(check, "not run", 0.0, "in part: its table says what was left out, and why")
        failed |= done.returncode != 0
    return Outcome(check, "failed" if failed else "passed", time.monotonic() - start)


def apart(check: str) -> Outcome:
    """How a check went that ran beside others: its output comes in one piece at its end."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        outcome = run(check, output, behind=check != "story")
        output.seek(0)
        print(output.read(), end="", flush=True)
    return outcome


def everything() -> list[Outcome]:
    """How all the checks of `make test` went."""
    with ThreadPoolExecutor(2) as pool:
        story, others = pool.submit(apart, "story"), pool.submit(lambda: [*map(apart, BESIDE_THE_STORY)])
        outcomes = [story.result(), *others.result()]
    return outcomes + [run(name) for name in AFTER_IT]


def main(asked: list[str]) -> int:
    if unknown := [name for name in asked if name not in (*CHECKS, "all")]:
        print(f"checks: no such check: {', '.join(unknown)}. There are: all, {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    start = time.monotonic()
    outcomes = everything() if asked == ["all"] else [run(name) for name in asked]
    answer = ", ".join(map(str, outcomes))
    print(f"\nchecks in {time.monotonic() - start:.0f} s: {answer}", flush=True)
    return 1 if any(outcome.verdict == "failed" for outcome in outcomes) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:] or ["all"]))
    except KeyboardInterrupt:
        sys.exit(130)
