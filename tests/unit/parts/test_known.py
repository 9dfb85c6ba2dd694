"""What parts of a stack know of each other before any of them is made."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from plugins.module_utils._parts.known import Known, selected

NODE, OWN = "wcs-node", frozenset({"wcs-node", "wcs-balancer"})


@pytest.mark.parametrize(
    ("run", "skip", "answer"),
    [
        (["all"], [], True),
        (["mine"], [], True),
        (["others", "mine"], [], True),
        (["others"], [], False),
        (["tagged"], [], True),
        (["untagged"], [], False),
        (["all"], ["mine"], False),
        (["all"], ["others"], True),
        (["mine"], ["mine"], False),
        (["all"], ["tagged"], False),
        (["all"], ["all"], False),
    ],
)
def test_a_part_is_judged_where_ansible_would_run_it(run: list[str], skip: list[str], answer: bool) -> None:
    assert selected("mine", run, skip) is answer


@pytest.mark.parametrize(
    ("groups", "given", "answer"),
    [
        ({NODE: "sg-1"}, [NODE], ["sg-1"]),
        ({NODE: LATER}, [NODE], [LATER]),
        ({}, [NODE], [LATER]),
        ({NODE: "sg-1"}, ["sg-9", NODE], ["sg-9", "sg-1"]),
        ({NODE: "sg-1"}, ["shop"], ["shop"]),
        (None, [NODE], None),
        (None, ["sg-9", NODE], ["sg-9"]),
        (None, [], []),
        ({NODE: "sg-1"}, None, None),
    ],
)
def test_a_security_group_of_the_stack_goes_by_its_name(groups: Any, given: Any, answer: Any) -> None:
    """`groups` None: a run of other parts alone; what it does not manage is left out."""
    known = Known(groups=groups, own=OWN)
    assert known.filled("load_balancer", {"security_group_ids": given})["security_group_ids"] == answer
    launch = {"security_group_ids": given, "image_id": None}
    filled = known.filled("group", {"launch": launch, "licence_seed": "none", "licence_seed_image_id": None})
    assert filled["launch"]["security_group_ids"] == answer


def of_group(known: Known, seed: str, image: str | None) -> tuple[str, str | None, str | None]:
    """What is left of a seed, its image, and the image that is launched."""
    launch = {"security_group_ids": None, "image_id": image}
    filled = known.filled("group", {"launch": launch, "licence_seed": seed, "licence_seed_image_id": None})
    return filled["licence_seed"], filled["licence_seed_image_id"], filled["launch"]["image_id"]


def test_an_image_goes_by_its_name_and_once_it_is_there_no_seed_is_baked() -> None:
    there, coming = Known("wcs-1", "ami-1"), Known("wcs-1", None, seed_image_id="ami-9")
    assert of_group(there, "baking", "wcs-1") == ("none", None, "ami-1")
    assert of_group(there, "kept", "ami-7") == ("kept", None, "ami-7")
    assert of_group(coming, "baking", "wcs-1") == ("baking", "ami-9", LATER)
    assert of_group(Known(), "none", None) == ("none", None, None)
    assert there.filled("image", {"instance_id": LATER})["instance_id"] is None
    assert there.filled("image", {"instance_id": "i-1"})["instance_id"] == "i-1", (
        "which may be another than it was made of"
    )
    assert coming.filled("image", {"instance_id": LATER})["instance_id"] == LATER


@pytest.mark.parametrize(
    ("known", "given", "answer"),
    [(None, None, None), ("wcs-node-x", None, "wcs-node-x"), ("wcs-node-x", "mine", "mine"), (None, "mine", "mine")],
)
def test_nodes_have_the_profile_of_the_stack_unless_one_is_named(
    known: str | None, given: str | None, answer: str | None
) -> None:
    launch = {"security_group_ids": None, "image_id": None, "instance_profile": given}
    params = {"launch": launch, "licence_seed": "none", "licence_seed_image_id": None}
    assert Known(instance_profile=known).filled("group", params)["launch"]["instance_profile"] == answer


def test_a_group_without_launch_has_nothing_to_fill() -> None:
    params = {"launch": None, "licence_seed": "none", "licence_seed_image_id": None}
    assert Known("wcs-1", "ami-1").filled("group", params) == params
