#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the base image that a seed is launched from."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_seed_image
short_description: Finds the base image of a seed, and whether a seed can be launched from it
version_added: 0.1.0
description:
  - Finds the image by its ID, or by name and owner, in this Region. It changes nothing.
  - With O(instance_type) it fails for what a launch would fail for, before anything is made. The image must be for C(x86_64), as
    Web Call Server is; the instance type must have its architecture, boot mode and virtualization type; and the account must
    have subscribed where the image is a product of AWS Marketplace.
  - Whether the account has subscribed is asked by a dry run of C(RunInstances), for images with a product code alone. AWS does
    not say whether it looks at subscriptions in a dry run. Where it does not, the launch itself fails with C(OptInRequired).
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  image_id:
    description: The ID of the image. Either this, or O(name) and O(owner).
    type: str
  name:
    description: The name of the image; C(*) stands for any text.
    type: str
  owner:
    description: Account number or alias of its owner.
    type: str
  newest:
    description:
      - Whether the newest image is taken where several match. Otherwise several are an error that lists them, newest first.
    type: bool
    default: false
  instance_type:
    description: What the image shall run on. Left out, only the image is looked for.
    type: str
  subnet_id:
    description: The subnet of the launch that is asked about. Left out, it is the default one.
    type: str
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.converging.reading
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Find the newest image, and fail if no seed can be launched from it
  webcallserver.aws.wcs_seed_image:
    name: FlashphonerWebCallServer-*
    owner: "123456789012"
    newest: true
    instance_type: c5.large
  register: base
"""

RETURN = r"""
image:
  description: The image that is meant. C(product_codes) are those of AWS Marketplace.
  returned: success
  type: dict
  sample:
    image_id: ami-0a1b2c3d4e5f60718
    name: FlashphonerWebCallServer-5.2.2150
    owner_id: "123456789012"
    creation_date: "2026-11-23T10:04:00.000Z"
    architecture: x86_64
    product_codes: []
instance_type:
  description: The instance type that was asked for, or null.
  returned: success
  type: str
  sample: c5.large
matches:
  description: The IDs of all images that match and are available, newest first.
  returned: success
  type: list
  elements: str
  sample: [ami-0a1b2c3d4e5f60718]
summary:
  description: Which image is taken, in a sentence.
  returned: success
  type: str
  sample: Base image ami-0a1b2c3d4e5f60718 'FlashphonerWebCallServer-5.2.2150' of 2026-11-23 is taken.
error:
  description: The API call that failed; nulls where no call was made.
  returned: on failure
  type: dict
  sample: {service: ec2, operation: DescribeImages, code: UnauthorizedOperation, request_id: 59dbff89-35bd-4eac-99ed-be587EXAMPLE}
"""

from ..module_utils._base_image.options import ARGUMENTS, SPEC
from ..module_utils._core.module import reading
from ..module_utils._parts.seed_image import look


def main() -> None:
    """Runs the module."""
    reading(ARGUMENTS, look, **SPEC)


if __name__ == "__main__":
    main()
