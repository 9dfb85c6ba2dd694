# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What planned calls name, and others keep: subnets, security groups, images, key pairs, certificates and the like.

AWS finds out only when the call is made, or even later, when a group launches. They are looked for before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import Refusal
from .machines import unfit
from .step import LATER, Step

MAKING = ("Create", "Run", "Attach", "Apply", "Update", "Register", "Set")
"""How operations begin that use what they name; others remove it or tag it."""

ARGUMENTS = {
    "SubnetId": "subnet",
    "Subnets": "subnet",
    "VPCZoneIdentifier": "subnet",
    "SecurityGroups": "security group",
    "SecurityGroupIds": "security group",
    "Groups": "security group",
    "ImageId": "image",
    "KeyName": "key pair",
    "InstanceType": "instance type",
    "InstanceId": "instance",
    "SSLCertificateId": "certificate",
}
"""The kind of thing that an argument names, wherever in a call it is. VPCZoneIdentifier has commas between its ids."""

PREDEFINED = "Reference-Security-Policy"
"""The attribute of a load balancer's policy that names a security policy of AWS's."""

IDS = {"subnet": "subnet-", "security group": "sg-", "image": "ami-", "instance": "i-", "certificate": "arn:"}
"""How ids begin; what does not is a name, or AWS's way to say something else."""


@dataclass(frozen=True)
class Reference:
    """A thing that a step names; None is the main Region."""

    kind: str
    name: str
    region: str | None = None


def references(step: Step) -> Iterator[Reference]:
    """What the step names; what is not known yet is left out."""
    if step.operation.startswith(MAKING):
        yield from (Reference(kind, name, step.region) for kind, name in _of(step.args))


def _of(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if value.get("AttributeName") == PREDEFINED:
            yield "security policy", str(value["AttributeValue"])
        for key, item in value.items():
            yield from _of(item) if key not in ARGUMENTS else ((ARGUMENTS[key], name) for name in _names(key, item))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _of(item)


def _names(argument: str, value: Any) -> Iterator[str]:
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, Sequence) else ()
    for name in names:
        if isinstance(name, str) and name != LATER and name.startswith(IDS.get(ARGUMENTS[argument], "")):
            yield name


There = Mapping[tuple[str, str | None], Mapping[str, Mapping[str, Any]]]
"""What was looked for and found, as AWS answers, by kind and Region, then by name."""


def absent(steps: Iterable[Step], there: There, region: str) -> Refusal | None:
    """The refusal of the first step that names what is not there, or what AWS does not take as it is."""
    for step in steps:
        for one in references(step):
            found = there.get((one.kind, one.region))
            if found is not None and (reason := _unusable(one, found.get(one.name), region)):
                return Refusal("plan", *step.subject, reason, "Fix the option, or create it first")
        if reason := _crowded(step, there):
            return Refusal("plan", *step.subject, f"it names {reason}", "Give one of them alone")
        if reason := _unfit(step, there):
            return Refusal("plan", *step.subject, reason, "Give an image and an instance type that fit")
    return None


def _crowded(step: Step, there: There) -> str:
    """Why the subnets of a new Classic Load Balancer cannot be: a group, unlike it, may have several of one zone."""
    if step.operation != "CreateLoadBalancer":
        return ""
    found = there.get(("subnet", step.region), {})
    return crowded(step.args.get("Subnets") or (), {name: str(raw["AvailabilityZone"]) for name, raw in found.items()})


def crowded(subnets: Iterable[str], zone_of: Mapping[str, str]) -> str:
    """Which two of the subnets are in one zone, where a load balancer may have one; "" where none are."""
    zones: dict[str, str] = {}
    for subnet in sorted(subnets):
        if (zone := zone_of.get(subnet)) and (other := zones.setdefault(zone, subnet)) != subnet:
            return f"{other} and {subnet}, which are both in zone {zone}: a load balancer has one subnet a zone"
    return ""


def _unfit(step: Step, there: There) -> str:
    """Why the instance type that the step names cannot run the image that it names."""
    found: dict[str, list[Mapping[str, Any]]] = {"image": [], "instance type": []}
    for one in references(step):
        raw = there.get((one.kind, one.region), {}).get(one.name)
        if raw and one.kind in found:
            found[one.kind].append(raw)
    pairs = ((image, machine) for image in found["image"] for machine in found["instance type"])
    return next((reason for image, machine in pairs if (reason := unfit(image, machine))), "")


def _unusable(one: Reference, found: Mapping[str, Any] | None, region: str) -> str:
    if found is None:
        return f"there is no {one.kind} '{one.name}' in {one.region or region}"
    status = str(found.get("Status") or ISSUED) if one.kind == "certificate" else ISSUED
    return (
        ""
        if status == ISSUED
        else f"certificate '{one.name}' is {status}, and a load balancer needs one that is {ISSUED}"
    )


ISSUED = "ISSUED"
"""The status in which a certificate of ACM is used. One of IAM has no status."""
