"""The return samples of the documentation have the shape of what the modules return on the lab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from lab.core.lab import Lab
from plugins.module_utils._core.aws import Aws
from plugins.module_utils._core.module import Run
from plugins.modules import wcs_ami, wcs_asg, wcs_classic_elb, wcs_drain, wcs_rollout, wcs_stack_info
from tests.contract.all.stack import IMAGE, Stack, policies
from tests.support.harness import LabClock
from tests.support.steering import Steered, telling

NAMES = ("tags", "reported", "request_id", "foreign_settings")  # keys below are the user's own, or AWS's


def documented(module: Any) -> dict[str, Any]:
    """The samples of what is returned on success, by key."""
    entries = yaml.safe_load(module.RETURN)
    return {key: shown(entry) for key, entry in entries.items() if entry["returned"] in ("always", "success")}


def shown(entry: Mapping[str, Any]) -> Any:
    """The sample of one documented value, put together where its parts have samples of their own."""
    if "contains" not in entry:
        return entry.get("sample")
    whole = {key: shown(part) for key, part in entry["contains"].items()}
    return [whole] if entry["type"] == "list" else whole


def unlike(sample: Any, real: Any, path: str) -> list[str]:
    """Where the sample's shape is not that of the real value; null is the shape of anything."""
    if sample is None or real is None:
        return []
    if isinstance(sample, Mapping) and isinstance(real, Mapping):
        if path.rpartition(".")[2] in NAMES:
            return []
        found = [f"{path}.{key}: only in the {where}" for where, key in _lacking(sample, real)]
        both = sorted(sample.keys() & real.keys())
        return found + [one for key in both for one in unlike(sample[key], real[key], f"{path}.{key}")]
    if isinstance(sample, list) and isinstance(real, list):
        if real and not sample:
            return [f"{path}: the sample shows none, and the answer has {real[0]!r}"]
        return [one for item in real[:1] for first in sample[:1] for one in unlike(first, item, f"{path}[]")]
    numbers = isinstance(sample, (int, float)) and isinstance(real, (int, float))
    same = isinstance(sample, bool) == isinstance(real, bool) if numbers else type(sample) is type(real)
    return [] if same else [f"{path}: {sample!r} stands for {real!r}"]


def _lacking(sample: Mapping[str, Any], real: Mapping[str, Any]) -> list[tuple[str, str]]:
    alone = [("sample", key) for key in sorted(sample.keys() - real.keys())]
    return alone + [("answer", key) for key in sorted(real.keys() - sample.keys())]


def agree(module: Any, real: Mapping[str, Any]) -> None:
    assert unlike(documented(module), real, module.__name__.rpartition(".")[2]) == []


def test_a_stack(lab: Lab, aws: Callable[..., Any]) -> None:
    stack = Stack(lab, aws)
    copies = [{"region": "eu-west-1"}]
    image = stack.image.run(name=IMAGE, instance_id=stack.seed, copies=copies, tags={"Team": "video"})
    agree(wcs_ami, image.results())
    stack.deploy()
    instance = [stack.seed]
    balancer = stack.balancer.run(name="wcs", instance_ids=instance, tags={"Team": "video"}, wait=False)
    agree(wcs_classic_elb, balancer.results())
    group = stack.group.run(name="wcs", scaling_policies=policies())
    agree(wcs_asg, group.results())
    clock = LabClock(lab)
    api = Aws(lambda service, region: aws(service, region or lab.region), clock, region=lab.region)
    answer = wcs_stack_info.look({"name": "wcs", "image_regions": ["eu-west-1"]}, Run(api, clock, False))
    agree(wcs_stack_info, answer)
    words = " ".join(yaml.safe_load(wcs_stack_info.RETURN)["stack"]["description"])
    assert [key for key in answer["stack"] if f"C({key})" not in words] == []


def test_a_drain_and_a_rollout(lab: Lab, aws: Callable[..., Any]) -> None:
    with telling(lab):
        fleet = Steered(lab, aws, 3)
        drained = fleet.drains.run(group_name="wcs", count=1)
        agree(wcs_drain, {"actions": drained.outcome.actions, **drained.returns})
        fleet.version(instance_type="c5.xlarge")
        rolled = fleet.rollouts.run(group_name="wcs", probe=False)
        agree(wcs_rollout, {"actions": rolled.outcome.actions, **rolled.returns})


def test_a_sample_of_another_shape_would_be_told() -> None:
    assert unlike({"a": [{"b": 1}], "c": "x"}, {"a": [{"b": "1"}], "d": "x"}, "m") == [
        "m.c: only in the sample",
        "m.d: only in the answer",
        "m.a[].b: 1 stands for '1'",
    ]
