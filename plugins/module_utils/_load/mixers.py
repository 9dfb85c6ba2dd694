# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams with transcoding on a node, by WCS's own REST: one stream is pushed to the node itself, into mixers.

The server makes a mixer for a stream whose name has a #, named as what follows it (the vendor's page "Stream mixer").
It ends nothing of that by itself, so all bears our name: what a run left that was killed is ended by the next.
Facts/wcs.md 7.1 has the calls. Nobody knows [?] whether a mixer that takes in nothing publishes a stream with pictures,
which is what is pushed where no other is named; where it does not, the load says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event, Lock
from typing import Any

from .._core.errors import Failure, Refusal
from .._nodes.fetch import BadAnswer, Progress, Request, post, reason
from .._nodes.members import AskedNode, Page
from .._nodes.target import Target
from .._nodes.threads import Late, each
from .value import Load

OURS = "wcs-load"
MIXER = f"mixer://{OURS}"
RTMP = "rtmp://localhost:1935/live"
THERE, NONE = 409, 404
"""What WCS answers where a thing is there already, and where there is none."""
CALL = 0.25
"""Seconds that a call of many may take on the average."""
ROUNDS = 3
"""So often is looked for what is left: a call that was on its way may have come last."""

Post = Callable[..., Any]
"""POSTs a JSON object to a path of a node's REST interface. Gives the JSON that it answers; None for one status."""


@dataclass
class Mixers:
    """The mixers of this run. `feed`: the stream that is pushed; `seconds`: for one answer of a node.

    `over`: no call that starts anything is made any more; `busy`: by node, held while such a call is on its way.
    """

    page: Page
    request: Request
    seconds: float
    feed: str | None = None
    nodes: Sequence[AskedNode] = ()
    over: Event = field(default_factory=Event)
    busy: Mapping[str, Lock] = field(default_factory=dict)

    def start(self, nodes: Sequence[AskedNode], load: Load) -> None:
        """Starts them on the nodes. Raises Failure where one does not take them; those that do are known."""
        self.nodes, self.busy = nodes, {node.name: Lock() for node in nodes}
        calls = 1 + load.mixers * load.streams
        refused = self._on_each(lambda node, call: self._start(node, call, load), calls)
        if refused:
            way_out = (
                "Publish a stream on the node and name it in O(feed), set O(username) and O(password) where the REST "
                "interface is protected, or set O(mixers): 0"
            )
            raise Failure(Refusal("start mixers on", "node", ", ".join(refused), _listed(refused), way_out))

    def _start(self, node: AskedNode, call: Post, load: Load) -> None:
        for path, body in starting(load, self.feed):
            with self.busy[node.name]:
                if self.over.is_set():
                    return
                call(path, body, THERE)

    def stop(self) -> dict[str, str]:
        """Ends all that bears our name on the nodes; gives the nodes where that did not succeed, and why."""
        self.over.set()
        for busy in self.busy.values():  # until a call that is on its way has come back
            if busy.acquire(timeout=self.seconds):
                busy.release()
        return self._on_each(lambda _, call: end(call), 200)

    def _on_each(self, work: Callable[[AskedNode, Post], None], calls: int) -> dict[str, str]:
        """By node why it was not done. `calls`: so many are made on each."""
        request = replace(self.request, timeout=self.seconds).prepared(self.page.scheme == "https")
        asked = [(node, goal) for node in self.nodes if (goal := self.page.goal(node.host)) is not None]
        works = [partial(_refusal, work, node, goal, request) for node, goal in asked]
        seconds = self.seconds + CALL * calls
        answers = each(works, seconds, max(1, len(works)))
        late = f"no answer within {seconds:g} s"
        said = {
            node.name: late if isinstance(answer, Late) else answer
            for (node, _), answer in zip(asked, answers, strict=True)
        }
        return {name: why for name, why in said.items() if why}


def starting(load: Load, feed: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The calls that start a load on a node: (path, body) each. Without a `feed` a mixer's stream is it."""
    if feed is None:
        yield "/mixer/startup", {"uri": MIXER, "localStreamName": OURS}
    for mixer in range(1, load.mixers + 1):
        for stream in range(1, load.streams + 1):
            url = f"{RTMP}/{OURS}-{mixer}-{stream}#{OURS}-{mixer}"
            yield "/push/startup", {"streamName": feed or OURS, "rtmpUrl": url, "rtmpTransponderFullUrl": True}


def end(call: Post) -> None:
    """Ends the pushes and mixers of a node that bear our name. Raises what `call` raises, BadAnswer where some stay."""
    for _ in range(ROUNDS):
        pushes = [one for one in _found(call, "/push/find_all") if f"/{OURS}-" in str(one.get("rtmpUrl"))]
        mixers = [one for one in _found(call, "/mixer/find_all") if str(one.get("uri")).startswith(MIXER)]
        if not pushes and not mixers:
            return
        for push in pushes:
            call("/push/terminate", {"mediaSessionId": push.get("mediaSessionId")}, NONE)
        for mixer in mixers:
            call("/mixer/terminate", {"uri": mixer["uri"]}, NONE)
    raise BadAnswer(f"{len(pushes)} pushes and {len(mixers)} mixers named {OURS} are still there")


def _found(call: Post, path: str) -> list[Mapping[str, Any]]:
    """What there is, as WCS lists it: a list, or one alone."""
    answer = call(path, {}, NONE)
    return [one for one in (answer if isinstance(answer, list) else [answer]) if isinstance(one, dict)]


def _refusal(
    work: Callable[[AskedNode, Post], None], node: AskedNode, goal: Target, request: Request, progress: Progress
) -> str:
    """Why work on a node did not succeed; "" where it did."""

    def call(path: str, body: Mapping[str, Any], spared: int) -> Any:
        there = replace(goal, path=f"/rest-api{path}")
        answer = post(there, json.dumps(body).encode(), request, progress, spared)
        return None if answer is None else json.loads(answer or b"null")

    try:
        work(node, call)
    except (BadAnswer, OSError, EOFError, ValueError) as error:
        return reason(error, progress)
    return ""


@contextmanager
def running(mixers: Mixers, nodes: Sequence[AskedNode], load: Load) -> Iterator[None]:
    """Within it mixers run; whatever ends it, they are ended. Raises Failure where they are not, also for that."""
    if not load.mixers:
        yield
        return
    try:
        mixers.start(nodes, load)
        yield
    except BaseException as ended:
        if left := mixers.stop():
            raise _left(left, ended) from ended
        raise
    if left := mixers.stop():
        raise _left(left, None)


def _left(left: Mapping[str, str], ended: BaseException | None) -> Failure:
    ended = getattr(ended, "failure", ended)  # of an interrupt
    because = f" (the load itself had ended: {ended})" if ended else ""
    way_out = "Run it again with a short O(duration), which ends them, or restart WCS there"
    return Failure(Refusal("end the mixers on", "node", ", ".join(left), f"{_listed(left)}{because}", way_out))


def _listed(reasons: Mapping[str, str]) -> str:
    """The reasons, each with its node where there are more."""
    if len(reasons) == 1:
        return next(iter(reasons.values()))
    return "; ".join(f"{name}: {why}" for name, why in reasons.items())
