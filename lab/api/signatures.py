# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a request was signed: a clock that is off by more than five minutes is refused, as by AWS."""

from __future__ import annotations

import time
from calendar import timegm
from typing import Any

from ..core.errors import Refused, refusal
from ..core.lab import Lab
from ..core.wire import Reply
from .answer import question

ALLOWED = 300.0
FORM = "%Y%m%dT%H%M%SZ"


def stale(lab: Lab, request: Any) -> Reply | None:
    """The refusal of a request whose signature is too old or from the future; None of any other."""
    signed = request.headers.get("X-Amz-Date", "")
    try:
        age = time.time() + lab.ahead - timegm(time.strptime(signed, FORM))
    except ValueError:
        return None
    if abs(age) <= ALLOWED:
        return None
    asked = question(request.headers, request.path, request.get_data())
    if asked.service == "ec2":
        reply = refusal(asked, Refused("RequestExpired", "Request has expired.", 400))
    else:
        edge = time.strftime(FORM, time.gmtime(time.time() + lab.ahead - (ALLOWED if age > 0 else -ALLOWED)))
        text = f"Signature expired: {signed} is now earlier than {edge}" if age > 0 else ""
        text = text or f"Signature not yet current: {signed} is still later than {edge}"
        reply = refusal(asked, Refused("SignatureDoesNotMatch", text, 403))
    lab.record(asked, reply)
    return reply
