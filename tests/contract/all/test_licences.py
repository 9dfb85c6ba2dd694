"""V10: `wcs_licence_limit` binds every path to more servers: the sum is said, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path as File
from typing import Any

import pytest
import yaml

from lab.core import backends
from plugins.module_utils._core.errors import OPTION
from plugins.module_utils._core.step import LATER
from plugins.module_utils._parts.group import judge_bake
from plugins.modules import wcs_asg, wcs_load
from tests.support.harness import Bench
from tests.support.steering import Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")
ROOT = File(__file__).parents[3]
ROLL = {"group_name": "wcs", "probe": False}
EVENING = {"name": "evening", "recurrence": "0 18 * * *", "max_size": 7}
MORNING = {"name": "morning", "recurrence": "0 7 * * *", "max_size": 4}


@dataclass(frozen=True)
class Path:
    """A way to need more servers: who judges it, with which options, and the sum that it says.

    What is there before: a `seed`, a node on `standby`, a scheduled action (`kept`).
    """

    module: str
    options: dict[str, Any]
    total: int
    sum: str
    seed: bool = False
    standby: bool = False
    kept: bool = False

    @property
    def dry(self) -> bool:
        """Whether it can be judged only."""
        return LATER in str(self.options) or self.module == "load"


PATHS = {
    "the group's largest number": Path("asg", {}, 5, "5 nodes at most"),
    "a scheduled action": Path(
        "asg", {"scheduled_actions": [EVENING]}, 7, "7 nodes at most (scheduled action 'evening')"
    ),
    "a scheduled action that is there": Path("asg", {}, 7, "7 nodes at most (scheduled action 'evening')", kept=True),
    "a scheduled action that is kept beside others": Path(
        "asg",
        {"scheduled_actions": [MORNING], "purge_schedules": False},
        7,
        "7 nodes at most (scheduled action 'evening')",
        kept=True,
    ),
    "a scheduled action that goes": Path("asg", {"scheduled_actions": [MORNING]}, 5, "5 nodes at most", kept=True),
    "a seed that stays": Path("asg", {"licence_seed": "kept"}, 6, "5 nodes at most + 1 seed"),
    "another's machine of the stack": Path("asg", {}, 6, "5 nodes at most + 1 seed", seed=True),
    "a node on standby": Path("asg", {}, 6, "5 nodes at most + 1 node on standby", standby=True),
    "a seed beside a full group": Path("asg", {"licence_seed": "baking", "max_size": 3}, 4, "3 nodes at most + 1 seed"),
    "a seed that is there, beside a full group": Path(
        "asg", {"licence_seed": "baking", "max_size": 3}, 4, "3 nodes at most + 1 seed", seed=True
    ),
    "a seed beside nodes of which one is on standby": Path(
        "asg",
        {"licence_seed": "baking", "max_size": 3},
        4,
        "2 nodes now + 1 node on standby + 1 seed",
        standby=True,
    ),
    "the surge that update is to have": Path(
        "asg", {"licence_surge": 4, "launch": {"image_id": LATER}}, 6, "3 nodes + 3 nodes of surge"
    ),
    "the surge that update is to have beside a node on standby": Path(
        "asg",
        {"licence_surge": 4, "launch": {"image_id": LATER}, "max_size": 3},
        5,
        "2 nodes + 2 nodes of surge + 1 node on standby",
        standby=True,
    ),
    "the surge of a rollout": Path("rollout", {"surge": 2}, 5, "3 nodes + 2 nodes of surge"),
    "a seed beside a rollout": Path("rollout", {"surge": 1}, 5, "3 nodes + 1 node of surge + 1 seed", seed=True),
    "a node on standby beside a rollout": Path(
        "rollout", {"surge": 2}, 5, "2 nodes + 2 nodes of surge + 1 node on standby", standby=True
    ),
    "nodes that AWS replaces": Path("drain", {"count": 1, "decrement_desired": False}, 4, "3 nodes + 1 replacement"),
    "nodes that AWS replaces beside a seed": Path(
        "drain", {"count": 1, "decrement_desired": False}, 5, "3 nodes + 1 replacement + 1 seed", seed=True
    ),
    "nodes that AWS replaces beside one on standby": Path(
        "drain",
        {"count": 1, "decrement_desired": False},
        4,
        "2 nodes + 1 replacement + 1 node on standby",
        standby=True,
    ),
    "nodes that go to standby": Path(
        "drain", {"count": 1, "then": "standby"}, 6, "5 nodes at most + 1 node on standby"
    ),
    "nodes that go to standby and are replaced": Path(
        "drain",
        {"count": 1, "then": "standby", "decrement_desired": False},
        6,
        "5 nodes at most + 1 node on standby",
    ),
    "load": Path("load", {}, 5, "5 nodes at most"),
    "load beside a seed": Path("load", {}, 6, "5 nodes at most + 1 seed", seed=True),
    "load beside a node on standby": Path("load", {}, 6, "5 nodes at most + 1 node on standby", standby=True),
}


def fleet_for(path: Path, lab: Any, aws: Callable[..., Any]) -> Steered:
    """Three nodes at most 5; at most 3 where the group shall be full; with a new version where one is rolled out."""
    full = {"max_size": 3} if path.options.get("max_size") else {}
    fleet = Steered(lab, aws, 3, **{"min_size": 1, **full})
    for one in fleet.ids():
        fleet.hold(one, 0)
    if path.standby:
        aws("autoscaling").enter_standby(
            AutoScalingGroupName="wcs", InstanceIds=fleet.ids()[:1], ShouldDecrementDesiredCapacity=True
        )
        lab.run(60)
    if path.kept:
        keys = {"name": "ScheduledActionName", "recurrence": "Recurrence", "max_size": "MaxSize"}
        given = {keys[key]: value for key, value in EVENING.items()}
        aws("autoscaling").put_scheduled_update_group_action(AutoScalingGroupName="wcs", **given)
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
    if path.module == "load":
        manage: Any = wcs_load.look
        bench = Bench(fleet.lab, fleet.aws, wcs_load.ARGUMENTS, manage)
        return bench, {"group_name": "wcs", "confirm": True, "url": "ws://127.0.0.1:8080"} | more
    return fleet.drains, {"group_name": "wcs", "timeout": 60} | path.options | more


def variables(path: Path) -> dict[str, str]:
    """What the role or the playbook calls the options of the module."""
    if path.module == "asg":
        found = yaml.safe_load((ROOT / "roles" / "wcs_autoscaling" / "vars" / "main.yml").read_text())
        return dict(found["__wcs_autoscaling_variables"])
    playbook = {"rollout": "update", "drain": "scale_in", "load": "load"}[path.module]
    plays = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text())
    name = f"__wcs_{playbook}_variables"
    return dict(next(play["vars"][name] for play in plays if name in play.get("vars", {})))


def over(fleet: Steered, path: Path) -> None:
    """One server too many: refused in a dry run and in a run, with the sum, in the words of the role."""
    bench, options = asked(fleet, path, licence_limit=path.total - 1)
    for check in {True, path.dry and path.module != "load"}:
        failure = bench.fails(check=check, **options)
        assert f"{path.sum} = {path.total} licences, licence_limit is {path.total - 1}. " in str(failure)
        assert "set licence_allow_over: true" in str(failure)
        names, text = variables(path), failure.refusal.reason + failure.refusal.way_out
        assert set(OPTION.findall(text)) <= set(names)
        assert f"wcs_licence_limit is {path.total - 1}. " in failure.refusal.sentence(names)


def allowed(fleet: Steered, path: Path) -> None:
    """One too many, and somebody knows better."""
    bench, options = asked(fleet, path, licence_limit=path.total - 1, licence_allow_over=True)
    bench.check(**options)


def at(fleet: Steered, path: Path) -> None:
    """As many as there are."""
    bench, options = asked(fleet, path, licence_limit=path.total)
    bench.check(**options)


MANNERS = {"over": over, "allowed": allowed, "at": at}


@pytest.mark.parametrize("name", PATHS)
def test_v10_over_the_limit_is_refused_with_the_sum_and_at_the_limit_goes_through(
    lab: Any, aws: Callable[..., Any], name: str
) -> None:
    path = PATHS[name]
    fleet = fleet_for(path, lab, aws)
    start = fleet.stage.bench.mark()
    for judged in MANNERS.values():
        judged(fleet, path)
    assert fleet.stage.bench.writes(start) == []
    if not path.dry:
        bench, options = asked(fleet, path, licence_limit=path.total)
        bench.run(**options)


@pytest.mark.long
@pytest.mark.parametrize("name", PATHS)
def test_v10_nodes_of_a_marketplace_image_need_no_licence(lab: Any, aws: Callable[..., Any], name: str) -> None:
    path = PATHS[name]
    fleet = fleet_for(path, lab, aws)
    start = fleet.stage.bench.mark()
    image = lab.account.wcs_image_id
    of_seed = {"licence_seed_image_id": image} if path.module == "asg" else {}
    bench, options = asked(fleet, path, licence_limit=0, **of_seed)
    for kind in ("devpay", None, "marketplace"):
        codes = {"ProductCodeId": "abc"} | ({"ProductCodeType": kind} if kind else {})
        backends.backend("ec2", lab.region).amis[image].product_codes = [codes]
        if kind == "marketplace":
            bench.check(**options)
        else:
            assert "licences, licence_limit is 0. " in str(bench.fails(check=True, **options))
    assert bench.writes(start) == []


def test_v10_the_number_of_cases() -> None:
    cases = list(product(PATHS, [*MANNERS, "marketplace"]))
    print(f"{len(PATHS)} paths, {len(cases)} cases")
    assert (len(PATHS), len(cases)) == (24, 96)
    assert {path.module for path in PATHS.values()} == {"asg", "rollout", "drain", "load"}


def test_v10_a_new_image_that_is_not_of_marketplace_needs_licences(lab: Any, aws: Callable[..., Any]) -> None:
    fleet = Steered(lab, aws, 3)
    code = [{"ProductCodeId": "abc", "ProductCodeType": "marketplace"}]
    backends.backend("ec2", lab.region).amis[lab.account.wcs_image_id].product_codes = code
    other = aws("ec2").register_image(Name="own", RootDeviceName="/dev/sda1", Architecture="x86_64")["ImageId"]
    for mixed in ({"image_id": other}, {"image_id": LATER}):
        options = fleet.options | {"licence_limit": 0, "launch": fleet.stage.launch(**mixed)}
        assert "5 nodes at most = 5 licences" in str(fleet.stage.bench.fails(check=True, **options))


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


def test_v10_a_bake_is_judged_where_the_group_is_left_alone(lab: Any, aws: Callable[..., Any]) -> None:
    fleet, manage = Steered(lab, aws, 3, max_size=3), judge_bake
    bench = Bench(lab, aws, wcs_asg.ARGUMENTS, manage)  # type: ignore[arg-type]
    options = fleet.options | {"licence_seed": "baking", "launch": fleet.stage.launch(image_id=LATER)}
    refused = bench.fails(check=True, **options, licence_limit=3)
    assert str(refused).startswith("Cannot launch a seed for group 'wcs': 3 nodes at most + 1 seed = 4 licences, ")
    for more in ({"licence_limit": 4}, {"licence_limit": 3, "licence_allow_over": True}, {}):
        bench.check(**options, **more)
    bench.check(**{**options, "licence_seed": "none"}, licence_limit=0)
    code = [{"ProductCodeId": "abc", "ProductCodeType": "marketplace"}]
    backends.backend("ec2", lab.region).amis[lab.account.wcs_image_id].product_codes = code
    bench.check(**options, licence_limit=0, licence_seed_image_id=lab.account.wcs_image_id)
