"""Answers of the three modules that a report is made of, of a stack on the lab in process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.core.lab import Lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._nodes.members import AskedNode, Front
from plugins.module_utils._nodes.stats import SESSIONS, Node, distribution, totals
from plugins.module_utils._probe.spread import Count, judge
from plugins.module_utils._stack.value import Stack, leftovers
from plugins.module_utils._stack.world import read_stack
from plugins.modules import wcs_asg, wcs_classic_elb
from tests.support.harness import Bench, LabClock

Item = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """What wcs_stack_info, wcs_stat_info and wcs_websocket_probe answered."""

    stack: Item
    statistics: Item
    probe: Item


def deployed(lab: Lab, aws: Callable[..., Any], nodes: int) -> None:
    """Makes the stack `wcs` with so many nodes over three zones, a policy of each kind and their alarms."""
    subnets = lab.account.subnet_ids
    Bench(lab, aws, wcs_classic_elb.ARGUMENTS, wcs_classic_elb.manage).run(name="wcs", subnets=subnets)
    node = aws("ec2").create_security_group(GroupName="node", Description="nodes", VpcId=lab.account.vpc_id)
    alarm = {"metric": "cpu", "comparison": "GreaterThanThreshold", "threshold": 70}
    steps = [{"lower_bound": 0, "upper_bound": 15, "adjustment": 1}, {"lower_bound": 15, "adjustment": 2}]
    Bench(lab, aws, wcs_asg.ARGUMENTS, wcs_asg.manage).run(
        name="wcs",
        min_size=nodes,
        max_size=nodes + max(1, nodes // 5),
        subnets=subnets,
        load_balancers=["wcs"],
        launch={
            "image_id": lab.account.wcs_image_id,
            "instance_type": "c5.large",
            "security_group_ids": [node["GroupId"]],
        },
        scaling_policies=[
            {"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 60},
            {"name": "burst", "type": "step", "steps": steps, "alarm": alarm},
        ],
    )


def asked(
    lab: Lab, aws: Callable[..., Any], sessions: Callable[[int], int | None] = lambda _: 7, new: int = 20
) -> Answers:
    """The answers now. `sessions`: of the nth node before the probe, None: its page is not read; `new`: of each."""
    clock = LabClock(lab)
    stack = read_stack(Aws(lambda service, other: aws(service, other or lab.region), clock, print, lab.region), "wcs")
    members = _members(stack)
    before = [sessions(place) for place in range(len(members))]
    return Answers(
        {"stack": stack.show(), "leftovers": [item.show() for item in leftovers(stack)]},
        _statistics(members, before),
        _probe(members, before, new),
    )


def _members(stack: Stack) -> list[AskedNode]:
    addresses = {item["instance_id"]: item.get("public_ip_address") for item in stack.instances}
    states = {item["instance_id"]: item for item in (stack.load_balancer or {}).get("instance_states", ())}
    return [
        AskedNode(
            addresses.get(item["instance_id"]),
            item["instance_id"],
            zone=item["availability_zone"],
            health=states.get(item["instance_id"], {}).get("state"),
        )
        for item in (stack.group or {}).get("instances", ())
    ]


def _statistics(members: Sequence[AskedNode], before: Sequence[int | None]) -> Item:
    nodes = []
    for place, (member, many) in enumerate(zip(members, before, strict=True)):
        node = Node(member.host, member.instance_id, latency_ms=4 + place % 9 / 2)
        silent = replace(node, latency_ms=None, error="connection refused while connecting")
        known = replace(node, ok=True, stats={"connection": {SESSIONS: many}}, connections_websocket=many)
        nodes.append(silent if many is None else known)
    return {
        "nodes": [node.show() for node in nodes],
        "totals": totals(nodes, ()),
        "distribution": distribution(node.connections_websocket for node in nodes if node.ok),
    }


def _probe(members: Sequence[AskedNode], before: Sequence[int | None], new: int) -> Item:
    silent = "connection refused while connecting"
    counts = [
        Count(member, many, None if many is None else many + new, silent if many is None else None)
        for member, many in zip(members, before, strict=True)
    ]
    held = new * sum(many is not None for many in before)
    zones = tuple(sorted({member.zone for member in members if member.zone}))
    judged = judge(counts, Front("wcs", "wcs.example", cross_zone=True, zones=zones), held)
    answer: Mapping[str, int] = {"asked": held, "opened": held, "failed": 0, "held": held}
    return {
        "verdict": judged.verdict,
        "distribution": judged.distribution,
        "causes": [cause.show() for cause in judged.causes],
        "sessions": {**answer, "addresses": {"127.0.0.1": held}, "background": judged.background, "errors": []},
        "latency_ms": {"min": 2.1, "median": 4.4, "p95": 9.8, "max": 17.2},
        "closed_early": 0,
        "nodes": [count.show() for count in counts],
    }
