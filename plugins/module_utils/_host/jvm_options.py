# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the Java virtual machine, as they fit the host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import Failure, Refusal
from . import jvm
from .module import Change, Host, text_of

ARGUMENTS: dict[str, Any] = {
    "home": {"type": "path", "default": "/usr/local/FlashphonerWebCallServer"},
    "heap": {"type": "str", "default": "auto"},
    "gc": {"type": "str", "choices": ["auto", "g1", "zgc", "cms", "keep"], "default": "auto"},
    "options": {"type": "list", "elements": "str", "default": []},
    "remove": {"type": "list", "elements": "str", "default": []},
    "memory": {"type": "int"},
    "java": {"type": "str", "default": "java"},
}


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change of the file that these options ask for."""
    path = Path(params["home"]) / "conf" / "wcs-core.properties"
    machine = jvm.JavaHost(
        params["memory"] or memory_of(Path("/proc/meminfo").read_text()), java_of(host, params["java"])
    )
    if problem := unusable(params, machine):
        raise Failure(Refusal("set", "JVM option", *problem))
    before = text_of(path, "the JVM options", host.check)
    after = fitted(before, params, machine)
    return Change(
        act=(lambda: host.write(path, after)) if after != before else None,
        before=before,
        after=after,
        thing=str(path),
        returns={
            "path": str(path),
            "java": machine.java,
            "memory": machine.memory,
            "options": jvm.options_of(after),
        },
    )


def fitted(text: str, params: Mapping[str, Any], machine: jvm.JavaHost) -> str:
    """The file as these options want it on this machine."""
    heap = jvm.heap_options(params["heap"], machine)
    size = jvm.heap_of([*jvm.options_of(text), *heap, *params["options"]][::-1], machine)
    collector = jvm.collector_options(jvm.collector(params["gc"], size, machine.java), machine.java)
    add = [*heap, *collector, *params["options"]]
    return jvm.fitted(text, add, [*params["remove"], *(jvm.HEAP if heap else ())], machine.java)


def unusable(params: Mapping[str, Any], machine: jvm.JavaHost) -> tuple[str, str, str] | None:
    """The option, what is wrong with it, and the way out; None when all can be used."""
    heap = params["heap"]
    if heap not in ("auto", "keep") and not jvm.SIZE.match(heap) and not jvm.SHARE.match(heap):
        return f"O(heap): {heap}", "it is not a size", "Set it to auto, keep, a size like 4g, or a share like 50%"
    if problem := jvm.collector_problem(params["gc"], machine.java):
        return f"O(gc): {params['gc']}", problem, "Choose another collector, or auto"
    for option in params["options"]:
        if not option.startswith("-") or "\n" in option:
            return option, "WCS takes one option a line, beginning with '-'", "Write it as Java takes it"
    return None


def java_of(host: Host, command: str) -> int | None:
    """The major version of this Java command: 8 for `1.8.0_392`, 17 for `17.0.9`; None when it does not run."""
    executable = host.find(command)
    code, text = host.run([executable, "-version"]) if executable else (1, "")
    match = re.search(r'version "(?:1\.)?(\d+)', text) if code == 0 else None
    return int(match[1]) if match else None


def memory_of(meminfo: str) -> int:
    """MiB, from the kernel's own report."""
    match = re.search(r"^MemTotal:\s+(\d+) kB", meminfo, re.M)
    return int(match[1]) // 1024 if match else 2048
