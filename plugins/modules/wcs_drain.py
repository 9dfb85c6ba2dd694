#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: nodes leave an Auto Scaling group once their sessions have ended."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_drain
short_description: Removes nodes from an Auto Scaling group once their sessions have ended, or puts them back
version_added: 0.1.0
description:
  - Deregisters nodes from their load balancers, waits until their sessions have ended, and then terminates them or moves them
    to standby.
  - The nodes with the fewest sessions leave first; Availability Zones are kept even, so that AWS moves no node afterwards.
  - What cannot work is refused before anything is done, with what would work. The capacity afterwards must not be lower than
    C(min_size) or one node, and O(timeout) not longer than the load balancers allow. A group whose instance types have weights
    is refused, for its sizes do not count nodes.
  - A node that is draining is put back at once with O(state=in_service).
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  state:
    description:
      - V(drained) drains nodes. Nodes that are draining already count first.
      - V(in_service) puts back the nodes that are draining, or those of O(instance_ids), also from standby, and cleans up
        after an interrupted run.
    type: str
    choices: [drained, in_service]
    default: drained
  count:
    description:
      - How many nodes shall leave. Each run removes that many more, unless it resumes one that was interrupted.
      - V(surplus) removes as many as the sessions do not need, if it has been so for O(stable_for). None leaves while nodes come,
        or while a rollout or another drain is under way; that is no error. If sessions need them after all, nodes that are
        draining are put back.
      - None leaves either while processes are suspended without which the group might not get it back, such as C(Launch) and
        C(AlarmNotification).
      - Nor does one leave that a scaling policy of the group would add again, be it on the CPU. While an alarm by which a policy
        adds nodes is in ALARM, none leaves. Else the highest value of its metric in O(stable_for), since the group last launched
        or terminated a node, must stay below its threshold when its load moves to the nodes that stay. Where that cannot be
        known, because the metric has no data or is metric math, none leaves either. RV(surplus) says why.
    type: str
  sessions_per_node:
    description:
      - How many sessions a node is to carry; for O(count=surplus).
    type: float
  headroom:
    description:
      - The share of the sessions for which room is kept besides, for O(count=surplus). With V(0.2) 100 sessions count as 120,
        and a CPU of 40 % as 48 %.
    type: float
    default: 0.2
  stable_for:
    description:
      - For how many seconds nodes must have been too many, for O(count=surplus).
      - This is read from the sessions that the nodes publish, see R(guide, ansible_collections.webcallserver.aws.docsite.guide_scale_by_sessions).
        Where they publish none, each run records in a tag of the group what it sees. The runs must then be at most so far apart.
    type: float
    default: 900
  instance_ids:
    description:
      - Which nodes shall leave, or be back in service. A node that has terminated meanwhile is done; an instance that never
        was in the group is refused.
    type: list
    elements: str
  then:
    description:
      - What happens to an empty node. V(terminate) terminates it; V(standby) keeps it in the group, out of service.
    type: str
    choices: [terminate, standby]
    default: terminate
  decrement_desired:
    description:
      - Whether the desired capacity is lowered with each node. With V(false) AWS launches another one in its place.
      - A node on standby does not count towards the desired capacity, so it is not lowered for it again.
    type: bool
    default: true
attributes:
  idempotent:
    description: With O(instance_ids) a second run does nothing. With O(count) each run removes that many more nodes.
    support: partial
    details:
      - Only with O(instance_ids) and with O(state=in_service).
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes.access
  - webcallserver.aws.nodes.page
  - webcallserver.aws.licences
  - webcallserver.aws.steering
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Remove one node without cutting sessions
  webcallserver.aws.wcs_drain:
    group_name: wcs
    count: 1

- name: Remove two nodes within half an hour; a node that still has sessions then goes back into service
  webcallserver.aws.wcs_drain:
    group_name: wcs
    count: 2
    timeout: 1800
    on_timeout: return_to_service

- name: Replace a certain node by a new one
  webcallserver.aws.wcs_drain:
    group_name: wcs
    instance_ids: [i-0a1b2c3d4e5f60718]
    decrement_desired: false

- name: Keep a node out of service, to look into it
  webcallserver.aws.wcs_drain:
    group_name: wcs
    instance_ids: [i-0a1b2c3d4e5f60718]
    then: standby

- name: Remove the nodes that the sessions do not need
  webcallserver.aws.wcs_drain:
    group_name: wcs
    count: surplus
    sessions_per_node: 200
    on_timeout: return_to_service

- name: Put back the nodes that are draining
  webcallserver.aws.wcs_drain:
    group_name: wcs
    state: in_service
"""

RETURN = r"""
actions:
  description:
    - The write calls that were made, in order, as C(service:Operation). In check mode those of the first decision.
  returned: always
  type: list
  elements: str
  sample:
    - autoscaling:CreateOrUpdateTags
    - ec2:CreateTags
    - autoscaling:SuspendProcesses
    - elb:DeregisterInstancesFromLoadBalancer
    - autoscaling:TerminateInstanceInAutoScalingGroup
    - autoscaling:ResumeProcesses
    - autoscaling:DeleteTags
victims:
  description:
    - The nodes that left or were put back; in check mode those that would, in this order. Also in the result of a run
      that fails.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id:
      description: The instance.
      type: str
      sample: i-0a1b2c3d4e5f60718
    zone:
      description: Its Availability Zone.
      type: str
      sample: eu-central-1a
    sessions:
      description: Its sessions when they were last read; null if unknown.
      type: int
      sample: 0
    outcome:
      description:
        - V(drained), V(standby), V(cut) (it ended with sessions, or their number is unknown), V(returned) to service,
          V(draining) (not finished), V(retained) (AWS keeps the machine, C(Terminating:Retained)), or null in check mode.
      type: str
      sample: drained
cut:
  description: The nodes that ended before their sessions did, each with their number; null if unknown.
  returned: always
  type: list
  elements: dict
  sample: [{instance_id: i-0a1b2c3d4e5f60718, sessions: 3}]
summary:
  description: The outcome in a sentence or two, for people.
  returned: success
  type: str
  sample: "Nodes: i-0a1b2c3d4e5f60718: drained. No session was cut."
surplus:
  description: With O(count=surplus) what was found before the first call; else null.
  returned: success
  type: dict
  contains:
    count:
      description: How many nodes could leave.
      type: int
      sample: 1
    sessions:
      description: The most sessions of all nodes in O(stable_for); null if they are unknown.
      type: int
      sample: 310
    nodes_needed:
      description: The nodes for so many sessions and for the scaling policies, at least C(min_size); null if it is unknown.
      type: int
      sample: 2
    reason:
      description: Why no more nodes could leave; null where some could.
      type: str
      sample: null
goal:
  description: What was asked for.
  returned: success
  type: dict
  sample: {state: drained, then: terminate, decrement_desired: true}
group:
  description: The group afterwards, in check mode as it is.
  returned: always
  type: dict
  sample:
    name: wcs
    desired_capacity: 2
    min_size: 1
    max_size: 4
    launch_template_version: null
    suspended_processes: []
    instances:
      - instance_id: i-0f1e2d3c4b5a69788
        instance_type: c5.large
        zone: eu-central-1b
        lifecycle_state: InService
        health_status: Healthy
        in_service: true
        sessions: 17
        launch_template_version: "3"
        draining_since: null
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: null, operation: null, code: null, request_id: null}
"""

from ..module_utils._core.module import converging
from ..module_utils._drain.options import ARGUMENTS, SPEC
from ..module_utils._drain.run import manage


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage, **SPEC)


if __name__ == "__main__":
    main()
