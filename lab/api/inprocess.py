# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""botocore clients that talk to the present lab without a socket."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from moto.core.request import Request

from ..core.lab import Lab, current
from ..core.wire import ReplyLost
from .answer import answer


class _Raw(io.BytesIO):
    """A reply's body as botocore reads it."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    """The present lab's reply to a prepared request; in place of botocore's HTTP session."""
    try:
        reply = answer(current(), Request.from_primitives(request.method, request.url, request.headers, request.body))
    except ReplyLost as lost:
        raise ConnectionClosedError(endpoint_url=request.url) from lost
    return AWSResponse(request.url, reply.status, reply.headers, _Raw(reply.body))


@functools.cache
def _session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_credentials("LABLABLABLABLABLABLA", "opens-nothing-but-a-lab")
    session.set_config_variable("region", "us-east-1")
    return session


@functools.cache
def _client(service: str, region: str) -> Any:
    config = Config(  # with a user agent that botocore does not put together anew for each call
        retries={"total_max_attempts": 1, "mode": "legacy"}, parameter_validation=True, user_agent="lab"
    )
    client = _session().create_client(service, region_name=region, config=config)
    client.meta.events.register("before-send", send)
    return client


def clients(lab: Lab) -> Callable[[str, str], Any]:
    """A factory of clients for `lab` by service and Region; they make one attempt a call and are shared."""

    def client(service: str, region: str = lab.region) -> Any:
        if current() is not lab:
            raise RuntimeError("this lab is closed: another one has taken over the process")
        return _client(service, region)

    return client
