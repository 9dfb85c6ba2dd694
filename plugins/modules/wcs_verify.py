#!/usr/bin/python
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module: whether a stack does its job, proven by real sessions."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: wcs_verify
short_description: Verifies that a stack serves sessions on all its nodes
version_added: 0.1.0
description:
  - Reads the Auto Scaling group and the Classic Load Balancer of a stack and the statistics page of every node, opens real
    WCS sessions through the load balancer and counts them on the nodes, and reads the certificates.
  - A stack passes when as many nodes are InService as the group wants, all of them also in the load balancer; when every
    node's page answers, runs the version that the group launches now, and has a certificate that is valid long enough; and
    when new sessions reach all nodes evenly, which also proves each node's WebSocket port. With O(metrics_period), also when
    every node publishes its sessions.
  - It does not fail for a stack that does not pass; RV(sound) and RV(problems) say so. It changes nothing.
  - The address that a node announces to clients (C(ip) in its settings) cannot be read from outside, and is not checked. The
    service C(wcs-identity) writes it to the journal at each boot.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  name:
    description:
      - The stack. Its group and load balancer are found by the tag C(webcallserver.aws:stack), whatever their names.
    type: str
    required: true
  host:
    description:
      - The name or address through which sessions are opened. The default is the load balancer's DNS name.
    type: str
  port:
    description:
      - The WebSocket port there. The default is 8080, or 8443 with O(tls=true).
    type: int
  tls:
    description:
      - Whether the connection is encrypted.
    type: bool
    default: false
  timeout:
    description:
      - The timeout in seconds of one page, of opening one session, and of one certificate. From 0.1 to 300.
    type: float
    default: 10
  certificate_days:
    description:
      - For how many days the certificates must still be valid. With O(tls=true) that is the load balancer's, with
        O(stat_scheme=https) those of the nodes, whether they are verified or not.
    type: int
    default: 14
  outdated:
    description:
      - Whether nodes of another version than the group launches now are a problem (V(problem)), or only a warning (V(warn)),
        for example after a change that is not rolled out yet.
    type: str
    choices: [problem, warn]
    default: problem
  demo:
    description:
      - Whether visitors are let to the demo pages. The Two-way Streaming page of each node, and of the load balancer if it has a listener
        for it, is opened then, and its status and title are checked. A refused connection and a certificate that is not accepted
        are problems, too.
      - A page for which no connection comes about in time is named as not verified, and is no problem. It may be that a security
        group does not let this machine in.
    type: bool
    default: false
  demo_port:
    description:
      - The port of the load balancer for the demo pages. With O(demo=true) it is a problem if no listener there leads to them.
      - Left out, the load balancer need not have one.
    type: int
  metrics_period:
    description:
      - How often nodes publish their sessions to CloudWatch (role variable C(wcs_server_metrics)), in seconds. Every node in service
        must then have done so of late; one that has just begun is waited for.
      - Left out, CloudWatch is not asked.
    type: int
    choices: [10, 30, 60]
  ports:
    description:
      - The ports of the servers, for the addresses in RV(addresses).
    type: dict
    suboptions:
      http:
        description: The port of statistics and demo pages.
        type: int
        default: 8081
      https:
        description: The same, encrypted.
        type: int
        default: 8444
      ws:
        description: The port of WebSocket sessions.
        type: int
        default: 8080
      wss:
        description: The same, encrypted.
        type: int
        default: 8443
attributes:
  check_mode:
    description: Opens no session; RV(verdict) is null. A stack that does not exist yet is not an error.
    support: full
  diff_mode:
    description: Changes nothing, so there is no difference to show.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - webcallserver.aws.nodes.access
  - webcallserver.aws.nodes.page
  - webcallserver.aws.nodes.sessions
  - webcallserver.aws.base_image
  - webcallserver.aws.variables
requirements:
  - requests >= 2.32.3
  - urllib3 >= 2.0.2
  - websockets >= 13
  - cryptography >= 42, for certificates
