# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2's network interfaces: who uses one, and what that forbids."""

from __future__ import annotations

from typing import Any

from moto.ec2.responses import EC2Response

from ...core import backends as state
from ...core.corrections import correction
from ...core.errors import Refused


@correction("A network interface that is in use is not deleted.", EC2Response, "delete_network_interface")
def delete_network_interface(delete: Any, response: Any) -> Any:
    """Nothing."""
    interface_id = str(response._get_param("NetworkInterfaceId"))
    interface = state.backend("ec2", response.region).enis.get(interface_id)
    if interface is not None and (interface.attachment_id or interface.requester_managed):
        raise Refused("InvalidParameterValue", f"Network interface '{interface_id}' is currently in use.")
    return delete(response)
