# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong, in one sentence that names the thing, the reason and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

OPTION = re.compile(r"O\(([^()]+)\)")
"""How a message writes an option: `O(health_check.path)`, or of another module `O(wcs_asg: min_size)`."""
Why = tuple[str, str]
"""The reason of a refusal, and the way out."""
CORRECT = "Correct the option and run again"


def named(text: str, variables: Mapping[str, str]) -> str:
    """The message with each option by the variable that a role takes it from, else by its own name."""
    return OPTION.sub(lambda found: _variable(found[1], variables), text)


def _variable(option: str, variables: Mapping[str, str]) -> str:
    """`wcs_balancer_health_check.path` for `health_check.path` where `health_check` has a variable."""
    parts = re.split(r"(?=[.\[])", option)
    heads = ("".join(parts[:end]) for end in range(len(parts), 0, -1))
    head = next((head for head in heads if head in variables), None)
    return option if head is None else variables[head] + option.removeprefix(head)


@dataclass(frozen=True)
class Refusal:
    """Why something cannot be done, found before the first write call. The texts write options as `O(name)`."""

    verb: str
    thing: str
    name: str
    reason: str
    way_out: str

    def sentence(self, variables: Mapping[str, str] = MappingProxyType({})) -> str:
        """`Cannot <verb> <thing> '<name>': <reason>. <what to do>.`, with `variables` of a role in place of options."""
        subject = f"{self.thing} '{self.name}'" if self.name else self.thing
        whole = f"Cannot {self.verb} {subject}: {_stopped(self.reason)} {_stopped(self.way_out)}".strip()
        return named(whole, variables)


@dataclass(frozen=True)
class Call:
    """The API call that failed; all None where no call was made."""

    service: str | None = None
    operation: str | None = None
    code: str | None = None
    request_id: str | None = None

    def fields(self) -> dict[str, str | None]:
        """The `error` value that a failing module returns."""
        return asdict(self)


@dataclass
class Failure(Exception):
    """Ends a run. `details` are further keys of the module's answer; `actions` what was written before."""

    refusal: Refusal
    call: Call = Call()
    details: Mapping[str, Any] | None = None
    actions: Sequence[str] = ()

    def __str__(self) -> str:
        """The sentence that the user reads."""
        return self.refusal.sentence()

    def about(self, verb: str, thing: str, name: str, way_out: str | None = None) -> Failure:
        """The same failure about another subject: a failed API call becomes a failed step of ours."""
        answer = replace(self.refusal, verb=verb, thing=thing, name=name, way_out=way_out or self.refusal.way_out)
        return Failure(answer, self.call, self.details, self.actions)


class LostReply(Exception):
    """A write call was sent and its answer never came: it is unknown whether it took effect."""

    def __init__(self, failure: Failure) -> None:
        """`failure` is what to report if reading again does not help."""
        super().__init__(str(failure))
        self.failure = failure


class AlreadyThere(Exception):
    """A create call was refused because the thing exists, which the read before did not show."""

    def __init__(self, failure: Failure) -> None:
        """`failure` is what to report if the thing stays invisible."""
        super().__init__(str(failure))
        self.failure = failure


class Interrupted(KeyboardInterrupt):
    """The user, or whoever runs us, wants the run to end now. Nothing on the way may mistake it for an error."""

    def __init__(self, signal: str) -> None:
        """`signal` is its name."""
        super().__init__(signal)
        self.signal = signal
        self.actions: Sequence[str] = ()

    @property
    def failure(self) -> Failure:
        """The failure to report, with how to resume."""
        way_out = "Run it again to resume. Completed steps are kept"
        return Failure(
            Refusal("finish", "this run", "", f"it was interrupted ({self.signal})", way_out), actions=self.actions
        )


def _stopped(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
