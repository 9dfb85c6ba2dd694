#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the IAM role and instance profile of the nodes of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_node_profile
short_description: Manages the IAM role and instance profile of the nodes of a stack
version_added: 0.1.0
description:
  - Creates, changes and deletes a role and an instance profile of one name, by which nodes may publish their metrics and do nothing
    else.
  - The role may be assumed by instances. Its inline policy C(publish) allows C(cloudwatch:PutMetricData) in the namespace C(WCS).
  - Other policies of the role, its description, path and permissions boundary are kept.
  - What an interrupted run left half made is found by its name and tag, and finished.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  stack:
    description: The stack that they belong to, their tag C(webcallserver.aws:stack).
    type: str
    required: true
  name:
    description:
      - The name of both, 1 to 64 letters, digits and C(_+=,.@-). The default is C(<stack>-node-<region>), because IAM is the same in
        all Regions.
    type: str
  state:
    description:
      - Whether they shall exist. V(absent) leaves what is not tagged C(webcallserver.aws:stack) alone, unless O(adopt) is true.
      - With the role go all policies that are part of it; a policy that was attached is detached, and stays. Where another instance
        profile has the role, nothing is removed.
  tags:
    description:
      - Tags of both. Left out, tags are not managed, except those of this collection.
      - Keys that begin with C(webcallserver.aws:) or C(aws:) are reserved and refused. To IAM, keys that differ in upper and lower case
        are one.
  adopt:
    description:
      - Whether to take over, and tag, what has the name and is not tagged C(webcallserver.aws:stack).
      - Without it that is left alone, and the module fails with a message that says so.
  wait_timeout:
    default: 120
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging
  - webcallserver.aws.converging.adopt
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Let nodes publish their sessions
  webcallserver.aws.wcs_node_profile:
    stack: wcs
    tags:
      Environment: production
  register: nodes

- name: Launch nodes with it
  webcallserver.aws.wcs_asg:
    name: wcs
    launch:
      instance_profile: "{{ nodes.instance_profile.name }}"

- name: Remove it
  webcallserver.aws.wcs_node_profile:
    stack: wcs
    state: absent
"""

RETURN = r"""
actions:
  description: The write calls made, or in check mode the ones that would be made, in order.
  returned: always
  type: list
  elements: str
  sample: ["iam:CreateRole", "iam:PutRolePolicy", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"]
done:
  description: Whether nothing is left to write, and nothing to wait for.
  returned: with O(validate_only)
  type: bool
plan:
  description:
    - The same by resource. C(things) is a list of C(thing), C(name), C(change) (add, change or remove) and C(calls); C(options) a
      list of C(option) (a path), C(before) and C(after). M(webcallserver.aws.wcs_plan) shows it.
  returned: always
  type: dict
role:
  description: The role; null when there is none of the stack. C(policy) is that of this collection.
  returned: always
  type: dict
  sample:
    name: wcs-node-eu-central-1
    arn: arn:aws:iam::123456789012:role/wcs-node-eu-central-1
    stack: wcs
    tags: {Environment: production}
    trust_policy:
      Version: "2012-10-17"
      Statement:
        - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: Publish
          Effect: Allow
          Action: "cloudwatch:PutMetricData"
          Resource: "*"
          Condition: {StringEquals: {"cloudwatch:namespace": WCS}}
instance_profile:
  description: The instance profile, with the names of its roles; null when there is none of the stack.
  returned: always
  type: dict
  sample:
    name: wcs-node-eu-central-1
    arn: arn:aws:iam::123456789012:instance-profile/wcs-node-eu-central-1
    stack: wcs
    tags: {Environment: production}
    roles: [wcs-node-eu-central-1]
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: iam, operation: CreateRole, code: LimitExceeded, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._core.module import converging
from ..module_utils._node_profile.options import ARGUMENTS
from ..module_utils._parts.node_profile import manage


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage)


if __name__ == "__main__":
    main()
