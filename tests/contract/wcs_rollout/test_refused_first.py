"""H9, H14, W14: what wcs_drain and wcs_rollout refuse before anything is done, also where there is nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plugins.module_utils._drain import options as _drain
from plugins.module_utils._group.journal import ROLLOUT
from plugins.module_utils._rollout import options as _rollout
from plugins.modules import wcs_drain, wcs_rollout
from tests.support.steering import Steered, pages  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("pages")

LIMITS = {
    "drains": _drain.LIMITS,
    "rollouts": _rollout.LIMITS,
}
SPECS = {"drains": wcs_drain.ARGUMENTS, "rollouts": wcs_rollout.ARGUMENTS}
OUTSIDE = [
    (bench, option, value)
    for bench, limits in LIMITS.items()
    for option, (low, high) in limits.items()
    for value in (low - 1, -(2**31), *(() if high is None else (high + 1, 2**31)))
]


@pytest.fixture
def fleet(lab: Any, aws: Callable[..., Any]) -> Steered:
    return Steered(lab, aws, 3)


def refused(fleet: Steered, bench: str, **options: Any) -> str:
    """The sentence, in a dry run and in a real one, neither of which writes."""
    stage = getattr(fleet, bench)
    start = stage.mark()
    first = str(stage.fails(group_name="wcs", **options))
    with pytest.raises(Exception, match=r"^Cannot ") as dry:
        stage.check(group_name="wcs", **options)
    assert (str(dry.value), stage.writes(start)) == (first, [])
    return first


def test_every_number_has_its_limits() -> None:
    for bench, spec in SPECS.items():
        numbers = {option for option, one in spec.items() if one["type"] in ("int", "float")}
        assert numbers == set(LIMITS[bench]) - {"count"}, bench  # which is a number, or surplus


def test_h14_numbers_outside_their_limits_are_refused_though_nothing_is_outdated(fleet: Steered) -> None:
    assert "surge': -1 is less than 0" in refused(fleet, "rollouts", surge=-1)
    for bench, option, value in OUTSIDE:
        who = {"count": 1} if bench == "drains" else {}
        sentence = refused(fleet, bench, **who | {option: value})
        assert sentence.startswith(f"Cannot use option '{option}': "), (bench, option, value, sentence)


def test_h9_an_id_that_never_was_a_member_is_refused(fleet: Steered) -> None:
    typo = "i-0123456789abcdef0"
    assert f"{typo} never was one of its members" in refused(fleet, "drains", instance_ids=[typo])
    (one, *_) = fleet.ids()
    assert "never was" in refused(fleet, "drains", instance_ids=[one, typo], decrement_desired=False)


def test_h9_a_member_that_has_ended_is_done(fleet: Steered) -> None:
    (one, *_) = fleet.ids()
    fleet.drains.run(group_name="wcs", instance_ids=[one])
    again = fleet.drains.run(group_name="wcs", instance_ids=[one])
    assert (again.outcome.changed, again.outcome.actions) == (False, [])


def test_w14_a_group_whose_template_is_gone_is_named_with_the_way_out(fleet: Steered) -> None:
    fleet.aws("ec2").delete_launch_template(LaunchTemplateName="wcs")
    sentence = refused(fleet, "rollouts", probe=False)
    assert sentence.startswith("Cannot roll out to group 'wcs': its launch template 'wcs'"), sentence
    assert "Run the playbook site" in sentence


@pytest.mark.long
def test_w14_nodes_leave_a_group_whose_template_is_gone(fleet: Steered) -> None:
    fleet.aws("ec2").delete_launch_template(LaunchTemplateName="wcs")
    done = fleet.drains.run(group_name="wcs", count=1)
    assert [one["outcome"] for one in done.returns["victims"]] == ["drained"]


def test_h8_no_group_is_changed_beneath_an_open_rollout(fleet: Steered) -> None:
    fleet.version(instance_type="c5.xlarge")
    tag = "started=2026-11-18T11:06:40Z from=1 to=2 desired=3 max=5 surge=1 phase=surge"
    fleet.aws("autoscaling").create_or_update_tags(
        Tags=[{"ResourceId": "wcs", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
              | {"Key": ROLLOUT, "Value": tag}]
    )  # fmt: skip
    bench = fleet.stage.bench
    start = bench.mark()
    for changed in (
        {"min_size": 1},
        {"health_check_grace_period": 77},
        {"launch": fleet.stage.launch(instance_type="c5.9xlarge")},
    ):
        sentence = str(bench.fails(**fleet.options | {"desired_capacity": None} | changed))
        assert "from version 1 to 2 is open since" in sentence
        assert "Run update again to go on, or with wcs_update_state=rolled_back to take it back." in sentence
    assert bench.writes(start) == []
