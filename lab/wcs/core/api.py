# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP port answers: the statistics page and the REST calls."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from . import statistics
from .http import Reply, Request, json_reply
from .sessions import Session, Sessions
from .settings import Machine, Settings, Standin

NOT_FOUND = Reply(404, b"Not Found\n")
UNAUTHORIZED = Reply(401, b"Unauthorized\n", headers=(("WWW-Authenticate", 'Basic realm="WCS"'),))


class Api:
    """The administration side of one server."""

    def __init__(self, settings: Settings, machine: Machine, standin: Standin, sessions: Sessions) -> None:
        """What it tells about."""
        self.settings, self.machine, self.standin, self.sessions = settings, machine, standin, sessions
        self.calls: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
            "/connection/find_all": lambda _: self.found({}),
            "/connection/find": self.found,
            "/connection/terminate": self.terminate,
            "/stream/find_all": lambda _: json_reply([]),
        }

    def __call__(self, request: Request) -> Reply:
        """The reply; 404 for all that the stand-in does not have."""
        if request.path == "/" and request.query.get("action") == "stat":
            return self.guarded(request, self.statistics, self.standin.auth_covers_statistics)
        call = self.calls.get(request.path[len("/rest-api") :]) if request.path.startswith("/rest-api/") else None
        if call is None:
            return NOT_FOUND
        return self.guarded(request, lambda asked: called(call, asked), True)

    def guarded(self, request: Request, answer: Callable[[Request], Reply], secret: bool) -> Reply:
        """The answer, or 401 where a password is wanted and not given."""
        users = self.settings.users
        return UNAUTHORIZED if secret and users is not None and not allowed(request, users) else answer(request)

    def statistics(self, request: Request) -> Reply:
        """The statistics page in the dialect and with the groups asked for."""
        count = self.sessions.count(self.standin.count_bare_handshakes)
        cost = self.machine.cpu_per_session
        cpu = statistics.cpu_usage(count, self.standin.cpu_idle, self.standin.cpu_per_session if cost is None else cost)
        names = [name for name in request.query.get("groups", "").split(",") if name]
        groups = statistics.chosen(statistics.counted(count, cpu, self.machine.memory), names)
        if request.query.get("format") == "json":
            return Reply(200, statistics.as_json(groups), "application/json")
        return Reply(200, statistics.as_text(groups))

    def found(self, wanted: Mapping[str, Any]) -> Reply:
        """The sessions of which every given field is as wanted."""
        described = [session.describe() for session in self.sessions]
        found = [one for one in described if all(one.get(key) == value for key, value in wanted.items())]
        return json_reply(found) if found or not wanted else NOT_FOUND

    def terminate(self, wanted: Mapping[str, Any]) -> Reply:
        """Closes the session of this `sessionId`."""
        session: Session | None = self.sessions.open.get(str(wanted.get("sessionId")))
        if session is None:
            return NOT_FOUND
        session.close(reason="terminated")
        return json_reply({})


def called(call: Callable[[Mapping[str, Any]], Reply], request: Request) -> Reply:
    """What the REST call answers: without a body by GET, with a JSON object by POST."""
    if request.method not in ("GET", "POST"):
        return Reply(405, b"Method Not Allowed\n")
    try:
        wanted = json.loads(request.body) if request.body.strip() else {}
    except (ValueError, RecursionError):
        wanted = None
    return call(wanted) if isinstance(wanted, dict) else Reply(400, b"the body is not a JSON object\n")


def allowed(request: Request, users: Mapping[str, str]) -> bool:
    """Whether the request carries the name and password of one of the users."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return False
    return scheme.lower() == "basic" and users.get(name) == password
