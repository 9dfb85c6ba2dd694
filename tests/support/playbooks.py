"""Playbooks run on a lab as a user runs them, and what they and the lab tell afterwards."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

from tests.support.decoys import Decoys

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SPEED = "30"


@dataclass(frozen=True)
class Task:
    """One task on one host: what it returned."""

    name: str
    host: str
    result: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))


@dataclass(frozen=True)
class Played:
    """How a playbook went."""

    code: int
    tasks: list[Task]
    stats: Mapping[str, Mapping[str, int]]
    text: str
    stderr: str = ""

    @property
    def changed(self) -> list[str]:
        """The tasks that changed something."""
        return [f"{task.host}: {task.name}" for task in self.tasks if task.changed]

    @property
    def actions(self) -> list[str]:
        """The write calls that our modules made, or in check mode would make, in order."""
        return [action for task in self.tasks for action in task.result.get("actions", ())]

    @property
    def failure(self) -> str:
        """What the last failing task said: a play goes on after one that is rescued."""
        return next((str(task.result.get("msg")) for task in reversed(self.tasks) if task.failed), "")

    def said(self, task: str) -> str:
        """The message of the last task of that name."""
        return next(str(found.result.get("msg")) for found in reversed(self.tasks) if found.name == task)


@dataclass(frozen=True)
class Stage:
    """A lab that is up."""

    folder: Path
    env: Mapping[str, str]
    since: int = 0  # the call after which this stage's story begins

    def play(self, playbook: str, *options: str, **variables: Any) -> Played:
        """How the playbook went; it may have failed."""
        command, how = self.command(playbook, *options, **variables)
        went = played(subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, **how))
        found = ((task.name, task.result.get("deprecations")) for task in went.tasks)
        deprecated = [one for one in found if one[1]]
        assert deprecated == [], deprecated
        return went

    def command(self, playbook: str, *options: str, **variables: Any) -> tuple[list[str], dict[str, Any]]:
        """What runs the playbook, and in which folder and environment."""
        command = [f"{BIN}/ansible-playbook", "-i", f"{self.folder}/inventory.yml", f"{ROOT}/playbooks/{playbook}.yml"]
        environment = {**self.env, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_PIPELINING": "true"}
        return [*command, *options, "-e", json.dumps(variables)], {"cwd": ROOT, "env": environment}

    def calls(self, *, write: bool = True) -> list[str]:
        """The API calls of the story so far, in order; the writes alone unless told otherwise."""
        lines = self.lab("calls", "--since", str(self.since)).splitlines()
        calls = [json.loads(line) for line in lines]
        return [f"{call['service']}:{call['operation']}" for call in calls if call["write"] or not write]

    def about(self) -> dict[str, Any]:
        """What the lab says of itself: its account's ids, its addresses."""
        answer: dict[str, Any] = json.loads((self.folder / "lab.json").read_text())
        return answer

    def beside(self, count: int) -> tuple[Stage, Decoys]:
        """The stage of a story that begins beside things of somebody else, `count` of every kind."""
        about = self.about()
        decoys = Decoys(self.client, next(iter(about["subnets"].values())), about["wcs_image_id"], count)
        return replace(self, since=json.loads(self.lab("status", "--json"))["calls"]), decoys

    def client(self, service: str) -> Any:
        """AWS's own client, on the lab."""
        return boto3.client(
            service,
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            region_name=self.env["AWS_REGION"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )

    def lab(self, verb: str, *options: str) -> str:
        """What a verb of the lab prints."""
        command = [sys.executable, "-m", "lab", verb, "--dir", str(self.folder), *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def stage(folder: Path, *options: str) -> Iterator[Stage]:
    """A lab in the folder, taken down at the end whatever happens."""
    ready = Stage(folder, environment(folder))
    try:
        ready.lab("up", "--speed", SPEED, *options)
        yield Stage(folder, environment(folder))
        errors = json.loads(ready.lab("status", "--json"))["errors"]
        assert errors == [], "the lab itself failed"
    finally:
        ready.lab("down")


def environment(folder: Path) -> dict[str, str]:
    """The environment of a user who has sourced the lab's `env`, and nothing of AWS or Ansible besides."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_"))}
    source = folder / "env"
    if not source.exists():
        return mine
    exports = [shlex.split(line) for line in source.read_text().splitlines() if line.startswith("export ")]
    return mine | dict(words[1].split("=", 1) for words in exports)


def played(done: subprocess.CompletedProcess[str]) -> Played:
    """The JSON that Ansible printed, read."""
    try:
        report = json.loads(done.stdout[done.stdout.index("{") :])
    except ValueError:
        return Played(done.returncode, [], {}, done.stdout + done.stderr)
    tasks = [
        Task(task["task"]["name"].rpartition(" : ")[2], host, result)
        for play in report["plays"]
        for task in play["tasks"]
        for host, result in task["hosts"].items()
    ]
    return Played(done.returncode, tasks, report["stats"], done.stdout + done.stderr, done.stderr)
