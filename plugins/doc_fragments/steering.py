# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of the steering modules shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Options, attributes and notes of C(wcs_drain) and C(wcs_rollout)."""

    DOCUMENTATION = r"""
options:
  group_name:
    description:
      - The Auto Scaling group. It needs at least one Classic Load Balancer with connection draining, and no target groups.
    type: str
    required: true
  timeout:
    description:
      - How long to wait for the sessions of a draining node, in seconds. It counts from the start that is recorded in a tag of
        the node, also when an interrupted run is resumed.
      - At most the C(connection_draining) of the group's load balancers, which close what is left when it ends. That is the
        default.
    type: int
  on_timeout:
    description:
      - What happens to a node that still has sessions then.
      - V(fail) ends the run with an error that names the nodes. They stay out of the load balancer, and their sessions
        continue until its own limit; another run resumes with the same nodes.
      - V(return_to_service) puts the node back into the load balancer; its sessions continue.
      - V(terminate) terminates the node with its sessions, and returns how many there were.
    type: str
    choices: [fail, return_to_service, terminate]
    default: fail
  stat_timeout:
    description:
      - The timeout of one page in seconds. The sessions of a later one are unknown, which is not none.
    type: float
    default: 4
  counters:
    description:
      - The counters of the page whose sum is the number of sessions. A node is empty when it is 0.
      - Add the counters of what else must not be cut, for example V(streams_rtmp_in). If the page lacks one of them, the
        node's sessions are unknown.
    type: list
    elements: str
    default: [connections_websocket]
attributes:
  check_mode:
    description:
      - Returns which nodes would leave in which order, with their current sessions, and the calls of the first step. What
        follows depends on time and on the sessions, so there is no complete list of calls.
    support: partial
    details:
      - The first step only.
  diff_mode:
    description: Shows the group before and after; in check mode there is no after.
    support: partial
    details:
      - Not in check mode.
notes:
  - While nodes leave, the processes AZRebalance, HealthCheck and ReplaceUnhealthy of the group are suspended, because they
    would replace a node that is deregistered. Those that were running before are resumed at the end, unless the drain ends
    with V(fail) and nodes are left draining. What was suspended before stays suspended.
  - What is under way is recorded in the tag C(webcallserver.aws:rollout) of the group and in the tag
    C(webcallserver.aws:draining) of each leaving instance, before anything is done. Running again resumes an interrupted run.
  - A node whose statistics page does not answer has unknown sessions, never none.
"""
