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
  - Finds everything of a stack by its mark (the tag C(webcallserver.aws:stack)), whatever it is called; things that bear no
    tags are found by the pattern of their names.
  - Names what should not be there any more under RV(leftovers), which is how the playbook C(teardown) audits itself.
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
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging.reading
"""

EXAMPLES = r"""
- name: Tell everything of the stack wcs
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
    - What AWS has of the stack, in AWS's fields with snake_case names.
    - C(load_balancers) and C(groups) are all that bear the stack's mark; C(load_balancer) (with C(instance_states)) and
      C(group) those of them that are in use, the balancer that the group names, best of the stack's own name.
    - Further keys are C(name), C(launch_templates),
      C(launch_template_versions), C(launch_configurations), C(scaling_policies), C(alarms) (also those that AWS keeps for
      target tracking), C(lifecycle_hooks),
      C(scheduled_actions), C(activities) (the newest 20), C(instances), C(seed), C(images), C(snapshots)
      (C(used_by) lists images outside the stack that use one, which keeps it),
      C(security_groups) and C(network_interfaces). User data is left out.
  returned: success
  type: dict
leftovers:
  description: Things of the stack that nothing of the stack needs any more.
  returned: success
  type: list
  elements: dict
  sample: [{kind: snapshot, id: snap-0a1b2c3d4e5f60718, reason: its image is gone, region: null}]
notices:
  description:
    - A rollout or drain of the group that is open, with how to go on or take it back; a launch template or configuration of
      the group that is gone; groups and load balancers that bear the stack's mark beside those in use.
  returned: success
  type: list
  elements: str
  sample: ["launch template 'wcs' version 4 of group 'wcs' is gone: no node can be launched. Run site to mend it"]
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._core import module as _module
from ..module_utils._stack.notices import BALANCER, GROUP, notices, seconds
from ..module_utils._stack.notices_world import source_there
from ..module_utils._stack.value import leftovers
from ..module_utils._stack.world import read_stack

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "image_regions": {"type": "list", "elements": "str", "default": []},
}


def look(params: Mapping[str, Any], run: _module.Run) -> dict[str, Any]:
    """The answer: `stack`, `leftovers` and `notices`."""
    others = [region for region in params["image_regions"] if region != run.aws.region]
    stack = read_stack(run.aws, params["name"], others)
    return {
        "stack": stack.show(),
        "leftovers": [item.show() for item in leftovers(stack)],
        "notices": [
            *notices(stack.group, source_there(run.aws, stack.group)),
            *seconds(stack.name, GROUP, stack.groups, stack.group),
            *seconds(stack.name, BALANCER, stack.load_balancers, stack.load_balancer),
        ],
    }


def main() -> None:
    """Runs the module."""
    _module.reading(ARGUMENTS, look)


if __name__ == "__main__":
    main()
