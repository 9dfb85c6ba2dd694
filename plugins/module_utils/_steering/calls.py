# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The write calls of steering. Each names what it is about by id, so that doing it again does no harm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .._core.plain import noun
from .._core.step import Step
from .._group import calls as _group
from .._group.calls import BUSY
from .._group.journal import DRAINING, PREVIOUS, ROLLOUT, SURPLUS, Journal, Mark, Sighting
from .._group.value import Tag
from .view import LiveNode, View

MEANWHILE = ("ValidationError~is not in", "ValidationError~desiredSize equals minSize", "ValidationError~terminating")
"""Somebody was faster: the next look shows what became of it."""
AWAY = ("ValidationError~not found", "ValidationError~is not part of")
TAGGED_AT_ONCE, HANDLED_AT_ONCE = 500, 20


def write_journal(view: View, journal: Journal) -> Step:
    """Writes the journal down."""
    return _again(_group.tag(view.name, {ROLLOUT: Tag(journal.text(), propagate=False)}))


def record_previous(view: View, version: str) -> Step:
    """Notes the version to roll back to."""
    return _again(_group.tag(view.name, {PREVIOUS: Tag(version, propagate=False)}))


def remove_journal(view: View) -> Step:
    """Removes the journal."""
    return _again(_group.untag(view.name, [ROLLOUT]))


def note_surplus(view: View, sighting: Sighting) -> Step:
    """Notes since when the group has had too many nodes."""
    return _again(_group.tag(view.name, {SURPLUS: Tag(sighting.text(), propagate=False)}))


def forget_surplus(view: View) -> Step:
    """Notes no more that the group has too many nodes."""
    return _again(_group.untag(view.name, [SURPLUS]))


def mark(nodes: Sequence[LiveNode], text: Mark) -> list[Step]:
    """Marks the nodes."""
    tags = [{"Key": DRAINING, "Value": text.text()}]
    return [
        Step("ec2", "CreateTags", _nodes(part), {"Resources": _ids(part), "Tags": tags}, lost="repeat")
        for part in _parts(nodes, TAGGED_AT_ONCE)
    ]


def unmark(nodes: Sequence[LiveNode]) -> list[Step]:
    """Removes the marks."""
    tags = [{"Key": DRAINING}]
    return [
        Step("ec2", "DeleteTags", _nodes(part), {"Resources": _ids(part), "Tags": tags}, lost="repeat")
        for part in _parts(nodes, TAGGED_AT_ONCE)
    ]


def suspend(view: View, processes: Iterable[str]) -> Step:
    """Suspends processes of the group."""
    return _again(_group.suspend(view.name, processes))


def resume(view: View, processes: Iterable[str]) -> Step:
    """Resumes processes of the group."""
    return _again(_group.resume(view.name, processes))


def deregister(balancer: str, nodes: Sequence[LiveNode]) -> Step:
    """Takes nodes out of a balancer: no new sessions, those that are there go on until its draining limit."""
    return _balanced("DeregisterInstancesFromLoadBalancer", balancer, nodes, gone=("InvalidInstance",))


def register(balancer: str, nodes: Sequence[LiveNode]) -> Step:
    """Puts nodes into a balancer."""
    return _balanced("RegisterInstancesWithLoadBalancer", balancer, nodes)


def _balanced(operation: str, balancer: str, nodes: Sequence[LiveNode], gone: tuple[str, ...] = ()) -> Step:
    args = {"LoadBalancerName": balancer, "Instances": [{"InstanceId": one} for one in _ids(nodes)]}
    return Step("elb", operation, _nodes(nodes), args, lost="repeat", gone=gone)


def terminate(node: LiveNode, decrement: bool) -> Step:
    """Terminates a node in its group. A lost reply is not repeated blindly: it might lower the capacity twice."""
    args = {"InstanceId": node.instance_id, "ShouldDecrementDesiredCapacity": decrement}
    return Step(
        "autoscaling",
        "TerminateInstanceInAutoScalingGroup",
        ("node", node.instance_id),
        args,
        gone=AWAY,
        not_yet=(*BUSY, *MEANWHILE),
    )


def cut(node: LiveNode) -> Step:
    """Ends the machine itself: its group would wait for the balancer to close what is left."""
    return Step(
        "ec2",
        "TerminateInstances",
        ("node", node.instance_id),
        {"InstanceIds": [node.instance_id]},
        lost="repeat",
        gone=("InvalidInstanceID.NotFound",),
    )


def enter_standby(view: View, nodes: Sequence[LiveNode], decrement: bool) -> list[Step]:
    """Moves nodes to standby."""
    return _standby("EnterStandby", view, nodes, {"ShouldDecrementDesiredCapacity": decrement})


def exit_standby(view: View, nodes: Sequence[LiveNode]) -> list[Step]:
    """Brings nodes back from standby, which raises the desired capacity."""
    return _standby("ExitStandby", view, nodes, {})


def _standby(operation: str, view: View, nodes: Sequence[LiveNode], more: dict[str, Any]) -> list[Step]:
    return [
        Step(
            "autoscaling",
            operation,
            ("group", view.name),
            {"AutoScalingGroupName": view.name, "InstanceIds": _ids(part), **more},
            not_yet=(*BUSY, *MEANWHILE),
        )
        for part in _parts(nodes, HANDLED_AT_ONCE)
    ]


def heal(node: LiveNode) -> Step:
    """Takes back that a node is unhealthy, which never heals by itself."""
    args = {"InstanceId": node.instance_id, "HealthStatus": "Healthy", "ShouldRespectGracePeriod": False}
    return Step(
        "autoscaling",
        "SetInstanceHealth",
        ("node", node.instance_id),
        args,
        lost="repeat",
        gone=AWAY,
        not_yet=MEANWHILE,
    )


def update(view: View, version: str | None = None, desired: int | None = None, max_size: int | None = None) -> Step:
    """Points the group to a version of its template, and sets sizes; None: left as it is."""
    args: dict[str, Any] = {}
    if version is not None and view.template is not None:
        args["LaunchTemplate"] = {"LaunchTemplateName": view.template.name, "Version": version}
    if desired is not None:
        args["DesiredCapacity"] = desired
    if max_size is not None:
        args["MaxSize"] = max_size
    return _again(_group.update(view.name, args))


def set_default(view: View, version: str) -> Step:
    """Makes the version the one that is used where none is named."""
    name = view.template.name if view.template else ""
    args = {"LaunchTemplateName": name, "DefaultVersion": version}
    return Step("ec2", "ModifyLaunchTemplate", ("launch template", name), args, lost="repeat")


def _again(step: Step) -> Step:
    """The call, as steering makes it: each look decides again, so a lost one is repeated and a refused one is later."""
    return replace(step, lost="repeat", not_yet=(*BUSY, *MEANWHILE))


def _ids(nodes: Sequence[LiveNode]) -> list[str]:
    return [node.instance_id for node in nodes]


def _nodes(nodes: Sequence[LiveNode]) -> tuple[str, str]:
    return (noun(len(nodes), "node"), ", ".join(_ids(nodes)))


def _parts(nodes: Sequence[LiveNode], size: int) -> list[Sequence[LiveNode]]:
    return [nodes[at : at + size] for at in range(0, len(nodes), size)]
