# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of a request that AWS's own model has: how many items, how large a number, how long a text, which words.

Where the model has none, its documentation often states one ("You can specify up to 20 instances."): it counts as well.
EC2 checks its requests by other rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from moto.core.utils import get_service_model

from .errors import Refused

CHECKED = ("autoscaling", "cloudwatch", "elb")
STATED = re.compile(r"(?:up to|[Mm]aximum number of|maximum number allowed is|maximum value is|no more than) (\d+)\b")
OTHERWISE = {"IdleTimeout": 4000}  # seconds: the guide of Classic Load Balancers allows more than the model
RAISED = {"AutoScalingGroupNames": "MaxRecords"}  # a limit that another parameter of the request raises


def check(service: str, operation: str, given: Mapping[str, Any]) -> None:
    """Refused with ValidationError where a parameter is beyond its limit."""
    if service not in CHECKED:
        return
    shape = get_service_model(service).operation_model(operation).input_shape
    wrong = next(_wrong(shape, given, ""), None) if shape is not None else None
    if wrong is not None:
        value, place, rule = wrong
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: Member must "
            f"{rule}",
        )


@cache
def most(service: str, operation: str) -> Mapping[str, int]:
    """The limits of an operation's lists and numbers, by parameter."""
    shape = get_service_model(service).operation_model(operation).input_shape
    members = shape.members.items() if shape is not None else ()
    return {name: limit for name, member in members if (limit := _most(member)) is not None}


@cache
def _most(shape: Any) -> int | None:
    if shape.type_name not in ("list", "integer"):
        return None
    stated = STATED.search(re.sub(r"<[^>]+>", "", shape.documentation or ""))
    return shape.metadata.get("max", int(stated[1]) if stated else None)


def _wrong(shape: Any, value: Any, place: str) -> Iterator[tuple[Any, str, str]]:
    """(value, where it stands, what it must) of each that is beyond a limit."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _member(member, name, value, f"{place}.{_spelled(name)}".lstrip("."))
    elif shape.type_name == "list":
        yield from _beyond(len(value), value, place, shape.metadata.get("min"), _most(shape), "have length")
        for number, item in enumerate(value, 1):
            yield from _wrong(shape.member, item, f"{place}.{number}.member")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield value, place, f"satisfy enum value set: [{', '.join(shape.enum)}]"
        rules = shape.metadata
        yield from _beyond(len(str(value)), value, place, rules.get("min"), rules.get("max"), "have length")
    elif shape.type_name == "integer":
        yield from _beyond(int(value), value, place, shape.metadata.get("min"), _most(shape), "have value")


def _member(member: Any, name: str, given: Mapping[str, Any], place: str) -> Iterator[tuple[Any, str, str]]:
    raised = given.get(RAISED.get(name, ""))
    if raised is None or len(given[name]) > int(raised):
        if name in OTHERWISE:
            yield from _beyond(int(given[name]), given[name], place, 1, OTHERWISE[name], "have value")
        else:
            yield from _wrong(member, given[name], place)


def _beyond(
    size: int, value: Any, place: str, least: int | None, limit: int | None, what: str
) -> Iterator[tuple[Any, str, str]]:
    if least is not None and size < least:
        yield value, place, f"{what} greater than or equal to {least}"
    if limit is not None and size > limit:
        yield value, place, f"{what} less than or equal to {limit}"


def _spelled(name: str) -> str:
    return name[0].lower() + name[1:]
