"""Nodes that may read their tags: in the template, not in a configuration, and without tags that hinder a launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.core.lab import Lab
from tests.support.groups import NAME, Stage

ENABLED = {"metadata": {"instance_metadata_tags": "enabled"}}


@pytest.fixture
def stage(lab: Lab, aws: Callable[..., Any]) -> Stage:
    return Stage(lab, aws)


def test_it_is_in_the_template_and_the_nodes_read_their_group(stage: Stage) -> None:
    options = stage.options(launch=stage.launch(**ENABLED))
    answer = stage.bench.run(**options)
    assert answer.returns["launch"]["metadata"]["instance_metadata_tags"] == "enabled"
    assert not stage.bench.run(**options).outcome.actions
    assert not stage.bench.run(**stage.options()).outcome.actions, "left out is as it is"
    (node,) = stage.group()["Instances"]
    tags = stage.lab.machines.known.tags(node["InstanceId"])
    assert tags["aws:autoscaling:groupName"] == NAME
    off = stage.bench.run(**stage.options(launch=stage.launch(metadata={"instance_metadata_tags": "disabled"})))
    assert off.returns["launch"]["metadata"]["instance_metadata_tags"] == "disabled"


def test_without_it_they_do_not(stage: Stage) -> None:
    stage.bench.run(**stage.options())
    (node,) = stage.group()["Instances"]
    assert stage.lab.machines.known.tags(node["InstanceId"]) == {}


BAD = ["Cost Center", "team/video", ".", "..", "_index", "größe"]


@pytest.mark.parametrize("key", BAD)
@pytest.mark.parametrize("check", [True, False])
def test_a_tag_that_no_node_could_be_launched_with_is_refused_before_anything_is_written(
    stage: Stage, key: str, check: bool
) -> None:
    before = stage.bench.mark()
    refused = stage.bench.fails(check, **stage.options(launch=stage.launch(**ENABLED), tags={key: "x"}))
    assert f"a node with tag '{key}' cannot be launched" in str(refused)
    assert stage.bench.writes(before) == []


def test_a_tag_that_is_there_counts_where_it_stays(stage: Stage) -> None:
    stage.bench.run(**stage.options(tags={"Cost Center": "7"}))
    enabled = stage.options(launch=stage.launch(**ENABLED))
    assert "a node with tag 'Cost Center'" in str(stage.bench.fails(**enabled))
    assert "a node with tag 'Cost Center'" in str(stage.bench.fails(**enabled, tags={"a": "b"}, purge_tags=False))
    assert stage.bench.run(**enabled, tags={"CostCenter": "7"}).outcome.actions


@pytest.mark.parametrize("key", ["Team", "a.b:c@d_e-f+g=h,i"])
def test_other_tags_are_as_ever(stage: Stage, key: str) -> None:
    answer = stage.bench.run(**stage.options(launch=stage.launch(**ENABLED), tags={key: "x"}))
    assert len(answer.returns["group"]["instances"]) == 1


def test_a_launch_configuration_cannot_say_it(stage: Stage) -> None:
    refused = stage.bench.fails(**stage.options(launch=stage.launch(kind="configuration", **ENABLED)))
    assert "a launch configuration has no MetadataOptions.InstanceMetadataTags" in str(refused)
    off = stage.launch(kind="configuration", metadata={"instance_metadata_tags": "disabled"})
    assert stage.bench.run(**stage.options(launch=off)).outcome.actions


def test_an_instance_profile_made_a_moment_ago_is_waited_for(stage: Stage) -> None:
    unseen = (
        "You must use a valid fully-formed launch template. Value (wcs-node) for parameter iamInstanceProfile.name is "
        "invalid. Invalid IAM Instance Profile name"
    )
    stage.aws("iam").create_instance_profile(InstanceProfileName="wcs-node")
    stage.lab.faults.add(
        "error-before",
        "autoscaling:CreateAutoScalingGroup",
        count=2,
        code="ValidationError",
        status=400,
        message=unseen,
    )
    answer = stage.bench.run(**stage.options(launch=stage.launch(instance_profile="wcs-node")))
    assert answer.returns["launch"]["instance_profile"] == "wcs-node"


def test_one_that_never_comes_is_a_refusal(stage: Stage) -> None:
    refused = stage.bench.fails(**stage.options(launch=stage.launch(instance_profile="nobodys")))
    assert "Invalid IAM Instance Profile name" in str(refused)
