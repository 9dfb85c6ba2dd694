# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults asked for by operation: what the network and AWS do on a bad day.

throttle      refused with the service's throttling code, nothing happened
error-before  an HTTP error instead of an answer, nothing happened
error-after   an HTTP error instead of an answer, but the call had its effect
cut-reply     the connection is cut after the call had its effect
latency       the call has its effect, and the answer comes `seconds` late (AWS's on a manual clock, else real ones)
stale         a read is answered from how things were before the last write
late          a read is answered from how things were up to `seconds` AWS seconds ago, each read anew: what is new may
              be seen, then not, what is gone may still be seen; nothing older than the fault itself is shown
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from . import backends as state
from . import operations
from .clock import Clock, ManualClock
from .errors import Refused, refusal
from .wire import Question, Reply, ReplyLost

KINDS = ("throttle", "error-before", "error-after", "cut-reply", "latency", "stale", "late")
FROM_THE_PAST = ("stale", "late")
THROTTLED = {"ec2": "RequestLimitExceeded"}  # every other service here says Throttling
HTML = "text/html"


@dataclass
class Rule:
    """One fault. It strikes calls whose `service:Operation` matches `operation` (* and ? stand for any text).

    The first `skip` of them are spared, then `count` are struck (None: all), each with `probability`. `code` and
    `status` and `message` are those of an error; the code "" makes it a page in HTML, "-" an empty body.
    """

    kind: str
    operation: str = "*"
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    code: str = "InternalError"
    status: int = 500
    message: str = "An internal error has occurred"
    seconds: float = 5.0
    struck: int = 0
    _random: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        """ValueError for a kind or figure that there is not."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault '{self.kind}': there are {', '.join(KINDS)}")
        if not operations.exists(self.operation):
            raise ValueError(f"no operation of {', '.join(operations.SERVICES)} is named '{self.operation}'")
        if not 0 < self.probability <= 1:
            raise ValueError(f"a probability is more than 0 and at most 1, not {self.probability}")
        self._random = random.Random(self.seed)

    def strikes(self, asked: Question) -> bool:
        """Whether this call is struck; counts it."""
        if not operations.match(self.operation, asked.service, asked.operation):
            return False
        if (self.kind in FROM_THE_PAST and asked.write) or (self.count is not None and self.struck >= self.count):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self._random.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def age(self) -> float:
        """How old the next late answer is, in AWS seconds."""
        return self._random.uniform(0, self.seconds)

    def show(self) -> dict[str, Any]:
        """The rule as plain data."""
        return {key: value for key, value in asdict(self).items() if not key.startswith("_")}


class Struck(Protocol):
    """What faults need of the lab that they strike."""

    clock: Clock
    lock: threading.RLock

    def record(self, asked: Question, reply: Reply) -> None:
        """Notes that `asked` was answered with `reply`."""
        ...

    def run(self, seconds: float) -> None:
        """Lets `seconds` AWS seconds pass on a manual clock."""
        ...


class Faults:
    """The faults in force, tried in the order they were added."""

    def __init__(self, lab: Struck) -> None:
        self.lab = lab
        self.rules: list[Rule] = []
        self._past: list[tuple[float, state.Snapshot]] = []  # how things were just before a write, and when

    def add(self, kind: str, operation: str = "*", **options: Any) -> Rule:
        """Puts a fault in force; see Rule for the options. ValueError or TypeError for a wrong one."""
        rule = Rule(kind, operation, **options)
        self.rules.append(rule)
        if kind in FROM_THE_PAST and not self._past:
            self._remember()
        return rule

    def reset(self) -> None:
        """No faults any more."""
        self.rules.clear()
        self._past.clear()

    def around(self, asked: Question, answer: Callable[[], Reply]) -> Reply:
        """The reply to `asked`, spoiled where a rule says so; ReplyLost where it is cut off."""
        rule = next((rule for rule in self.rules if rule.strikes(asked)), None)
        if rule is None:
            return self._remembering(asked, answer)
        if rule.kind == "throttle":
            code = THROTTLED.get(asked.service, "Throttling")
            status = 503 if asked.service == "ec2" else 400
            return self._recorded(asked, refusal(asked, Refused(code, "Rate exceeded", status)))
        if rule.kind == "error-before":
            return self._recorded(asked, _error(asked, rule))
        if rule.kind == "stale":
            return self._as_of(self._past[-1][1], answer)
        if rule.kind == "late":
            return self._as_of(self._at(self.lab.clock.now() - rule.age()), answer)
        reply = self._remembering(asked, answer)
        if rule.kind == "latency":
            self._wait(rule.seconds)
        if rule.kind == "error-after":
            return _error(asked, rule)
        if rule.kind == "cut-reply":
            raise ReplyLost
        return reply

    def _recorded(self, asked: Question, reply: Reply) -> Reply:
        with self.lab.lock:
            self.lab.record(asked, reply)
        return reply

    def _wait(self, seconds: float) -> None:
        if isinstance(self.lab.clock, ManualClock):
            self.lab.run(seconds)
        else:
            time.sleep(seconds)

    def _remembering(self, asked: Question, answer: Callable[[], Reply]) -> Reply:
        """Answers; before a write, keeps how things were while there is a rule that may ask for it."""
        if asked.write and any(rule.kind in FROM_THE_PAST for rule in self.rules):
            self._remember()
        return answer()

    def _remember(self) -> None:
        with self.lab.lock:
            self._past.append((self.lab.clock.now(), state.snapshot()))

    def _at(self, moment: float) -> state.Snapshot | None:
        """How things were then: as before the next write; None: as they are."""
        return next((before for at, before in self._past if at > moment), None)

    def _as_of(self, before: state.Snapshot | None, answer: Callable[[], Reply]) -> Reply:
        if before is None:
            return answer()
        with self.lab.lock, state.as_of(before):
            return answer()


def _error(asked: Question, rule: Rule) -> Reply:
    if rule.code == "":
        page = b"<html><head><title>500 Internal Server Error</title></head><body>Sorry</body></html>"
        return Reply(rule.status, {"Content-Type": HTML}, page)
    if rule.code == "-":
        return Reply(rule.status, {"Content-Type": HTML}, b"")
    return refusal(asked, Refused(rule.code, rule.message, rule.status))