seealso:
  - module: webcallserver.aws.wcs_websocket_probe
"""

EXAMPLES = r"""
- name: Verify the stack
  webcallserver.aws.wcs_verify:
    name: wcs
  register: stack

- name: Fail if the stack does not pass
  ansible.builtin.assert:
    that: stack.sound
    fail_msg: "{{ stack.problems | join('; ') }}"

- name: Verify over TLS, hold sessions for two minutes, want certificates valid for a month
  webcallserver.aws.wcs_verify:
    name: wcs
    host: wcs.example.com
    tls: true
    hold: 120
    stat_scheme: https
    validate_certs: false
    certificate_days: 31
"""

RETURN = r"""
sound:
  description: Whether the stack passes; null if it does not exist yet in check mode.
  returned: always
  type: bool
  sample: true
problems:
  description: What does not pass, one sentence each.
  returned: always
  type: list
  elements: str
  sample: ["i-0a1b2c3d4e5f60718 is OutOfService in load balancer 'wcs'"]
summary:
  description: The result or the problems in one sentence.
  returned: always
  type: str
  sample: 40 of 40 sessions through wcs-1234567890.eu-central-1.elb.amazonaws.com:8080 were held, spread over 2 nodes (20, 20).
table:
  description: The nodes as lines of a table.
  returned: always
  type: list
  elements: str
  sample:
    - "node                 zone           group      balancer   version  sessions  gained"
    - "i-0a1b2c3d4e5f60718  eu-central-1a  InService  InService  4        20        20"
freshness:
  description:
    - How old the image and its base image are, when the certificates that were seen end, and whether a newer base image matches
      O(base_image), a sentence each.
  returned: always
  type: list
  elements: str
  sample:
    - "WCS and Java are those of image 'wcs-0a1b2c3d4e5f', made 12 days ago (2026-11-16)."
    - "Its base image ami-0a1b2c3d4e5f60718 'WCS-5.2.2150' was made 40 days ago (2026-10-19); no newer one matches its name."
newer_base_image:
  description: The ID of the newest base image that matches and is newer than the one that the group's image was made from; else null.
  returned: always
  type: str
  sample: ami-0f3e2d1c0b9a87654
verdict:
  description: How new sessions are spread, as in M(webcallserver.aws.wcs_websocket_probe); null in check mode.
  returned: always
  type: str
  sample: spread
addresses:
  description:
    - Where to connect. C(load_balancer) has C(dns_name), C(websocket_urls), and C(statistics_url) and C(demo_url) where it has
      a listener for them. C(nodes) has C(instance_id), C(availability_zone), C(address), C(statistics_url) and C(demo_url) each.
    - Null if the stack does not exist yet in check mode.
  returned: always
  type: dict
  sample:
    load_balancer:
      dns_name: wcs-1234567890.eu-central-1.elb.amazonaws.com
      websocket_urls: ["ws://wcs-1234567890.eu-central-1.elb.amazonaws.com:8080"]
      statistics_url:
      demo_url:
    nodes:
      - instance_id: i-0a1b2c3d4e5f60718
        availability_zone: eu-central-1a
        address: 203.0.113.17
        statistics_url: http://203.0.113.17:8081/?action=stat
        demo_url: http://203.0.113.17:8081/client2/examples/demo/streaming/two_way_streaming/two_way_streaming.html
