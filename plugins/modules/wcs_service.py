#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Web Call Server started and stopped by its own script."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_service
short_description: Starts and stops a Web Call Server by its own script
version_added: 0.1.0
description:
  - Starts and stops an installed Web Call Server (WCS) with C(bin/webcallserver start) and C(bin/webcallserver stop),
    for hosts without systemd, such as containers. Elsewhere use M(ansible.builtin.systemd_service).
  - Before a start it runs C(bin/wcs-identity), if it exists, so that the server announces the addresses of this host
    to clients.
  - Runs on the WCS host.
author:
  - The webcallserver.aws maintainers (@webcallserver)
requirements:
  - Python 3.9 or later on the WCS host
options:
  home:
    description: The folder where WCS is installed.
    type: path
    default: /usr/local/FlashphonerWebCallServer
  state:
    description:
      - The state. V(restarted) always stops and starts it.
      - It is stopped when its process and its PID file are gone.
    type: str
    choices: [started, stopped, restarted]
    default: started
  environment:
    description: Additional environment variables of the commands, such as a proxy.
    type: dict
    default: {}
  timeout:
    description: How long to wait for the process to start or to end, in seconds.
    type: int
    default: 60
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do.
  diff_mode:
    support: full
    description: Shows the state before and after.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
extends_documentation_fragment:
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Start WCS
  webcallserver.aws.wcs_service:

- name: Stop WCS before its disk is copied
  webcallserver.aws.wcs_service:
    state: stopped
"""

RETURN = r"""
pid:
  description: The process ID; null when it is stopped, and in check mode when it would change.
  type: int
  returned: always
  sample: 4711
"""

from ..module_utils._host.module import on_host
from ..module_utils._host.service import ARGUMENTS, plan


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
