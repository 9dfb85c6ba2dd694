# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write calls for a seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.step import Ref, Step
from .value import SEED, SeedLaunch, Seeds

NONE_SUCH = ("InvalidInstanceID.NotFound",)
CHANGING = ("IncorrectInstanceState", "IncorrectState")
"""It is not yet in the state that was just shown."""
NEW = ("InvalidGroup.NotFound", "InvalidParameterValue~Invalid IAM Instance Profile")
"""What was just made, and AWS does not know everywhere yet."""


def launch(have: Seeds, want: SeedLaunch, tags: Mapping[str, str]) -> Step:
    """The call that launches one. It may be repeated: by its token AWS knows that it is the same.

    So it does of runs at the same time: they ask for the same, and have seen the same seeds end.
    """
    interface: dict[str, Any] = {"DeviceIndex": 0, "AssociatePublicIpAddress": have.kind == "public"}
    interface |= {"SubnetId": want.subnet_id} if want.subnet_id else {}
    interface |= {"Groups": list(want.security_group_ids)} if want.security_group_ids else {}
    args: dict[str, Any] = {
        "ImageId": want.image_id,
        "MinCount": 1,
        "MaxCount": 1,
        "NetworkInterfaces": [interface],
        "MetadataOptions": {"HttpTokens": "required"},
        "TagSpecifications": [{"ResourceType": kind, "Tags": _tags.to_aws(tags)} for kind in ("instance", "volume")],
    }
    args |= {"InstanceType": want.instance_type} if want.instance_type else {}
    args |= {"KeyName": want.key_name} if want.key_name else {}
    args |= {"IamInstanceProfile": _profile(want.instance_profile)} if want.instance_profile else {}
    args |= {"BlockDeviceMappings": [_mapping(one) for one in want.volumes]} if want.volumes else {}
    args["ClientToken"] = token(json.dumps([args, have.ending, have.ended], sort_keys=True))
    learns = {Ref(SEED, have.name, field): f"Instances.0.{path}" for field, path in LEARNT.items()}
    return Step("ec2", "RunInstances", (SEED, have.name), args, lost="repeat", learns=learns, soon=NEW)


def token(content: str) -> str:
    """A client token of AWS's, which has 64 characters at most."""
    return hashlib.sha256(content.encode()).hexdigest()


LEARNT = {"instance_id": "InstanceId", "tags": "Tags"}
"""What a launch answers, and where in the answer of an instance it is."""


def _profile(given: str) -> dict[str, str]:
    return {"Arn" if given.startswith("arn:") else "Name": given}


def _mapping(volume: Mapping[str, Any]) -> dict[str, Any]:
    """The volume under AWS's names (`DeviceName` of `device_name`), without what was left out."""
    return {
        key.title().replace("_", ""): _mapping(item) if isinstance(item, Mapping) else item
        for key, item in volume.items()
        if item is not None
    }


def _of(have: Seeds, operation: str, ids: Sequence[str], **answers: Any) -> Step:
    return Step("ec2", operation, (SEED, have.name), {"InstanceIds": list(ids)}, lost="repeat", **answers)


def start(have: Seeds, ids: Sequence[str]) -> Step:
    """The call that starts seeds that were stopped."""
    return _of(have, "StartInstances", ids, not_yet=CHANGING)


def stop(have: Seeds, ids: Sequence[str]) -> Step:
    """The call that stops seeds."""
    return _of(have, "StopInstances", ids, not_yet=CHANGING, gone=NONE_SUCH)


def terminate(have: Seeds, ids: Sequence[str]) -> Step:
    """The call that terminates seeds, with the volumes that end with them."""
    return _of(have, "TerminateInstances", ids, gone=NONE_SUCH)


def tag(have: Seeds, ids: Sequence[str], tags: Mapping[str, str]) -> Step:
    """The call that sets tags of a seed and its volumes."""
    args = {"Resources": list(ids), "Tags": _tags.to_aws(tags)}
    return Step("ec2", "CreateTags", (f"tags of {SEED}", have.name), args, lost="repeat", soon=NONE_SUCH)


def untag(have: Seeds, ids: Sequence[str], keys: Sequence[str]) -> Step:
    """The call that takes tags away."""
    args = {"Resources": list(ids), "Tags": [{"Key": key} for key in keys]}
    return Step("ec2", "DeleteTags", (f"tags of {SEED}", have.name), args, lost="repeat", soon=NONE_SUCH)
