"""The figures of one run of the benchmark, as `RESULTS.md` shows them."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.bench.stage import Cost
from tests.support.playbooks import ROOT

PAIRS = int(os.environ.get("WCS_BENCH_PAIRS", "5"))
FILE = Path(__file__).parent / "RESULTS.md"
Pairs = Sequence[tuple[Cost, Cost]]
"""(amazon.aws's, ours), measured in turn."""

HEAD = """\
# What a stack costs

Written by `make bench`: real `ansible-playbook` runs on one lab, with amazon.aws and ours in turn. Medians of {pairs}
pairs; in brackets the least and the most. Each table is of one run. Nothing here was measured on AWS.

{machine}

The stack: an image of a running seed, a Classic Load Balancer, a launch template, an Auto Scaling group of 2 nodes with
ELB health checks, 1 target tracking and 2 step policies, 2 alarms. Its playbook is `plays/amazon.yml`
(amazon.aws and community.aws), ours `plays/ours.yml`; each has its own names in the same account. Starting the lab,
security group and seed are outside of the measure. CPU is that of `ansible-playbook` and all it started.
"""
NOTES = """
## How it is fair, and where it is not

- AWS's own time passes 30 times faster in the first table, for both alike; the pauses of the modules are real seconds.
  Who looks again after 10 or 15 s loses more by that than who looks every 2 s, and on AWS, where an image takes
  minutes, both wait for most of the time. In the second table AWS takes no time and no side waits for
  nodes; the image must be there, and shows as pending once: then ours looks again after 2 s and `ec2_ami` after 15 s.
- The playbook with amazon.aws does as well as it can: the image is looked for first (making it again under its name
  fails), `version_description` is given (without it each run makes a template version), and in check mode
  alarms get a made-up policy (the policy tasks are skipped there and return nothing).
- Left out of it, for it stops them here: `wait: true` of `elb_classic_lb` for a new balancer (it
  waits for network interfaces that are "available", and those of a balancer in the lab are "in-use"; not tried on AWS),
  `metadata_options` (in the answer they have a `State` besides, which the module takes for a difference, so that each
  run makes a version), and step bounds of 0 (`autoscaling_policy` drops them).
- Python keeps byte code, as it does by default. Our modules gain by that, for they are started from where they are
  installed; modules that Ansible packs are compiled at each start.
- Of our calls some look for harm, and none of amazon.aws's. Before a creation: other balancers and groups that bear the
  stack's tag (2 calls, and one for the tags of each 20 balancers of the account). Before a removal: others' groups that
  launch from the template, others' templates that name the image, others' images that have its snapshots, and snapshots
  that a removal before this one left (4 calls).
- A balancer's network interfaces outlive it by 60 s of AWS's time, which are 2 s here, and ours looks each 2 s: it is
  chance whether the second look finds them gone or the third, 2 s later. A removal has two durations by that.
- A check of amazon.aws says "changed" for a group that has nothing to change, and for the alarms.
"""


def machine(shared: bool) -> str:
    """Cores, system, versions."""
    names = ("ansible-core", "boto3", "botocore", "moto")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    loaded = ""
    if shared:
        first = f" This one went before them (nice {os.nice(0)})." if os.nice(0) < 0 else ""
        loaded = (
            f"\n\nOther programs were running.{first} The seconds by the clock are more than on a quiet machine and "
            "differ from run to run; processor time hardly does."
        )
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}; {versions}; {collections()}.{loaded}"
    )


def collections() -> str:
    """The versions of the others' collections."""
    folder = Path(importlib.metadata.distribution("ansible").locate_file("ansible_collections"))  # type: ignore[arg-type]
    found = []
    for name in ("amazon", "community"):
        about = json.loads((folder / name / "aws" / "MANIFEST.json").read_text())["collection_info"]
        found.append(f"{name}.aws {about['version']}")
    return ", ".join(found)


def ratio(pairs: Pairs, figure: str) -> float:
    """Ours to amazon.aws's, of the medians."""
    theirs, ours = (median(getattr(pair[side], figure) for pair in pairs) for side in (0, 1))
    return float(ours / theirs)


def busy() -> bool:
    """Whether other programs take part of the machine."""
    return os.getloadavg()[2] > 2.0


def seconds() -> str:
    """By which seconds a run is judged: where others take part of the machine, those of the clock tell of them, too."""
    return "cpu" if busy() else "wall"


WHAT = (("calls", 3), ("writes", 2), ("wall, s", 3), ("CPU, s", 3))
"""What is compared, and its columns: theirs, ours and, where there are three, the ratio."""


def table(title: str, rows: Mapping[str, Pairs]) -> str:
    """One table of amazon.aws beside ours."""
    lines = [
        f"\n## {title}\n",
        "| | " + " | ".join(f"{what}: amazon.aws | ours" + " |" * (columns - 2) for what, columns in WHAT) + " |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, pairs in rows.items():
        cells = [
            *(_whole(pairs, "calls", side) for side in (0, 1)),
            f"**{ratio(pairs, 'calls'):.2f}**",
            *(_whole(pairs, "writes", side) for side in (0, 1)),
            *(_seconds(pairs, "wall", side) for side in (0, 1)),
            f"**{ratio(pairs, 'wall'):.2f}**",
            *(_seconds(pairs, "cpu", side) for side in (0, 1)),
            f"{ratio(pairs, 'cpu'):.2f}",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _whole(pairs: Pairs, figure: str, side: int) -> str:
    return f"{median(getattr(pair[side], figure) for pair in pairs):g}"


def _seconds(pairs: Pairs, figure: str, side: int) -> str:
    all_of_it = [getattr(pair[side], figure) for pair in pairs]
    return f"{median(all_of_it):.1f} ({min(all_of_it):.1f}-{max(all_of_it):.1f})"


ORDER = ("waited", "at once", "500", "site", "judged", "pages")
KEPT = ROOT / "build" / "bench"


def keep(parts: Mapping[str, str]) -> None:
    """Keeps the parts, and writes the file when there are all."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for name, text in parts.items():
        (KEPT / name).write_text(text)
    files = [KEPT / name for name in ORDER]
    if all(file.exists() for file in files):
        head = HEAD.format(pairs=PAIRS, machine=machine(busy()))
        FILE.write_text("".join([head, *(file.read_text() for file in files), NOTES]))
