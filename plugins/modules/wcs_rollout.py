#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: every node of an Auto Scaling group is replaced by one of another template version."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_rollout
short_description: Replaces the nodes of an Auto Scaling group by a new launch template version without cutting sessions
version_added: 0.1.0
description:
  - Sets the group to the version, adds O(surge) nodes that run it, and waits until they are proven. A node is proven when
    it is in service in the load balancers, its statistics page answers, and a session can be opened with it. Then the old
    nodes leave, O(batch) at a time, each once its sessions have ended, and AWS launches a new one in its place; at the end
    the group has its former size.
  - When new nodes fail, or three launches fail, the group goes back to the version before. The new nodes are removed, the
    old ones are left alone, and the module fails with the reason.
  - Where C(max_size) leaves no room for O(surge), it is raised while the rollout lasts.
  - A rollout that was interrupted is resumed by running again, also when a newer version was created meanwhile.
  - The version is created with M(webcallserver.aws.wcs_asg) and C(launch.apply=rollout). The template's default version
    follows at the end.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  state:
    description:
      - With V(current) every node runs O(version).
      - With V(rolled_back) every node runs the version before the rollout that is under way, or before the last completed
        one. Nodes are replaced in the same way. Where all run that version already, nothing is done.
    type: str
    choices: [current, rolled_back]
    default: current
  version:
    description:
      - The number of the version. The default is the latest one of the group's template. Not for O(state=rolled_back).
    type: str
  surge:
    description:
      - How many nodes are added before old ones leave. RV(rollout.peak) has, also in check mode, the largest number of nodes,
        because licences are billed by it.
      - With V(0) old nodes leave before new ones are launched, and the capacity is lower by O(batch) meanwhile.
    type: int
    default: 1
  batch:
    description:
      - How many old nodes leave at the same time. The default is O(surge), but at least 1.
    type: int
  min_in_service:
    description:
      - The least number of nodes that stay in service. No old node is deregistered when fewer would remain. The default is the
        group's desired capacity, less what O(batch) exceeds O(surge).
    type: int
  launch_timeout:
    description:
      - How long a new node may take until it is proven, in seconds. The default is the group's
        C(health_check_grace_period) plus two minutes.
    type: int
  probe:
    description:
      - Whether a session is opened with each new node, and closed, to prove it. With V(false) its state in the load balancers
        and its statistics page are enough.
    type: bool
    default: true
  websocket_port:
    description:
      - The port for that session. The default is 8080, or 8443 with O(websocket_tls=true).
    type: int
  websocket_tls:
    description:
      - Whether that session is encrypted.
    type: bool
    default: false
  app_key:
    description:
      - The application key that the session names.
    type: str
    default: defaultApp
attributes:
  idempotent:
    description: A second run does nothing.
    support: full
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes.access
  - webcallserver.aws.nodes.page
  - webcallserver.aws.licences
  - webcallserver.aws.steering
  - webcallserver.aws.variables
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
  - websockets >= 13, unless O(probe=false)
"""

EXAMPLES = r"""
- name: Create a version with the new image, which the group does not use yet
  webcallserver.aws.wcs_asg:
    name: wcs
    launch:
      image_id: ami-0d5f4b2a9c8e7f601
      apply: rollout

- name: Replace every node without cutting sessions
  webcallserver.aws.wcs_rollout:
    group_name: wcs

- name: Replace two at a time, with at most ten licences; end the sessions that are left after half an hour
  webcallserver.aws.wcs_rollout:
    group_name: wcs
    surge: 2
    licence_limit: 10
    timeout: 1800
    on_timeout: terminate

- name: Go back to the version before
  webcallserver.aws.wcs_rollout:
    group_name: wcs
    state: rolled_back
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
    - autoscaling:SuspendProcesses
    - autoscaling:UpdateAutoScalingGroup
rollout:
  description: What is rolled out. Also in the result of a run that fails.
  returned: always
  type: dict
  contains:
    from_version:
      description: The version before; null if unknown.
      type: str
      sample: "3"
    to_version:
      description: The version that every node shall run.
      type: str
      sample: "4"
    outdated:
      description: How many nodes run another version.
      type: int
      sample: 6
    peak:
      description: The most nodes that the group has at a time.
      type: int
      sample: 7
    min_in_service:
      description: The least number of nodes that stay in service.
      type: int
      sample: 6
victims:
  description:
    - The nodes that left; in check mode those that would, in this order. Also in the result of a run that fails.
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
        - V(drained), V(cut) (it ended with sessions, or their number is unknown), V(returned) to service, V(draining) (not
          finished), V(retained) (AWS keeps the machine, C(Terminating:Retained)), or null in check mode.
      type: str
      sample: drained
cut:
  description: The nodes that ended before their sessions did, each with their number; null if unknown.
  returned: always
  type: list
  elements: dict
  sample: []
group:
  description: The group afterwards, in check mode as it is.
  returned: always
  type: dict
  sample:
    name: wcs
    desired_capacity: 6
    min_size: 2
    max_size: 8
    launch_template_version: "4"
    suspended_processes: []
    instances:
      - instance_id: i-0f1e2d3c4b5a69788
        instance_type: c5.large
        zone: eu-central-1b
        lifecycle_state: InService
        health_status: Healthy
        in_service: true
        sessions: 17
        launch_template_version: "4"
        draining_since: null
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: null, operation: null, code: null, request_id: null}
"""

from ..module_utils._core.module import converging
from ..module_utils._rollout.options import ARGUMENTS
from ..module_utils._rollout.run import manage


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage)


if __name__ == "__main__":
    main()
