#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a stack on one page."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_report
short_description: Writes a report of a stack as one HTML page
version_added: 0.1.0
description:
  - Writes one self-contained file without scripts, which loads nothing. It suits light and dark screens, phones and paper.
  - It begins with what needs attention. It shows a picture of the stack with the state of each node, the sessions of each
    node before and after a probe, latency, policies and alarms, the last scaling activities with their reasons, versions, the
    largest number of servers at once (for licences), costs, and orphaned resources.
  - Makes no requests; it uses the results of other modules. A missing value is shown as unknown, not as 0.
  - Every value is written as text, so a statistics page or a tag cannot change the markup of the page.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  dest:
    description:
      - The file. Its folder must exist. An absolute path is best.
    type: path
    required: true
  stack:
    description:
      - The registered result of M(webcallserver.aws.wcs_stack_info). Its C(history) is drawn if it was read.
    type: dict
    required: true
  statistics:
    description:
      - The registered result of M(webcallserver.aws.wcs_stat_info) for the nodes of the group.
    type: dict
  probe:
    description:
      - The registered result of M(webcallserver.aws.wcs_websocket_probe). That of check mode counts as none.
    type: dict
  forecast:
    description:
      - The registered result of M(webcallserver.aws.wcs_forecast), whose variants are drawn - sessions, capacity, nodes and licences.
    type: dict
  pages:
    description:
      - Where the pages of the nodes are, for the addresses that clients connect to and for links to statistics and demo pages.
        Without it there are no addresses and links.
    type: dict
    suboptions:
      scheme:
        description: The protocol.
        type: str
        choices: [http, https]
        default: http
      port:
        description: The port.
        type: int
        default: 8081
      path:
        description: The path.
        type: str
        default: /?action=stat
      ports:
        description: The ports of the nodes by protocol, for the addresses that clients connect to. Without it they are not shown.
        type: dict
        suboptions:
          http:
            description: The port of statistics and demo pages.
            type: int
            default: 8081
          https:
            description: The same, encrypted.
            type: int
            default: 8444
          ws:
            description: The port of WebSocket sessions.
            type: int
            default: 8080
          wss:
            description: The same, encrypted.
            type: int
            default: 8443
      host:
        description: The name that clients know the load balancer by. The default is its DNS name.
        type: str
  server_version:
    description:
      - The version of Web Call Server on the nodes, which AWS does not know.
    type: str
  licence_limit:
    description:
      - The number of servers that the licence covers. The page says if the stack may exceed it.
    type: int
  generated:
    description:
      - The time to show. Without it the page has no time, and equal results make equal files.
    type: str
attributes:
  check_mode:
    description: Says whether the file would change, and writes nothing.
    support: full
  diff_mode:
    description: Shows the page's source before and after.
    support: full
  idempotent:
    description: Equal options make equal files.
    support: full
seealso:
  - module: webcallserver.aws.wcs_stack_info
  - module: webcallserver.aws.wcs_stat_info
  - module: webcallserver.aws.wcs_websocket_probe
extends_documentation_fragment:
  - webcallserver.aws.prices
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Look at the stack
  webcallserver.aws.wcs_stack_info:
    name: wcs
  register: stack

- name: Read its nodes
  webcallserver.aws.wcs_stat_info:
    group_name: wcs
  register: statistics

- name: Write the report
  webcallserver.aws.wcs_report:
    dest: "{{ playbook_dir }}/wcs-report.html"
    stack: "{{ stack }}"
    statistics: "{{ statistics }}"
    generated: "{{ now(utc=true).strftime('%Y-%m-%d %H:%M UTC') }}"
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /srv/www/wcs-report.html
findings:
  description: What needs attention, as the page begins with; empty if nothing does.
  returned: success
  type: list
  elements: str
  sample: ["The group wants 3 nodes, and 2 of 3 serve."]
"""

from ..module_utils._host.module import on_host
from ..module_utils._report.options import ARGUMENTS
from ..module_utils._report.run import plan


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
