#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a Web Call Server, by name."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_settings
short_description: Manages settings of a Web Call Server by name
version_added: 0.1.0
description:
  - Sets, changes and removes settings in C(conf/flashphoner.properties) of an installed Web Call Server (WCS).
  - The file is changed in place. Order, comments, spacing and every setting that is not named stay as they are.
  - Runs on the WCS host. WCS reads the file when it starts, so restart it after a change.
author:
  - The webcallserver.aws maintainers (@webcallserver)
requirements:
  - Python 3.9 or later on the WCS host
options:
  home:
    description: The folder where WCS is installed.
    type: path
    default: /usr/local/FlashphonerWebCallServer
  settings:
    description:
      - The settings by name.
      - A boolean is written as V(true) or V(false), a list is joined with commas, V(null) removes the setting so that
        the default of WCS applies.
    type: dict
    default: {}
  secret_settings:
    description:
      - More settings, whose values are never shown.
      - Values of settings whose name sounds like a secret (password, secret, credential, token) are always hidden in the
        diff.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do. A file that does not exist yet counts as empty.
  diff_mode:
    support: full
    description: Shows the file before and after, secrets hidden.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
seealso:
  - module: webcallserver.aws.wcs_jvm
extends_documentation_fragment:
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Allow more streams, and the REST interface only with a password
  webcallserver.aws.wcs_settings:
    settings:
      media_port_from: 31001
      media_port_to: 33000
      disable_rest_auth: false
      ip: null
    secret_settings:
      rest_hook_secret_key: "{{ vault_rest_hook_key }}"
  notify: Restart WCS
"""

RETURN = r"""
path:
  description: The file.
  type: str
  returned: always
  sample: /usr/local/FlashphonerWebCallServer/conf/flashphoner.properties
keys:
  description: The sorted names of the settings that were changed, or would be in check mode.
  type: list
  elements: str
  returned: always
  sample: [media_port_from, media_port_to]
"""

from ..module_utils._host.module import on_host
from ..module_utils._host.settings import ARGUMENTS, plan


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
