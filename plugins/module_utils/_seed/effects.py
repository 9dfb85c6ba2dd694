# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS makes of a seed with each call and wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._core import tags as _tags
from .._core.instances import Instance
from .._core.step import LATER, Step, Wait
from .value import GONE, Seed, Seeds


def settle(have: Seeds, wait: Wait) -> Seeds:
    """The world after a wait: the seed runs or is stopped, or there is none any more."""
    if wait.until == GONE:
        return replace(have, ending=())
    return _all(have, state=wait.until)


def foresee(have: Seeds, step: Step) -> Seeds:
    """The world after a call of `moves`."""
    args = step.args
    if step.operation == "RunInstances":
        return replace(have, found=(Seed(_launched(args)),))
    if step.operation == "StartInstances":
        return _all(have, state="pending", public_address=LATER if have.kind == "public" else None)
    if step.operation == "StopInstances":
        return _all(have, state="stopping", public_address=None)
    if step.operation == "TerminateInstances":
        return replace(have, found=(), ending=tuple(args["InstanceIds"]))
    changed = _tags.from_aws(args["Tags"])
    return replace(have, found=tuple(_with_tags(one, step.operation, args["Resources"], changed) for one in have.found))


def launched_later(tags: Mapping[str, str]) -> Seed:
    """A seed that an earlier step of a dry run would have launched, with these tags."""
    return Seed(Instance(LATER, "running", LATER, subnet=LATER, public_address=LATER, private_address=LATER, tags=tags))


def _launched(args: Mapping[str, Any]) -> Instance:
    (interface,) = args["NetworkInterfaces"]
    return Instance(
        instance_id=LATER,
        state="pending",
        image_id=args["ImageId"],
        subnet=interface.get("SubnetId", LATER),
        public_address=LATER if interface["AssociatePublicIpAddress"] else None,
        private_address=LATER,
        tags=_tags.from_aws(args["TagSpecifications"][0]["Tags"]),
    )


def _all(have: Seeds, **changes: Any) -> Seeds:
    found = (replace(one, instance=replace(one.instance, **changes)) for one in have.found)
    return replace(have, found=tuple(found))


def _with_tags(seed: Seed, operation: str, bearers: list[str], changed: Mapping[str, str]) -> Seed:
    def after(bearer: str, tags: Mapping[str, str]) -> Mapping[str, str]:
        if bearer not in bearers:
            return tags
        if operation == "CreateTags":
            return {**tags, **changed}
        return {key: value for key, value in tags.items() if key not in changed}

    instance = replace(seed.instance, tags=after(seed.instance.instance_id, seed.instance.tags))
    return Seed(instance, {volume: after(volume, tags) for volume, tags in seed.volumes.items()})
