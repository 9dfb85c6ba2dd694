"""Valid values of what botocore's model describes, and all the places in a shape where a value may stand."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timezone
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

Path = tuple[str, ...]
EACH = "[]"
"""In a path: the first element of a list."""

KNOWN: dict[str, Sequence[Any]] = {
    "AdjustmentType": ["ChangeInCapacity", "PercentChangeInCapacity"],
    "Arn": ["arn:aws:iam::123456789012:instance-profile/nodes"],
    "ComparisonOperator": ["GreaterThanThreshold", "LessThanThreshold"],
    "DatapointsToAlarm": [1, 2],
    "DefaultResult": ["CONTINUE", "ABANDON"],
    "EvaluationPeriods": [2, 4],
    "ExtendedStatistic": ["p90", "p99"],
    "Groups": ["sg-0a1b2c3d"],
    "ImageId": ["ami-0123456789abcdef0"],
    "InstanceType": ["c5.large", "c5.xlarge"],
    "LifecycleTransition": ["autoscaling:EC2_INSTANCE_TERMINATING", "autoscaling:EC2_INSTANCE_LAUNCHING"],
    "MetricAggregationType": ["Average", "Maximum"],
    "Period": [10, 30, 60],
    "Recurrence": ["0 8 * * *", "30 6 * * 1-5"],
    "SecurityGroupIds": ["sg-0a1b2c3d"],
    "SecurityGroups": ["sg-0a1b2c3d"],
    "SpotPrice": ["0.05"],
    "Stat": ["Average", "p90"],
    "TreatMissingData": ["missing", "ignore"],
    "UserData": [base64.b64encode(b"#!/bin/sh\n").decode()],
    "VolumeType": ["gp3"],
}
"""Values that AWS takes where the model says no more than "a text"; a test adds ids that its account has."""

BESIDE: Mapping[str, Sequence[str]] = {
    "CustomizedMetricSpecification": ["MetricName", "Namespace"],
    "TargetTrackingConfiguration": ["PredefinedMetricSpecification"],
    "AppCookieStickinessPolicy": ["PolicyName", "CookieName"],
    "BlockDeviceMapping": ["DeviceName"],
    "Instance": ["InstanceId"],
    "LBCookieStickinessPolicy": ["PolicyName"],
    "ListenerDescription": ["Listener"],
    "LaunchTemplateBlockDeviceMapping": ["DeviceName"],
    "Metric": ["Namespace", "MetricName"],
    "LaunchTemplateBlockDeviceMappingRequest": ["DeviceName"],
    "LaunchTemplateTagSpecification": ["ResourceType", "Tags"],
    "LaunchTemplateTagSpecificationRequest": ["ResourceType", "Tags"],
    "Tag": ["Key", "Value"],
}
"""What AWS wants in a structure, though the model calls it optional."""


@cache
def model(service: str) -> Any:
    """botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


FUTURE = "FutureSetting"


def later_model(service: str, *structures: str) -> Any:
    """The model of a botocore that is newer than ours: each of the structures has one member more."""
    described = deepcopy(model(service)._service_description)
    described["shapes"][FUTURE] = {"type": "string"}
    for name in structures:
        described["shapes"][name]["members"][FUTURE] = {"shape": FUTURE}
    return ServiceModel(described, service)


def input_shape(service: str, operation: str) -> Any:
    """What a call takes."""
    return model(service).operation_model(operation).input_shape


def output_shape(service: str, operation: str) -> Any:
    """What a call answers."""
    return model(service).operation_model(operation).output_shape


def complaint(shape: Any, args: Mapping[str, Any]) -> str:
    """What botocore's own validation says of arguments; "" where it takes them."""
    return str(ParamValidator().validate(dict(args), shape).generate_report())


def within(shape: Any, path: Path) -> Any:
    """The shape at a path."""
    for part in path:
        shape = shape.member if part == EACH else shape.members[part]
    return shape


def every(shape: Any, path: Path = ()) -> Iterator[Path]:
    """Every member below a shape, at any depth."""
    if shape.type_name == "list":
        yield from every(shape.member, (*path, EACH))
    for name, member in (shape.members if shape.type_name == "structure" else {}).items():
        yield (*path, name)
        yield from every(member, (*path, name))


def has(shape: Any, path: Path) -> bool:
    """Whether the shape has a member at the path."""
    try:
        within(shape, path)
    except (AttributeError, KeyError):
        return False
    return True


def optional(shape: Any, path: Path = ()) -> Iterator[Path]:
    """Every member below a shape that may be left out, at any depth."""
    if shape.type_name == "list":
        yield from optional(shape.member, (*path, EACH))
    if shape.type_name != "structure":
        return
    for name, member in shape.members.items():
        needed = name in shape.required_members or name in BESIDE.get(shape.name, ())
        if not needed:
            yield (*path, name)
        yield from optional(member, (*path, name))


def valid(shape: Any, name: str, rng: random.Random) -> Any:
    """A value that fits the shape; `name` is the member's."""
    kind = shape.type_name
    if kind == "structure":
        some = list(shape.required_members) + list(BESIDE.get(shape.name, ()))
        return {one: valid(shape.members[one], one, rng) for one in some}
    if kind == "list":
        return [valid(shape.member, name, rng)]
    if kind == "map":
        return {valid(shape.key, "key", rng): valid(shape.value, "value", rng)}
    if name in KNOWN:
        return rng.choice(KNOWN[name])
    if kind == "string":
        return rng.choice(shape.enum) if shape.enum else f"text-{rng.randint(1, 999)}"
    if kind == "timestamp":
        return datetime.fromtimestamp(4_000_000_000 + rng.randint(0, 9999), timezone.utc)
    if kind == "boolean":
        return rng.choice([True, False])
    low, high = shape.metadata.get("min", 1), shape.metadata.get("max", 9999)
    number = rng.randint(max(int(low), 1), max(int(high), 1))
    return float(number) if kind in ("float", "double") else number


def planted(thing: Mapping[str, Any], shape: Any, path: Path, value: Any, rng: random.Random) -> dict[str, Any]:
    """The thing with the value at the path; what is on the way and not there is made, with what it needs."""
    found: dict[str, Any] = _planted(deepcopy(dict(thing)), shape, path, value, rng)
    return found


def _planted(thing: Any, shape: Any, path: Path, value: Any, rng: random.Random) -> Any:
    if not path:
        return value
    head, *rest = path
    if head == EACH:
        first = thing[0] if thing else valid(shape.member, "", rng)
        return [_planted(first, shape.member, tuple(rest), value, rng), *list(thing or ())[1:]]
    if not rest:
        there = (thing or {}).get(head)
        more = [*there, *(one for one in value if one not in there)] if isinstance(there, list) else value
        return {**(thing or {}), head: more}
    below = (thing or {}).get(head)
    if below in (None, {}, []):
        below = valid(shape.members[head], head, rng)
    return {**(thing or {}), head: _planted(below, shape.members[head], tuple(rest), value, rng)}


def exclusive(shape: Any, one: Path, other: Path) -> bool:
    """Whether AWS takes only one of two members: they are of the same union, in which one key alone may be set."""
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return shared is not None and bool(getattr(within(shape, one[:shared]), "is_tagged_union", False))


def overlap(one: Path, other: Path) -> bool:
    """Whether one path lies on the way of the other."""
    short = min(len(one), len(other))
    return one[:short] == other[:short]
