"""V10: `wcs_licence_limit` binds every path to more servers: the sum is said, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lab.core import backends
from plugins.module_utils._core.step import LATER
from tests.contract.steering import Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")
ROLL = {"group_name": "wcs", "probe": False}
EVENING = {"name": "evening", "recurrence": "0 18 * * *", "max_size": 7}


@dataclass(frozen=True)
class Path:
    """A way to need more servers: who judges it, with which options, and the sum that it says."""

    module: str
    options: dict[str, Any]
    total: int
    sum: str
    seed: bool = False


PATHS = {
    "the group's largest number": Path("asg", {}, 5, "5 nodes at most"),
    "a scheduled action": Path(
        "asg", {"scheduled_actions": [EVENING]}, 7, "7 nodes at most (scheduled action 'evening')"
    ),
    "a seed that stays": Path("asg", {"licence_seed": "kept"}, 6, "5 nodes at most + 1 seed"),
    "another's machine of the stack": Path("asg", {}, 6, "5 nodes at most + 1 seed", seed=True),
    "a seed beside a full group": Path("asg", {"licence_seed": "baking", "max_size": 3}, 4, "3 nodes at most + 1 seed"),
    "a seed that is there, beside a full group": Path(
        "asg", {"licence_seed": "baking", "max_size": 3}, 4, "3 nodes at most + 1 seed", seed=True
    ),
    "the surge that update is to have": Path(
        "asg", {"licence_surge": 4, "launch": {"image_id": LATER}}, 6, "3 nodes + 3 nodes of surge"
    ),
    "the surge of a rollout": Path("rollout", {"surge": 2}, 5, "3 nodes + 2 nodes of surge"),
    "a seed beside a rollout": Path("rollout", {"surge": 1}, 5, "3 nodes + 1 node of surge + 1 seed", seed=True),
    "nodes that AWS replaces": Path("drain", {"count": 1, "decrement_desired": False}, 4, "3 nodes + 1 replacement"),
}


def fleet_for(path: Path, lab: Any, aws: Callable[..., Any]) -> Steered:
    """Three nodes at most 5; at most 3 where the group shall be full; with a new version where one is rolled out."""
    full = {"max_size": 3} if path.options.get("max_size") else {}
    fleet = Steered(lab, aws, 3, **full)
    for one in fleet.ids():
        fleet.hold(one, 0)
    if path.module == "rollout":
        fleet.version(instance_type="c5.xlarge")
    if path.seed:
        mark = [{"Key": "webcallserver.aws:stack", "Value": "wcs"}]
        aws("ec2").run_instances(
            ImageId=lab.account.wcs_image_id,
            MinCount=1,
            MaxCount=1,
            SubnetId=lab.account.subnet_ids[0],
            TagSpecifications=[{"ResourceType": "instance", "Tags": mark}],
        )
    return fleet


def asked(fleet: Steered, path: Path, **more: Any) -> tuple[Any, dict[str, Any]]:
    """The module's bench, and the options."""
    if path.module == "asg":
        launch = fleet.stage.launch(**path.options.get("launch", {}))
        usual = fleet.options | {"min_size": 1, "desired_capacity": None}
        return fleet.stage.bench, usual | path.options | {"launch": launch} | more
    if path.module == "rollout":
        return fleet.rollouts, ROLL | path.options | more
    return fleet.drains, {"group_name": "wcs", "timeout": 60} | path.options | more


@pytest.mark.parametrize("name", PATHS)
def test_v10_over_the_limit_is_refused_with_the_sum_and_at_the_limit_goes_through(
    lab: Any, aws: Callable[..., Any], name: str
) -> None:
    path = PATHS[name]
    fleet = fleet_for(path, lab, aws)
    dry = LATER in str(path.options)
    bench, options = asked(fleet, path, licence_limit=path.total - 1)
    start = bench.mark()
    for check in {True, dry}:
        failure = bench.fails(check=check, **options)
        assert f"{path.sum} = {path.total} licences, licence_limit is {path.total - 1}. " in str(failure)
        assert "set licence_allow_over: true" in str(failure)
    assert bench.writes(start) == []
    for more in ({"licence_limit": path.total}, {"licence_limit": path.total - 1, "licence_allow_over": True}):
        bench, options = asked(fleet, path, **more)
        bench.check(**options)
    assert bench.writes(start) == []
    if not dry:
        bench.run(**asked(fleet, path, licence_limit=path.total)[1])


@pytest.mark.parametrize("name", [name for name, path in PATHS.items() if LATER not in str(path.options)])
def test_v10_nodes_of_a_marketplace_image_need_no_licence(lab: Any, aws: Callable[..., Any], name: str) -> None:
    path = PATHS[name]
    fleet = fleet_for(path, lab, aws)
    image, codes = lab.account.wcs_image_id, [{"ProductCodeId": "abc", "ProductCodeType": "marketplace"}]
    backends.backend("ec2", lab.region).amis[image].product_codes = codes
    (shown,) = aws("ec2").describe_images(ImageIds=[image])["Images"]
    assert shown["ProductCodes"] == codes
    bench, options = asked(fleet, path, licence_limit=0)
    bench.check(**options)


def test_v10_the_seed_that_a_first_image_is_made_of_is_gone_when_the_group_comes(
    lab: Any, aws: Callable[..., Any]
) -> None:
    fleet = Steered(lab, aws, 3)
    fleet.stage.bench.run(name="wcs", state="absent")
    options = fleet.options | {"desired_capacity": 1, "min_size": 1, "licence_limit": 5, "licence_seed": "baking"}
    fleet.stage.bench.check(**options)
    assert "5 nodes at most = 5 licences" in str(fleet.stage.bench.fails(check=True, **options | {"licence_limit": 4}))
    refused = fleet.stage.bench.fails(check=True, **options | {"licence_seed": "kept"})
    assert "5 nodes at most + 1 seed = 6 licences, licence_limit is 5" in str(refused)
