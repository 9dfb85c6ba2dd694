# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API layer: clients, reads, writes, retries, paging and errors. The only place that knows botocore."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from .clock import Clock
from .errors import AlreadyThere, Call, Failure, LostReply, Refusal
from .plain import plain
from .step import LATER, Ref, Step, means

try:
    import boto3.session
    import botocore.config
    import botocore.exceptions
    import botocore.parsers
    import botocore.session

    HAS_BOTOCORE = True
except ImportError:
    HAS_BOTOCORE = False

Clients = Callable[[str, "str | None"], Any]
"""Gives a botocore client for a service and a Region (None: the main one)."""

THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""AWS did nothing and asks for patience: safe to repeat, whatever the call."""

BROKEN = frozenset({"InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "RequestTimeout", "500"})
"""AWS failed on its side: a write may or may not have taken effect."""

IAM = {"elb": "elasticloadbalancing"}
"""How IAM calls a service, where botocore calls it otherwise."""

CONTENDED = frozenset({"ConcurrentModification", "ResourceContention", "ResourceContentionFault"})
"""Another change is under way (IAM, Auto Scaling): nothing was done."""

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
        model = meta.service_model if meta else _model(service)
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


@cache
def _model(service: str) -> Any:
    """What botocore knows of a service."""
    return botocore.session.get_session().get_service_model(service)


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


def resolved(value: Any, known: Mapping[Ref, Any]) -> Any:
    """The value with every Ref replaced by what it stands for; Failure where that is not known."""
    if isinstance(value, Ref):
        if value not in known or known[value] in (None, LATER):
            raise Failure(
                Refusal(
                    "use",
                    value.kind,
                    value.name,
                    f"AWS did not return its {value.field}",
                    "Run again: what was created is found by its name",
                )
            )
        return known[value]
    if isinstance(value, Mapping):
        return {key: resolved(item, known) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(item, known) for item in value]
    return value


def translated(error: Exception, service: str, operation: str) -> Exception:
    """Failure for an answer that says no, LostReply where that is unknown; what is no answer comes back as it is."""
    if isinstance(error, botocore.exceptions.ClientError):
        return _answered(error, service, operation)
    if _is_page(error):
        return LostReply(
            _failure(service, operation, None, None, "the answer could not be read (it is not what this API answers)")
        )
    unsent = (
        botocore.exceptions.ConnectTimeoutError,
        botocore.exceptions.EndpointConnectionError,
        botocore.exceptions.ProxyConnectionError,
        botocore.exceptions.SSLError,
    )
    cut = (
        botocore.exceptions.ConnectionClosedError,
        botocore.exceptions.ReadTimeoutError,
        botocore.exceptions.HTTPClientError,
        botocore.exceptions.IncompleteReadError,
    )
    if isinstance(error, unsent):
        return _failure(service, operation, "Unreachable", None, f"{error}", "Check the Region, endpoint and network")
    if isinstance(error, cut):
        return LostReply(_failure(service, operation, None, None, f"the connection was cut ({error})"))
    if isinstance(error, botocore.exceptions.NoCredentialsError | botocore.exceptions.PartialCredentialsError):
        return _failure(
            service,
            operation,
            None,
            None,
            f"{error}",
            "Set credentials: O(access_key) and O(secret_key), O(profile), or AWS_* environment variables",
        )
    if isinstance(error, _signed_out()):
        return _failure(service, operation, None, None, f"{error}", SIGN_IN)
    if isinstance(error, botocore.exceptions.BotoCoreError):
        return _failure(service, operation, None, None, f"{error}", "Correct the value that is named")
    return error


SIGN_IN = "Sign in again with 'aws sso login' ('aws login' for a console session), with --profile if you use one"


def _signed_out() -> tuple[type[Exception], ...]:
    """What botocore raises where the token of a profile is gone or over, as far as this version knows it."""
    names = ("SSOError", "TokenRetrievalError", "NoAuthTokenError", "LoginError")
    return tuple(kind for name in names if (kind := getattr(botocore.exceptions, name, None)) is not None)


def _is_page(error: Exception) -> bool:
    """Whether the reply was a page in place of an answer: botocore's parsers trip over it in their own ways."""
    own = isinstance(error, botocore.exceptions.BotoCoreError)
    return not own and isinstance(error, botocore.parsers.ResponseParserError | KeyError | ValueError)


