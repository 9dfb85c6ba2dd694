# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's refusals, in the shape each service gives them on the wire."""

from __future__ import annotations

import json
import re
import uuid
from xml.sax.saxutils import escape

from .wire import Question, Reply

CODE = re.compile(rb"<Code>([^<]+)</Code>|\"(?:__type|code)\"\s*:\s*\"(?:[^\"#]*#)?([^\"]+)\"")
FILTER = re.compile(r"[Ff]ilter(?:s| dicts)? (?:have not been implemented in Moto for )?'([^']+)'")
JSON_SERVICES = ("acm", "cloudwatch")


class Refused(Exception):
    """AWS refuses the call: raised by corrections, answered as the service words it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


class LabCannot(Refused):
    """The lab cannot do what AWS can: answered with a code that AWS does not have.

    `what` ends the code ("Filter": LabCannotFilter); `message` says what the lab cannot do.
    """

    def __init__(self, what: str, message: str) -> None:
        super().__init__(f"LabCannot{what}", f"The lab cannot {message}. AWS can.")


def error_code(body: bytes) -> str | None:
    """The error code in an error reply's body; None where there is none (an HTML page, nothing at all)."""
    found = CODE.search(body)
    return (found[1] or found[2]).decode() if found else None


def refusal(asked: Question, refused: Refused) -> Reply:
    """The reply that carries `refused`."""
    request_id = str(uuid.uuid4())
    code, message = escape(refused.code), escape(refused.message)
    kind = "text/xml"
    if asked.service in JSON_SERVICES or asked.body.startswith(b"{"):
        kind = "application/x-amz-json-1.1"
        body = json.dumps({"__type": refused.code, "message": refused.message})
    elif asked.service == "ec2":
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    else:
        blame = "Sender" if refused.status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{blame}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Reply(refused.status, {"Content-Type": kind, "x-amzn-RequestId": request_id}, body.encode())


def invalid_action(asked: Question) -> Refused:
    """AWS's refusal of an operation that the service has not."""
    return Refused("InvalidAction", f"The action {asked.operation} is not valid for this web service.")


def dry_run() -> Refused:
    """AWS's answer to a dry run of what may be done."""
    return Refused("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def missing(service: str, name: str) -> Refused:
    """AWS's refusal of a request without the parameter `name`."""
    if service == "ec2":
        return Refused("MissingParameter", f"The request must contain the parameter {name}")
    member = name[0].lower() + name[1:]
    return Refused(
        "ValidationError",
        f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null",
    )


def no_region(asked: Question) -> Reply:
    """The answer to a request for a Region that AWS has not: it would not have an endpoint there."""
    return refusal(
        asked,
        Refused("LabCannotReachRegion", f"There is no Region '{asked.region}': no endpoint of AWS could be reached."),
    )


def unable(operation: str, why: str) -> LabCannot:
    """The refusal of what moto lacks, as `why` says in its words: a filter of an operation, or all of it."""
    found = FILTER.search(why)
    if found is None:
        return LabCannot("Answer", f"do {operation}")
    return LabCannot("Filter", f"filter {operation} by '{found[1]}'")


def internal_failure(asked: Question) -> Reply:
    """AWS's answer when it fails itself."""
    code = "InternalError" if asked.service == "ec2" else "InternalFailure"
    return refusal(asked, Refused(code, "An internal error has occurred", 500))
