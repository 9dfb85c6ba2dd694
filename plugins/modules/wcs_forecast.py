#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: a day of load replayed on a group, before it costs anything."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_forecast
short_description: Replays a day of load on an Auto Scaling group, and says what it would have cost and refused
version_added: 0.1.0
description:
  - Replays sessions over time on a group with its scaling policies and scheduled actions. Says how many nodes there would have been,
    how many licences and how much money that takes, and how many sessions would have found no room.
  - The rules of scaling are those of the lab, on which the roles of this collection are tested. AWS does not publish all of them - in
    RV(band) is what the policies of target tracking would do where AWS acts sooner or later than it was seen to.
  - Several sets of policies are compared in one run (O(variants)).
  - Makes no requests and changes nothing. RV(suggestion) is never applied.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  load:
    description:
      - The sessions over time. The path of a CSV file on the host that runs the module, a list of points (dictionaries of C(time) and
        C(sessions)), or a history as M(webcallserver.aws.wcs_stack_info) returns it.
      - Or a dictionary of C(csv), C(points) or C(history) with the same.
      - A CSV file has a header with the columns C(time) and C(sessions); columns are separated by commas, semicolons or tabs, other
        columns and lines that begin with C(#) do not count.
      - Times are ISO 8601 (without a zone they are UTC) or seconds since 1970. At most 400 days.
      - Rows that cannot be used are left out, a time that is given twice counts with its most sessions, rows are sorted, and gaps count
        as the more sessions of before and after. RV(notices) says so.
    type: raw
    required: true
  group:
    description:
      - The group, as M(webcallserver.aws.wcs_asg) takes it. What counts is C(min_size) (by default 1), C(max_size) (required),
        C(desired_capacity) (at the beginning; by default the nodes of the history, else C(min_size)), C(default_instance_warmup),
        C(default_cooldown), C(new_instances_protected_from_scale_in) and C(scheduled_actions). Other options are left out, and
        RV(notices) names them.
    type: dict
    required: true
  scaling_policies:
    description:
      - The scaling policies, as M(webcallserver.aws.wcs_asg) takes them, on the metrics V(cpu) and V(sessions). What is left out is as
        at their creation. Policies by other metrics are left out, and RV(notices) names them.
    type: list
    elements: dict
  variants:
    description:
      - Several groups side by side, a list of dictionaries of C(name), and optionally C(scaling_policies) in place of
        O(scaling_policies), C(group) (options that differ from O(group)) and C(scale_in).
    type: list
    elements: dict
  scale_in:
    description:
      - How nodes leave. V(manual) never, because they are protected; V(aws) when the policies lower the capacity, and what is still
        open on a node after an hour of draining is cut (RV(cut)); V(steward) as M(webcallserver.aws.wcs_drain) with
        O(webcallserver.aws.wcs_drain#module:count=surplus) does, which cuts nothing.
      - By default V(aws) where a policy can scale in and the group does not protect its nodes, else V(manual).
    type: str
    choices: [manual, aws, steward]
  sessions_per_node:
    description:
      - How many sessions fit on a node. What exceeds it on all nodes together is refused. Without it nothing is.
    type: float
  cpu_per_session:
    description:
      - How much CPU a session costs, in percent of a node. Needed by policies on V(cpu), unless O(load) is a history that shows it.
    type: float
  cpu_idle:
    description:
      - The CPU of a node without sessions, in percent.
    type: float
    default: 0
  session_seconds:
    description:
      - How long sessions last, in seconds on average, or as a dictionary of quantiles, C(p50) and C(p95) say. Sessions stay on the
        node that they began on.
      - Without it they are spread anew every minute, and a node that drains is empty at once.
    type: raw
  launch_seconds:
    description:
      - The time from the launch of a node until it takes sessions, in seconds.
    type: float
    default: 180
  headroom:
    description:
      - The share of the sessions for which room is kept besides, for O(scale_in=steward) and RV(suggestion).
    type: float
    default: 0.2
  stable_for:
    description:
      - For how many seconds nodes must have been too many, for O(scale_in=steward).
    type: float
    default: 900
  interval:
    description:
      - The seconds between two looks of the steward, for O(scale_in=steward).
    type: float
    default: 300
  licence_limit:
    description:
      - How many licences of WCS there are. RV(notices) says where the peak exceeds it.
    type: int
  instance_type:
    description:
      - The instance type of the nodes, for the money.
    type: str
  prices:
    description:
      - One's own prices in US dollars, over those of a dated table - C(instance_hour), a dictionary by instance type, and
        C(licence_month). Instance types may also be given by themselves. A type without a price is unknown, and never 0.
    type: dict
  region:
    description:
      - The AWS Region whose prices of the table count. Without it there are only one's own.
    type: str
  suggest:
    description:
      - Whether to look for a group that would have refused nobody at the least cost.
    type: bool
    default: true
  band:
    description:
      - Whether to replay policies of target tracking also as if AWS acted sooner, and later, which takes thrice the time.
      - By default up to 60,000 points times variants.
    type: bool
  timeline_points:
    description:
      - How many moments RV(timeline) has at most. Of longer loads each moment stands for several minutes.
    type: int
    default: 1500
  variables:
    description:
      - What a playbook calls the options, so that messages name its variables.
    type: dict
    default: {}
extends_documentation_fragment:
  - webcallserver.aws.converging.reading
seealso:
  - module: webcallserver.aws.wcs_asg
  - module: webcallserver.aws.wcs_drain
  - module: webcallserver.aws.wcs_stack_info
"""

EXAMPLES = r"""
- name: What last Tuesday would have cost with two targets
  webcallserver.aws.wcs_forecast:
    load: tuesday.csv
    group:
      min_size: 2
      max_size: 10
    sessions_per_node: 200
    cpu_per_session: 0.3
    session_seconds: {p50: 300, p95: 3600}
    variants:
      - name: cpu 50
        scaling_policies: [{name: cpu, type: target_tracking, metric: cpu, target: 50}]
      - name: cpu 70
        scaling_policies: [{name: cpu, type: target_tracking, metric: cpu, target: 70}]
    instance_type: c5.large
    prices: {c5.large: 0.085}
    licence_limit: 8
  register: tuesday

- name: Show it
  ansible.builtin.debug:
    msg: "{{ tuesday.lines }}"
"""

RETURN = r"""
timeline:
  description:
    - How it went, of the first variant, in order. C(time) begins a moment; of longer moments the most sessions, nodes and refused
      sessions are shown, and the least capacity.
    - C(nodes) counts all servers, those that start or drain included, so it can exceed C(max_size) while nodes drain.
    - C(capacity) is for how many sessions there is room, null where O(sessions_per_node) is left out; C(refused) how many sessions more
      than that there are.
    - C(nodes_lower) and C(nodes_upper) are there with RV(band).
  returned: success
  type: list
  elements: dict
  sample:
    - {time: "2026-01-01T08:00:00Z", sessions: 480, nodes: 3, capacity: 400, refused: 80, nodes_lower: 2, nodes_upper: 3}
peak:
  description:
    - The most nodes at a time, of the first variant, which is also the number of C(licences), and C(time), when they were first so many.
    - C(licence_limit) as given, and C(over_limit), whether the peak exceeds it; both null without it.
  returned: success
  type: dict
  sample: {nodes: 5, licences: 5, time: "2026-01-01T09:12:00Z", licence_limit: 4, over_limit: true}
cost:
  description:
    - The C(node_hours) of the first variant, the C(licences) of its peak, and in C(usd) the price of these hours, null where
      C(usd_per_hour) is unknown. Load balancer, storage, transfer and licences are not in it.
    - C(licences_usd_per_month) is the price of the licences of the peak for a month, as which the vendor bills it.
  returned: success
  type: dict
  sample: {node_hours: 61.3, licences: 5, instance_type: c5.large, usd_per_hour: 0.085, usd: 5.21, licences_usd_per_month: 725.0}
refused:
  description:
    - The most C(sessions) without room at a time, of the first variant, when that was first so (C(first_time), null for never), and
      C(session_hours), how many there were for how long.
  returned: success
  type: dict
  sample: {sessions: 80, first_time: "2026-01-01T08:00:00Z", session_hours: 4.2}
cut:
  description: How many sessions AWS's scale-in would have cut, of the first variant.
  returned: success
  type: float
  sample: 0
band:
  description:
    - Between which figures C(nodes) at the peak, C(node_hours) and C(refused) sessions lie, because AWS does not publish how its own
      alarms of target tracking look; null for variants without such policies.
    - The replay itself takes 3 minutes above the target, and 15 below nine tenths of it. The band takes 1 and 5 minutes above, and four
      fifths or all of the target for 15 or 10 minutes below.
  returned: success
  type: dict
  sample: {nodes: {lower: 4, upper: 5}, node_hours: {lower: 58.2, upper: 63.9}, refused: {lower: 0, upper: 80}}
variants:
  description:
    - All variants in order, each with C(name), C(timeline), C(peak), C(cost), C(refused), C(cut), C(band) and C(notices). Without
      O(variants) there is one, C(given).
  returned: success
  type: list
  elements: dict
  sample: [{name: cpu 50, peak: {nodes: 5}, cost: {node_hours: 61.3}}]
load:
  description: What was replayed.
  returned: success
  type: dict
  sample: {start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z", points: 1440, seconds_a_point: 60, peak: 480}
suggestion:
  description:
    - C(group), to be passed to O(group), that would have refused nobody at the least cost with the policies of the first variant
      (C(keeps_policies), else without them) and its C(scale_in). Null with O(suggest=false).
    - C(possible) says whether there is one, C(reason) why not. C(margin) is the share of sessions more that it would have held at its
      tightest moment. C(saves_node_hours) compares it with the first variant.
    - C(sessions_per_node) as given, else so many that the CPU of the history is at the target. C(cpu_per_session) as the history has it.
  returned: success
  type: dict
  sample:
    possible: true
    reason:
    sessions_per_node: 200
    cpu_per_session: 0.31
    group:
      min_size: 2
      max_size: 10
      desired_capacity: 2
      scheduled_actions:
        - {name: day-08, recurrence: "55 7 * * *", time_zone: Etc/UTC, min_size: 4}
        - {name: day-20, recurrence: "0 20 * * *", time_zone: Etc/UTC, min_size: 2}
    scale_in: steward
    keeps_policies: true
    margin: 0.183
    peak: {nodes: 5, licences: 5, time: "2026-01-01T09:12:00Z", licence_limit: 4, over_limit: true}
    cost: {node_hours: 66.0, licences: 5, instance_type: c5.large, usd_per_hour: 0.085, usd: 5.61, licences_usd_per_month: 725.0}
    saves_node_hours: -4.7
    refused: {sessions: 0, first_time: null, session_hours: 0}
notices:
  description: What was odd about the load, what of the options does not count, and where the licences do not suffice.
  returned: success
  type: list
  elements: str
  sample: ["line 7, line 9: the sessions '' are no number, left out"]
lines:
  description: All that in lines of at most 80 characters.
  returned: success
  type: list
  elements: str
"""

from ..module_utils._core.local import local
from ..module_utils._forecast.options import ARGUMENTS
from ..module_utils._forecast.run import look


def main() -> None:
    """Runs the module."""
    local(ARGUMENTS, look)


if __name__ == "__main__":
    main()
