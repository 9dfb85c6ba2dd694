#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: the plan of a dry run, or what a run changed, in one table."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_plan
short_description: Shows what a dry run would change, or a run changed, and where to connect
version_added: 0.1.0
description:
  - Combines the results of other modules of this collection, and shows them as a table of 80 columns in the colours of
    Ansible's own output. V(+) is a resource that is added, V(~) one that is changed, V(-) one that is removed, V(±) one that
    is replaced.
  - Long values and lists are shortened. At verbosity 1 and above the table is complete.
  - Where standard output is JSON, no table is printed; the plan is in the result as data.
  - Makes no requests and changes nothing.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  results:
    description:
      - The registered results by a title for the reader. Results of skipped tasks count as nothing to do.
    type: dict
    required: true
  stack:
    description:
      - The name of the stack, for RV(outputs). Without it nothing is said about where to connect.
    type: str
  addresses:
    description:
      - Where to connect, as RV(webcallserver.aws.wcs_verify#module:addresses) has it.
    type: dict
  report:
    description:
      - The path of the report, if one was written.
    type: str
  costs:
    description:
      - What is paid for, as other modules answered. Without it nothing is said about costs.
    type: dict
    suboptions:
      region:
        description: The Region. The default is that of the answers.
        type: str
      group:
        description:
          - The registered result of M(webcallserver.aws.wcs_asg); in its place that of M(webcallserver.aws.wcs_drain) or
            M(webcallserver.aws.wcs_load), in check mode.
        type: dict
      load_balancer:
        description: The registered result of M(webcallserver.aws.wcs_classic_elb).
        type: dict
      image:
        description: The registered result of M(webcallserver.aws.wcs_ami).
        type: dict
      rollout:
        description: The registered result of M(webcallserver.aws.wcs_rollout).
        type: dict
      stack:
        description: In place of all these the registered result of M(webcallserver.aws.wcs_stack_info).
        type: dict
      seed:
        description: The seed.
        type: dict
        suboptions:
          launched:
            description: Whether the run launches it.
            type: bool
            default: false
          kept:
            description: Whether it goes on running.
            type: bool
            default: false
          base:
            description: The registered result of M(webcallserver.aws.wcs_seed_image).
            type: dict
      removed:
        description: Whether all of it is removed.
        type: bool
        default: false
seealso:
  - module: webcallserver.aws.wcs_asg
  - module: webcallserver.aws.wcs_classic_elb
  - module: webcallserver.aws.wcs_ami
  - module: webcallserver.aws.wcs_price_info
extends_documentation_fragment:
  - webcallserver.aws.converging.reading
  - webcallserver.aws.prices
  - webcallserver.aws.variables
"""

EXAMPLES = r"""
- name: Plan the load balancer
  webcallserver.aws.wcs_classic_elb:
    name: wcs
    idle_timeout: 600
  check_mode: true
  register: balancer

- name: Show the plan
  webcallserver.aws.wcs_plan:
    results:
      balancer: "{{ balancer }}"
"""

RETURN = r"""
plan:
  description:
    - C(things), a list of C(part), C(thing), C(name), C(change) (add, change, remove or replace) and C(calls).
    - C(options), a list of C(part), C(option), C(before) and C(after).
    - C(actions), the write calls in order.
    - C(totals), the number of things by kind of change.
    - C(costs), what it costs in USD, null without O(costs). A sum without any price is null; what has no price is listed in
      C(left_out), and is in no sum.
    - Of C(costs), C(hour_now), C(hour_after) and C(hour_at_maximum) are an hour before the run, after it, and with
      C(nodes_at_maximum) nodes.
    - C(month_licences_peak) is a month of C(licences_peak) licences, the most servers that there may be at a time.
    - C(this_run) is what the servers cost that only this run has (C(this_run_servers)), each counted for an hour.
    - C(incomplete) names the sums that lack the price of a server or of the load balancer. C(source) says where the prices come
      from.
  type: dict
  returned: always
outputs:
  description:
    - C(stack), C(websocket_urls), C(load_balancer) and C(nodes) as O(addresses) has them.
    - C(changes), the totals of the plan, C(changed), whether there is any.
    - C(seconds), how long the run took so far, null if unknown.
    - C(report), the path of the report, or null.
    - C(costs), as in RV(plan).
  type: dict
  returned: when O(stack) is given
lines:
  description: The lines that are shown, complete at verbosity 1 and above.
  type: list
  elements: str
  returned: always
"""

from ..module_utils._core.local import local
from ..module_utils._plan.options import ARGUMENTS, show


def main() -> None:
    """Runs the module; on the controller the action plugin of the same name answers in its place."""
    local(ARGUMENTS, show)


if __name__ == "__main__":
    main()
