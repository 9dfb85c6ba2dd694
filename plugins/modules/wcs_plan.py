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
attributes:
  check_mode:
    description: Changes nothing, so check mode is the same.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
seealso:
  - module: webcallserver.aws.wcs_asg
  - module: webcallserver.aws.wcs_classic_elb
  - module: webcallserver.aws.wcs_ami
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
  type: dict
  returned: always
outputs:
  description:
    - C(stack), C(websocket_urls), C(load_balancer) and C(nodes) as O(addresses) has them.
    - C(changes), the totals of the plan, C(changed), whether there is any.
    - C(seconds), how long the run took so far, null if unknown.
    - C(report), the path of the report, or null.
  type: dict
  returned: when O(stack) is given
lines:
  description: The lines that are shown, complete at verbosity 1 and above.
  type: list
  elements: str
  returned: always
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._core.local import local
from ..module_utils._plan.outputs import ended, shown
from ..module_utils._plan.table import data, part, table

ARGUMENTS: dict[str, Any] = {
    "results": {"type": "dict", "required": True},
    "stack": {"type": "str"},
    "addresses": {"type": "dict"},
    "report": {"type": "str"},
}


def show(params: Mapping[str, Any]) -> dict[str, Any]:
    """The plan as data, and the lines of its table."""
    parts = [part(title, result or {}) for title, result in params["results"].items()]
    ending = ended(params, parts, None)
    lines = [line.text for line in table(parts, complete=True)]
    return {"plan": data(parts), "lines": [*lines, *(shown(ending, True) if ending else ())], "outputs": ending}


def main() -> None:
    """Runs the module; on the controller the action plugin of the same name answers in its place."""
    local(ARGUMENTS, show)


if __name__ == "__main__":
    main()
