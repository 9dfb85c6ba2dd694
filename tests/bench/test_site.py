"""All of `site` with nothing to do, the proof included, beside a play of as many tasks that do nothing."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from statistics import median

from tests.bench.results import PAIRS
from tests.bench.stage import PLAY
from tests.support.playbooks import ROOT, Stage, stage

EMPTY = "    - ansible.builtin.ping:\n"
RAN = re.compile(r" : ok=(\d+) ")


def played(stage: Stage, playbook: Path) -> tuple[float, int]:
    """The seconds of a run, and how many tasks ran, skipped ones left out."""
    command = [f"{ROOT}/.venv/bin/ansible-playbook", "-i", f"{stage.folder}/inventory.yml", str(playbook)]
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=dict(stage.env), capture_output=True, text=True, check=False)
    lasted = time.monotonic() - began
    assert done.returncode == 0, done.stdout + done.stderr
    return lasted, sum(map(int, RAN.findall(done.stdout)))


def test_site_beside_as_many_empty_tasks(parts: dict[str, str], tmp_path: Path) -> None:
    empty, times, calls = tmp_path / "empty.yml", [], 0
    with stage(tmp_path / "lab") as lab:
        played(lab, ROOT / "playbooks/site.yml")
        for _ in range(PAIRS):
            before = len(lab.lab("calls").splitlines())
            site, tasks = played(lab, ROOT / "playbooks/site.yml")
            calls = len(lab.lab("calls").splitlines()) - before
            empty.write_text(PLAY + EMPTY * tasks)
            times.append((site, played(lab, empty)[0], tasks))
    ours, floor = (median(row[place] for row in times) for place in (0, 1))
    parts["site"] = (
        "\n## All of `site`, nothing to do, the proof with sessions included\n\n"
        f"{calls} calls; {times[0][2]} tasks in {ours:.1f} s, as many tasks that do nothing in {floor:.1f} s: "
        f"**{ours / floor:.2f}**.\n"
    )
    print(parts["site"])
    assert calls <= 24
    assert ours <= 2 * floor
