"""Changes as data: the kind of each, and options by path."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.module_utils._core.changes import Difference, differences, shown, things
from plugins.module_utils._core.step import LATER, Step

HERE = {"group": {"name": "wcs"}, "scaling_policies": [{"name": "cpu"}]}


def step(operation: str, thing: str = "group", name: str = "wcs") -> Step:
    return Step("autoscaling", operation, (thing, name), {})


@pytest.mark.parametrize(
    ("operations", "before", "change"),
    [
        (["CreateAutoScalingGroup"], None, "add"),
        (["UpdateAutoScalingGroup", "CreateOrUpdateTags"], HERE, "change"),
        (["DeleteAutoScalingGroup"], HERE, "remove"),
        (["DeleteLaunchTemplate", "CreateLaunchTemplate"], HERE, "replace"),
        (["CreateLaunchTemplateVersion"], HERE, "change"),
    ],
)
def test_what_becomes_of_a_thing(operations: list[str], before: Any, change: str) -> None:
    (found,) = things([step(one) for one in operations], before)
    assert (found.change, found.calls) == (change, len(operations))


def test_a_put_makes_what_is_not_there() -> None:
    put = [step("PutScalingPolicy", "scaling policy", name) for name in ("cpu", "out")]
    assert [(one.name, one.change) for one in things(put, HERE)] == [("cpu", "change"), ("out", "add")]
    assert things([step("DeletePolicy", "scaling policy", "cpu"), put[0]], HERE)[0].change == "replace"


def test_parts_of_a_thing_count_as_the_thing() -> None:
    steps = [
        step("CreateLoadBalancer", "load balancer"),
        step("ConfigureHealthCheck", "the health check of load balancer"),
        step("ModifyLoadBalancerAttributes", "attributes of load balancer"),
    ]
    assert [vars(one) for one in things(steps, None)] == [
        {"thing": "load balancer", "name": "wcs", "change": "add", "calls": 3}
    ]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (None, None, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"check": {"port": 1, "path": "/"}}, {"check": {"port": 2, "path": "/"}}, [("check.port", 1, 2)]),
        ({"tags": {"a": "b"}}, {"tags": {}}, [("tags.a", "b", None)]),
        ({"ids": ["a", "b"]}, {"ids": ["b"]}, [("ids", ["a", "b"], ["b"])]),
        (
            {"image": "ami-1", "type": "c5.large", "pending": None},
            {"image": "ami-1", "type": "c5.large", "pending": {"image": "ami-2", "type": "c5.large"}},
            [("pending.image", "ami-1", "ami-2")],
        ),
        (
            {"image": "ami-1", "meta": {"hop": 1}, "pending": {"image": "ami-1", "meta": {"hop": 2}}},
            {"image": "ami-1", "meta": {"hop": 1}, "pending": None},
            [("pending.meta.hop", 2, 1)],
        ),
        (None, {"image": "ami-1", "pending": None}, [("image", None, "ami-1")]),
        (
            {"policies": [{"name": "cpu", "target": 50}, {"name": "in", "target": 1}]},
            {"policies": [{"name": "cpu", "target": 60}]},
            [("policies[cpu].target", 50, 60), ("policies[in]", {"target": 1}, None)],
        ),
        ({"l": [{"name": "x"}, {"name": "x"}]}, {"l": []}, [("l", [{"name": "x"}, {"name": "x"}], [])]),
        ({"metric": "cpu"}, {"metric": {"name": "n"}}, [("metric", "cpu", {"name": "n"})]),
        (None, {"a": LATER}, [("a", None, LATER)]),
    ],
)
def test_options_with_another_value(before: Any, after: Any, found: list[tuple[str, Any, Any]]) -> None:
    assert list(differences(before, after)) == [Difference(*one) for one in found]


def test_without_a_step_nothing_is_said() -> None:
    assert shown([], {"a": 1}, {"a": 2}) == {"things": [], "options": []}