def settings() -> Any:
    """The client configuration: botocore's own blind repeats are off, because it cannot know what is safe to repeat."""
    return botocore.config.Config(
        retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=10, read_timeout=70
    )


def _answered(error: Any, service: str, operation: str) -> Exception:
    answer = error.response.get("Error") or {}
    meta = error.response.get("ResponseMetadata") or {}
    code = str(answer.get("Code") or "") or None
    text = str(answer.get("Message") or "").strip() or "AWS gave no reason"
    status = int(meta.get("HTTPStatusCode") or 0)
    broken = code in BROKEN or (status >= 500 and code not in THROTTLED | CONTENDED)
    reason = f"{text} ({code})" if code else text
    way_out = AGAIN if broken else _way_out(code, _action(service, operation, text))
    failure = _failure(service, operation, code, meta.get("RequestId"), reason, way_out)
    return LostReply(failure) if broken else failure


AGAIN = "Run again: AWS failed on its side. Completed steps are kept"


DENIED = re.compile(r"not authorized to perform: ([\w-]+:\w+)")


def _action(service: str, operation: str, text: str) -> str:
    """The action that IAM wants to be allowed: what AWS names, which may be another one than the call."""
    named = DENIED.search(text)
    return named[1] if named else f"{IAM.get(service, service)}:{operation}"


def _way_out(code: str | None, action: str) -> str:
    if code in ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException"):
        return f"Allow the action {action} to these credentials (see the policies in docs/iam)"
    if code in ("AuthFailure", "InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch", "RequestExpired"):
        return "Renew the credentials, and check this machine's clock"
    if code in THROTTLED:
        return "Run again later, or from fewer places at once. Completed steps are kept"
    return "Fix the cause and run again. Completed steps are kept"


def _failure(
    service: str, operation: str, code: str | None, request_id: str | None, reason: str, way_out: str = "Run again"
) -> Failure:
    return Failure(
        Refusal("call", f"{service}:{operation}", "", reason, way_out), Call(service, operation, code, request_id)
    )


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
    ("Terminate", "terminate"),
)


def _verb(operation: str) -> str:
    return next((verb for prefix, verb in VERBS if operation.startswith(prefix)), "change")


def _dig(reply: Any, path: str) -> Any:
    for part in path.split("."):
        reply = reply.get(part) if isinstance(reply, Mapping) else None
    return reply


def session_clients(region: str, endpoint: str | None, connection: Mapping[str, Any]) -> Clients:
    """A maker of clients on one session. `connection` is what amazon.aws makes of its connection options."""
    options = dict(connection)
    profile = options.pop("profile_name", None)
    config = settings()
    if given := options.pop("aws_config", None):
        config = given.merge(config)
    made: list[Any] = []

    def client(service: str, other_region: str | None) -> Any:
        if not made:
            session = botocore.session.get_session()
            session.get_component("data_loader").file_loader = ServiceModels()
            made.append(boto3.session.Session(botocore_session=session, profile_name=profile))
        return made[0].client(
            service, region_name=other_region or region, endpoint_url=endpoint, config=config, **options
        )

    return client


class ServiceModels:
    """Reads botocore's descriptions of services: as plain dicts, which takes half the time of its ordered ones."""

    def exists(self, path: str) -> bool:
        """Whether there is a description of that path, which is without its suffix."""
        return any(os.path.isfile(path + suffix) for suffix in (".json.gz", ".json"))  # noqa: PTH113 - of 900 services

    def load_file(self, path: str) -> Any:
        """The description; None where there is none."""
        if (plain := Path(f"{path}.json")).is_file():
            return json.loads(plain.read_bytes())
        packed = Path(f"{path}.json.gz")
        return json.loads(gzip.decompress(packed.read_bytes())) if packed.is_file() else None
