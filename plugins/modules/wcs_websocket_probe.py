#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: real sessions through a balancer, and where they went."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_websocket_probe
short_description: Opens real WCS sessions through an address and returns how they are spread over the nodes
version_added: 0.1.0
description:
  - Reads every node's count of WebSocket connections, opens sessions as the vendor's client does (handshake, C(connection)
    message, pings answered), holds them, reads the counts again and closes the sessions.
  - Only new sessions are judged. Existing sessions stay where they are with any load balancer.
  - It sends nothing but the C(connection) message and C(pong), stops by itself, and closes what it opened. Like any client
    it adds to the load of the nodes while it runs; it sends no media.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  url:
    description:
      - Where sessions are opened, C(ws://host:port) or C(wss://host:port).
      - Set this or O(host). The default is the load balancer of O(load_balancer_name) or O(group_name).
    type: str
  host:
    description:
      - Name or address of the load balancer or server. A name is looked up again while the probe runs, and the sessions go to
        all of its addresses in turn.
    type: str
  timeout:
    description:
      - The timeout in seconds of one page, from name look-up to the last byte, and of opening one session. From 0.1 to 300.
attributes:
  check_mode:
    description: Reads the pages and opens no session; RV(verdict) is null.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes
  - webcallserver.aws.nodes.access
  - webcallserver.aws.nodes.page
  - webcallserver.aws.nodes.entrance
  - webcallserver.aws.nodes.sessions
  - webcallserver.aws.variables
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
  - websockets >= 13
"""

EXAMPLES = r"""
- name: Prove that sessions through the load balancer of the group wcs reach every node
  webcallserver.aws.wcs_websocket_probe:
    group_name: wcs
  register: probe
  failed_when: probe.verdict != "spread"

- name: The same over TLS, 200 sessions held for two minutes
  webcallserver.aws.wcs_websocket_probe:
    load_balancer_name: wcs
    host: wcs.example.com
    tls: true
    sessions: 200
    hold: 120

- name: Probe two servers behind a load balancer that is not on AWS
  webcallserver.aws.wcs_websocket_probe:
    url: ws://balancer.example.com:8080
    hosts: [192.0.2.11, 192.0.2.12]
"""

RETURN = r"""
verdict:
  description:
    - V(spread) if new sessions reach all nodes evenly, V(skewed) if they do not, V(unreachable) if none was held. Null if
      no counts are known, and in check mode.
    - It is V(skewed) when a node is out of service in the load balancer, or silent while the others have all the sessions.
      Otherwise only with both a node of more than 1.5 times or less than half the mean, and in RV(distribution) a C(p_value)
      below 0.01.
  returned: always
  type: str
  sample: spread
distribution:
  description:
    - C(min), C(max), C(mean) and C(max_over_mean) of the sessions that the nodes gained; C(sample), their number; and
      C(p_value), how often an even random spread would look as uneven as this (an upper bound).
  returned: always
  type: dict
  sample: {min: 19, max: 21, mean: 20.0, max_over_mean: 1.05, p_value: 1.0, sample: 60}
causes:
  description:
    - What explains a skew or lost sessions. C(cause) is one of V(no_node), V(unhealthy_node), V(silent_node),
      V(zone_without_node), V(cross_zone_off), V(old_sessions) (new sessions are spread, all together are not) and
      V(background) (others connected or left meanwhile); C(subject) is what it is about, C(message) a sentence.
  returned: always
  type: list
  elements: dict
  sample: [{cause: unhealthy_node, subject: i-0a1b2c3d4e5f60718, message: the balancer reads i-0a1b2c3d4e5f60718 as OutOfService}]
sessions:
  description:
    - How many were C(asked) for, C(opened), C(failed) to open and still C(held) when the nodes were read; C(addresses), how
      many were opened through each address; C(background), how many more the nodes gained than were held (null if unknown,
      0 if nobody else connects); C(errors), the most frequent with their count.
  returned: always
  type: dict
  sample: {asked: 60, opened: 60, failed: 0, held: 60, addresses: {198.51.100.20: 60}, background: 0, errors: []}
latency_ms:
  description: C(min), C(median), C(p95) and C(max) milliseconds from connecting to an established session; null without any.
  returned: always
  type: dict
  sample: {min: 3.1, median: 4.0, p95: 9.7, max: 12.5}
closed_early:
  description: How many sessions ended before the probe closed them.
  returned: always
  type: int
  sample: 0
nodes:
  description: The sessions of each node.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: Its address.
      type: str
      sample: 198.51.100.7
    instance_id:
      description: The instance; null for O(hosts).
      type: str
      sample: i-0a1b2c3d4e5f60718
    zone:
      description: Its Availability Zone; null for O(hosts).
      type: str
      sample: eu-central-1a
    health:
      description: Its state in the load balancer; null if there is none.
      type: str
      sample: InService
    before:
      description: WebSocket connections before the probe; null when unknown.
      type: int
      sample: 7
    during:
      description: WebSocket connections while the probe held its sessions; null when unknown.
      type: int
      sample: 27
    gained:
      description: The difference; null when unknown.
      type: int
      sample: 20
    error:
      description: Why a count is unknown; null if both are known.
      type: str
      sample: null
"""

from ..module_utils._core.module import reading
from ..module_utils._nodes.options import in_aws
from ..module_utils._probe.client import MISSING
from ..module_utils._probe.options import ARGUMENTS, SPEC
from ..module_utils._probe.run import look


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look, needs_aws=in_aws, missing=MISSING, **SPEC)


if __name__ == "__main__":
    main()
