# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes as data: which things a run makes, changes and removes, and which options get another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .step import Step

Kind = Literal["add", "change", "remove", "replace"]

MAKES = frozenset(
    {
        "CopyImage",
        "CreateAutoScalingGroup",
        "CreateImage",
        "CreateInstanceProfile",
        "CreateLaunchConfiguration",
        "CreateLaunchTemplate",
        "CreateLoadBalancer",
        "CreateRole",
        "CreateSecurityGroup",
        "RunInstances",
    }
)
"""Calls that bring their subject into being."""

PUTS = frozenset({"PutLifecycleHook", "PutMetricAlarm", "PutScalingPolicy", "PutScheduledUpdateGroupAction"})
"""Calls that make their subject where it is not there, and write it anew where it is."""

REMOVES = frozenset(
    {
        "DeleteAlarms",
        "DeleteAutoScalingGroup",
        "DeleteInstanceProfile",
        "DeleteLaunchConfiguration",
        "DeleteLaunchTemplate",
        "DeleteLifecycleHook",
        "DeleteLoadBalancer",
        "DeletePolicy",
        "DeleteRole",
        "DeleteScheduledAction",
        "DeleteSecurityGroup",
        "DeleteSnapshot",
        "DeregisterImage",
        "TerminateInstanceInAutoScalingGroup",
        "TerminateInstances",
    }
)
"""Calls after which their subject is gone."""

IDENTITIES = ("name", "load_balancer_port", "id", "device_name", "region", "instance_id", "group_id")
"""By which key an element of a list is found again, the first that all elements have."""

PENDING = "pending"
"""The key under which what is shown holds the settings that are to replace those beside it."""


@dataclass(frozen=True)
class Thing:
    """One thing that is written to: its kind, its name, what becomes of it, and by how many calls."""

    thing: str
    name: str
    change: Kind
    calls: int


@dataclass(frozen=True)
class Difference:
    """One option with another value: its path (`health_check.port`), and both values. None: not there."""

    option: str
    before: Any
    after: Any


def things(steps: Sequence[Step], before: Mapping[str, Any] | None) -> tuple[Thing, ...]:
    """What the steps write to, in the order of their first calls. `before` is the world as a domain shows it."""
    found: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        thing, name = step.subject
        whole = thing.rpartition(" of ")[2] or thing  # "attributes of load balancer" are the balancer's
        found.setdefault((whole, name), []).append(step.operation)
    there = frozenset(_names(before))
    return tuple(
        Thing(thing, name, _kind(operations, name in there), len(operations))
        for (thing, name), operations in found.items()
    )


def _kind(operations: Sequence[str], there: bool) -> Kind:
    makes = any(one in MAKES or (one in PUTS and not there) for one in operations)
    removes = any(one in REMOVES for one in operations)
    if removes:
        return "replace" if makes or any(one in PUTS for one in operations) else "remove"
    return "add" if makes else "change"


def _names(value: Any) -> Iterator[str]:
    """Every name in what a domain shows."""
    if isinstance(value, Mapping):
        if isinstance(name := value.get("name"), str):
            yield name
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _names(item)


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Difference, ...]:
    """The options whose values differ, by path. Elements of lists are found again by their name, port or id."""
    return tuple(_between("", before, after))


def _between(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    old, new = _parts(before), _parts(after)
    plain = (old is None and before is not None) or (new is None and after is not None) or old is new
    comes_or_goes = path.endswith("]") and None in (before, after)  # an element, said as a whole
    if plain or comes_or_goes:
        yield Difference(path, before, after)
        return
    old, new = old or {}, new or {}
    for key in dict.fromkeys([*old, *new]):
        yield from _between(_joined(path, key), _side(old, key, new), _side(new, key, old))


def _side(one: Mapping[str, Any], key: str, other: Mapping[str, Any]) -> Any:
    """The value on one side. Where only the other has something pending, what is used now, which that would replace."""
    value, pending = one.get(key), other.get(key)
    if key == PENDING and value is None and isinstance(pending, Mapping):
        return {name: one.get(name) for name in pending}
    return value


def _joined(path: str, key: str) -> str:
    return path + key if key.startswith("[") or not path else f"{path}.{key}"


def _parts(value: Any) -> dict[str, Any] | None:
    """The parts of a mapping, or of a list whose elements have an identity; None for a plain value."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if not isinstance(value, (list, tuple)) or not value or not all(isinstance(item, Mapping) for item in value):
        return None
    for key in IDENTITIES:
        ids = [item.get(key) for item in value]
        if None not in ids and len(set(map(str, ids))) == len(ids):
            return {f"[{item[key]}]": {k: v for k, v in item.items() if k != key} for item in value}
    return None


def shown(steps: Sequence[Step], before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """`{things: [{thing, name, change, calls}], options: [{option, before, after}]}` of one module's run."""
    return {
        "things": [vars(one) for one in things(steps, before)],
        "options": [vars(one) for one in differences(before, after)] if steps else [],
    }
