#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a machine image of a configured WCS host."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_ami
short_description: Manages the machine image (AMI) of a configured WCS host
version_added: 0.1.0
description:
  - Creates an Amazon machine image (AMI) of an instance, shares and copies it, and removes it and older ones. Images are found
    by name.
  - An image cannot be changed. For an existing name, another O(instance_id) or other O(volumes) are an error; tags,
    description, permissions, copies and IMDS support are updated.
  - An image that is still being created is waited for; one that failed is removed and created again.
  - An image that an interrupted run created is found by the next run, and not created twice.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  name:
    description:
      - The name of the image, 3 to 128 letters, digits, spaces or C(()[]./-'@_). It is unique in an account and Region.
      - Required, except for O(state=absent) with O(image_id).
    type: str
  image_id:
    description:
      - With O(state=absent), the image to remove, in place of O(name).
    type: str
  instance_id:
    description:
      - The instance to make the image from. Needed only where no image of that O(name) exists.
      - AWS makes images of instances that are running, stopping or stopped.
    type: str
  description:
    description:
      - The description, at most 255 characters. V("") clears it.
    type: str
  reboot:
    description:
      - Whether AWS reboots the instance to take its snapshots, so that the file systems are consistent. Used only when the
        image is created.
      - With V(false) the snapshots are as after a power failure. Stop the instance first if it must not be rebooted.
    type: bool
    default: true
  volumes:
    description:
      - Overrides of the instance's block devices, used only when the image is created. For an existing image they are
        compared, and a difference is an error.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: The device, as the instance has it, for example V(/dev/xvda).
        type: str
        required: true
      size:
        description: The size in GiB.
        type: int
      type:
        description: The volume type.
        type: str
        choices: [gp2, gp3, io1, io2, st1, sc1, standard]
      iops:
        description: Input and output operations per second, for V(gp3), V(io1) and V(io2).
        type: int
      throughput:
        description: Throughput in MiB per second, for V(gp3).
        type: int
      encrypted:
        description:
          - Whether the volume is encrypted. It is compared with an image that exists; where one is to be made it is
            refused, because AWS images a volume as encrypted as the instance has it.
        type: bool
      delete_on_termination:
        description: Whether a volume made from it is deleted with its instance.
        type: bool
  launch_permissions:
    description:
      - Who else may launch the image. Left out, it is not managed; an empty list removes all permissions.
    type: dict
    suboptions:
      user_ids:
        description: Account IDs of 12 digits.
        type: list
        elements: str
      organization_arns:
        description: ARNs of organizations.
        type: list
        elements: str
  copies:
    description:
      - Copies in other Regions. A copy that is no longer listed stays; O(state=absent) removes those of the Regions listed.
    type: list
    elements: dict
    suboptions:
      region:
        description: The Region of the copy.
        type: str
        required: true
      name:
        description: The name of the copy. Default is O(name).
        type: str
      encrypted:
        description: Whether the copy's snapshots are encrypted. Used only when the copy is created.
        type: bool
        default: false
      kms_key_id:
        description: The key to encrypt with, in that Region; a copy with a key is encrypted. Default is the account's key for EBS.
        type: str
  imds_support:
    description:
      - V(v2.0) makes instances of this image require IMDSv2 tokens. It cannot be undone.
    type: str
    choices: [v2.0]
  stack:
    description:
      - The stack that the image belongs to, which is the value of its tag C(webcallserver.aws:stack). Left out, it is O(family),
        else O(name) less its fingerprint.
    type: str
  family:
    description:
      - The family of images this one belongs to, its tag C(webcallserver.aws:family).
      - With O(keep), only images of this family are removed.
    type: str
  keep:
    description:
      - How many images of O(family) to keep in each Region, this one included; older ones are removed with their snapshots.
      - An image that an instance, any launch template version or a launch configuration uses, or that is shared, is never
        removed. Left out, nothing is removed.
    type: int
  wait_timeout:
    default: 1800
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging
  - webcallserver.aws.converging.adopt
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Create an image of a configured host
  webcallserver.aws.wcs_ami:
    name: wcs-0a1b2c3d4e5f
    instance_id: i-0123456789abcdef0
    region: eu-central-1

- name: Typical, with tags, a copy and retention
  webcallserver.aws.wcs_ami:
    name: wcs-0a1b2c3d4e5f
    instance_id: "{{ wcs_seed_instance_id }}"
    description: Web Call Server with our licence and certificates
    family: wcs
    keep: 3
    tags:
      Environment: production
    copies:
      - region: us-east-1
        encrypted: true

- name: See what would be done; nothing is written
  webcallserver.aws.wcs_ami:
    name: wcs-0a1b2c3d4e5f
    instance_id: i-0123456789abcdef0
  check_mode: true
  diff: true

- name: Remove an image, its snapshots and its copy
  webcallserver.aws.wcs_ami:
    name: wcs-0a1b2c3d4e5f
    copies:
      - region: us-east-1
    state: absent
"""

RETURN = r"""
actions:
  description: The write calls made, or in check mode the ones that would be made, in order.
  returned: always
  type: list
  elements: str
  sample: ["ec2:CreateImage"]
done:
  description: Whether nothing is left to write, and nothing to wait for.
  returned: with O(validate_only)
  type: bool
plan:
  description:
    - The same by resource. C(things) is a list of C(thing), C(name), C(change) (add, change, remove or replace) and
      C(calls); C(options) a list of C(option) (a path), C(before) and C(after). M(webcallserver.aws.wcs_plan) shows it.
  returned: always
  type: dict
image:
  description:
    - The image; null when it is absent.
    - C(foreign_settings) has what this module does not manage and leaves alone, under AWS's names with underscores.
  returned: always
  type: dict
  sample:
    name: wcs-0a1b2c3d4e5f
    image_id: ami-0d5f4b2a9c8e7f601
    state: available
    description: ""
    stack: wcs
    family: wcs
    tags: {Environment: production}
    snapshot_ids: [snap-0a1b2c3d4e5f60718]
    volumes: [{device_name: /dev/xvda, size: 8, type: gp3, iops: 3000, encrypted: false, delete_on_termination: true}]
    source_instance_id: i-0123456789abcdef0
    creation_date: "2026-11-23T10:00:00.000Z"
    imds_support:
    foreign_settings: {deprecation_time: "2028-11-23T10:00:00.000Z", ena_support: true}
    copies:
      - region: eu-west-1
        name: wcs-0a1b2c3d4e5f
        image_id: ami-0f3e2d1c0b9a87654
        state: available
        description: ""
        stack: wcs
        family: wcs
        tags: {Environment: production}
        snapshot_ids: [snap-0f1e2d3c4b5a69788]
        volumes: [{device_name: /dev/xvda, size: 8, type: gp3, iops: 3000, encrypted: true, delete_on_termination: true}]
        source_instance_id:
        creation_date: "2026-11-23T10:04:00.000Z"
        imds_support:
        foreign_settings: {ena_support: true}
kept_snapshots:
  description:
    - Snapshots of a removed image that stay, because other images of the account use them, too.
    - C(region) is null in the main Region; C(used_by) are the IDs of those images.
  returned: always
  type: list
  elements: dict
  sample:
    - {snapshot_id: snap-0a1b2c3d4e5f60718, region: null, used_by: [ami-0f3e2d1c0b9a87654]}
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: ec2, operation: CreateImage, code: InvalidAMIName.Duplicate, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._core.module import converging
from ..module_utils._image.options import ARGUMENTS, SPEC
from ..module_utils._parts.image import manage


def main() -> None:
    """Runs the module."""
    converging(ARGUMENTS, manage, **SPEC)


if __name__ == "__main__":
    main()
