# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API layer: reads, writes, what is repeated, and paging."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from .aws_errors import CONTENDED, THROTTLED, translated
from .clients import Clients, service_model
from .clock import Clock
from .errors import AlreadyThere, Failure, LostReply
from .plain import plain
from .step import Ref, Step, means, resolved

FILTER_VALUES = 200
"""So many values has a filter of EC2 at most."""

RETRY_SECONDS = 60.0
"""How long one call is repeated in all."""


class Aws:
    """Reads and writes for one run."""

    def __init__(
        self, clients: Clients, clock: Clock, report: Callable[[str], None] = lambda _: None, region: str = ""
    ) -> None:
        """Clients are made when they are first used, once a service and Region. `region` is the main one.

        `date` is when AWS gave its latest answer, by its own clock (seconds since 1970), if it said so.
        """
        self._clients, self.clock, self.report, self.region = clients, clock, report, region
        self.date: float | None = None
        self._made: dict[tuple[str, str | None], Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        """The botocore client."""
        key = (service, region)
        if key not in self._made:
            self._made[key] = self._clients(service, region)
        return self._made[key]

    def read(
        self, service: str, operation: str, *, region: str | None = None, missing: Sequence[str] = (), **args: Any
    ) -> dict[str, Any] | None:
        """The reply of one read call; None when AWS answers with one of the `missing` codes. Repeated when it fails."""
        try:
            return self._repeat(service, operation, region, args, safe=True)
        except Failure as failure:
            if means(failure, missing):
                return None
            raise

    def pages(
        self,
        service: str,
        operation: str,
        key: str,
        *,
        region: str | None = None,
        missing: Sequence[str] = (),
        enough: float = float("inf"),
        **args: Any,
    ) -> list[Any]:
        """All items under `key`, page after page until AWS gives no token: a short or empty page is no end.

        No page is asked for once there are `enough` items.
        """
        found: list[Any] = []
        while True:
            reply = self.read(service, operation, region=region, missing=missing, **args)
            if reply is None:
                return found
            found.extend(reply.get(key) or ())
            if len(found) >= enough:
                return found
            if token := reply.get("NextToken"):
                args["NextToken"] = token
            elif token := reply.get("NextMarker") or reply.get("Marker"):  # of Classic ELB; of IAM
                args["Marker"] = token
            else:
                return found

    def filtered(
        self, operation: str, key: str, by: str, values: Sequence[str], *, region: str | None = None
    ) -> list[Any]:
        """EC2's items under `key` whose `by` is of the values: a filter, unlike a list of ids, takes unknown ones."""
        found: list[Any] = []
        for at in range(0, len(values), FILTER_VALUES):
            filters = [{"Name": by, "Values": list(values[at : at + FILTER_VALUES])}]
            found += self.pages("ec2", operation, key, region=region, Filters=filters)
        return found

    def writable(self, service: str, operation: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """The value with those members alone that the call's input can say, at any depth; dates are text."""
        meta = getattr(self.client(service), "meta", None)  # a client that stands for another may have none
        model = meta.service_model if meta else service_model(service)
        kept: dict[str, Any] = _sayable(model.operation_model(operation).input_shape, value)
        return kept

    def write(self, step: Step, known: Mapping[Ref, Any]) -> dict[Ref, Any]:
        """The values the step learns. Raises Failure, LostReply (`lost` "adopt") or AlreadyThere (`exists`)."""
        args = resolved(step.args, known)
        try:
            reply = self._repeat(step.service, step.operation, step.region, args, safe=step.lost == "repeat")
        except Failure as failure:
            if means(failure, step.gone):
                return {}
            if means(failure, step.exists) and not means(failure, step.not_yet):
                raise AlreadyThere(_of(failure, step)) from failure
            raise _of(failure, step) from failure
        except LostReply as lost:
            raise LostReply(_of(lost.failure, step)) from lost
        return {ref: _dig(reply, path) for ref, path in step.learns.items()}

    def _repeat(
        self, service: str, operation: str, region: str | None, args: Mapping[str, Any], *, safe: bool
    ) -> dict[str, Any]:
        """The reply; throttling is waited out for RETRY_SECONDS, a lost reply too where the call is safe to repeat."""
        give_up = self.clock.now() + RETRY_SECONDS
        attempt = 0
        while True:
            try:
                return self._once(service, operation, region, args)
            except LostReply as lost:
                if not safe:
                    raise
                failure = lost.failure
            except Failure as error:
                if error.call.code not in THROTTLED | CONTENDED:
                    raise
                failure = error
            pause = min(0.3 * 2**attempt, 10.0) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
            if self.clock.now() + pause > give_up:
                raise failure
            attempt += 1
            self.report(f"{operation}: {failure.refusal.reason}; asking again in {pause:.1f} s")
            self.clock.sleep(pause)

    def _once(self, service: str, operation: str, region: str | None, args: Mapping[str, Any]) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = self.client(service, region)._make_api_call(operation, dict(args))
        except Exception as error:
            raise translated(error, service, operation) from error
        self.date = _date(reply)
        return reply


def _sayable(shape: Any, value: Any) -> Any:
    """The value as far as the shape goes; what was all of members that the shape lacks is left out."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        pairs = ((key, _sayable(shape.members[key], item), item) for key, item in value.items() if key in shape.members)
        return {key: kept for key, kept, item in pairs if kept not in ({}, []) or item in ({}, [])}
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [_sayable(shape.member, item) for item in value]
    return plain(value)


def _date(reply: Mapping[str, Any]) -> float | None:
    headers = (reply.get("ResponseMetadata") or {}).get("HTTPHeaders") or {}
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


def _of(failure: Failure, step: Step) -> Failure:
    thing, name = step.subject
    return failure.about(_verb(step.operation), thing, name)


VERBS = (
    ("Deregister", "remove"),
    ("Register", "register"),
    ("Create", "create"),
    ("Delete", "delete"),
    ("Put", "set"),
    ("Set", "set"),
    ("AddRole", "set"),
    ("Add", "tag"),
    ("RemoveRole", "remove"),
    ("Remove", "untag"),
    ("Attach", "attach"),
    ("Detach", "detach"),
    ("Copy", "copy"),
    ("Configure", "configure"),
    ("Run", "launch"),
    ("Start", "start"),
    ("Stop", "stop"),
    ("Terminate", "terminate"),
)


def _verb(operation: str) -> str:
    return next((verb for prefix, verb in VERBS if operation.startswith(prefix)), "change")


def _dig(reply: Any, path: str) -> Any:
    """What is at the path (`Instances.0.InstanceId`); None where there is nothing."""
    for part in path.split("."):
        if isinstance(reply, list):
            reply = reply[int(part)] if int(part) < len(reply) else None
        else:
            reply = reply.get(part) if isinstance(reply, Mapping) else None
    return reply
