"""A playbook that is cut off in the middle, really, as one whose user or machine gives up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from typing import Any
from urllib.request import urlopen

from tests.support.playbooks import Stage
from tests.support.processes import alive, family
from tests.support.waiting import until


def cut_off(lab: Stage, playbook: str, call: str, number: signal.Signals, **variables: Any) -> str:
    """Runs the playbook until it waits for the answer to the call, which had its effect; what it printed.

    SIGKILL is for all of its processes.
    """
    seen = answered(lab, call)
    lab.lab("fault", "add", "latency", call, "--seconds", "5")
    command, how = lab.command(playbook, **variables)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **how)
        until(lambda: answered(lab, call) > seen or process.poll() is not None, 300)
        pids = [] if process.poll() is not None else family(process.pid)
        for pid in pids if number is signal.SIGKILL else pids[:1]:
            os.kill(pid, number)
        began = time.monotonic()
        process.wait(timeout=60)
        lasted = time.monotonic() - began
        output.seek(0)
        text = output.read()
    assert pids, f"it ended before {call}: {text}"
    print(f"\n{playbook} at {call}: {number.name} to {len(pids)} processes, gone after {lasted:.1f} s")
    assert lasted < 5
    until(lambda: not alive(pids), 5.0)
    lab.lab("fault", "clear")
    return text


def answered(lab: Stage, name: str) -> int:
    """How often the lab has answered this call; asked without a process of its own."""
    with urlopen(f"{lab.env['AWS_ENDPOINT_URL']}/_lab/calls") as reply:
        return sum(f"{call['service']}:{call['operation']}" == name for call in json.load(reply))
