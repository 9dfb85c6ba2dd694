# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a balancer, and the want that they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.options import IDENTITY, TAGS, waiting
from .health import HealthAnswer, HealthCheck
from .listeners import Listener, Stickiness
from .value import AccessLog, Attributes, Wanted

ARGUMENTS: dict[str, Any] = {
    **IDENTITY,
    "stack": {"type": "str"},
    "scheme": {"type": "str", "choices": ["internet-facing", "internal"]},
    "subnets": {"type": "list", "elements": "str"},
    "zones": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "listeners": {
        "type": "list",
        "elements": "dict",
        "options": {
            "protocol": {"type": "str", "required": True},
            "load_balancer_port": {"type": "int", "required": True},
            "instance_protocol": {"type": "str"},
            "instance_port": {"type": "int"},
            "certificate_arn": {"type": "str"},
            "ssl_policy": {"type": "str"},
            "stickiness": {
                "type": "dict",
                "options": {
                    "type": {"type": "str", "required": True, "choices": ["none", "loadbalancer", "application"]},
                    "cookie": {"type": "str"},
                    "expiration": {"type": "int"},
                },
            },
        },
    },
    "health_check": {
        "type": "dict",
        "options": {
            "protocol": {"type": "str"},
            "port": {"type": "int"},
            "path": {"type": "str"},
            "interval": {"type": "int"},
            "timeout": {"type": "int"},
            "healthy_threshold": {"type": "int"},
            "unhealthy_threshold": {"type": "int"},
        },
    },
    "cross_zone": {"type": "bool"},
    "idle_timeout": {"type": "int"},
    "connection_draining": {"type": "int"},
    "access_log": {
        "type": "dict",
        "options": {
            "enabled": {"type": "bool"},
            "bucket": {"type": "str"},
            "prefix": {"type": "str"},
            "interval": {"type": "int"},
        },
    },
    "instance_ids": {"type": "list", "elements": "str"},
    "purge_instance_ids": {"type": "bool", "default": False},
    "allow_subnet_removal": {"type": "bool", "default": False},
    "allow_failing_health_check": {"type": "bool", "default": False},
    **TAGS,
    **waiting(600),
}
SPEC: dict[str, Any] = {"mutually_exclusive": [("subnets", "zones")]}


def wanted(params: Mapping[str, Any], region: str = "") -> Wanted:
    """The want in the options, for that Region."""
    log = params["access_log"]
    return Wanted(
        name=params["name"],
        scheme=params["scheme"],
        subnets=_ids(params["subnets"]),
        zones=_ids(params["zones"]),
        security_group_ids=_ids(params["security_group_ids"]),
        listeners=None if params["listeners"] is None else tuple(_listener(one) for one in params["listeners"]),
        health_check=_health_check(params["health_check"]),
        attributes=Attributes(
            params["cross_zone"],
            params["idle_timeout"],
            params["connection_draining"],
            None if log is None else AccessLog(**log),
        ),
        instance_ids=_ids(params["instance_ids"]),
        purge_instance_ids=params["purge_instance_ids"],
        tags=_tags.texts(params["tags"]),
        purge_tags=params["purge_tags"],
        region=region,
        allow_subnet_removal=params["allow_subnet_removal"],
        allow_failing_health_check=params["allow_failing_health_check"],
        stack=params["stack"],
    )


def _listener(given: Mapping[str, Any]) -> Listener:
    sticky = given["stickiness"]
    named = {**given, "protocol": given["protocol"].lower(), "stickiness": Stickiness(**sticky) if sticky else None}
    named["instance_protocol"] = _lower(given["instance_protocol"])
    return Listener(**named)


def _health_check(given: Mapping[str, Any] | None) -> HealthCheck | None:
    return None if given is None else HealthCheck(**{**given, "protocol": _lower(given["protocol"])})


def _lower(text: str | None) -> str | None:
    return text and text.lower()


def _ids(ids: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if ids is None else tuple(sorted(set(ids)))


def warnings(want: Wanted, untried: Mapping[str, HealthAnswer]) -> Iterator[str]:
    """What the user should know of what was asked; `untried`: instances that did not answer the new health check."""
    if untried:
        (one, answer), *others = untried.items()
        where = f"{one} and {len(others)} more" if others else one
        tried = f"The new health check of load balancer '{want.name}' could not be tried on {where} from here"
        yield f"{tried}: {answer.text}."
    if want.attributes.connection_draining == 0:
        yield (
            f"With O(connection_draining) 0, load balancer '{want.name}' cuts all sessions of an instance at once "
            "whenever it is deregistered or fails its health check."
        )
    if (want.attributes.idle_timeout or 0) > 3600:
        yield (
            f"O(idle_timeout) {want.attributes.idle_timeout} is above the 3600 of AWS's API "
            "model; AWS's guide says up to "
            "4000. AWS decides."
        )
