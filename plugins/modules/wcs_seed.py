#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the seed of a stack."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_seed
short_description: Manages the seed of a stack, the instance that its image is made of
version_added: 0.1.0
description:
  - Launches, starts, stops, tags and terminates the seed, which is found by its tags C(Name=<stack>-seed) and
    C(webcallserver.aws:stack=<stack>). What an interrupted run left is taken up.
  - A seed is launched with one network interface, and its instance metadata asks for a token. An instance that is there already is
    not launched anew when other options change; it must be of the image that is asked for.
  - A launch that AWS did not answer is repeated with the same token, so that it does not become two.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  stack:
    description: The stack that it belongs to. It is called C(<stack>-seed).
    type: str
    required: true
  state:
    description:
      - Whether there shall be one. V(present) launches one if O(image_id) is given and none is there.
      - V(absent) terminates every seed of the stack, leftovers of interrupted runs among them.
  instance_id:
    description:
      - The seed as an earlier task returned it. It must have the tags of one.
      - In check mode C((known after apply)) stands for one that the earlier task would launch.
    type: str
  image_id:
    description: The image to launch. Left out, none is launched, and only what is there is changed.
    type: str
  instance_type:
    description: The instance type. It is required with O(image_id).
    type: str
  key_name:
    description: The key pair.
    type: str
  subnet_id:
    description: The subnet. Left out, it is a default one.
    type: str
  security_group_ids:
    description: The IDs of the security groups. Left out, it is the default one of the VPC.
    type: list
    elements: str
  instance_profile:
    description: The name or ARN of the instance profile.
    type: str
  volumes:
    description: The block devices, as in M(amazon.aws.ec2_instance). Left out, they are those of the image.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: The name of the device.
        type: str
        required: true
      virtual_name:
        description: The name of an instance store volume, such as C(ephemeral0).
        type: str
      no_device:
        description: Given, even empty, the image's device of that name is left out.
        type: str
      ebs:
        description: The EBS volume.
        type: dict
        suboptions:
          delete_on_termination:
            description: Whether the volume ends with the instance.
            type: bool
          encrypted:
            description: Whether it is encrypted.
            type: bool
          iops:
            description: Its input and output operations in a second.
            type: int
          kms_key_id:
            description: The key that it is encrypted with.
            type: str
          snapshot_id:
            description: The snapshot that it is made from.
            type: str
          throughput:
            description: Its throughput, in MiB in a second.
            type: int
          volume_size:
            description: Its size, in GiB.
            type: int
          volume_type:
            description: Its type.
            type: str
  address:
    description:
      - The address by which it is reached. With O(running=true) a seed without one is an error.
      - With V(public) a seed is launched with a public address, otherwise without.
    type: str
    choices: [public, private]
    default: public
  running:
    description:
      - Whether it runs. V(true) starts one that was stopped, and waits until it runs; V(false) stops it.
        No seed is launched only to be stopped.
      - Left out, it stays as it is.
    type: bool
  tags:
    description:
      - Tags of the instance, and of its volumes that end with it or have the stack's tag. C(Name) is always C(<stack>-seed).
      - Left out, tags are not managed, except those by which it is found.
      - Keys that begin with C(webcallserver.aws:) or C(aws:) are reserved and refused.
  wait:
    description:
      - Whether to wait until it runs, is stopped or is terminated.
  wait_timeout:
    default: 300
attributes:
  check_mode:
    description:
      - Returns exactly the write calls that a run would make, in order, and makes none.
      - Subnet, security groups, image, key pair and instance type of a launch are looked up.
seealso:
  - module: webcallserver.aws.wcs_seed_image
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Launch the seed, or take up the one that is there
  webcallserver.aws.wcs_seed:
    stack: wcs
    image_id: ami-0a1b2c3d4e5f60718
    instance_type: c5.large
    key_name: operators
    subnet_id: subnet-0a1b2c3d4e5f60718
    security_group_ids: [sg-0a1b2c3d4e5f60718]
    running: true
  register: seed

- name: Terminate it, and go on
  webcallserver.aws.wcs_seed:
    stack: wcs
    state: absent
    wait: false
"""

RETURN = r"""
actions:
  description: The write calls made, or in check mode the ones that would be made, in order.
  returned: always
  type: list
  elements: str
  sample: ["ec2:RunInstances"]
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
seed:
  description:
    - The seed, null when there is none. C(address) is that of O(address).
    - Of several, which V(absent) removes, the C(instance_ids).
  returned: always
  type: dict
  sample:
    name: wcs-seed
    instance_id: i-0a1b2c3d4e5f60718
    running: true
    image_id: ami-0a1b2c3d4e5f60718
    subnet_id: subnet-0a1b2c3d4e5f60718
    address: 203.0.113.17
    private_ip_address: 10.0.1.17
    stack: wcs
    tags: {Name: wcs-seed}
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: ec2, operation: RunInstances, code: VcpuLimitExceeded, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._core.module import converging
from ..module_utils._parts.seed import manage
from ..module_utils._seed.options import ARGUMENTS, SPEC


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage, **SPEC)


if __name__ == "__main__":
    main()
