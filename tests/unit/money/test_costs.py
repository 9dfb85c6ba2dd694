"""What a stack costs: sums that are right, and that leave out, and say, what has no price."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from plugins.module_utils._core.step import LATER
from plugins.module_utils._money.costs import Machine, Many, StackFacts, costs
from plugins.module_utils._money.options import costed
from plugins.module_utils._money.prices import HOURS, SINGLE, Prices
from plugins.module_utils._money.words import lines

USUAL = Machine("c5.large", monitored=True, public=True, volumes=(("gp3", 20),))
NODE = 0.085 + 2.1 / HOURS + 0.005 + 20 * 0.08 / HOURS
EAST = Prices("us-east-1")


def test_an_hour_is_nodes_with_what_they_have_and_the_balancer() -> None:
    many = [Many(USUAL, 2)]
    found = costs(StackFacts(many, many, [Many(USUAL, 4)], True, True, peak=4), EAST)
    assert found["hour_now"] == pytest.approx(2 * NODE + 0.025, abs=1e-4)
    assert found["hour_at_maximum"] == pytest.approx(4 * NODE + 0.025, abs=1e-4)
    assert (found["month_licences_peak"], found["this_run"]) == (580.0, 0.0)
    assert found["left_out"] == ["transfer"]


def test_what_only_the_run_has_is_counted_for_an_hour() -> None:
    run = [Many(USUAL, 1, "seed"), Many(USUAL, 2, "node", "of surge")]
    found = costs(StackFacts(run=run), EAST)
    assert found["this_run"] == pytest.approx(3 * NODE, abs=1e-4)
    assert found["this_run_servers"] == ["1 seed", "2 nodes of surge"]


@pytest.mark.parametrize("price", ["kind", "monitored", "public", "volumes", "balancer", "region"])
def test_what_has_no_price_is_said_and_left_out_and_never_0(price: str) -> None:
    unknown: dict[str, Any] = {"kind": "c9x.large", "monitored": None, "public": None, "volumes": (("io9", 5),)}
    server = Machine(**{**vars(USUAL), **({price: unknown[price]} if price in unknown else {})})
    prices = Prices("xx-nowhere-1" if price in ("balancer", "region") else "us-east-1")
    many = [] if price == "balancer" else [Many(server, 1)]
    found = costs(StackFacts(many, many, many, True, True), prices)
    assert len(found["left_out"]) > 1
    if price in ("balancer", "region"):
        assert found["hour_now"] is None
        assert "the load balancer (no price in xx-nowhere-1)" in found["left_out"]
    else:
        whole = costs(StackFacts([Many(USUAL, 1)], balancer_now=True), EAST)["hour_now"]
        assert 0 < found["hour_now"] < whole
    if price == "kind":
        assert "nodes (no price of c9x.large in us-east-1)" in found["left_out"]


def test_nothing_costs_0_and_unknown_costs_null() -> None:
    nothing = costs(StackFacts(), EAST)
    assert (nothing["hour_now"], nothing["this_run"], nothing["month_licences_peak"]) == (0.0, 0.0, None)
    unknown = costs(StackFacts([Many(Machine(), 3)]), EAST)
    assert (unknown["hour_now"], unknown["hour_after"]) == (None, 0.0)
    assert "nodes of unknown type" in unknown["left_out"]


def test_an_own_price_of_0_is_a_price() -> None:
    own = {"instance_hour": {"c9x.large": 0.0}}
    found = costs(StackFacts([Many(Machine("c9x.large", False, False, (("gp3", 10),)), 1)]), Prices("us-east-1", own))
    assert found["hour_now"] == pytest.approx(10 * 0.08 / HOURS, abs=1e-4)
    assert found["left_out"] == ["transfer"]


@pytest.mark.parametrize("name", SINGLE)
def test_each_own_price_counts(name: str) -> None:
    facts = StackFacts([Many(USUAL, 2)], balancer_now=True, peak=2)
    before, after = (costs(facts, Prices("us-east-1", own)) for own in ({}, {name: 1000.0}))
    differs = "month_licences_peak" if name == "licence_month" else "hour_now"
    assert (after[differs] > before[differs]) == (name != "snapshot_gb_month")


def test_licences_of_marketplace_are_in_the_price() -> None:
    found = costs(StackFacts(peak=5, free=True), EAST)
    assert (found["licences_peak"], found["month_licences_peak"]) == (0, 0.0)
    assert "the software's price in AWS Marketplace" in found["left_out"]


# As modules answer


def group(*kinds: str, later: int = 0, states: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """What wcs_asg answers of members of these types, and some to come."""
    alike = itertools.zip_longest(kinds, states, fillvalue="InService")
    found = [
        {"instance_id": f"i-{n}", "instance_type": kind, "lifecycle_state": state}
        for n, (kind, state) in enumerate(alike)
    ]
    found += [{"instance_id": LATER, "instance_type": LATER, "lifecycle_state": "InService"}] * later
    shown = {
        "min_size": 1,
        "max_size": 4,
        "desired_capacity": len(found),
        "load_balancers": ["wcs"],
        "instances": found,
        "scheduled_actions": [],
    }
    launch = {
        "instance_type": "c5.large",
        "detailed_monitoring": False,
        "associate_public_ip": False,
        "image_id": "ami-1",
    }
    return {"group": shown | more.pop("group", {}), "launch": launch | more.pop("launch", {}), **more}


IMAGE = {"image": {"image_id": "ami-1", "volumes": [{"device_name": "/dev/sda1", "size": 73, "type": "gp3"}]}}
"""Of the size that an hour costs 0.008 of."""
VALUE = 0.085 + 0.008
ADDED = {"things": [{"thing": "group", "change": "add"}, {"thing": "launch template", "change": "add"}], "options": []}


def said(**costs_of: Any) -> dict[str, Any]:
    given = {"image": IMAGE, "load_balancer": {"load_balancer": {"name": "wcs"}}, "region": "us-east-1"} | costs_of
    found = costed({"costs": given})
    assert found is not None
    return found


def hours(found: dict[str, Any]) -> tuple[Any, Any, Any]:
    return found["hour_now"], found["hour_after"], found["hour_at_maximum"]


def about(*nodes: float) -> tuple[Any, ...]:
    return tuple(pytest.approx(many * VALUE + 0.025 if many else 0, abs=1e-3) for many in nodes)


def test_a_stack_to_which_nothing_is_done() -> None:
    found = said(group=group("c5.large", "c5.large"))
    assert hours(found) == about(2, 2, 4)
    assert (found["licences_peak"], found["this_run"], found["this_run_servers"]) == (4, 0.0, [])
    assert found["left_out"] == ["snapshots", "transfer"]


def test_a_new_stack_costs_nothing_before() -> None:
    balancer = {"load_balancer": {"name": "wcs"}, "plan": {"things": [{"thing": "load balancer", "change": "add"}]}}
    seed = {"launched": True, "base": {"instance_type": "c5.xlarge", "image": {"product_codes": []}}}
    found = said(group=group(later=2, plan=ADDED), load_balancer=balancer, seed=seed)
    assert hours(found) == about(0, 2, 4)
    assert found["this_run_servers"] == ["1 seed"]
    assert found["this_run"] == pytest.approx(0.17)
    assert found["licences_peak"] == 4  # the seed is gone when the group comes


def test_a_seed_beside_nodes_and_one_that_is_kept() -> None:
    usual = {"group": {"max_size": 2}}
    baked = said(group=group("c5.large", "c5.large", **usual), seed={"launched": True, "base": {}})
    assert (baked["licences_peak"], baked["this_run"]) == (3, None)  # of which type it is is not known
    kept = said(group=group("c5.large", "c5.large", **usual), seed={"launched": True, "kept": True, "base": {}})
    assert (kept["licences_peak"], kept["this_run_servers"]) == (3, [])


def test_a_rollout_has_its_surge_and_ends_with_the_new_type() -> None:
    moving = group("c5.large", "c5.large", launch={"pending": {"instance_type": "c5.xlarge", "image_id": "ami-1"}})
    found = said(group=moving, rollout={"rollout": {"outdated": 2, "peak": 3}})
    assert found["hour_now"] == pytest.approx(2 * VALUE + 0.025, abs=1e-3)
    assert found["hour_after"] == pytest.approx(2 * (0.17 + 0.008) + 0.025, abs=1e-3)
    assert (found["this_run_servers"], found["licences_peak"]) == (["1 node of surge"], 4)


def test_a_rollout_alone_says_what_its_group_costs() -> None:
    shown = group("c5.large", "c5.large")["group"] | {"load_balancers": None}
    found = said(rollout={"rollout": {"outdated": 2, "peak": 3}, "group": shown}, image={}, load_balancer={})
    assert found["hour_now"] == pytest.approx(2 * 0.085 + 0.025, abs=1e-3)
    assert found["this_run_servers"] == ["1 node of surge"]


def test_other_sizes_and_types_by_the_options_that_change() -> None:
    options = [{"option": "group.desired_capacity", "before": 3, "after": 1}]
    shrunk = said(group=group("c5.large", plan={"things": [], "options": options}))
    assert hours(shrunk) == about(3, 1, 4)
    grown = said(group=group("c5.large", later=2))
    assert hours(grown) == about(1, 3, 4)
    mixed = said(group=group("c5.large", "c5.xlarge"))
    assert mixed["hour_now"] == pytest.approx(0.085 + 0.17 + 2 * 0.008 + 0.025, abs=1e-3)


def test_standby_and_scheduled_actions_count() -> None:
    night = [{"name": "evening", "max_size": 6}]
    found = said(
        group=group(
            "c5.large",
            "c5.large",
            states=("InService", "Standby"),
            group={"desired_capacity": 1, "scheduled_actions": night},
        )
    )
    assert hours(found) == about(2, 2, 7)
    assert found["licences_peak"] == 7


@pytest.mark.parametrize(
    ("more", "said_so"),
    [
        ({}, False),
        ({"group": {"scheduled_actions": None}}, True),
        ({"group": {"scheduled_actions": None}, "plan": ADDED}, False),  # a new group has none
    ],
)
def test_scheduled_actions_that_were_not_read_are_said(more: dict[str, Any], said_so: bool) -> None:
    given = group("c5.large", **more)
    assert ("scheduled actions" in said(group=given)["left_out"]) is said_so
    assert "scheduled actions" not in said(group=given, removed=True)["left_out"]
    assert "scheduled actions" not in said(stack=STACK, group={})["left_out"]


def drained(**goal: Any) -> dict[str, Any]:
    usual = {"state": "drained", "then": "terminate", "decrement_desired": True}
    one = group("c5.large", "c5.large", "c5.large", victims=[{"instance_id": "i-0"}], goal=usual | goal)
    return said(group={key: value for key, value in one.items() if key != "launch"}, image={}, load_balancer={})


@pytest.mark.parametrize(
    ("goal", "after", "run", "peak"),
    [
        ({}, 2, [], 4),
        ({"decrement_desired": False}, 3, ["1 replacement"], 4),
        ({"then": "standby"}, 3, [], 4),
        ({"state": "in_service"}, 3, [], 4),
    ],
)
def test_a_drain(goal: dict[str, Any], after: int, run: list[str], peak: int) -> None:
    found = drained(**goal)
    now, then, _ = hours(found)
    assert now == pytest.approx(3 * 0.085 + 0.025, abs=1e-3)
    assert then == pytest.approx(after * 0.085 + 0.025, abs=1e-3)
    assert (found["this_run_servers"], found["licences_peak"]) == (run, peak)
    assert {"detailed monitoring", "public addresses", "volumes of the image's size"} < set(found["left_out"])


def test_a_load_may_bring_all_nodes_that_the_group_may_have() -> None:
    one = group("c5.large", verdict=None)
    found = said(group={key: value for key, value in one.items() if key != "launch"})
    assert found["this_run_servers"] == ["3 new nodes at most"]
    assert found["this_run"] == pytest.approx(3 * 0.085)


STACK = {
    "region": "eu-west-1",
    "stack": {
        "group": {
            "min_size": 1,
            "max_size": 3,
            "desired_capacity": 1,
            "instances": [{"instance_id": "i-1", "lifecycle_state": "InService"}],
        },
        "load_balancer": {"load_balancer_name": "wcs"},
        "instances": [
            {
                "instance_id": "i-1",
                "instance_type": "c5.large",
                "monitoring": {"state": "enabled"},
                "state": {"name": "running"},
            },
            {
                "instance_id": "i-2",
                "instance_type": "t3.small",
                "monitoring": {"state": "disabled"},
                "state": {"name": "running"},
            },
            {"instance_id": "i-3", "instance_type": "c5.large", "state": {"name": "stopped"}},
        ],
    },
}


def test_a_whole_stack_is_what_runs_of_it_and_nothing_once_it_is_removed() -> None:
    found = costed({"costs": {"stack": STACK}}) or {}
    assert found["region"] == "eu-west-1"
    assert found["hour_now"] == pytest.approx(0.096 + 2.1 / HOURS + 0.0228 + 0.028, abs=1e-4)
    assert found["licences_peak"] == 4
    gone = costed({"costs": {"stack": STACK, "removed": True}}) or {}
    assert (gone["hour_after"], gone["hour_at_maximum"], gone["licences_peak"]) == (0.0, 0.0, 2)


@pytest.mark.parametrize("market", ["spot", "capacity-block"])
def test_a_node_that_is_not_on_demand_has_no_price_of_the_table(market: str) -> None:
    whole: dict[str, Any] = STACK["stack"]
    node, *others = whole["instances"]
    instances = [{**node, "instance_lifecycle": market}, *others]
    found = costed({"costs": {"stack": {**STACK, "stack": {**whole, "instances": instances}}}}) or {}
    assert found["hour_now"] == pytest.approx(2.1 / HOURS + 0.0228 + 0.028, abs=1e-4)
    assert {"hour_now", "hour_after", "hour_at_maximum"} == set(found["incomplete"])
    assert f"nodes of another price than on demand ({market})" in found["left_out"]


@pytest.mark.parametrize(
    "given", [None, {}, {"group": {}}, {"load_balancer": {"load_balancer": {}}}, {"stack": {"stack": {"name": "wcs"}}}]
)
def test_where_nobody_said_what_there_is_nothing_is_said(given: Any) -> None:
    assert costed({"costs": given}) is None


@pytest.mark.parametrize(
    "junk", [None, 3, "text", [], [1], {"group": 5}, {"group": {"instances": ["i"]}}, {"launch": []}]
)
def test_answers_are_believed_in_nothing(junk: Any) -> None:
    keys = ("group", "load_balancer", "image", "seed", "rollout", "stack", "region")
    for key in keys:
        costed({"costs": {"group": group("c5.large"), key: junk}})
        costed({"costs": {key: junk, "removed": True}, "listed_prices": junk})


# In lines


def test_the_lines_of_a_plan() -> None:
    found = said(group=group("c5.large", "c5.large"), seed={"launched": True, "base": {"instance_type": "c5.large"}})
    assert lines(found) == [
        "Costs in USD, by the table of 2025-06:",
        "  An hour: 0.211 now, 0.397 at most (4 nodes)",
        "  Licences: 580.00 a month, if there are 4 servers at a time",
        "  This run: 0.085 for 1 seed, counted for an hour",
        "  Not counted: volumes of the image's size, snapshots, transfer",
    ]


def test_a_sum_that_lacks_its_nodes_is_said_to_be_more() -> None:
    found = said(group=group("c5.large", launch={"instance_type": "c9x.large"}))
    assert found["incomplete"] == ["hour_at_maximum"]
    assert lines(found)[1:3] == [
        "  An hour: 0.118 now, more than 0.057 at most (4 nodes)",
        "  Licences: 580.00 a month, if there are 4 servers at a time",
    ]


def test_lines_are_never_longer_than_the_terminal() -> None:
    denied = {
        "refused": "User: arn:aws:iam::123456789012:user/somebody is not authorized to perform: pricing:GetProducts"
    }
    found = costed({"costs": {"group": group(*["c9x.48xlarge"] * 3)}, "listed_prices": denied}) or {}
    assert max(map(len, lines(found))) <= 80
    assert "not authorized to perform: pricing:GetProducts" in lines(found, complete=True)[0]
    assert "unknown now" in " ".join(lines(found))
