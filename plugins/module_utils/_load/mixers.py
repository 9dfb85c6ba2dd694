# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams with transcoding on a node, by WCS's own REST: mixers that the server ends by itself after a time.

The calls are those of the vendor's load test of mixers, facts/wcs.md 7.1: /mixer/test/start and /mixer/test/stop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .._core.errors import Failure, Refusal
from .._nodes.fetch import BadAnswer, Progress, Request, post, reason
from .._nodes.members import AskedNode, Page
from .._nodes.target import Target
from .._nodes.threads import each
from .value import Load

START, STOP = "/rest-api/mixer/test/start", "/rest-api/mixer/test/stop"
FEEDS = "load"


@dataclass
class Mixers:
    """The mixers that this run has started. `seconds`: for one answer of a node."""

    page: Page
    request: Request
    seconds: float
    started: list[AskedNode] = field(default_factory=list)

    def start(self, nodes: Sequence[AskedNode], load: Load) -> None:
        """Starts them on the nodes. Raises Failure where one does not take them; those that do are known."""
        body = {
            "feedingStreams": [f"{FEEDS}{number}" for number in range(1, load.streams + 1)],
            "mixerCount": load.mixers,
            "streamsInMixer": load.streams,
            "intervalInSeconds": round(load.seconds),
        }
        self.started += nodes  # a lost answer does not mean that nothing was started
        refused = {name: why for name, why in self._post(nodes, START, body).items() if why}
        if refused:
            reasons = "; ".join(f"{name}: {why}" for name, why in refused.items())
            way_out = "Set O(mixers): 0, or O(username) and O(password) where the REST interface is protected"
            raise Failure(Refusal("start mixers on", "node", ", ".join(refused), reasons, way_out))

    def stop(self) -> dict[str, str]:
        """Stops all that was started; gives the nodes that did not take that, and why."""
        stopped = self._post(self.started, STOP, {})
        self.started = [node for node in self.started if stopped.get(node.name)]
        return {name: why for name, why in stopped.items() if why}

    def _post(self, nodes: Sequence[AskedNode], path: str, body: Mapping[str, Any]) -> dict[str, str]:
        """By node why it did not take the call; "" where it did."""
        goals = [(node, self.page.goal(node.host)) for node in nodes]
        request = replace(self.request, timeout=self.seconds).prepared(self.page.scheme == "https")
        works: list[Callable[[], str]] = [
            partial(_refusal, replace(goal, path=path), json.dumps(body).encode(), request)
            for _, goal in goals
            if goal is not None
        ]
        asked = [node for node, goal in goals if goal is not None]
        answers = each(works, self.seconds, max(1, len(works)))
        late = f"no answer within {self.seconds:g} s"
        return {node.name: late if answer is None else answer for node, answer in zip(asked, answers, strict=True)}


def _refusal(goal: Target, body: bytes, request: Request) -> str:
    """Why a node did not take a call; "" where it did."""
    progress = Progress()
    try:
        post(goal, body, request, progress)
    except (BadAnswer, OSError, EOFError, ValueError) as error:
        return reason(error, progress)
    return ""


class running:  # noqa: N801 - reads as a word of the sentence
    """Within it mixers run; whatever ends it, they are stopped."""

    def __init__(self, mixers: Mixers, nodes: Sequence[AskedNode], load: Load) -> None:
        """Nothing runs yet."""
        self.mixers, self.nodes, self.load = mixers, nodes, load
        self.left: dict[str, str] = {}

    def __enter__(self) -> running:
        """Starts them. Raises Failure."""
        if self.load.mixers:
            try:
                self.mixers.start(self.nodes, self.load)
            except BaseException:
                with suppress(Exception):
                    self.mixers.stop()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stops them."""
        self.left = self.mixers.stop() if self.mixers.started else {}