causes:
  description: What explains a skew or lost sessions, as in M(webcallserver.aws.wcs_websocket_probe).
  returned: always
  type: list
  elements: dict
  sample: []
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..module_utils._core import module as _module
from ..module_utils._core.errors import Failure, Refusal
from ..module_utils._core.limits import check_limits
from ..module_utils._core.pages import DEMO, PORTS, DemoPage
from ..module_utils._nodes import options as _nodes
from ..module_utils._nodes.certificates import expiries
from ..module_utils._nodes.demo_pages import demo_pages
from ..module_utils._nodes.members import paged
from ..module_utils._nodes.pages import How
from ..module_utils._nodes.target import Target, target
from ..module_utils._nodes.world import find_nodes
from ..module_utils._probe.client import MISSING, Plan
from ..module_utils._probe.messages import failures
from ..module_utils._probe.options import LIMITS, OPTIONS
from ..module_utils._probe.proof import Proof, planned, probe
from ..module_utils._stack.addresses import addresses, demo_urls
from ..module_utils._stack.checks import (
    CheckedNode,
    Evidence,
    listening,
    members,
    notes,
    problems,
    shown_demo,
    summary,
    table,
    versions,
)
from ..module_utils._stack.freshness import BASE_IMAGE, show
from ..module_utils._stack.freshness_world import read_freshness
from ..module_utils._stack.notices import BALANCER, GROUP, launched_by, notices, seconds, source_gone
from ..module_utils._stack.notices_world import launched
from ..module_utils._stack.published import Published
from ..module_utils._stack.published_world import until_published
from ..module_utils._stack.value import balancer_in_use, group_in_use
from ..module_utils._stack.world import read_balancers, read_groups, read_likeness

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    **{option: spec for option, spec in OPTIONS.items() if option != "url"},
    **_nodes.ACCESS,
    "timeout": _nodes.NODES["timeout"],
    "certificate_days": {"type": "int", "default": 14},
    **BASE_IMAGE,
    "ports": {
        "type": "dict",
        "apply_defaults": True,
        "options": {scheme: {"type": "int", "default": port} for scheme, port in PORTS.items()},
    },
    "demo": {"type": "bool", "default": False},
    "demo_port": {"type": "int"},
    "metrics_period": {"type": "int", "choices": [10, 30, 60]},
    "outdated": {"type": "str", "choices": ["problem", "warn"], "default": "problem"},
}
FIXED = {
    "url": None,
    **{option: _nodes.NODES[option]["default"] for option in ("format", "max_body", "concurrency")},
}
NOTHING: dict[str, Any] = {"verdict": None, "causes": [], "addresses": None, "freshness": [], "newer_base_image": None}
NOTHING_YET = "Sessions through the balancer would be opened, and counted on each node."


def look(params: Mapping[str, Any], run: _module.Run) -> dict[str, Any]:
    """The answer: whether the stack is sound, and what is not."""
    name = params["name"]
    params = {**FIXED, **params}
    check_limits(params, {**_nodes.LIMITS, **LIMITS, "certificate_days": (0, 3650)})
    groups, balancers = read_groups(run.aws, name), read_balancers(run.aws, name)
    group = group_in_use(name, groups)
    balancer = balancer_in_use(name, balancers, group)
    if group is None or balancer is None:
        return _nothing(name, "balancer" if group else "Auto Scaling group", run.check)
    beside = [*seconds(name, GROUP, groups, group), *seconds(name, BALANCER, balancers, balancer)]
    params["load_balancer_name"] = balancer["load_balancer_name"]
    fleet = find_nodes(run.aws, params, with_balancer=True)
    plan = planned(params, fleet, run.check)
    doors: list[Target | None] = [goal for _, goal in paged(params).jobs(fleet.members, params["address"])]
    ends = expiries([*doors, plan.target], params["timeout"])
    proof = asyncio.run(probe(plan, fleet, params, run.report))
    listener = listening(balancer, plan.target.port)
    template = launched(run.aws, group)
    seen = replace(_evidence(group, plan, proof, ends), listener=listener, notices=[*notices(group, True), *beside])
    seen = replace(seen, load_balancer=balancer["load_balancer_name"])
    seen = replace(seen, likeness=read_likeness(run.aws, group))
    where = addresses(balancer, params["host"], fleet.members, paged(params), params["ports"])
    seen = replace(seen, demo=_demo(params, balancer, where) if params["demo"] else {})
    seen = replace(seen, published=_published(run, params["metrics_period"], group, seen))
    seen = seen if template is not None else replace(seen, source_gone=source_gone(group))
    wrong = problems(seen, run.clock.date(), params["certificate_days"], params["outdated"] == "problem")
    fresh = _freshness(run, template, params.get("base_image"), ends)
    return {**_answer(seen, proof, wrong), "addresses": where, **fresh}


