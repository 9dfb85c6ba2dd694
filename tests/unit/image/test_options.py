"""What AWS would refuse of an image after it is made is refused, or said so that it takes it, before the first call."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from plugins.module_utils._image.options import ARGUMENTS, wanted
from plugins.module_utils._image.rules import refuse
from plugins.module_utils._image.value import Images

ORGANIZATION = "arn:aws:organizations::123456789012:organization/o-exampleorgid"


def want_of(**given: Any) -> Any:
    """The want of an image with these options."""
    result = ArgumentSpecValidator(ARGUMENTS).validate({"name": "wcs-1", "instance_id": "i-1", **given})
    assert not result.error_messages
    return wanted(result.validated_parameters, "us-east-1")


def refused(**given: Any) -> str:
    """Why an image with these options is refused; "" where it is not."""
    refusal = refuse(Images("wcs-1"), want_of(**given))
    return refusal.reason if refusal else ""


@pytest.mark.parametrize(
    ("arn", "fits"),
    [
        (ORGANIZATION, True),
        (ORGANIZATION.replace("arn:aws:", "arn:aws-us-gov:"), True),
        ("arn:aws:organizations::123456789012:ou/o-exampleorgid/ou-1", False),
        ("o-exampleorgid", False),
        ("123456789012", False),
    ],
)
def test_organizations(arn: str, fits: bool) -> None:
    found = refused(launch_permissions={"organization_arns": [arn]})
    assert (found == "") is fits
    assert fits or "is not the ARN of an organization" in found


@pytest.mark.parametrize("kind", ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard", None])
@pytest.mark.parametrize(("option", "fitting"), [("iops", {"gp3", "io1", "io2", None}), ("throughput", {"gp3", None})])
def test_volumes(kind: str | None, option: str, fitting: set[str | None]) -> None:
    typed = {"type": kind} if kind else {}
    found = refused(volumes=[{"device_name": "/dev/xvda", **typed, option: 3000}])
    assert (found == "") is (kind in fitting)


@pytest.mark.parametrize(("encrypted", "key", "found"), [(False, "k", True), (True, None, True), (False, None, False)])
def test_a_copy_with_a_key_is_encrypted(encrypted: bool, key: str | None, found: bool) -> None:
    keyed = {"kms_key_id": key} if key else {}
    (copy,) = want_of(copies=[{"region": "eu-west-1", "encrypted": encrypted, **keyed}]).copies
    assert (copy.encrypted, copy.kms_key_id) == (found, key)
