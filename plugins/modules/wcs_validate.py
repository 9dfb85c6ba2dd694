#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: all that would be refused of a stack, before any of it is made."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_validate
short_description: Finds all that would be refused of a stack, before any of it is made
version_added: 0.1.0
description:
  - Takes the options of the modules that make a stack, and decides for each whether a run would be refused, as these modules do with
    C(validate_only). Nothing is changed. Where anything would be refused the module fails, and its message has every reason.
  - One process asks AWS for all of them, so a refusal comes within seconds.
  - What a part needs of another one it may give by name. The name of a group of O(security_groups) stands for its ID in the options of
    O(load_balancer) and O(group), and the name of O(image) for that image's ID in O(group). What is not there yet is known later.
  - With O(node_profile) the nodes of O(group) have that profile, unless its options name one.
  - O(seed_image) and O(seed) are judged only where there is no image of the name that O(image) has. The seed is launched from the
    image that O(seed_image) finds.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  roles:
    description:
      - Roles of this collection whose variables are checked against their argument specifications before anything else, on the
        controller, and for all of them at once. A module that is run without its action plugin does not check them.
    type: list
    elements: str
    default: []
  hosts:
    description: By role, the host whose variables are checked in place of those of this one.
    type: dict
    default: {}
  security_groups:
    description: Options of M(webcallserver.aws.wcs_security_groups).
    type: dict
  seed_image:
    description: Options of M(webcallserver.aws.wcs_seed_image).
    type: dict
  seed:
    description: Options of M(webcallserver.aws.wcs_seed).
    type: dict
  image:
    description: Options of M(webcallserver.aws.wcs_ami).
    type: dict
  load_balancer:
    description: Options of M(webcallserver.aws.wcs_classic_elb).
    type: dict
  node_profile:
    description: Options of M(webcallserver.aws.wcs_node_profile).
    type: dict
  group:
    description: Options of M(webcallserver.aws.wcs_asg).
    type: dict
  refused:
    description: By role, reasons that its variables alone give, which are said together with those that are found.
    type: dict
    default: {}
  prices:
    description: Your own prices, as M(webcallserver.aws.wcs_plan) takes them. What is no price is refused.
    type: dict
  run_tags:
    description:
      - Ansible's C(ansible_run_tags). A part, or role, whose tag is not among them is not judged. The tags are those of the roles.
    type: list
    elements: str
    default: [all]
  skip_tags:
    description: Ansible's C(ansible_skip_tags).
    type: list
    elements: str
    default: []
requirements:
  - requests >= 2.32.3, to try a new health check
  - urllib3 >= 2.0.2, to try a new health check
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging.reading
  - webcallserver.aws.variables
seealso:
  - module: webcallserver.aws.wcs_security_groups
  - module: webcallserver.aws.wcs_seed_image
  - module: webcallserver.aws.wcs_seed
  - module: webcallserver.aws.wcs_ami
  - module: webcallserver.aws.wcs_classic_elb
  - module: webcallserver.aws.wcs_node_profile
  - module: webcallserver.aws.wcs_asg
"""

EXAMPLES = r"""
- name: Fail if load balancer or group would be refused
  webcallserver.aws.wcs_validate:
    load_balancer:
      name: wcs
      idle_timeout: 600
    group:
      name: wcs
      max_size: 8
  register: validated

- name: Change the load balancer, if there is anything to change
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    idle_timeout: 600
  when: "'load_balancer' not in validated.done"
"""

RETURN = r"""
image_id:
  description: The ID of the image that O(image) names, available or on its way there; null where there is none.
  returned: success
  type: str
  sample: ami-0a1b2c3d4e5f60718
instance_profile:
  description: The name of the instance profile that O(node_profile) means; null without it.
  returned: success
  type: str
  sample: wcs-node-eu-central-1
done:
  description: The parts for which a run would have nothing to do.
  returned: success
  type: list
  elements: str
  sample: [load_balancer]
region:
  description: The Region.
  returned: success
  type: str
  sample: eu-central-1
parts:
  description:
    - By part what its module returns with C(validate_only).
    - A part that was not judged is left out.
  returned: success
  type: dict
  sample:
    load_balancer: {changed: false, done: true, actions: []}
refused:
  description: Why a run would be refused, each reason once.
  returned: on failure
  type: list
  elements: str
  sample: ["Cannot use load balancer 'wcs': idle_timeout 9999 is not 1 to 4000 s."]
error:
  description: The API call that failed first; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: elb, operation: DescribeLoadBalancers, code: AccessDenied, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._core.module import judging
from ..module_utils._parts.options import ARGUMENTS
from ..module_utils._parts.validate import look, secrets


def main() -> None:
    """Runs the module; the action plugin of the same name checks the variables of roles before."""
    judging(ARGUMENTS, look, secrets)


if __name__ == "__main__":
    main()
