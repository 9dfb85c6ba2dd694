# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of AWS's answers that are set on the lab's things, for tests of what a real account may hold.

    lab.set("i-0123", StateReason={"Code": "Server.InternalError"}, Operator={"Managed": True})
    lab.set("i-0123", Operator=None)  # as the lab has it

From then on every answer that describes the thing has them, and filters find it by them. What the lab itself does with
the thing stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from botocore.validate import ParamValidator
from moto.core.utils import get_service_model

THINGS: dict[str, dict[str, tuple[str, ...]]] = {  # service: shape of a row: the members that name the thing
    "autoscaling": {
        "AutoScalingGroup": ("AutoScalingGroupName",),
        "AutoScalingInstanceDetails": ("InstanceId",),
        "Instance": ("InstanceId",),
        "LaunchConfiguration": ("LaunchConfigurationName",),
        "LifecycleHook": ("LifecycleHookName",),
        "ScalingPolicy": ("PolicyName",),
        "ScheduledUpdateGroupAction": ("ScheduledActionName",),
    },
    "cloudwatch": {"MetricAlarm": ("AlarmName",)},
    "ec2": {
        "Image": ("ImageId",),
        "Instance": ("InstanceId",),
        "LaunchTemplate": ("LaunchTemplateName", "LaunchTemplateId"),
        "NetworkInterface": ("NetworkInterfaceId",),
        "SecurityGroup": ("GroupId",),
        "Snapshot": ("SnapshotId",),
        "Subnet": ("SubnetId",),
        "Volume": ("VolumeId",),
        "Vpc": ("VpcId",),
    },
    "elb": {"LoadBalancerDescription": ("LoadBalancerName",)},
}


class Members:
    """The members set, by the name or id of the thing."""

    def __init__(self) -> None:
        self._set: dict[str, dict[str, Any]] = {}

    def set(self, thing: str, members: Mapping[str, Any]) -> None:
        """Has answers about the thing show these members; None takes one back. ValueError where AWS has none such."""
        checked = {name: None if value is None else _checked(name, value) for name, value in members.items()}
        row = {**self._set.get(thing, {}), **checked}
        self._set[thing] = {name: value for name, value in row.items() if value is not None}

    def shown(self, pick: Callable[[Any], Any], context: Any) -> Any:
        """What an answer shows of a member; `pick` finds what the lab has, `context` is moto's account of the place."""
        value = pick(context)
        if not self._set:
            return value
        row: Any = getattr(context.shape, "parent", None)
        for name in THINGS.get(str(context.service_model.service_name), {}).get(str(getattr(row, "name", "")), ()):
            own = value if name == context.key else pick(replace(context, key=name, shape=row.members[name]))
            ours = self._set.get(str(own), {})
            if context.key in ours:
                both = isinstance(value, Mapping) and isinstance(ours[context.key], Mapping)
                return {**value, **ours[context.key]} if both else ours[context.key]
        return value

    def reset(self) -> None:
        """Forgets them."""
        self._set.clear()


def _checked(name: str, value: Any) -> Any:
    """The value as answers have it; ValueError where no row has the member, or none such a one."""
    rows = [get_service_model(service).shape_for(row) for service, known in THINGS.items() for row in known]
    shapes = [row.members[name] for row in rows if name in row.members]
    if not shapes:
        raise ValueError(f"Cannot set '{name}': nothing that the lab describes has such a member.")
    wrong = ""
    for shape in shapes:
        wrong = ParamValidator().validate(value, shape).generate_report()
        if not wrong:
            return _dated(value, shape)
    raise ValueError(f"Cannot set '{name}': {wrong}")


def _dated(value: Any, shape: Any) -> Any:
    """The value with dates in place of their texts."""
    if shape.type_name == "structure":
        return {name: _dated(one, shape.members[name]) for name, one in value.items()}
    if shape.type_name == "list":
        return [_dated(one, shape.member) for one in value]
    return datetime.fromisoformat(value) if shape.type_name == "timestamp" and isinstance(value, str) else value
