# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the HTTP port answers: the statistics page and the REST calls."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import statistics
from .http import Reply, Request, json_reply
from .sessions import Session, Sessions
from .settings import Machine, Settings, Standin
from .streams import Refused, Streams

NOT_FOUND = Reply(404, b"Not Found\n")
UNAUTHORIZED = Reply(401, b"Unauthorized\n", headers=(("WWW-Authenticate", 'Basic realm="WCS"'),))


class Api:
    """The administration side of one server."""

    def __init__(self, home: Path, settings: Settings, machine: Machine, standin: Standin, sessions: Sessions) -> None:
        """Takes what the pages describe."""
        self.demo = (home / "client2").resolve()
        self.streams = streams = Streams(standin.published, standin.empty_mixer_publishes)
        self.settings, self.machine, self.standin, self.sessions = settings, machine, standin, sessions
        self.calls: dict[str, Callable[[Mapping[str, Any]], Reply]] = {
            "/connection/find_all": lambda _: self.found({}),
            "/connection/find": self.found,
            "/connection/terminate": self.terminate,
            "/stream/find_all": lambda _: json_reply(streams.describe()),
            "/mixer/startup": lambda wanted: tried(lambda: streams.start_mixer(wanted).describe()),
            "/mixer/find_all": lambda _: tried(streams.mixers),
            "/mixer/terminate": lambda wanted: tried(lambda: streams.end_mixer(wanted)),
            "/mixer/test/start": lambda wanted: tried(lambda: streams.test_mixers(wanted)),
            "/mixer/test/stop": lambda _: tried(streams.end_test),
            "/push/startup": lambda wanted: tried(lambda: streams.push(wanted).describe()),
            "/push/find_all": lambda _: tried(streams.pushes),
            "/push/terminate": lambda wanted: tried(lambda: streams.end_push(wanted)),
        }

    def __call__(self, request: Request) -> Reply:
        """The reply; 404 for all that the stand-in does not have."""
        if request.path == "/" and request.query.get("action") == "stat":
            return self.guarded(request, self.statistics, self.standin.auth_covers_statistics)
        page = self.demo_page(request)
        if page is not None:
            return page
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
        cost = self.standin.cpu_per_session if cost is None else cost
        streams = self.streams.cost(self.standin.cpu_per_stream, self.standin.cpu_per_mixer)
        load = statistics.load(count, self.standin.cpu_idle, cost, streams)
        names = [name for name in request.query.get("groups", "").split(",") if name]
        groups = statistics.chosen(statistics.counted(count, load, self.machine.memory, self.streams), names)
        if request.query.get("format") == "json":
            return Reply(200, statistics.as_json(groups), "application/json")
        return Reply(200, statistics.as_text(groups))

    def demo_page(self, request: Request) -> Reply | None:
        """A page of the demo's tree; None for what is none."""
        if not request.path.startswith("/client2/") or request.method not in ("GET", "HEAD"):
            return None
        path = (self.demo / request.path[len("/client2/") :]).resolve()
        inside = self.demo in path.parents and path.is_file()
        return Reply(200, path.read_bytes(), "text/html") if inside else None

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


def tried(act: Callable[[], Any]) -> Reply:
    """What an act on streams gives, as JSON, or how it is refused."""
    try:
        return json_reply(act() or {})
    except Refused as refused:
        return Reply(refused.status, f"{refused}\n".encode())
    except (KeyError, TypeError, ValueError) as wrong:
        return Reply(400, f"wrong or missing: {wrong}\n".encode())


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
