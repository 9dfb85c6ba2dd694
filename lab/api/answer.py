# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API: one request in, one reply out, under one lock, recorded, with the faults asked for.

The same function serves the server of `lab up` (lab.server) and, without a socket, the clients of lab.inprocess.
"""

from __future__ import annotations

import re
import sys
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.acm.responses import AWSCertificateManagerResponse
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.request import Request
from moto.ec2.responses import EC2Response
from moto.elb.responses import ELBResponse
from moto.iam.responses import IamResponse
from moto.sts.responses import TokenResponse

from ..core.errors import Refused, error_code, internal_failure, invalid_action, invalid_filter, refusal

if TYPE_CHECKING:
    from ..core.lab import Lab

SERVICES: dict[str, tuple[str, Any]] = {  # name in the signature: (botocore's name, moto's answers)
    "acm": ("acm", AWSCertificateManagerResponse),
    "autoscaling": ("autoscaling", AutoScalingResponse),
    "ec2": ("ec2", EC2Response),
    "elasticloadbalancing": ("elb", ELBResponse),
    "iam": ("iam", IamResponse),
    "monitoring": ("cloudwatch", CloudWatchResponse),
    "sts": ("sts", TokenResponse),
}


EC2_REQUEST_ID = re.compile(rb"(?<=<requestId>)[^<]*(?=</requestId>)|(?<=<RequestID>)[^<]*(?=</RequestID>)")

DRY_RUN = re.compile(rb"(?:^|&)DryRun=true(?:&|$)")


@dataclass(frozen=True)
class Question:
    """What a request asks, as far as it can be told without understanding it."""

    service: str
    operation: str
    region: str
    body: bytes = b""

    @property
    def write(self) -> bool:
        """Whether it may change something."""
        return not self.operation.startswith(("Describe", "Get", "List"))


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    headers: dict[str, str]
    body: bytes


class ReplyLost(Exception):
    """The connection is cut: whatever happened, no reply comes."""


def question(headers: Any, path: str, body: bytes) -> Question:
    """What is asked, from the signature's scope and the body (query, JSON and CBOR protocols)."""
    scope = headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    region, signed = (scope[2], scope[3]) if len(scope) > 3 else ("us-east-1", "")
    operation = headers.get("X-Amz-Target", "").rpartition(".")[2] or path.partition("/operation/")[2]
    if not operation:
        operation = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    service = SERVICES[signed][0] if signed in SERVICES else signed
    return Question(service, operation, region, body)


@dataclass
class Api:
    """Answers for one lab. `errors` keeps what went wrong inside the lab itself: always a defect of it."""

    lab: Lab
    errors: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        """The reply to `request`, after faults; raises ReplyLost when the connection is to be cut."""
        asked = question(request.headers, request.path, request.get_data())
        return self.lab.faults.around(asked, lambda: self._answer(asked, request))

    def _answer(self, asked: Question, request: Request) -> Reply:
        with self.lab.lock:
            reply = self._dispatch(asked, request)
            self.record(asked, reply)
        return reply

    def record(self, asked: Question, reply: Reply) -> None:
        """Notes that `asked` was answered with `reply`."""
        code = error_code(reply.body) if reply.status >= 400 else None
        at = self.lab.clock.stamp().timestamp()
        self.lab.calls.add(asked.service, asked.operation, asked.region, reply.status, code, at)

    def _dispatch(self, asked: Question, request: Request) -> Reply:
        served = dict(SERVICES.values())
        answers = served.get(asked.service)
        if answers is None or not asked.operation:
            return invalid_action(asked)
        if asked.service == "ec2" and DRY_RUN.search(asked.body):
            return refusal(
                asked, Refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)
            )
        try:
            status, headers, body = answers.dispatch(request, request.raw_url, request.headers)
        except Refused as refused:
            return refusal(asked, refused)
        except NotImplementedError as missing:
            return invalid_filter(asked, str(missing)) or invalid_action(asked)
        except Exception:
            self.errors.append(f"{asked.service}:{asked.operation}\n{traceback.format_exc()}")
            print(self.errors[-1], file=sys.stderr, flush=True)
            return internal_failure(asked)
        data = body.encode() if isinstance(body, str) else body
        named = {str(k): str(v) for k, v in headers.items()}
        if asked.service == "ec2" and "x-amzn-requestid" in named:  # moto gives every EC2 reply the same id
            data = EC2_REQUEST_ID.sub(named["x-amzn-requestid"].encode(), data)
        return Reply(int(status), named, data)
