#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the statistics pages of a fleet."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_stat_info
short_description: Reads the statistics pages of WCS nodes, many at once
version_added: 0.1.0
description:
  - Reads the page C(/?action=stat) of every node, adds up the counters and returns how connections are distributed.
  - A node that does not answer in time, or answers something else, is returned with the reason and does not delay the others.
  - An unknown count is null, never 0.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  scheme:
    description:
      - The protocol of the page.
    type: str
    choices: [http, https]
    default: http
  port:
    description:
      - The port of the page. The default is 8081, or 8444 with O(scheme=https).
    type: int
  path:
    description:
      - Path and parameters of the page.
    type: str
    default: /?action=stat
  counters:
    description:
      - The counters to return and to sum. Each of them must be on every page and be a number.
      - By default all counters of a page are returned, and only C(connections_websocket) must be there.
    type: list
    elements: str
  fail_on_error:
    description:
      - Whether the module fails when the counters of a node could not be read. What was read is returned nevertheless.
    type: bool
    default: false
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes
  - webcallserver.aws.nodes.access
  - webcallserver.aws.converging.reading
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Read every node of the group wcs
  webcallserver.aws.wcs_stat_info:
    group_name: wcs
  register: fleet

- name: Show how WebSocket connections are distributed
  ansible.builtin.debug:
    msg: "{{ fleet.totals.connections_websocket }} connections, {{ fleet.distribution }}"

- name: Read two hosts that are not on AWS, over TLS, with a password
  webcallserver.aws.wcs_stat_info:
    hosts:
      - wcs1.example.com
      - wcs2.example.com:8445
    scheme: https
    username: admin
    password: "{{ vault_wcs_password }}"
    counters: [connections_websocket, streams_webrtc_in, streams_webrtc_out]
    fail_on_error: true
"""

RETURN = r"""
nodes:
  description: One entry per node, in the order of O(hosts), O(instance_ids) or the group.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The address that was asked; null for an instance without one.
      type: str
      sample: 198.51.100.7
    instance_id:
      description: The instance; null for O(hosts).
      type: str
      sample: i-0a1b2c3d4e5f60718
    ok:
      description: Whether the page was read and has the required counters.
      type: bool
      sample: true
    error:
      description: Why not; null if it is ok.
      type: str
      sample: connection refused while connecting
    latency_ms:
      description: Milliseconds from name look-up to the last byte of the page; null if it was not complete.
      type: float
      sample: 12.4
    stats:
      description:
        - Counters by group, as the page has them. Numbers are numbers, everything else is text.
        - Groups of the two formats have different names; what is in no group is in C(ungrouped).
      type: dict
      sample: {connection: {connections: 7, connections_websocket: 7}}
    connections_websocket:
      description: WebSocket connections of the node; null when unknown.
      type: int
      sample: 7
totals:
  description:
    - C(nodes), and how many of them were C(ok) or C(failed); C(connections_websocket) and each of O(counters), summed over
      the nodes that are ok; null if unknown for every node.
  returned: always
  type: dict
  sample: {nodes: 3, ok: 3, failed: 0, connections_websocket: 21}
distribution:
  description:
    - C(min), C(max), C(mean) and C(max_over_mean) of C(connections_websocket) over the nodes for which it is known; null if
      there is none.
  returned: always
  type: dict
  sample: {min: 6, max: 8, mean: 7.0, max_over_mean: 1.143}
"""

from ..module_utils._core.module import reading
from ..module_utils._nodes.options import ARGUMENTS, SPEC, in_aws
from ..module_utils._nodes.run import look


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look, needs_aws=in_aws, **SPEC)


if __name__ == "__main__":
    main()
