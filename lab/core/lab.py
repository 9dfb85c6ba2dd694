# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one lab: its clock, its machines, its faults, what is to happen, and the engines that act on it.

lab.open puts one together.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from ..machines import Machines
from . import backends as state
from .account import Account
from .agenda import Agenda
from .calls import Calls
from .clock import Clock, ManualClock
from .delays import Delays
from .errors import error_code
from .faults import Faults
from .members import Members
from .tokens import Tokens
from .wire import Question, Reply

STEP = 1.0  # AWS seconds between two ticks of Lab.run

_present: Lab | None = None
Kind = TypeVar("Kind")


class Engine(Protocol):
    """A part of AWS that acts by itself."""

    def tick(self, now: float) -> None:
        """Does what is due. Called under no lock: takes lab.lock for short parts, never across network waits."""
        ...

    def reset(self) -> None:
        """Forgets everything."""
        ...

    def close(self) -> None:
        """Ends threads and closes sockets."""
        ...


def current() -> Lab:
    """The lab of this process: moto's state exists once a process, so there is one."""
    if _present is None:
        raise RuntimeError("no lab is open in this process: open one with lab.open.open_lab")
    return _present


class Lab:
    """A small AWS. A new one takes over the process from the one before it."""

    account: Account
    unasked: ClassVar[list[str]] = []  # answers of 500 and above that no fault asked for, of all labs of the process

    def __init__(
        self,
        machines: Machines,
        clock: Clock,
        delays: Delays,
        *,
        directory: Path | None,
        live: bool,
        block: str,
        front: str | None,
        seed: int | None,
        default_vpc: bool,
    ) -> None:
        """Its state before anything is in it; see lab.open for what the options say."""
        self.directory, self.machines, self.clock, self.delays = directory, machines, clock, delays
        self.live, self.block, self.front, self.seed = live, block, front or block, seed
        self.default_vpc = default_vpc
        self.firewalls = live  # whether balancers obey security groups: machines without sockets have none to obey
        self.lock = threading.RLock()
        self.agenda = Agenda(self.guarded)
        self.engines: list[Engine] = [self.agenda]
        self.tokens = Tokens()
        self.calls = Calls()
        self.members = Members()
        self.faults = Faults(self)
        self.asker = ""  # the access key with which the call that is answered now is asked
        self.errors: list[str] = []  # what went wrong inside the lab itself: always a defect of it
        self._clean()

    def _clean(self) -> None:
        self.image_failures: list[tuple[str, str]] = []  # StateReason codes and messages for the next images
        self.launch_failures: list[str] = []  # messages of the next launches by groups that fail
        self.unsubscribed: set[str] = set()  # product codes of AWS Marketplace that the account has not accepted
        self.dry_run_asks_marketplace = True  # whether a dry run of a launch says so, too: AWS does not document it
        self.refuse_launch_configurations = False  # as AWS does for most accounts
        self.deregistered_is_unhealthy = True  # how a group on ELB checks takes a member deregistered by hand
        self.ahead = 0.0  # seconds that the clock of AWS's API is ahead of this computer's
        self._addresses = itertools.count(1)
        self.tokens.reset()
        self.members.reset()

    def begin(self, engines: Sequence[Engine], furnish: Callable[[Lab], Account]) -> None:
        """Takes over the process with these engines and an account that `furnish` makes, now and after each reset."""
        global _present
        _present = self
        self.engines += engines
        self._furnish = furnish
        self._open()

    def _open(self) -> None:
        state.reset(self.seed)
        self._clean()
        self.account = self._furnish(self)
        self.calls.clear()

    def engine(self, kind: type[Kind]) -> Kind:
        """The engine of that kind."""
        return next(engine for engine in self.engines if isinstance(engine, kind))

    def record(self, asked: Question, reply: Reply) -> None:
        """Notes that `asked` was answered with `reply`."""
        code = error_code(reply.body) if reply.status >= 400 else None
        self.calls.add(asked, reply.status, code, self.clock.stamp().timestamp())

    def fail(self, what: str) -> None:
        """Notes the exception at hand as a defect of the lab, met while doing `what`."""
        self.errors.append(f"{what}\n{traceback.format_exc()}")
        print(self.errors[-1], file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def guarded(self, what: str) -> Iterator[None]:
        """Within it an exception is noted as a defect of the lab and goes no further: everything else goes on."""
        try:
            yield
        except Exception:
            self.fail(what)

    def set(self, thing: str, **members: Any) -> None:
        """Has every answer about a thing, by its name or id, show these members; None takes one back."""
        with self.lock:
            self.members.set(thing, members)

    def public_address(self) -> str:
        """The next public address of the lab: 127.X.101.1 and on, none twice."""
        number = next(self._addresses)
        return f"{self.block}.{101 + number // 250 % 100}.{number % 250 + 1}"

    def later(self, seconds: float, action: Any, ready: Any = lambda: True) -> None:
        """Runs `action` at the first tick after `seconds` AWS seconds at which `ready()` holds."""
        self.agenda.add(self.clock.now() + seconds, action, ready)

    def tick(self) -> None:
        """Lets every engine act once."""
        for engine in self.engines:
            with self.guarded(f"tick of {type(engine).__name__}"):
                engine.tick(self.clock.now())

    def run(self, seconds: float, step: float = STEP) -> None:
        """Lets `seconds` AWS seconds pass on a manual clock, ticking every `step` of them."""
        if not isinstance(self.clock, ManualClock):
            raise TypeError("only a lab with a ManualClock can be told to let time pass")
        end = self.clock.now() + seconds
        while (left := end - self.clock.now()) > 0:
            self.clock.advance(min(step, left))
            self.tick()

    def reset(self) -> None:
        """Back to an account as it was opened, without machines, faults and recorded calls."""
        with self.lock:
            for engine in self.engines:
                engine.reset()
            self.machines.reset()
            self.faults.reset()
            self._open()

    def close(self) -> None:
        """Ends everything the lab started."""
        global _present
        for engine in reversed(self.engines):
            engine.close()
        self.machines.close()
        if _present is self:
            _present = None

    @property
    def region(self) -> str:
        """The Region that the account's network is in."""
        return self.account.region
