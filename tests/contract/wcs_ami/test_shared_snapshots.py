"""A snapshot that another image uses, too, stays and is reported, in check mode as in a run (W7 and its kind)."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.module_utils._stack.value import leftovers
from plugins.module_utils._stack.world import read_stack
from plugins.modules import wcs_ami
from tests.support.harness import Bench, launched

CASES = 200 if os.environ.get("WCS_TEST_ALL") else 6
NAME = "wcs-0a1b2c3d4e5f"


@pytest.fixture
def bench(lab: Any, aws: Any) -> Bench:
    return Bench(lab, aws, wcs_ami.ARGUMENTS, wcs_ami.manage)


def twin(ec2: Any, name: str, snapshots: list[str]) -> str:
    """An image of somebody else's making that uses these snapshots."""
    mappings = [
        {"DeviceName": f"/dev/sd{chr(ord('a') + number)}", "Ebs": {"SnapshotId": one}}
        for number, one in enumerate(snapshots)
    ]
    return str(ec2.register_image(Name=name, RootDeviceName="/dev/sda", BlockDeviceMappings=mappings)["ImageId"])


def there(ec2: Any) -> set[str]:
    return {one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def test_w7_a_snapshot_that_two_images_share_stays_and_is_reported(bench: Bench) -> None:
    ec2 = bench.aws("ec2")
    made = bench.run(name=NAME, instance_id=launched(bench.lab)[0]).returns["image"]
    shared = made["snapshot_ids"][0]
    other = twin(ec2, "twin", [shared])
    expected = [{"snapshot_id": shared, "region": None, "used_by": [other]}]
    foreseen = bench.check(name=NAME, state="absent")
    began = bench.lab.clock.now()
    answer = bench.exact(name=NAME, state="absent")
    assert answer.outcome.actions == ["ec2:DeregisterImage"]
    assert answer.returns["kept_snapshots"] == foreseen.returns["kept_snapshots"] == expected
    assert list(answer.warnings) == [f"Snapshot {shared} stays when its image is removed: {other} use it, too."]
    assert bench.lab.clock.now() - began < 60
    assert there(ec2) == {shared}
    assert bench.run(name=NAME, state="absent").returns["kept_snapshots"] == expected
    ec2.deregister_image(ImageId=other)
    assert bench.exact(name=NAME, state="absent").outcome.actions == ["ec2:DeleteSnapshot"]


def test_w7_an_audit_does_not_call_it_lost(bench: Bench) -> None:
    ec2 = bench.aws("ec2")
    made = bench.run(name=NAME, instance_id=launched(bench.lab)[0]).returns["image"]
    twin(ec2, "twin", made["snapshot_ids"][:1])
    bench.run(name=NAME, state="absent")
    reader = bench.api()
    assert [one for one in leftovers(read_stack(reader, "wcs")) if one.kind == "snapshot"] == []


@pytest.mark.parametrize("number", range(CASES))
def test_any_images_share_any_snapshots(number: int) -> None:
    """Several images of the family and of others, some copied; leftovers of interrupted removals beside them."""
    rng = random.Random(number)
    lab = open_lab()
    try:
        bench = Bench(lab, clients(lab), wcs_ami.ARGUMENTS, wcs_ami.manage)
        seed = launched(lab)[0]
        regions = [lab.region, *rng.sample(["eu-west-1"], rng.randint(0, 1))]
        copies = [{"region": region} for region in regions[1:]]
        names = [f"wcs-00000000000{index}" for index in range(rng.randint(1, 3))]
        for name in names:
            bench.run(name=name, instance_id=seed, family="wcs", copies=copies)
            lab.run(2)
        uses: dict[tuple[str, str], list[str]] = {}
        for region in regions:
            ec2 = bench.aws("ec2", region)
            for index in range(rng.randint(0, 3)):
                found = sorted(there(ec2))
                shared = sorted(rng.sample(found, rng.randint(1, len(found))))
                user = twin(ec2, f"other {index}", shared)
                for one in shared:
                    uses.setdefault((region, one), []).append(user)
        if rng.random() < 0.3:  # an image that was deregistered by hand, without its snapshots
            ec2 = bench.aws("ec2")
            by = [{"Name": "name", "Values": names[:1]}]
            ec2.deregister_image(ImageId=ec2.describe_images(Owners=["self"], Filters=by)["Images"][0]["ImageId"])
        before = {region: there(bench.aws("ec2", region)) for region in regions}
        if rng.random() < 0.5:
            given: dict[str, Any] = {"name": names[0], "state": "absent", "copies": copies}
        else:
            given = {"name": "wcs-0a1b2c3d4e5f", "instance_id": seed, "family": "wcs", "keep": 1, "copies": copies}
        foreseen = bench.check(**given).returns["kept_snapshots"]
        began = lab.clock.now()
        kept = bench.exact(**given).returns["kept_snapshots"]
        assert kept == foreseen
        assert lab.clock.now() - began < 300
        for region in regions:
            ec2 = bench.aws("ec2", region)
            expected = {one["snapshot_id"]: one["used_by"] for one in kept if (one["region"] or lab.region) == region}
            assert expected.keys() <= there(ec2)
            assert expected == {snapshot: sorted(uses[region, snapshot]) for snapshot in expected}
            users = {snapshot for place, snapshot in uses if place == region}
            assert users & before[region] <= there(ec2), "a snapshot in use went"
            in_images = {
                mapping["Ebs"]["SnapshotId"]
                for image in ec2.describe_images(Owners=["self"])["Images"]
                for mapping in image["BlockDeviceMappings"]
                if "SnapshotId" in mapping.get("Ebs", {})
            }
            assert there(ec2) - in_images <= before[region] - in_images, "a snapshot was left behind"
    finally:
        lab.close()
