#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: load on a group, and whether it grows by it."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_load
short_description: Puts load on an Auto Scaling group of WCS nodes and watches whether it grows
version_added: 0.1.0
description:
  - Opens WebSocket sessions through the load balancer and starts mixers on the nodes, which transcode streams and need CPU. It
    watches nodes, sessions, streams, CPU and alarms meanwhile, and then ends all that it started.
  - It shows whether policies start new nodes, and whether new sessions reach those.
  - Mixers are started by WCS's REST interface. A stream is pushed (C(/rest-api/push/startup)) to the node's own RTMP port under
    names from which WCS makes mixers. Pushes and mixers are named C(wcs-load) and ended whatever ends this module. WCS does not
    end them itself. After a run that was killed, run the module again. It finds and ends what is named so.
  - It needs O(confirm), because load takes room from the users of the fleet, and new nodes cost money.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  group_name:
    description:
      - The Auto Scaling group. It needs a Classic Load Balancer unless O(url) or O(host) is set.
    type: str
    required: true
  confirm:
    description:
      - Whether the load is meant. Nothing is started without it.
    type: bool
    default: false
  sessions:
    description:
      - How many sessions are opened through the load balancer and held. From 0 to 10000.
      - Ten more for each node follow once a new node serves.
    type: int
    default: 100
  rate:
    description:
      - How many sessions are opened a second. From 0.1 to 1000.
    type: float
    default: 20
  mixers:
    description:
      - How many mixers are started on each node. From 0 to 50.
    type: int
    default: 2
  streams:
    description:
      - How many streams each mixer takes in. From 1 to 50, and at most 200 streams on each node.
    type: int
    default: 2
  feed:
    description:
      - The name of a stream that is published on each node, and pushed into the mixers.
      - By default a mixer without input is started, and its stream is pushed. Not tried on a real WCS. If the table shows no streams
        or no CPU, publish a stream on each node, for example with the demo page Two-way Streaming, and name it here.
    type: str
  duration:
    description:
      - How long the load lasts at most, in seconds. From 10 to 7200. All O(sessions) must be open before it ends.
    type: float
    default: 900
  stop_when_grown:
    description:
      - Whether the load ends as soon as all nodes that are wanted serve, new ones among them, and those have sessions.
    type: bool
    default: true
  interval:
    description:
      - The seconds between two looks. From 1 to 300.
    type: float
    default: 10
  url:
    description:
      - Where sessions are opened, C(ws://host:port) or C(wss://host:port). The default is the load balancer of the group.
    type: str
  host:
    description:
      - Name or address of the load balancer, if it is not the group's own name.
    type: str
  app_key:
    description:
      - The application of the sessions.
    type: str
    default: defaultApp
  timeout:
    description:
      - The timeout in seconds of one page, of one call of the REST interface, and of opening one session. From 0.1 to 300.
    type: float
    default: 10
attributes:
  check_mode:
    description: Looks at the group and says what would be started; RV(verdict) is null.
    support: full
  diff_mode:
    description: Changes nothing that lasts, so there is no difference to show.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes.access
  - webcallserver.aws.nodes.page
  - webcallserver.aws.nodes.entrance
  - webcallserver.aws.licences
  - webcallserver.aws.variables
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
  - websockets >= 13
"""

EXAMPLES = r"""
- name: Put load on the group wcs until it has grown, for half an hour at most
  webcallserver.aws.wcs_load:
    group_name: wcs
    sessions: 200
    mixers: 4
    duration: 1800
    confirm: true
  register: load
  failed_when: load.verdict != "grown"

- name: Measure how many sessions one node carries
  webcallserver.aws.wcs_load:
    group_name: wcs-one
    sessions: 1000
    rate: 2
    mixers: 0
    duration: 600
    stop_when_grown: false
    confirm: true
"""

RETURN = r"""
verdict:
  description:
    - V(grown) if new nodes serve and have sessions, V(idle) if they have none, V(coming) if the group wants more nodes and
      none serves yet, V(unmoved) if it does not. Null in check mode.
  returned: success
  type: str
  sample: grown
reason:
  description: What the verdict rests on.
  returned: success
  type: str
  sample: 1 new node in service after 4 min 10 s, with 14 sessions on them
summary:
  description: The outcome in a sentence; in check mode what would be started.
  returned: success
  type: str
  sample: "Group 'wcs' has grown: 1 new node in service after 4 min 10 s, with 14 sessions on them."
lines:
  description: The looks at which something had changed, as a table of at most 80 columns.
  returned: success
  type: list
  elements: str
  sample: ["        time  nodes  sessions  streams    CPU  alarms"]
looks:
  description: Every look.
  returned: success
  type: list
  elements: dict
  contains:
    seconds:
      description: Seconds since the load began.
      type: int
      sample: 250
    desired_capacity:
      description: How many nodes the group wants.
      type: int
      sample: 3
    in_service:
      description: How many nodes get new sessions.
      type: int
      sample: 3
    sessions:
      description: WebSocket sessions of all nodes whose pages are read.
      type: int
      sample: 130
    streams:
      description: Streams of all nodes whose pages are read.
      type: int
      sample: 24
    cpu:
      description: The CPU that WCS uses, per cent, mean of the nodes; null if no page says it.
      type: float
      sample: 61.5
    alarms:
      description: The alarms of the group's policies that ring.
      type: list
      elements: str
      sample: [TargetTracking-wcs-AlarmHigh-4b9d]
    nodes:
      description: Each node; null for what its page does not say.
      type: list
      elements: dict
      sample:
        - {instance_id: i-0a1b2c3d4e5f60718, in_service: true, sessions: 44, streams: 8, cpu: 58.0}
new_nodes:
  description: The nodes in service at the end that were not there before.
  returned: success
  type: list
  elements: str
  sample: [i-0f1e2d3c4b5a69788]
activities:
  description: What Auto Scaling did meanwhile.
  returned: success
  type: list
  elements: dict
  sample:
    - description: "Launching a new EC2 instance: i-0f1e2d3c4b5a69788"
      status: Successful
      cause: a monitor alarm was in state ALARM
sessions:
  description: The sessions of this run, as in M(webcallserver.aws.wcs_websocket_probe).
  returned: success
  type: dict
  sample: {asked: 130, opened: 130, failed: 0, held: 130, addresses: {198.51.100.7: 130}, errors: []}
group:
  description: The group as it was found.
  returned: success
  type: dict
  sample:
    name: wcs
    min_size: 1
    max_size: 4
    desired_capacity: 2
    load_balancers: [wcs]
    instances:
      - {instance_id: i-0a1b2c3d4e5f60718, instance_type: c5.large, zone: eu-central-1a, lifecycle_state: InService}
"""

from ..module_utils._core.module import reading
from ..module_utils._load.options import ARGUMENTS, SPEC
from ..module_utils._load.run import look
from ..module_utils._probe.client import MISSING


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look, missing=MISSING, **SPEC)


if __name__ == "__main__":
    main()