def _demo(params: Mapping[str, Any], balancer: Mapping[str, Any], where: Mapping[str, Any]) -> dict[str, DemoPage]:
    """What was seen of the demo page of each who serves it, or is to."""
    port = params["demo_port"]
    urls = demo_urls(balancer, params["host"], where["nodes"], params["ports"], port)
    goals = {
        name: goal for name, url in urls.items() if url and isinstance(goal := target(url, "http", None, DEMO), Target)
    }
    request = replace(How.of(params).request, timeout=params["timeout"])
    missing = {name: DemoPage(f"no listener at port {port} leads to it") for name, url in urls.items() if url is None}
    return missing | dict(zip(goals, demo_pages(list(goals.values()), request), strict=True))


def _published(run: _module.Run, period: int | None, group: Mapping[str, Any], seen: Evidence) -> Published | None:
    """When the nodes in service published their sessions; None where that is not asked."""
    if period is None:
        return None
    nodes = [node.name for node in seen.serving]
    return until_published(run.aws, group["auto_scaling_group_name"], nodes, period, run.report, not run.check)


def _freshness(run: _module.Run, template: Any, base: Any, ends: list[Any]) -> dict[str, Any]:
    """How old what the nodes run is; nothing where it is not asked for."""
    seen = read_freshness(run.aws, template, base)
    certificates = [] if base is None else [end for end in ends if isinstance(end, float)]
    return show(replace(seen, certificates=certificates), run.clock.date())


def _nothing(name: str, lacking: str, check: bool) -> dict[str, Any]:
    """The answer where there is nothing to look at, which is an error unless a dry run made nothing."""
    if not check:
        reason = f"there is no {lacking} '{name}' of this stack"
        raise Failure(Refusal("verify", "the stack", name, reason, "Run the playbook site first"))
    return {"sound": None, "problems": [], "summary": NOTHING_YET, "table": [], **NOTHING}


def _evidence(group: Mapping[str, Any], plan: Plan, proof: Proof, ends: list[Any]) -> Evidence:
    known = members(group)
    nodes = []
    for count, end in zip(proof.counts, ends[:-1], strict=True):
        lifecycle, version = known.pop(count.member.name, (None, None))
        nodes.append(CheckedNode(count.member.name, count.member.zone, lifecycle, version, count, end))
    zones = {one["instance_id"]: one["availability_zone"] for one in group["instances"]}
    nodes += [CheckedNode(name, zones[name], lifecycle, version, None) for name, (lifecycle, version) in known.items()]
    return Evidence(
        desired=group["desired_capacity"],
        version=launched_by(group),
        nodes=nodes,
        url=f"{plan.target.scheme}://{plan.target.authority}",
        judged=proof.judged,
        asked=len(proof.sessions),
        held=sum(session.held for session in proof.sessions),
        certificate=ends[-1],
        errors=failures(proof.sessions),
    )


def _answer(seen: Evidence, proof: Proof, wrong: list[str]) -> dict[str, Any]:
    word = "; ".join(wrong) if wrong else " ".join(filter(None, [summary(seen), shown_demo(seen), _noted(seen)]))
    return {
        "sound": not wrong,
        "problems": wrong,
        "summary": word,
        "table": table(seen),
        "verdict": proof.judgement.verdict,
        "causes": [cause.show() for cause in proof.judgement.causes],
    }


def _noted(seen: Evidence) -> str:
    return " ".join(f"{words[:1].upper()}{words[1:]}." for words in (versions(seen), *notes(seen)) if words)


def main() -> None:
    """Runs the module."""
    _module.reading(ARGUMENTS, look, missing=MISSING)


if __name__ == "__main__":
    main()
