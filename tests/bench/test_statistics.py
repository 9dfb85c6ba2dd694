"""How fast statistics pages are read, in one module run and beside ansible.builtin.uri over the same pages."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.bench.results import PAIRS
from tests.bench.stage import PLAY
from tests.support.playbooks import ROOT

ONE_RUN = """
import json, resource, sys, time
from plugins.modules.wcs_stat_info import ARGUMENTS, look
from plugins.module_utils._core.module import Run
from plugins.module_utils._core.clock import SystemClock
defaults = {name: option.get("default") for name, option in ARGUMENTS.items()}
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = peak(), time.monotonic()
answer = look({**defaults, "hosts": json.loads(sys.argv[1])}, Run(None, SystemClock()))
lasted = time.monotonic() - began
print(json.dumps({"seconds": lasted, "megabytes": peak() - before, "totals": answer["totals"]}))
"""
EMPTY = "    - ansible.builtin.command: 'true'\n"
OURS = "    - webcallserver.aws.wcs_stat_info:\n        hosts: {{ HOSTS }}\n"
URI = """
    - ansible.builtin.uri:
        url: "http://{{ item }}:8081/?action=stat"
        return_content: true
      loop: {{ HOSTS }}
"""


def one_run(hosts: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-c", ONE_RUN, json.dumps(hosts)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(("count", "target"), [(100, 0.5), (1000, 3.0)])
def test_module_time(nodes: list[str], count: int, target: float) -> None:
    runs = [one_run(nodes[:count]) for _ in range(3)]
    best = sorted(run["seconds"] for run in runs)[1]
    grown = max(run["megabytes"] for run in runs)
    print(f"\n{count} pages: {best:.2f} s (target {target:g} s), {grown:.0f} MB more memory (target 64 MB)")
    assert runs[0]["totals"]["ok"] == count
    assert best <= target
    assert grown <= 64


def played(tasks: str, hosts: list[str], folder: Path) -> float:
    """Seconds of a play with these tasks."""
    play = folder / "play.yml"
    play.write_text(PLAY + tasks.replace("{{ HOSTS }}", json.dumps(hosts)))
    began = time.monotonic()
    subprocess.run([ROOT / ".venv/bin/ansible-playbook", play], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def test_100_pages_beside_uri(nodes: list[str], parts: dict[str, str], tmp_path: Path) -> None:
    times: dict[str, list[float]] = {"empty": [], "ours": [], "uri": []}
    for _ in range(PAIRS):
        for name, tasks in (("empty", EMPTY), ("uri", URI), ("ours", OURS)):
            times[name].append(played(tasks, nodes[:100], tmp_path))
    empty, ours, uri = (median(times[name]) for name in ("empty", "ours", "uri"))
    module = median(one_run(nodes[:100])["seconds"] for _ in range(PAIRS))
    parts["pages"] = (
        "\n## 100 statistics pages\n\n"
        f"Whole plays: one task `wcs_stat_info` {ours:.1f} s, `ansible.builtin.uri` in a loop {uri:.1f} s, a task that "
        f"does nothing {empty:.1f} s. Ours takes **1/{uri / ours:.0f}** of the time; reading the pages takes "
        f"{module:.2f} s of it.\n"
    )
    print(parts["pages"])
    assert ours <= uri / 20
