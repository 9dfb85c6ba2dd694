# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Seeds in AWS: how they are read, watched and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._base_image.api import OPT_IN
from .._base_image.rules import unsubscribed
from .._core import api as _ec2
from .._core import tags as _tags
from .._core.aws import Aws
from .._core.errors import Failure, Refusal
from .._core.instances import Instance
from .._core.step import LATER, Ref, Step, Wait, WaitState
from . import rules as _rules
from .calls import token
from .effects import launched_later
from .value import DOWN, GONE, NAME, RUNNING, Seed, Seeds, SeedWant, is_seed, tags_aimed

OF_ENDED = "IdempotentInstanceTerminated"
"""What AWS answers to the token of a launch whose instance has ended."""
LAUNCHES = 30
"""So many earlier launches are passed over."""


class SeedWorld:
    """The seeds of one stack."""

    def __init__(self, aws: Aws, stack: str, want: SeedWant | None, kind: str, instance_id: str | None) -> None:
        """`kind`: of the address by which it is reached; `instance_id`: a seed that an earlier step launched."""
        self.aws, self.want, self.instance_id = aws, want, instance_id
        self.nothing = Seeds(stack, kind)
        self.known: set[str] = set()  # the seeds that this run has seen alive, or launched

    def read(self) -> Seeds:
        """What there is."""
        there = self._instances()
        seeds = {key: one for key, one in there.items() if is_seed(one.tags, self.nothing.stack)}
        alive = [one for one in seeds.values() if not one.ended]
        self.known |= {one.instance_id for one in alive}
        volumes = _ec2.volume_tags(self.aws, alive if self.want else ())
        return replace(
            self.nothing,
            found=tuple(Seed(one, {key: volumes[key] for key in one.volumes if key in volumes}) for one in alive)
            or self._later(),
            ending=tuple(sorted(key for key, one in seeds.items() if one.state == "shutting-down")),
            ended=tuple(sorted(key for key, one in seeds.items() if one.state == GONE)),
            strangers=tuple(sorted(key for key in there if key == self.instance_id and key not in seeds)),
        )

    def _later(self) -> tuple[Seed, ...]:
        """In a dry run, the seed that an earlier step of it would have launched."""
        if self.instance_id != LATER:
            return ()
        return (launched_later(tags_aimed(self.nothing, {}, self.want or SeedWant())),)

    def _instances(self) -> dict[str, Instance]:
        """All that are found, those that ended a while ago among them."""
        by_tags = [
            {"Name": f"tag:{_tags.STACK}", "Values": [self.nothing.stack]},
            {"Name": f"tag:{NAME}", "Values": [self.nothing.name]},
        ]
        found = _ec2.instances(self.aws, by_tags)
        missing = {self.instance_id, *self.known} - {None, LATER, *found}
        return {**found, **_ec2.instances_by_id(self.aws, sorted(str(one) for one in missing))}

    def look(self, wait: Wait) -> WaitState:
        """Whether the seed is what it is to be."""
        there = self._instances()
        if wait.until == GONE:
            left = sorted(key for key, one in there.items() if one.state != GONE)
            return WaitState(not left, f"{', '.join(left)}: not terminated yet")
        here = [one for one in there.values() if not one.ended]
        gone = [one for one in there.values() if one.ended and one.instance_id in self.known]
        self.known |= {one.instance_id for one in here}
        if not here:
            return WaitState(False, f"{wait.what} is not shown yet", _rules.ended(gone[-1]) if gone else None)
        return self._state(here[-1], wait.until)

    def _state(self, there: Instance, until: str) -> WaitState:
        text = f"{there.instance_id} is {there.state}"
        if until == RUNNING and there.state in DOWN:  # what was just started may be shown so for a while
            return WaitState(False, text, explain=lambda: WaitState(False, text, _rules.ended(there)))
        hopeless = None
        if there.state == until == RUNNING and self.want and self.want.running:
            hopeless = _rules.unreachable(there, self.nothing.kind)
        return WaitState(there.state == until and not hopeless, text, hopeless)

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        if step.operation != "RunInstances":
            return self.aws.write(step, known)
        for _ in range(LAUNCHES):
            if learned := self._launch(step):
                return learned
            step = replace(step, args={**step.args, "ClientToken": token(step.args["ClientToken"])})
        reason = f"AWS takes it for one of {LAUNCHES} earlier launches, whose instances have ended or have other tags"
        raise Failure(Refusal("launch", *step.subject, reason, "Run again in some hours"))

    def _launch(self, step: Step) -> Mapping[Ref, Any]:
        """What it learned; {} where AWS takes it for an earlier launch, whose instance is no seed any more."""
        try:
            learned = self.aws.write(step, {})
        except Failure as failure:
            if failure.call.code == OF_ENDED:
                return {}
            if failure.call.code == OPT_IN:
                image = step.args["ImageId"]
                raise Failure(unsubscribed(image, image, failure.refusal.reason), failure.call) from failure
            raise
        found = {ref.field: value for ref, value in learned.items()}
        tags = _tags.from_aws(found["tags"])  # where AWS answers none, it is a seed: one launch too many costs more
        if tags and not is_seed(tags, self.nothing.stack):
            return {}
        self.known.add(str(found["instance_id"]))
        return learned
