#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the Java virtual machine of a Web Call Server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_jvm
short_description: Heap, garbage collector and options of the Java virtual machine of a Web Call Server
version_added: 0.1.0
description:
  - Sets the options of the Java virtual machine in C(conf/wcs-core.properties) of an installed Web Call Server (WCS),
    as fits the memory of the host and the version of its Java.
  - The file is changed in place. Order, comments, section markers and every option that is not named stay, except
    options of another collector than the one chosen, and options with which this Java would not start.
  - Runs on the WCS host. WCS reads the file when it starts, so restart it after a change.
author:
  - The webcallserver.aws maintainers (@webcallserver)
requirements:
  - Python 3.9 or later on the WCS host
options:
  home:
    description: The folder where WCS is installed.
    type: path
    default: /usr/local/FlashphonerWebCallServer
  heap:
    description:
      - V(auto) is half of the memory of this host, in steps of 128 MiB, for C(-Xms) and C(-Xmx).
      - A size like V(4g) or V(3500m) is taken as it is.
      - A share like V(50%) is worked out by Java at each start, so that an image fits machines of another size, too.
        It needs Java 10, or 8u191.
      - V(keep) leaves the heap as it is.
    type: str
    default: auto
  gc:
    description:
      - The garbage collector. V(auto) takes ZGC for a heap of 4 GiB and more where Java is 15 or later, CMS on Java 8,
        else G1, and changes nothing when no Java is found.
    type: str
    choices: [auto, g1, zgc, cms, keep]
    default: auto
  options:
    description:
      - Further options, such as V(-XX:MaxDirectMemorySize=1g). Each takes the place of the one of the same name.
    type: list
    elements: str
    default: []
  remove:
    description: Options to take out, by name (V(-Dcom.sun.management.jmxremote.port)) or as they stand in the file.
    type: list
    elements: str
    default: []
  memory:
    description: The memory to work the heap out from, in MiB. Left out, it is what the host reports.
    type: int
  java:
    description: The Java command that WCS uses.
    type: str
    default: java
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do. A file that is not there yet is taken as empty.
  diff_mode:
    support: full
    description: Shows the file before and after.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
seealso:
  - module: webcallserver.aws.wcs_settings
"""

EXAMPLES = r"""
- name: Half of the memory, and the collector that fits
  webcallserver.aws.wcs_jvm:
  notify: Restart WCS

- name: An image for machines of several sizes
  webcallserver.aws.wcs_jvm:
    heap: 50%
    options:
      - -XX:MaxDirectMemorySize=1g
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: always
  sample: /usr/local/FlashphonerWebCallServer/conf/wcs-core.properties
java:
  description: The major version of Java on the host, null when there is none.
  type: int
  returned: always
  sample: 17
memory:
  description: The memory that was reckoned with, in MiB.
  type: int
  returned: always
  sample: 7802
options:
  description: Every option of the virtual machine after the change, in the order of the file.
  type: list
  elements: str
  returned: always
  sample: [-Xms3840m, -Xmx3840m, "-XX:+UseG1GC"]
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..module_utils._core.errors import Failure, Refusal
from ..module_utils._host import jvm
from ..module_utils._host.module import Change, Host, on_host, text_of

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
        raise Failure(Refusal("set", "the option of the Java virtual machine", *problem))
    before = text_of(path, "the options of the Java virtual machine", host.check)
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
        return f"heap: {heap}", "it is no size", "Give auto, keep, a size like 4g, or a share like 50%"
    if problem := jvm.collector_problem(params["gc"], machine.java):
        return f"gc: {params['gc']}", problem, "Choose another collector, or auto"
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


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
