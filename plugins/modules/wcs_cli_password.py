#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The password of a Web Call Server's command line."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wcs_cli_password
short_description: Changes the password of the command line of a Web Call Server
version_added: 0.1.0
description:
  - Changes the password of a user of the command line (CLI) that a running Web Call Server (WCS) offers over ssh, whose
    default password is publicly known. Its REST interface has the same users.
  - It tries to log in. If the new password is accepted already, nothing is done; after the change it must be accepted.
  - The commands of the command line are not publicly documented. This was tested on a stand-in only.
  - Runs on the WCS host.
author:
  - The webcallserver.aws maintainers (@webcallserver)
requirements:
  - Python 3.9 or later on the WCS host
  - The ssh client of OpenSSH 8.4 or later on the WCS host
options:
  password:
    description: The new password.
    type: str
    required: true
  old_password:
    description: The old password.
    type: str
    default: admin
  user:
    description: The user.
    type: str
    default: admin
  address:
    description: The address of the command line, seen from the host itself.
    type: str
    default: 127.0.0.1
  port:
    description: The port of the command line.
    type: int
    default: 2001
  timeout:
    description: How long to wait for each answer, in seconds.
    type: int
    default: 15
attributes:
  check_mode:
    support: full
    description: Returns whether the password would change; it logs in for that.
  diff_mode:
    support: none
    description: There is nothing to show.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
extends_documentation_fragment:
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Change the default password
  webcallserver.aws.wcs_cli_password:
    password: "{{ vault_wcs_cli_password }}"
"""

RETURN = r"""
user:
  description: The user whose password it is.
  type: str
  returned: always
  sample: admin
"""

from ..module_utils._host.cli_password import ARGUMENTS, plan
from ..module_utils._host.module import on_host


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
