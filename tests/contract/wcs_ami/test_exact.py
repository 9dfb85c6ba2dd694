"""wcs_ami foresees exactly what it then does, for generated pairs of a state now and a want."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from lab.api.inprocess import clients
from lab.open import open_lab
from plugins.modules import wcs_ami
from tests.support.harness import Bench, fed_back, launched

CASES = 500 if os.environ.get("WCS_TEST_ALL") else 8
NAME = "wcs-0a1b2c3d4e5f"
TAGS: list[dict[str, str] | None] = [None, {}, {"Team": "video"}, {"Team": "audio", "Owner": "us"}]
USERS = [[], ["123456789013"], ["123456789013", "210987654321"]]


def wish(rng: random.Random, instance_id: str) -> dict[str, Any]:
    """Options, most of them left out."""
    given: dict[str, Any] = {"name": NAME, "instance_id": instance_id}
    choices: dict[str, Any] = {
        "tags": rng.choice(TAGS),
        "purge_tags": rng.choice([True, False]),
        "description": rng.choice(["one", "two", ""]),
        "launch_permissions": {"user_ids": rng.choice(USERS)},
        "imds_support": "v2.0",
        "copies": [{"region": region} for region in rng.sample(["eu-west-1", "eu-central-1"], rng.randint(0, 2))],
        "family": "wcs",
        "reboot": rng.choice([True, False]),
    }
    given |= {key: value for key, value in choices.items() if rng.random() < 0.4}
    if "family" in given and rng.random() < 0.5:
        given["keep"] = rng.randint(1, 3)
    return given


def before(rng: random.Random, bench: Bench, instance_id: str) -> None:
    """A state to begin with: nothing, ours in some shape, broken, foreign, or with older relatives."""
    for number in range(rng.choice([0, 0, 1, 3])):
        bench.run(name=f"wcs-00000000000{number}", instance_id=instance_id, family="wcs")
        bench.lab.run(2)
    kind = rng.choice(["nothing", "ours", "pending", "failed", "foreign", "tampered"])
    if kind == "nothing":
        return
    if kind == "failed":
        bench.lab.image_failures.append(("Server.InternalError", "Internal error"))
    if kind == "foreign":
        bench.aws("ec2").create_image(InstanceId=instance_id, Name=NAME)
        bench.lab.run(60)
        return
    first = wish(rng, instance_id)
    if kind == "failed":
        bench.fails(**{key: first[key] for key in ("name", "instance_id")})
        return
    made = bench.run(**first, wait=kind != "pending").returns["image"]
    if kind == "tampered":
        ec2 = bench.aws("ec2")
        ec2.create_tags(Resources=[made["image_id"]], Tags=[{"Key": "Stranger", "Value": "here"}])
        ec2.modify_image_attribute(ImageId=made["image_id"], Description={"Value": "by hand"})


@pytest.mark.parametrize("number", range(CASES))
def test_exact(number: int) -> None:
    rng = random.Random(number)
    lab = open_lab()
    try:
        bench = Bench(lab, clients(lab), wcs_ami.ARGUMENTS, wcs_ami.manage)
        instance_id = launched(bench.lab)[0]
        before(rng, bench, instance_id)
        given = {**wish(rng, instance_id), "adopt": True}
        if rng.random() < 0.2:
            given |= {"state": "absent"}
        answer = bench.exact(**given)
        if image := answer.returns["image"]:
            fed = fed_back(wcs_ami.ARGUMENTS, image)
            if any(copy[tag] != image[tag] for copy in image["copies"] for tag in ("tags", "stack", "family")):
                del fed["copies"]  # copies that are asked for shall have the image's tags
            assert bench.check(**fed).outcome.actions == []
    finally:
        lab.close()
