#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: everything of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_stack_info
short_description: Gathers information about a WCS stack, including orphaned resources
version_added: 0.1.0
description:
  - Finds all resources of a stack by the tag C(webcallserver.aws:stack), whatever their names. Resources without tags are
    found by the pattern of their names.
  - Lists orphaned resources in RV(leftovers). The playbook C(teardown) fails if any are left.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  name:
    description: The name of the stack.
    type: str
    required: true
  image_regions:
    description: Other Regions in which to look for copies of the stack's images.
    type: list
    elements: str
    default: []
  group_name:
    description: A group to remove with the stack, though it may bear no tag of it; for RV(removals).
    type: str
  load_balancer_name:
    description: A load balancer to remove with the stack, though it may bear no tag of it; for RV(removals).
    type: str
  history:
    description:
      - How many of the last hours to read from CloudWatch for RV(history), at most 360. With V(0) it is not read.
    type: int
    default: 0
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging.reading
  - webcallserver.aws.base_image
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Gather information about the stack wcs
  webcallserver.aws.wcs_stack_info:
    name: wcs
  register: this

- name: Fail if anything was left behind
  ansible.builtin.assert:
    that: this.leftovers == []
"""

RETURN = r"""
stack:
  description:
    - The resources of the stack, in AWS's fields with snake_case names.
    - C(load_balancers) and C(groups) are all with the tag of the stack; C(load_balancer) (with C(instance_states)) and
      C(group) those of them that are in use, the load balancer that the group names, best of the stack's own name.
    - Further keys are C(name), C(launch_templates),
      C(launch_template_versions), C(launch_configurations), C(scaling_policies), C(alarms) (also those that AWS keeps for
      target tracking), C(lifecycle_hooks),
      C(scheduled_actions), C(activities) (the newest 20), C(instances), C(seed), C(images), C(snapshots)
      (C(used_by) lists images outside the stack that use one, which keeps it),
      C(security_groups), C(network_interfaces), and C(roles) and C(instance_profiles), those of the nodes
      (M(webcallserver.aws.wcs_node_profile)). User data is left out.
    - C(unread) are sentences about what could not be asked for. Credentials that may not ask IAM are enough for a stack without an
      instance profile of the nodes; whether there is one is not known then.
  returned: success
  type: dict
leftovers:
  description: Orphaned resources of the stack.
  returned: success
  type: list
  elements: dict
  sample: [{kind: snapshot, id: snap-0a1b2c3d4e5f60718, reason: its image is gone, region: null}]
removals:
  description:
    - What a removal of the whole stack has to take away, as the options of the modules that do it want it.
    - C(groups) and C(load_balancers) are names, C(images) a list of C(name), C(image_id) and C(region) (null in the main Region),
      C(security_groups) a list of C(vpc_id) and C(groups). C(node_profiles) are names.
    - Orphaned resources that can have no tag go by the name of their group or load balancer. Where that is not known, it is the
      stack's own.
  returned: success
  type: dict
  sample:
    groups: [wcs]
    load_balancers: [wcs]
    node_profiles: [wcs-node-eu-central-1]
    images: [{name: wcs-0a1b2c3d4e5f, image_id: ami-0a1b2c3d4e5f60718, region: null}]
    security_groups: [{vpc_id: vpc-0a1b2c3d4e5f60718, groups: [{name: wcs-balancer}, {name: wcs-node}, {name: wcs-seed}]}]
notices:
  description:
    - An open rollout or drain of the group, with how to resume it or take it back; a launch template or configuration of the
      group that no longer exists; groups and load balancers with the tag of the stack that are not in use.
  returned: success
  type: list
  elements: str
  sample: ["launch template 'wcs' version 4 of group 'wcs' is gone: no node can be launched. Run site to mend it"]
region:
  description: The Region.
  returned: success
  type: str
  sample: eu-central-1
freshness:
  description:
    - How old the image and its base image are, and whether a newer base image matches
      O(base_image), a sentence each.
  returned: success
  type: list
  elements: str
  sample:
    - "WCS and Java are those of image 'wcs-0a1b2c3d4e5f', made 12 days ago (2026-11-16)."
    - "Its base image ami-0a1b2c3d4e5f60718 'WCS-5.2.2150' was made 40 days ago (2026-10-19); no newer one matches its name."
newer_base_image:
  description: The ID of the newest base image that matches and is newer than the one that the group's image was made from; else null.
  returned: success
  type: str
  sample: ami-0f3e2d1c0b9a87654
history:
  description:
    - How the group in use went, minute by minute, as CloudWatch has it; null with O(history=0) and without a group. A value that is
      not known is null. The newest two minutes are left out, since they may still be on their way.
    - C(points) are all minutes in order. C(nodes) are those in service, if the group collects C(GroupInServiceInstances), else those
      that publish their sessions (C(wcs_server_metrics)). C(cpu_percent) is the average CPU of the group, every fifth minute
      without detailed monitoring. C(sessions) are those of all nodes together, null where one of them did not publish.
    - C(by_node) are the sessions that each node published in the last 24 hours, also of nodes that are gone.
    - O(webcallserver.aws.wcs_forecast#module:load) takes it, and O(webcallserver.aws.wcs_report#module:stack) draws it.
  returned: success
  type: dict
  sample:
    period: 60
    points: [{time: "2026-11-28T08:00:00Z", nodes: 2, cpu_percent: 31.5, sessions: 180}]
    by_node: {i-0a1b2c3d4e5f60718: [{time: "2026-11-28T08:00:00Z", sessions: 92}]}
"""

from ..module_utils._core.module import reading
from ..module_utils._stack.info_run import look
from ..module_utils._stack.options import ARGUMENTS


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look)


if __name__ == "__main__":
    main()
