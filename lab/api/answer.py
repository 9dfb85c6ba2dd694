# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API: one request in, one reply out, under one lock, recorded, with the faults asked for.

The same function serves the server of `lab up` (lab.run.server) and, without a socket, lab.api.inprocess.
"""

from __future__ import annotations

import gzip
import re
from typing import Any
from urllib.parse import parse_qs

from moto.acm.responses import AWSCertificateManagerResponse
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.request import Request
from moto.ec2.responses import EC2Response
from moto.elb.responses import ELBResponse
from moto.iam.responses import IamResponse
from moto.sts.responses import TokenResponse

from ..core import backends as state
from ..core.errors import LabCannot, Refused, dry_run, internal_failure, invalid_action, no_region, refusal, unable
from ..core.lab import Lab
from ..core.operations import names
from ..core.wire import Question, Reply
from ..iam import principals

SERVICES: dict[str, tuple[str, Any]] = {  # name in the signature: (botocore's name, moto's answers)
    "acm": ("acm", AWSCertificateManagerResponse),
    "autoscaling": ("autoscaling", AutoScalingResponse),
    "ec2": ("ec2", EC2Response),
    "elasticloadbalancing": ("elb", ELBResponse),
    "iam": ("iam", IamResponse),
    "monitoring": ("cloudwatch", CloudWatchResponse),
    "sts": ("sts", TokenResponse),
}


IAM_NAMES = {"elb": "elasticloadbalancing"}
JUDGED_BY_CONTENT = ("PutMetricData",)
"""What policies may allow for some contents of a request only: its own answer asks whether it is allowed."""

EC2_REQUEST_ID = re.compile(rb"(?<=<requestId>)[^<]*(?=</requestId>)|(?<=<RequestID>)[^<]*(?=</RequestID>)")

ELB_V2 = re.compile(rb"(?:^|&)Version=2015-12-01(?:&|$)")  # of another service whose requests are signed alike


def question(headers: Any, path: str, body: bytes) -> Question:
    """What is asked, from the signature's scope and the body (query, JSON and CBOR protocols)."""
    scope = headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
    region, signed = (scope[2], scope[3]) if len(scope) > 3 else ("us-east-1", "")
    operation = headers.get("X-Amz-Target", "").rpartition(".")[2] or path.partition("/operation/")[2]
    if not operation:
        operation = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    service = SERVICES[signed][0] if signed in SERVICES else signed
    return Question(service, operation, region, body, scope[0])


def unpacked(request: Request) -> Request:
    """The request as it was before the client compressed it: botocore does so with what is large, for CloudWatch."""
    if request.headers.get("Content-Encoding") != "gzip":
        return request
    headers = {name: value for name, value in request.headers.items() if name != "Content-Encoding"}
    return Request.from_primitives(request.method, request.url, headers, gzip.decompress(request.get_data()))


def answer(lab: Lab, request: Request) -> Reply:
    """The lab's reply to `request`, after faults; raises ReplyLost when the connection is to be cut."""
    request = unpacked(request)
    asked = question(request.headers, request.path, request.get_data())
    return lab.faults.around(asked, lambda: _answer(lab, asked, request))


def _answer(lab: Lab, asked: Question, request: Request) -> Reply:
    with lab.lock:
        lab.asker = asked.access_key
        reply = _dispatch(lab, asked, request)
        lab.record(asked, reply)
        if reply.status >= 500:
            lab.unasked.append(f"{asked.service}:{asked.operation} answered {reply.status}")
    return reply


def _dispatch(lab: Lab, asked: Question, request: Request) -> Reply:
    answers = dict(SERVICES.values()).get(asked.service)
    if answers is None:
        return refusal(asked, LabCannot("Answer", f"answer for the service '{asked.service}'"))
    if ELB_V2.search(asked.body) and asked.service == "elb":
        return refusal(asked, LabCannot("Answer", "answer for Elastic Load Balancing v2"))
    if asked.operation not in names(asked.service):
        return refusal(asked, invalid_action(asked))
    if not state.is_region(asked.region):
        return no_region(asked)
    if asked.is_dry_run and asked.operation != "RunInstances":  # which looks at what it is given
        return refusal(asked, dry_run())
    if asked.operation not in JUDGED_BY_CONTENT:
        action = f"{IAM_NAMES.get(asked.service, asked.service)}:{asked.operation}"
        if denied := principals.refused(lab, asked.access_key, action, {}):
            return refusal(asked, denied)
    try:
        status, headers, body = answers.dispatch(request, request.raw_url, request.headers)
    except Refused as refused:
        return refusal(asked, refused)
    except NotImplementedError as missing:
        return refusal(asked, unable(asked.operation, str(missing)))
    except Exception:
        lab.fail(f"{asked.service}:{asked.operation}")
        return internal_failure(asked)
    data = body.encode() if isinstance(body, str) else body
    named = {str(k): str(v) for k, v in headers.items()}
    if asked.service == "ec2" and "x-amzn-requestid" in named:  # moto gives every EC2 reply the same id
        data = EC2_REQUEST_ID.sub(named["x-amzn-requestid"].encode(), data)
    return Reply(int(status), named, data)
