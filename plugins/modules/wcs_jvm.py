#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the Java virtual machine of a Web Call Server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_jvm
short_description: Manages heap, garbage collector and options of the Java virtual machine of a Web Call Server
version_added: 0.1.0
description:
  - Sets the options of the Java virtual machine in C(conf/wcs-core.properties) of an installed Web Call Server (WCS),
    to suit the memory of the host and the version of its Java.
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
      - A size like V(4g) or V(3500m) is used as it is.
      - A share like V(50%) is computed by Java at each start, so that an image suits machines of other sizes, too.
        It needs Java 10, or 8u191.
      - V(keep) leaves the heap as it is.
    type: str
    default: auto
  gc:
    description:
      - The garbage collector. V(auto) is ZGC for a heap of 4 GiB and more with Java 15 or later, CMS with Java 8, else G1;
        it changes nothing when no Java is found.
    type: str
    choices: [auto, g1, zgc, cms, keep]
    default: auto
  options:
    description:
      - More options, such as V(-XX:MaxDirectMemorySize=1g). Each replaces the one of the same name.
    type: list
    elements: str
    default: []
  remove:
    description: Options to remove, by name (V(-Dcom.sun.management.jmxremote.port)) or as they are in the file.
    type: list
    elements: str
    default: []
  memory:
    description: The memory from which the heap is computed, in MiB. The default is that of the host.
    type: int
  java:
    description: The Java command that WCS uses.
    type: str
    default: java
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do. A file that does not exist yet counts as empty.
  diff_mode:
    support: full
    description: Shows the file before and after.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
seealso:
  - module: webcallserver.aws.wcs_settings
extends_documentation_fragment:
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Use half of the memory, and the best collector for it
  webcallserver.aws.wcs_jvm:
  notify: Restart WCS

- name: Prepare an image for machines of several sizes
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
  description: The memory from which the heap was computed, in MiB.
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

from ..module_utils._host.jvm_options import ARGUMENTS, plan
from ..module_utils._host.module import on_host


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
