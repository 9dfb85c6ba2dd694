# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole stack on this machine, shown: deployed, proven, grown under load, torn down.

`python -m lab.demo` does what a person would do with a lab: it starts one, runs the playbooks, opens sessions, looks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .sessions import Sessions

REPOSITORY = Path(__file__).resolve().parents[2]
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
VARIABLES = {"wcs_autoscaling_min_size": 2, "wcs_autoscaling_max_size": 4}
FIRST, LOAD, NEW = 20, 180, 40
CPU_PER_SESSION = 1.0


class Failed(Exception):
    """The demonstration did not show what it is there to show."""


class DemoLab:
    """The lab of a demonstration, used as a person uses it: by its verbs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def verb(self, name: str, *options: str) -> str:
        """What the verb prints. Raises Failed with its reason."""
        command = [sys.executable, "-m", "lab", name, "--dir", str(self.directory), *options]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"lab {name}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def playbook(self, name: str) -> None:
        """Runs one of the collection's playbooks; its output is the user's to read."""
        command = [str(PLAYBOOK), "-i", str(self.directory / "inventory.yml"), f"playbooks/{name}.yml"]
        print(f"$ ansible-playbook -i {self.directory.name}/inventory.yml playbooks/{name}.yml", flush=True)
        env = {**self.environment(), "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false"}
        done = subprocess.run([*command, "-e", json.dumps(VARIABLES)], cwd=REPOSITORY, env=env, check=False)
        if done.returncode != 0:
            raise Failed(f"playbooks/{name}.yml ended with exit code {done.returncode}")

    def environment(self) -> dict[str, str]:
        """The environment of this process with the lab's own on top, as `. .lab/env` makes it."""
        script = f'. "{self.directory}/env" && env -0'
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
        return dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)

    def status(self) -> dict[str, Any]:
        """What there is."""
        shown: dict[str, Any] = json.loads(self.verb("status", "--json"))
        return shown

    def writes_since(self, number: int) -> list[str]:
        """The write calls after call `number`."""
        lines = self.verb("calls", "--since", str(number)).splitlines()
        return [call["operation"] for call in map(json.loads, lines) if call["write"]]

    def sessions_of_nodes(self) -> dict[str, int]:
        """`connections_websocket` of every node that is InService, as its statistics page says, by instance id."""
        nodes = self.status()["instances"]
        return {
            node["instance"]: _count(node["private"])
            for node in nodes
            if any(word.endswith("InService") for word in node["balancers"])
        }


class Demo:
    """One demonstration."""

    def __init__(self, directory: Path, machines: str, speed: float) -> None:
        """`speed`: how many times faster AWS's own waits pass."""
        self.lab, self.machines, self.speed = DemoLab(directory), machines, speed
        self.started = time.monotonic()
        self.sessions = Sessions()

    def run(self) -> None:
        """All of it. Raises Failed."""
        _say(self.started, "A lab: a small AWS on this machine's loopback")
        options = ("--machines", self.machines, "--speed", f"{self.speed:g}")
        print(self.lab.verb("up", *options, "--cpu-per-session", f"{CPU_PER_SESSION:g}"))
        try:
            self._deploy()
            self._again()
            self._grow()
            self._down()
        finally:
            self.sessions.close()
            print(self.lab.verb("down"))
        _say(self.started, "Done. Nothing was left behind.")

    def _deploy(self) -> None:
        _say(self.started, "site: a seed configured and imaged, balancer, group, policies, the proof")
        self.lab.playbook("site")
        print("The balancer was empty; the group's first nodes joined it by themselves:")
        self._show()

    def _again(self) -> None:
        _say(self.started, "site again: nothing to do, nothing written")
        last = self.lab.status()["calls"]
        self.lab.playbook("site")
        if writes := self.lab.writes_since(last):
            raise Failed(f"The second run wrote: {', '.join(writes)}")
        print("No write call was made.")

    def _grow(self) -> None:
        _say(self.started, f"Load: {FIRST} sessions, then {LOAD} more, through the balancer's name")
        self._open(FIRST)
        self._show()
        self._open(LOAD)
        old = self._show()
        print("CPU is over the policy's target of 60 %. Waiting for Auto Scaling ...", flush=True)
        _until("a further node InService", lambda: set(self.lab.sessions_of_nodes()) - set(old))
        print(f"It has come. Old sessions stay where they are; {NEW} new ones are opened:")
        self._open(NEW)
        if not any(count for node, count in self._show().items() if node not in old):
            raise Failed("No new session reached a new node")

    def _down(self) -> None:
        _say(self.started, "teardown: the sessions end, the stack goes, an audit looks for leftovers")
        self.sessions.close()
        _until("all sessions closed on the nodes", lambda: not any(self.lab.sessions_of_nodes().values()))
        self.lab.playbook("teardown")

    def _open(self, count: int) -> None:
        (balancer,) = self.lab.status()["balancers"]
        opened = self.sessions.open(f"ws://{balancer['address']}:8080/", count)
        print(f"{opened} of {count} sessions established; {len(self.sessions)} are open.", flush=True)
        if opened != count:
            raise Failed(f"{count - opened} sessions could not be established")

    def _show(self) -> dict[str, int]:
        zones = {item["instance"]: item["zone"] for item in self.lab.status()["instances"]}
        counts = self.lab.sessions_of_nodes()
        for node, count in counts.items():
            print(f"  {node}  {zones[node]}  connections_websocket={count:<4}{'#' * (count // 8)}", flush=True)
        return counts


def _count(address: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}:8081/?action=stat", timeout=5) as page:
        found = re.search(r"(?m)^connections_websocket=(\d+)\s*$", page.read().decode())
    if found is None:
        raise Failed(f"The statistics page of {address} has no connections_websocket")
    return int(found[1])


def _until(what: str, seen: Callable[[], Any], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            raise Failed(f"Not seen within {seconds:g} s: {what}")
        time.sleep(0.3)


def _say(started: float, text: str) -> None:
    line = f"== {time.monotonic() - started:5.1f} s  {text}"
    print(f"\n\033[1m{line}\033[0m" if sys.stdout.isatty() else f"\n{line}", flush=True)


def main() -> int:
    """The exit code: 0 when everything was shown."""
    parser = argparse.ArgumentParser(prog="python -m lab.demo", description="A whole stack on this machine, shown.")
    parser.add_argument("--dir", type=Path, default=Path(".lab-demo"), help="the lab's folder (default: .lab-demo)")
    parser.add_argument("--machines", default="process", help="what instances are (default: process)")
    parser.add_argument("--speed", type=float, default=20.0, help="how fast AWS's own waits pass (default: 20)")
    options = parser.parse_args()
    os.chdir(REPOSITORY)
    try:
        Demo(options.dir.resolve(), options.machines, options.speed).run()
    except Failed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
