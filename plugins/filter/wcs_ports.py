# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter wcs_ports: a server's ports by its settings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wcs_ports
short_description: The ports of a WCS server, by its settings
version_added: 0.1.0
description:
  - Gives the ports that a server with these settings listens at, so that a port is said once.
  - Security groups, health check, statistics, probes and links of the roles and playbooks follow it.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  _input:
    description: Settings as C(wcs_server_settings) has them. A port that is left out is the default of WCS.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Where the statistics pages are
  ansible.builtin.debug:
    msg: "{{ ({'http.port': 8091} | webcallserver.aws.wcs_ports).http }}"
"""

RETURN = r"""
_value:
  description:
    - The ports C(http), C(https), C(ws), C(wss), C(media_from) and C(media_to).
    - Also C(signalling), the list of C(ws) and C(wss), and C(admin), the list of C(http) and C(https).
  type: dict
  sample:
    http: 8091
    https: 8444
    ws: 8080
    wss: 8443
    media_from: 31001
    media_to: 32000
    signalling: [8080, 8443]
    admin: [8091, 8444]
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._core.errors import Failure
from ..module_utils._nodes.ports import ports
from .wcs_typed import wcs_typed


def wcs_ports(settings: Any) -> dict[str, Any]:
    """The ports of a server with these settings."""
    try:
        return ports(wcs_typed(settings, "dict")).show()
    except Failure as failure:
        raise AnsibleFilterError(str(failure)) from failure


class FilterModule:
    """Hands the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file, by name."""
        return {"wcs_ports": wcs_ports}
