# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab: its API, its clock, its machines and the engines that bring moto's records to life."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import threading
from pathlib import Path
from typing import Any, Protocol

from ..api.answer import Api
from ..ec2.account import REGION, WCS_VERSION, Account, open_account
from ..machines import Machines
from . import backends as state
from .agenda import Agenda
from .calls import Calls
from .clock import Clock, ManualClock
from .corrections import install
from .delays import Delays
from .faults import Faults
from .tokens import Tokens

ENGINES = (
    ("elb.engine", "BalancingEngine"),
    ("autoscaling.engine", "ScalingEngine"),
    ("cloudwatch.engine", "AlarmEngine"),
)
STEP = 1.0  # AWS seconds between two ticks of Lab.run

_present: Lab | None = None


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
        raise RuntimeError("no lab is open in this process: make a lab.core.lab.Lab first")
    return _present


class Lab:
    """A pocket AWS. A new one takes over the process from the one before it."""

    def __init__(
        self,
        directory: Path | None,
        machines: Machines,
        clock: Clock,
        delays: Delays,
        live: bool,
        block: str = "127.77",
        front: str | None = None,
        seed: int | None = 1,
    ) -> None:
        """Opens an account on an empty AWS.

        `directory` is the lab's folder (None: nothing is written). `live` says that balancers listen on sockets.
        `block` are the first two bytes of every machine's address, `front` of every balancer's (None: the same). With a
        `seed`, ids are the same each time.
        """
        global _present
        self.directory, self.machines, self.clock, self.delays = directory, machines, clock, delays
        self.live, self.block, self.front, self.seed = live, block, front or block, seed
        self.lock = threading.RLock()
        self.agenda = Agenda()
        self.tokens = Tokens()
        self.image_failures: list[tuple[str, str]] = []  # StateReason codes and messages for the next images
        self.launch_failures: list[str] = []  # messages of the next launches by groups that fail
        self.refuse_launch_configurations = False  # as AWS does for most accounts
        self.deregistered_is_unhealthy = True  # how a group on ELB checks takes a member deregistered by hand
        self._addresses = itertools.count(1)
        self.calls = Calls()
        self.faults = Faults(self)
        self.app = Api(self)
        install()
        _present = self
        self.engines: list[Engine] = [self.agenda, *(engine(self) for engine in _engine_classes())]
        for engine in self.engines:
            if hasattr(engine, "target_state"):
                machines.target_state = engine.target_state
        self.account: Account
        self._open()

    def _open(self) -> None:
        state.reset(self.seed)
        self.tokens.reset()
        self.image_failures.clear()
        self.launch_failures.clear()
        self.refuse_launch_configurations, self.deregistered_is_unhealthy = False, True
        self._addresses = itertools.count(1)
        self.account = open_account(self.block)
        self.machines.install(self.account.wcs_image_id, WCS_VERSION)
        self.machines.install(self.account.bare_image_id, None)
        self.calls.clear()

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
        return REGION


def _engine_classes() -> list[Any]:
    found = []
    for module, name in ENGINES:
        found.append(getattr(importlib.import_module(f"lab.{module}"), name))
    return found
