"""Runs the scenarios, two at a time, and ends with a plain table of what passed, failed, was not run, and why.

    run.py [--hosts FILE] [SCENARIO ...]

`--hosts like` takes the hosts of a scenario's `like.yml` in place of those of its `inventory.yml`. Scenarios on
a lab need nothing; those on real hosts need root, and what is missing is then installed.
Exit code: 0 when all passed, 1 when one failed, 4 when none failed and some were not run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOGS = ROOT / "build" / "molecule"
SYSTEM = "debian12"  # of the lab's own hosts
JOBS = 2
SECONDS = 1800
PASSED, FAILED, NOT_RUN = 0, 1, 4
sys.path.insert(0, str(ROOT))

from lab.machines.podman import NoHosts, Podman, hindrance  # noqa: E402
from lab.machines.rootfs import base_image  # noqa: E402


@dataclass(frozen=True)
class Outcome:
    scenario: str
    verdict: Literal["passed", "failed", "not run"]
    seconds: float = 0.0
    reason: str = ""

    def __str__(self) -> str:
        time_taken = "" if self.verdict == "not run" else f"{self.seconds:5.0f} s"
        return f"{self.scenario:<24} {self.verdict:<8} {time_taken:<8} {self.reason}".rstrip()


def scenarios(hosts: str) -> list[str]:
    """Every scenario that has such hosts, those that take longest first."""
    found = [file.parent for file in HERE.glob("*/molecule.yml") if (file.parent / f"{hosts}.yml").exists()]
    return [folder.name for folder in sorted(found, key=lambda folder: (on_lab(folder.name), folder.name))]


def inventory(scenario: str, hosts: str = "inventory") -> dict[str, Any]:
    """What a scenario runs on."""
    return yaml.safe_load((HERE / scenario / f"{hosts}.yml").read_text())["all"]


def on_lab(scenario: str) -> bool:
    """Whether it runs on processes of this user alone."""
    asked = (inventory(scenario).get("vars") or {}).get("molecule_lab")
    return asked is not None and "podman" not in asked


def systems(scenario: str, hosts: str) -> set[str]:
    """The systems of the hosts that it runs on."""
    if on_lab(scenario):
        return set()
    return {given["molecule_system"] for given in (inventory(scenario, hosts).get("hosts") or {}).values()} or {SYSTEM}


def prepared(wanted: set[str]) -> dict[str, str]:
    """Why there are no hosts of a system here; those that can be had are left out."""
    if os.geteuid() == 0 and hindrance():
        subprocess.run(["sh", str(HERE / "install.sh")], check=False)
    if reason := hindrance():
        return dict.fromkeys(wanted, reason)
    missing = {}
    for system in sorted(wanted):
        start = time.monotonic()
        try:
            podman = Podman.at(LOGS)
            image = base_image(podman, system)
            podman.run("run", "--rm", "--network", "none", image, "true")  # whether this machine lets containers run
            print(f"image of {system}: {image}, {time.monotonic() - start:.0f} s", flush=True)
        except NoHosts as failed:
            missing[system] = str(failed)
    return missing


def run(scenario: str, hosts: str) -> Outcome:
    """How a scenario went; all that it printed is in its log."""
    start, log = time.monotonic(), LOGS / f"{scenario}.log"
    command = [sys.executable, "-m", "molecule", "test", "-s", scenario]
    with log.open("wb") as file:
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=environment(hosts),
                stdin=-3,
                stdout=file,
                stderr=file,
                check=False,
                timeout=SECONDS,
            )
            failed = done.returncode != 0
        except subprocess.TimeoutExpired:
            failed = True
            file.write(f"\nno end within {SECONDS} s\n".encode())
    outcome = Outcome(scenario, "failed" if failed else "passed", time.monotonic() - start)
    print(outcome, flush=True)
    return outcome


def environment(hosts: str) -> dict[str, str]:
    """Nothing of the user's AWS or Ansible settings; the project's tools first."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_", "MOLECULE_"))}
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return mine | {
        "PATH": os.pathsep.join(paths),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_COLOR": "1",
        "WCS_MOLECULE_HOSTS": hosts,
    }


def tail(scenario: str) -> str:
    """The part of a log in which it failed."""
    lines = (LOGS / f"{scenario}.log").read_text(errors="replace").splitlines()
    wrong = [number for number, line in enumerate(lines) if "fatal:" in line or "[ERROR]" in line or "CRITICAL" in line]
    begin = max(0, wrong[0] - 5) if wrong else max(0, len(lines) - 40)
    return "\n".join(lines[begin : begin + 60])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hosts", default="inventory", help="the inventory of a scenario, without .yml [%(default)s]")
    parser.add_argument("scenarios", nargs="*")
    options = parser.parse_args(arguments)
    there = scenarios(options.hosts)
    if unknown := [name for name in options.scenarios if name not in there]:
        print(f"molecule: no such scenario: {', '.join(unknown)}. There are: {', '.join(there)}", file=sys.stderr)
        return FAILED
    chosen = options.scenarios or there
    LOGS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    needed = {name: systems(name, options.hosts) for name in chosen}
    missing = prepared(set().union(*needed.values()))
    lacking = {name: "; ".join(sorted({missing[system] for system in needed[name] & set(missing)})) for name in chosen}
    with ThreadPoolExecutor(JOBS) as pool:
        ran = pool.map(lambda name: run(name, options.hosts), [name for name in chosen if not lacking[name]])
        outcomes = [*ran, *(Outcome(name, "not run", reason=lacking[name]) for name in chosen if lacking[name])]
    for outcome in outcomes:
        if outcome.verdict == "failed":
            print(f"\n== {outcome.scenario} failed; its log is {LOGS.relative_to(ROOT)}/{outcome.scenario}.log\n")
            print(tail(outcome.scenario))
    print(f"\n{'SCENARIO':<24} {'VERDICT':<8} {'TIME':<8} WHY")
    print(*outcomes, sep="\n")
    counts = {kind: sum(o.verdict == kind for o in outcomes) for kind in ("passed", "failed", "not run")}
    answer = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(f"\nmolecule in {time.monotonic() - start:.0f} s: {answer}", flush=True)
    return FAILED if counts["failed"] else NOT_RUN if counts["not run"] else PASSED


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
