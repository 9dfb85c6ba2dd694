"""Base images that no seed can be launched from, and a newer one: what site and verify say, and what they do.

One lab; the stories are told in order.
"""

from __future__ import annotations

import re

import pytest

from tests.support.playbooks import Stage

VARIABLES = {"wcs_autoscaling_min_size": 1, "wcs_verify_hold": 1, "wcs_verify_rate": 100}
CODE = "8esk90vx7v713sa0muq2skw3j"


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    inventory = site_stage.folder / "inventory.yml"  # which names the image by its id
    text = re.sub(r"\n *wcs_seed_image_id: .*", "", inventory.read_text())
    inventory.write_text(text)
    return site_stage


def named(lab: Stage, name: str, **more: object) -> dict[str, object]:
    return {"wcs_seed_image_name": name, "wcs_seed_image_owner": lab.about()["vendor_id"], **VARIABLES, **more}


def offered(lab: Stage, *options: str) -> str:
    return lab.lab("offer", *options).strip()


def refused(lab: Stage, *options: str, **variables: object) -> str:
    before = len(lab.calls())
    played = lab.play("site", *options, **variables)
    assert played.code != 0
    assert len(lab.calls()) == before, "nothing is made before it"
    return played.failure or played.text


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["run", "check"])
def test_what_no_seed_can_be_launched_from_is_refused_before_anything_is_made(lab, options):
    if not options:
        offered(lab, "unsubscribed", "--product", CODE)
        offered(lab, "graviton", "--architecture", "arm64")
        offered(lab, "elsewhere", "--region", "eu-central-1")
        offered(lab, "twice-1"), offered(lab, "twice-2")
    link = f"subscribe at https://aws.amazon.com/marketplace/pp?sku={CODE}, then run again"
    assert link in refused(lab, *options, **named(lab, "unsubscribed"))
    assert "is for arm64, and Web Call Server is made for x86_64" in refused(lab, *options, **named(lab, "graviton"))
    assert "there is none of" in refused(lab, *options, **named(lab, "elsewhere"))
    assert "2 of that name and owner are there, newest first" in refused(lab, *options, **named(lab, "twice-*"))


def test_a_newer_base_image_is_told_named_baked_and_then_all_is_as_it_was(lab):
    asked = named(lab, "FlashphonerWebCallServer-*", wcs_seed_image_newest=True)
    first = lab.play("site", **asked)
    assert first.code == 0, first.failure or first.text
    assert "no newer one matches its name" in str(freshness(lab.play("verify", **asked)))

    newer = offered(lab, "FlashphonerWebCallServer-5.2.2200")
    assert f"a newer base image matches: {newer}" in str(freshness(lab.play("verify", **asked)))

    before = len(lab.calls())
    check = lab.play("site", "--check", **asked)
    assert check.code == 0, check.failure or check.text
    assert "ec2:CreateImage" in check.actions
    (seed,) = (task.result["seed"] for task in check.tasks if (task.result.get("seed") or {}).get("image_id"))
    assert seed["image_id"] == newer
    assert len(lab.calls()) == before

    baked = lab.play("site", **asked)
    assert baked.code == 0, baked.failure or baked.text
    assert lab.calls().count("ec2:CreateImage") == 2

    again = lab.play("site", **asked)
    assert (again.code, again.changed, again.actions) == (0, [], [])


def freshness(played):
    assert played.code == 0, played.failure or played.text
    return played.said("Show how old it is")
