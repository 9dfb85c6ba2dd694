"""Modules as processes of their own against a lab in this one, as Ansible runs them: to be interrupted, or measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.core.lab import Lab
from lab.open import open_lab
from lab.run.server import Server

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import importlib, json, sys
from ansible.module_utils.testing import patch_module_args
with patch_module_args(json.loads(sys.argv[2])):
    importlib.import_module(f"plugins.modules.{sys.argv[1]}").main()
"""


@contextmanager
def served() -> Iterator[tuple[Lab, str]]:
    """A fresh lab whose time stands still, and its endpoint."""
    lab = open_lab()
    server = Server(lab, 0)
    try:
        yield lab, server.url
    finally:
        server.close()
        lab.close()


def started(module: str, endpoint: str, options: Mapping[str, Any]) -> subprocess.Popen[str]:
    """The module at work."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "ANSIBLE_"))}
    connection = {"region": "us-east-1", "access_key": "LAB", "secret_key": "lab", "endpoint_url": endpoint}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, module, json.dumps({**connection, **options})],
        cwd=ROOT,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def family(pid: int) -> list[int]:
    """The process and all that it has started, also in sessions of their own."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        children.setdefault(parent(process), []).append(int(process.name))
    found = [pid]
    for each in found:
        found += children.get(each, ())
    return found


def parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def delayed(pid: int) -> float:
    """For how many seconds the process could have run and others had the processor; 0 where that is not known."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]
