"""A forecast from options to lines."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest

from plugins.module_utils._core.errors import Failure
from plugins.module_utils._forecast import forecast
from plugins.module_utils._forecast.run import look
from tests.support.curves import START, day

POLICIES = [{"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 50, "disable_scale_in": False}]


DAILY = {"name": "a", "recurrence": "0 8 * * *", "min_size": 1}


def points(sessions: list[float], apart: int = 60) -> list[dict[str, Any]]:
    return [{"time": START + at * apart, "sessions": one} for at, one in enumerate(sessions)]


def replayed(**given: Any) -> dict[str, Any]:
    options = {
        "load": points(day(20, 380)),
        "group": {"min_size": 1, "max_size": 10},
        "scaling_policies": POLICIES,
        "sessions_per_node": 50,
        "cpu_per_session": 1.0,
    }
    return look({**options, **given})


def test_the_keys_that_are_promised() -> None:
    found = replayed(instance_type="c5.large", prices={"c5.large": 0.1}, licence_limit=4)
    assert set(found["timeline"][0]) >= {"time", "sessions", "nodes", "capacity", "refused"}
    assert len(found["timeline"]) == 1440
    assert found["peak"]["licences"] == found["peak"]["nodes"] > 4
    assert found["peak"]["over_limit"] is True
    assert found["cost"]["usd"] == pytest.approx(found["cost"]["node_hours"] * 0.1, abs=0.01)
    assert found["refused"]["sessions"] > 0
    assert any("licence_limit is 4" in text for text in found["notices"])
    assert max(len(line) for line in found["lines"]) <= 80


@pytest.mark.parametrize("name", ["n", "a name that is longer than its column is", "two\nlines", "\t"])
@pytest.mark.parametrize("price", [0.1, 1e7, 1e200])
def test_no_line_is_longer_than_the_terminal_however_large_the_figures(name: str, price: float) -> None:
    found = replayed(
        load=points([1e9] * 3),
        group={"min_size": 100_000, "max_size": 100_000},
        variants=[{"name": name}],
        instance_type="c5.large",
        prices={"c5.large": price},
        scaling_policies=[],
    )
    assert max(len(line) for line in found["lines"]) <= 80
    assert all(line.isprintable() for line in found["lines"])


def test_a_type_without_a_price_is_unknown_and_not_0() -> None:
    found = replayed(instance_type="c5.huge", prices={"c5.large": 0.1})
    assert found["cost"]["usd"] is None
    assert any("no price of c5.huge" in text for text in found["notices"])
    assert "unknown" in "\n".join(found["lines"])


def test_the_table_of_prices_counts_where_the_region_is_known_and_ones_own_goes_over_it() -> None:
    given = {"instance_type": "c5.large", "suggest": False, "band": False}
    assert replayed(**given)["cost"]["usd"] is None
    table = replayed(**given, region="us-east-1")["cost"]["usd_per_hour"]
    assert table
    assert replayed(**given, region="us-east-1", prices={"instance_hour": {"c5.large": 1}})["cost"]["usd_per_hour"] == 1
    licences = replayed(**given, prices={"licence_month": 100})["cost"]
    assert licences["licences_usd_per_month"] == licences["licences"] * 100


@pytest.mark.parametrize("beside", [{}, {"c5.large": 0.1}, {"c5.large": "x"}])
@pytest.mark.parametrize("given", ["x", 5, [1], True, {"c5.xlarge": []}])
def test_prices_of_no_shape_are_one_sentence(given: Any, beside: dict[str, Any]) -> None:
    with pytest.raises(Failure, match="Cannot use option"):
        replayed(prices={"instance_hour": given, **beside}, suggest=False, band=False)


def test_variants_side_by_side_and_the_first_is_the_one_above() -> None:
    variants = [
        {"name": "50", "scaling_policies": POLICIES},
        {"name": "none", "scaling_policies": [], "group": {"min_size": 8}},
        {"name": "steps", "scaling_policies": [{
            "name": "out", "type": "step", "steps": [{"lower_bound": 0, "adjustment": 2}],
            "alarm": {"metric": "sessions", "comparison": ">=", "threshold": 40},
        }]},
    ]  # fmt: skip
    found = replayed(variants=variants)
    assert [one["name"] for one in found["variants"]] == ["50", "none", "steps"]
    assert found["timeline"] == found["variants"][0]["timeline"]
    assert found["variants"][1]["peak"]["nodes"] == 8
    assert found["variants"][1]["band"] is None
    assert found["band"]["node_hours"]["lower"] <= found["cost"]["node_hours"] <= found["band"]["node_hours"]["upper"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"group": {"min_size": 1}}, "max_size is not given"),
        ({"group": {"min_size": 5, "max_size": 1}}, "are not in order"),
        ({"group": {"min_size": "x", "max_size": 1}}, "Cannot use the options"),
        ({"cpu_per_session": None}, "goes by the CPU, and cpu_per_session is not given"),
        ({"session_seconds": "long"}, "session_seconds is 'long'"),
        ({"session_seconds": {"p50": 100, "p90": 10}}, "session_seconds is"),
        ({"sessions_per_node": 0}, "sessions_per_node is 0"),
        ({"sessions_per_node": -5.0}, "sessions_per_node is -5"),
        ({"scale_in": "steward", "sessions_per_node": None, "scaling_policies": []}, "which the steward needs"),
        ({"scaling_policies": [{"name": "x", "type": "step"}]}, "is of type step and has no steps"),
        ({"scaling_policies": [{"name": "x", "type": "what"}]}, "Cannot use the options"),
        ({"group": {"max_size": 3, "scheduled_actions": [{**DAILY, "recurrence": "x * * * *"}]}}, "no cron"),
        ({"group": {"max_size": 3, "scheduled_actions": [{**DAILY, "time_zone": "Mars/Base"}]}}, "is not known here"),
        ({"load": 5}, "load is neither"),
        ({"load": {"csv": 5}}, "load is neither"),
        ({"load": {"csv": "/nowhere/at/all.csv"}}, "Cannot read load '/nowhere/at/all.csv': No such file"),
        ({"load": {"csv": "~nobody-of-this-name/all.csv"}}, "Cannot read load '~nobody-of-this-name/all.csv'"),
        ({"load": {"csv": "all\0.csv"}}, "Cannot read load 'all"),
        ({"variants": [{"name": "a"}, {"name": "a"}]}, "names a variant twice"),
        ({"timeline_points": 0}, "timeline_points is 0"),
        ({"licence_limit": -1}, "licence_limit is -1"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_said_in_a_sentence(given: dict[str, Any], words: str) -> None:
    with pytest.raises(Failure) as failure:
        replayed(**given)
    assert words in str(failure.value)


def test_what_does_not_count_is_said() -> None:
    own = {"name": "own", "type": "target_tracking", "metric": {"namespace": "X", "name": "y"}, "target": 5}
    policies = [*POLICIES, own]
    found = replayed(group={"min_size": 1, "max_size": 4, "subnets": ["a"], "tags": {}}, scaling_policies=policies)
    text = "\n".join(found["notices"])
    assert "group.subnets" in text
    assert "policy 'own' is left out" in text


MATH = {"math": [{"id": "a", "expression": "b * 2"}, {"id": "b", "metric": {"namespace": "X", "name": "y"}}]}
OTHER = {"namespace": "AWS/EC2", "name": "NetworkOut"}


def stepping(metric: Any, adjustment: int = 1, comparison: str = ">") -> dict[str, Any]:
    bound = "lower_bound" if comparison == ">" else "upper_bound"
    steps = [{bound: 0, "adjustment": adjustment}]
    alarm = {"metric": metric, "comparison": comparison, "threshold": 5}
    return {"name": "p", "type": "step", "steps": steps, "alarm": alarm}


@pytest.mark.parametrize(
    ("policy", "held"),
    [
        ({"name": "p", "type": "target_tracking", "metric": MATH, "target": 5}, True),
        ({"name": "p", "type": "target_tracking", "metric": MATH, "target": 5, "enabled": False}, False),
        ({"name": "p", "type": "target_tracking", "metric": OTHER, "target": 5}, False),
        (stepping(MATH), True),
        (stepping(MATH, -1, "<"), False),
        (stepping(OTHER), False),
    ],
)
def test_the_steward_keeps_all_nodes_beside_a_policy_by_metric_math_as_wcs_drain_does(
    policy: dict[str, Any], held: bool
) -> None:
    group = {"min_size": 1, "max_size": 8, "desired_capacity": 5}
    given = {"load": points([10.0] * 90), "group": group, "scaling_policies": [policy], "suggest": False}
    found = replayed(**given, scale_in="steward")
    assert found["timeline"][-1]["nodes"] == (5 if held else 1)
    assert any("so the steward lets no node leave" in text for text in found["notices"]) is held
    assert not any("lets no node leave" in text for text in replayed(**given, scale_in="manual")["notices"])


def test_what_wcs_asg_shows_can_be_given() -> None:
    shown = {
        "name": "cpu",
        "type": "target_tracking",
        "arn": "arn:aws:x",
        "metric": "cpu",
        "target": 50.0,
        "disable_scale_in": True,
        "estimated_instance_warmup": None,
        "enabled": True,
        "alarms": [{"name": "TargetTracking-x", "managed_by": "aws"}],
    }
    assert replayed(scaling_policies=[shown])["peak"]["nodes"] > 1


def history(cpu_per_session: float) -> dict[str, Any]:
    rows = [
        {"time": START + 60 * at, "nodes": 4, "cpu_percent": 3 + one / 4 * cpu_per_session, "sessions": one}
        for at, one in enumerate(day(20, 380))
    ]
    return {"period": 60, "points": rows}


def test_a_history_shows_what_a_session_costs() -> None:
    found = replayed(load=history(0.4), cpu_per_session=None, sessions_per_node=None)
    assert found["suggestion"]["cpu_per_session"] == pytest.approx(0.4)
    assert found["suggestion"]["sessions_per_node"] == 117  # (50 - 3) / 0.4
    assert found["timeline"][0]["nodes"] == 4
    assert found["suggestion"]["possible"]


def trace(seed: int) -> list[float]:
    """A load of one to ten days, by a number."""
    pick = random.Random(seed)
    rows = day(pick.randrange(50), pick.randrange(60, 500), days=pick.choice([1, 1, 2, 10]))
    for _ in range(pick.randrange(4)):
        at, most = pick.randrange(len(rows)), pick.randrange(100, 900)
        rows[at : at + 90] = [most] * len(rows[at : at + 90])
    return [float(one) for one in rows]


@pytest.mark.parametrize("seed", range(1, 10))
def test_a_suggestion_refuses_nobody_wherever_that_can_be(seed: int) -> None:
    pick = random.Random(seed)
    sessions = trace(seed)
    options: dict[str, Any] = {
        "load": points(sessions),
        "sessions_per_node": 50,
        "session_seconds": pick.choice([None, 300, {"p50": 200, "p95": 2000}]),
        "scale_in": pick.choice(["manual", "aws", "steward"]),
        "launch_seconds": pick.choice([60, 180, 400]),
        "scaling_policies": pick.choice([[], POLICIES]),
        "band": False,
    }
    most = pick.choice([8, 20])
    found = replayed(**options, group={"min_size": 1, "max_size": most})["suggestion"]
    assert found["possible"] is (max(sessions) <= most * 50)
    if not found["possible"]:
        assert "max_size is 8" in found["reason"]
        return
    assert found["margin"] >= 0
    policies = options["scaling_policies"] if found["keeps_policies"] else []
    again = replayed(**{**options, "scaling_policies": policies, "suggest": False}, group=found["group"])
    assert again["refused"] == {"sessions": 0, "first_time": None, "session_hours": 0}
    assert again["cost"]["node_hours"] == found["cost"]["node_hours"]


@pytest.mark.parametrize("scale_in", ["manual", "aws", "steward"])
@pytest.mark.parametrize("sessions", [[10.0] * 60, [180.0] * 60, [180.0] * 30 + [0.0] * 60, [0.0, 40.0] * 30])
@pytest.mark.parametrize("policies", [[], POLICIES])
def test_a_suggested_minimum_holds_also_where_the_group_begins_with_it(
    policies: list[Any], sessions: list[float], scale_in: str
) -> None:
    options: dict[str, Any] = {"load": points(sessions), "scale_in": scale_in, "band": False}
    group = replayed(**options, scaling_policies=policies)["suggestion"]["group"]
    assert group["min_size"] >= 1, "a group without nodes has nothing by which policies could be called"
    if scale_in == "manual" or (scale_in == "aws" and not policies):
        begins = {"min_size": group["min_size"], "max_size": group["max_size"]}
        again = replayed(**options, scaling_policies=[], group=begins, suggest=False)
        assert again["refused"]["sessions"] == 0, "nothing but the minimum is there to bring nodes"


def test_no_more_nodes_are_suggested_than_there_are_licences() -> None:
    assert replayed(licence_limit=7)["suggestion"]["reason"] == "380 sessions need 8 nodes, and licence_limit is 7"
    assert replayed(licence_limit=8, scaling_policies=[])["suggestion"]["group"]["max_size"] == 8


def test_a_long_load_has_a_band_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "BANDED", 1000)
    found = replayed(suggest=False)
    assert found["band"] is None
    assert any("the load is long: set band: true" in text for text in found["notices"])
    assert replayed(suggest=False, band=True)["band"]


def test_a_stack_without_a_group_has_no_history() -> None:
    with pytest.raises(Failure, match="the stack has no group in use"):
        replayed(load={"history": None})


ODD: tuple[Any, ...] = (
    *(None, 0, -1, 5, 1.5, "", "x", "60", "cpu", True, [], {}, [1], {"a": 1}, [{}], {"name": "n"}, {"p50": "x"}),
    *({"p100": 0}, float("nan"), float("inf"), 1e300, 10**30, "1e400", {"predefined": "x"}),
    {"math": [{"id": "a", "expression": "1"}]},
)
STEPS = {
    "name": "b",
    "type": "step",
    "steps": [{"lower_bound": 0, "adjustment": 1}],
    "alarm": {"metric": "sessions", "comparison": ">", "threshold": 5},
}


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a structure where something else could stand."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, value in list(pairs) for place in [(node, key), *places(value)]]


@pytest.mark.parametrize("seed", range(400))
def test_whatever_stands_in_an_option_it_is_replayed_or_one_sentence(seed: int) -> None:
    pick = random.Random(seed)
    options: dict[str, Any] = {
        "load": points(day(20, 380)[::60]),
        "group": {"min_size": 1, "max_size": 10, "default_cooldown": 60, "scheduled_actions": [dict(DAILY)]},
        "scaling_policies": [dict(POLICIES[0]), deepcopy(STEPS)],
        "variants": [{"name": "v", "group": {"min_size": 2}}],
        "session_seconds": {"p50": 100, "p95": 1000},
        "prices": {"instance_hour": {"c5.large": 1}},
    }
    for _ in range(pick.choice([1, 1, 2])):
        typed_by_ansible = [(options, "prices")]
        node, key = pick.choice([one for one in places(options) if one not in typed_by_ansible])
        node[key] = deepcopy(pick.choice(ODD))
    refused = ""
    try:
        assert replayed(**options, suggest=False)["timeline"]
    except Failure as failure:
        refused = str(failure)
    assert not refused or refused.startswith("Cannot ")
