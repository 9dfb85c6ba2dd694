# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vocabulary of plans: a write call is a Step, something to see is a Wait, and what one look shows a WaitState."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import Failure, Refusal

LATER = "(known after apply)"
"""Stands for a value that only AWS can give."""


@dataclass(frozen=True)
class Ref:
    """A value AWS invents, named by what it belongs to: `Ref("policy", "cpu-out", "arn")`."""

    kind: str
    name: str
    field: str


@dataclass(frozen=True)
class Step:
    """One write call. Plain data: it can be compared, printed and reported.

    `args` are botocore's arguments, in which a `Ref` may stand for a value that an earlier step of the run learns.
    `learns` says where in the reply such values are: `{Ref("image", "wcs-1", "id"): "ImageId"}`.
    The error codes say what a refusal by AWS means here; `Code~text` wants the text in the message, too. `exists`: it
    is there already, so read again and adopt; `gone`: it is gone already, which is success; `not_yet`: ask again;
    `soon`: ask again for a minute, for what was made a moment ago; after that it is a refusal that lasts.
    `lost` says what a lost reply allows: to repeat the call, or only to read again and adopt what it made.
    """

    service: str
    operation: str
    subject: tuple[str, str]
    args: Mapping[str, Any]
    region: str | None = None
    lost: Literal["repeat", "adopt"] = "adopt"
    learns: Mapping[Ref, str] = field(default_factory=dict)
    exists: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    not_yet: tuple[str, ...] = ()
    soon: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """How the call is named in a module's `actions`: `service:Operation`, `@region` outside the main one."""
        return f"{self.service}:{self.operation}" + (f"@{self.region}" if self.region else "")


@dataclass(frozen=True)
class Wait:
    """Nothing to write, something to see. `what` is the thing, `until` the state it should reach."""

    what: str
    until: str
    subject: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class WaitState:
    """What one look at a wait shows: whether it is over, or why it never will be, and one line for the user.

    `explain` is a closer look, which may cost calls: it is made only where the wait fails.
    """

    done: bool
    text: str = ""
    hopeless: Refusal | None = None
    details: Mapping[str, Any] | None = None
    explain: Callable[[], WaitState] | None = None


Move = Step | Wait


def steps_of(moves: Sequence[Move]) -> tuple[Step, ...]:
    """The write calls among the moves."""
    return tuple(move for move in moves if isinstance(move, Step))


def unknown(value: Any) -> bool:
    """Whether arguments name something that is not there yet, and that no step of the run learns."""
    if isinstance(value, Mapping):
        return any(map(unknown, value.values()))
    return any(map(unknown, value)) if isinstance(value, (list, tuple)) else value == LATER


def means(failure: Failure, codes: Sequence[str]) -> bool:
    """Whether the failure is one of these codes; `Code~text` wants the text in the message, too."""
    for entry in codes:
        code, _, text = entry.partition("~")
        if failure.call.code == code and text.casefold() in failure.refusal.reason.casefold():
            return True
    return False


def resolved(value: Any, known: Mapping[Ref, Any]) -> Any:
    """The value with every Ref replaced by what it stands for; Failure where that is not known."""
    if isinstance(value, Ref):
        if value not in known or known[value] in (None, LATER):
            raise Failure(
                Refusal(
                    "use",
                    value.kind,
                    value.name,
                    f"AWS did not return its {value.field}",
                    "Run again: what was created is found by its name",
                )
            )
        return known[value]
    if isinstance(value, Mapping):
        return {key: resolved(item, known) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(item, known) for item in value]
    return value
