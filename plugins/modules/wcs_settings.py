#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a Web Call Server, by name."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_settings
short_description: Settings of a Web Call Server, by name
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
        the default of WCS counts.
    type: dict
    default: {}
  secret_settings:
    description:
      - More settings, whose values are never shown.
      - Values of settings that sound like a secret (password, secret, credential, token) are hidden in the diff in any
        case.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    description: Can run in check mode and say what it would do. A file that is not there yet is taken as empty.
  diff_mode:
    support: full
    description: Shows the file before and after, secrets hidden.
  platform:
    support: full
    description: The systems it runs on.
    platforms: posix
seealso:
  - module: webcallserver.aws.wcs_jvm
"""

EXAMPLES = r"""
- name: Room for more streams, and the REST interface only with a password
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
  description: The names of the settings that were, or in check mode would be, changed. Sorted.
  type: list
  elements: str
  returned: always
  sample: [media_port_from, media_port_to]
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..module_utils._core.errors import Failure, Refusal
from ..module_utils._host import properties
from ..module_utils._host.module import Change, Host, on_host, text_of

ARGUMENTS: dict[str, Any] = {
    "home": {"type": "path", "default": "/usr/local/FlashphonerWebCallServer"},
    "settings": {"type": "dict", "default": {}},
    "secret_settings": {"type": "dict", "default": {}, "no_log": True},
}


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change of the file that these options ask for."""
    path = Path(params["home"]) / "conf" / "flashphoner.properties"
    secrets = _wanted(params["secret_settings"])
    host.hide(value for value in secrets.values() if value)
    before = text_of(path, "the settings", host.check)
    after = properties.edited(before, {**_wanted(params["settings"]), **secrets})
    keys = properties.changed_keys(before, after)
    return Change(
        act=(lambda: host.write(path, after)) if after != before else None,
        before=properties.masked(before, secrets),
        after=properties.masked(after, secrets, keys),
        thing=str(path),
        returns={"path": str(path), "keys": keys},
    )


def _wanted(settings: Mapping[str, Any]) -> dict[str, str | None]:
    return {str(key): _spelled(str(key), value) for key, value in settings.items()}


def _spelled(key: str, value: Any) -> str | None:
    try:
        return properties.spelled(value)
    except ValueError as error:
        raise Failure(Refusal("write", "the setting", key, str(error), "Give one plain value")) from error


def main() -> None:
    """Runs the module."""
    on_host(ARGUMENTS, plan)


if __name__ == "__main__":
    main()
