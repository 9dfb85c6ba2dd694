#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the fingerprint of everything an image is made of."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_fingerprint
short_description: Computes a fingerprint of everything an image is made from
version_added: 0.1.0
description:
  - Computes twelve hexadecimal digits from settings, file contents and secrets, on the controller, before any host exists.
  - Equal inputs give equal fingerprints, so an image named C(<stack>-<fingerprint>) is found instead of created twice.
  - Makes no requests; needs no AWS account.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  inputs:
    description:
      - What the image depends on, as a dictionary of any depth. Order does not matter; nulls count as left out; numbers
        and booleans count as their text.
    type: dict
    default: {}
  files:
    description:
      - Files on the controller whose content counts, by any name. The path itself does not count.
    type: dict
    default: {}
  secrets:
    description:
      - Values of which only a keyed digest counts, for example a licence key. They appear in no output. Empty ones count as
        left out.
    type: dict
    default: {}
  salt:
    description:
      - The key of the digests of O(secrets), for example the name of the stack.
    type: str
    default: ""
extends_documentation_fragment:
  - webcallserver.aws.converging.reading
"""

EXAMPLES = r"""
- name: Name the image
  webcallserver.aws.wcs_fingerprint:
    inputs:
      image: ami-0abcdef1234567890
      settings: "{{ wcs_server_settings }}"
    files:
      certificate: files/wss.pem
    secrets:
      licence: "{{ vault_wcs_licence_key }}"
    salt: wcs
  register: this

- name: Show it
  ansible.builtin.debug:
    msg: "wcs-{{ this.fingerprint }}"
"""

RETURN = r"""
fingerprint:
  description: Twelve hexadecimal digits.
  returned: success
  type: str
  sample: 0a1b2c3d4e5f
"""

from ..module_utils._core.local import local
from ..module_utils._image.fingerprint_options import ARGUMENTS
from ..module_utils._image.fingerprint_run import look


def main() -> None:
    """Runs the module."""
    local(ARGUMENTS, look)


if __name__ == "__main__":
    main()
