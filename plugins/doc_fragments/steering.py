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
      - How long the sessions of a leaving node are waited for, in seconds, counted from the moment that is written down on
        the node, also after this run was interrupted and another one goes on.
      - At most the C(connection_draining) of the group's balancers, which close what is left when it ends. That is what it
        is when left out.
    type: int
  on_timeout:
    description:
      - What becomes of a node that still has sessions then.
      - V(fail) ends the run with an error that names the nodes. They stay out of the balancer, and their sessions go on
        until the balancer's own limit; running again goes on with the same nodes.
      - V(return_to_service) puts the node back into the balancer; its sessions go on.
      - V(terminate) ends the node, sessions and all, and tells how many there were.
    type: str
    choices: [fail, return_to_service, terminate]
    default: fail
  stat_timeout:
    description:
      - The whole deadline of one page in seconds. What is over it counts as unknown, which is not empty.
    type: float
    default: 4
  counters:
    description:
      - What counts as sessions, the sum of these counters of the page. A node is empty when it is 0.
      - Add the counters of what else must not be cut, for example V(streams_rtmp_in). A page without one of them leaves the
        node's sessions unknown.
    type: list
    elements: str
    default: [connections_websocket]
attributes:
  check_mode:
    description:
      - Says who would leave in which order, with today's sessions, and the calls of the first decision. What comes after it
        depends on time and on the sessions, so no complete list of calls is promised.
    support: partial
    details:
      - The first decision only.
  diff_mode:
    description: Shows the group before and after; in check mode there is no after.
    support: partial
    details:
      - Not in check mode.
notes:
  - While nodes leave, the processes AZRebalance, HealthCheck and ReplaceUnhealthy of the group are suspended, because they
    would replace a node that is out of its balancer. Those that were running before are resumed at the end, whatever became
    of the drain, but not where it ends with V(fail) and nodes are left draining. What was suspended before stays so.
  - What is under way is written down in the tag C(webcallserver.aws:rollout) of the group and in the tag
    C(webcallserver.aws:draining) of each leaving instance, before anything is done. A run that was interrupted is taken up by
    running again.
  - A node whose statistics page does not answer has unknown sessions, never none.
"""
