"""Nothing of an image is lost for want of a name: its attributes are written one by one, and the others stay.

Each member of what AWS answers of an image, and each launch permission, is put into the answer; then one option of ours
changes. Only that attribute is sent, botocore takes the call, JSON comes out, and what is shown changes nothing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.modules import wcs_ami
from tests.support import shapes
from tests.support.harness import Bench, fed_back, launched
from tests.support.overlay import Overlay
from tests.support.shapes import EACH, FUTURE, Path

Raw = dict[str, Any]
NAME = "wcs-0a1b2c3d4e5f"
MODEL = shapes.later_model("ec2", "Image")
MODIFY = "ModifyImageAttribute"
ONE, TWO = "123456789013", "210987654321"
CHANGES = {
    "Description": {"description": "another"},
    "ImdsSupport": {"imds_support": "v2.0"},
    "LaunchPermission": {"launch_permissions": {"user_ids": [ONE, TWO]}},
}
"""Options that change one attribute each."""
WHICH = {"ImageId", "Name", "State", "Tags", "OwnerId", "Description", "ImdsSupport", "BlockDeviceMappings"}
"""Which image it is, what it is made of, and what the options change: another value is another case."""
PERMISSIONS: list[Raw] = [
    {"Group": "all"},
    {"OrganizationalUnitArn": "arn:aws:organizations::123456789012:ou/o-1/ou-1"},
    {"OrganizationArn": "arn:aws:organizations::123456789012:organization/o-1"},
    {"UserId": "999999999999"},
]


class Account:
    """A lab with an image, and answers that can be changed."""

    def __init__(self) -> None:
        self.lab = open_lab()
        self.overlay = Overlay(clients(self.lab), models={"ec2": MODEL})
        self.bench = Bench(self.lab, self.overlay, wcs_ami.ARGUMENTS, wcs_ami.manage)
        given = {"name": NAME, "instance_id": launched(self.lab)[0], "description": "one"}
        self.bench.run(**given, launch_permissions={"user_ids": [ONE]})

    def answers(self, path: Path, seed: int, **more: Any) -> None:
        """Every image is answered so from now on."""
        shape = shapes.within(MODEL.operation_model("DescribeImages").output_shape, ("Images", EACH))

        def change(answer: Raw) -> None:
            for at, image in enumerate(answer["Images"]):
                rng = random.Random(seed)
                member = next(part for part in reversed(path) if part != EACH)
                value = shapes.valid(shapes.within(shape, path), member, rng)
                answer["Images"][at] = shapes.planted(image, shape, path, value, rng) | more

        self.overlay.changes = {"DescribeImages": change}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    made = Account()
    yield made
    made.lab.close()


def members() -> list[Path]:
    shape = shapes.within(MODEL.operation_model("DescribeImages").output_shape, ("Images", EACH))
    return [path for path in shapes.every(shape) if path[0] not in WHICH]


def test_whatever_an_answer_says_only_what_changes_is_sent(account: Account) -> None:
    wrong, paths = [], members()
    for seed, path in enumerate(paths):
        account.answers(path, seed)
        for attribute, options in CHANGES.items():
            (step,) = account.bench.check(name=NAME, **options).outcome.steps
            complaint = shapes.complaint(shapes.input_shape("ec2", MODIFY), step.args)
            if complaint or step.operation != MODIFY or set(step.args) != {"ImageId", attribute}:
                wrong.append(f"{path}: {step.operation} {step.args} {complaint}")
        answer = account.bench.check(name=NAME)
        json.dumps(answer.returns)
        again = account.bench.check(**fed_back(wcs_ami.ARGUMENTS, answer.returns["image"])).outcome.actions
        wrong += [f"{path}: given back {again}"] if again or answer.outcome.actions else []
        account.answers(path, seed, Tags=[])
        adopted = account.bench.check(name=NAME, adopt=True).outcome.actions
        wrong += [f"{path}: adopted {adopted}"] if adopted != ["ec2:CreateTags"] else []
    print(f"{len(paths)} members of an image, with {len(CHANGES)} changes each")
    assert wrong == [], "\n".join(wrong)
    assert (FUTURE,) in paths


@pytest.mark.parametrize("kept", PERMISSIONS, ids=lambda one: next(iter(one)))
def test_a_permission_of_another_kind_stays(account: Account, kept: Raw) -> None:
    granted = {"DescribeImageAttribute": lambda answer: answer["LaunchPermissions"].append(kept)}
    account.overlay.changes = dict(granted)
    given = {"organization_arns": []} if "UserId" in kept else {"user_ids": [TWO]}
    answer = account.bench.check(name=NAME, launch_permissions=given)
    steps = answer.outcome.steps
    changes = [step.args["LaunchPermission"] for step in steps]
    assert changes == ([] if "UserId" in kept else [{"Add": [{"UserId": TWO}], "Remove": [{"UserId": ONE}]}])


def test_what_has_no_option_is_shown(account: Account) -> None:
    account.answers((FUTURE,), 1, DeprecationTime="2028-11-23T10:00:00.000Z", EnaSupport=True)
    shown = account.bench.check(name=NAME).returns["image"]["foreign_settings"]
    assert shown["deprecation_time"] == "2028-11-23T10:00:00.000Z"
    assert shown["ena_support"] is True
    assert "future_setting" in shown


@pytest.mark.parametrize("protection", ["enabled-with-cooldown", "enabled-without-cooldown"])
def test_a_protected_image_is_refused_first_and_never_retired(account: Account, protection: str) -> None:
    account.answers((FUTURE,), 1, DeregistrationProtection=protection)
    for check in (True, False):
        assert "has deregistration protection" in str(account.bench.fails(check, name=NAME, state="absent"))
    account.answers((FUTURE,), 1, DeregistrationProtection="disabled")
    assert account.bench.check(name=NAME, state="absent").outcome.actions == ["ec2:DeregisterImage"]
