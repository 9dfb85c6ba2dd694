"""Lines over time in the report: gaps stay gaps, and nothing that is given becomes part of the page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from plugins.module_utils._report.history import drawn, forecast_curves, history_curves
from tests.support.report_facts import forecast, member, stack
from tests.unit.report.test_page import NONSENSE
from tests.unit.report.test_page import shown as sound

POLICY = {
    "policy_name": "sessions",
    "target_tracking_configuration": {
        "customized_metric_specification": {"metric_name": "connections_websocket"},
        "target_value": 50.0,
    },
}


def at(minute: int, **more: Any) -> dict[str, Any]:
    return {"time": f"2026-01-02T03:{minute:02}:00Z", **more}


def history(**more: Any) -> dict[str, Any]:
    points = [at(one, nodes=2, cpu_percent=None, sessions=None if one == 5 else 10) for one in range(10)]
    by_node = {"i-1": [at(one, sessions=6) for one in range(10)], "i-2": [at(2, sessions=4)]}
    return {"period": 60, "points": points, "by_node": by_node, **more}


def shown(*curves: Any) -> str:
    return "".join(str(part) for one in curves for part in drawn(one) if part)


def test_sessions_of_each_node_nodes_and_the_targets_of_policies() -> None:
    curves = history_curves(history(), [POLICY, {"policy_name": "cpu"}])
    assert curves is not None
    text = shown(curves)
    assert text.count("<svg") == 4
    assert text.count('class="trace each"') == 4
    assert text.count('class="limit"') == 2
    assert "target of policy sessions 50" in text
    assert "nodes from 2 to 2" in text


def test_what_is_not_known_is_a_gap() -> None:
    curves = history_curves(history(by_node={}), [])
    assert curves is not None
    mean = re.findall(r'd="(M[^"]*)" class="trace first"', shown(curves))[0]
    assert mean.count("M") == 2
    assert " 170.0" not in mean, "a gap is no 0"


@pytest.mark.parametrize("given", [None, {}, {"points": [], "by_node": {}}, {"points": [at(1, nodes=None)]}, "no", 7])
def test_without_a_history_nothing_is_drawn(given: Any) -> None:
    assert history_curves(given, [POLICY]) is None


def test_each_variant_of_a_forecast_has_its_own_charts_of_the_same_time() -> None:
    first, second = forecast_curves(forecast())
    assert (first.title, second.title) == ("cpu 50", "cpu 70")
    text = shown(first)
    assert "licences 3" in text
    assert "dashed: capacity" in text
    assert "At most 4 nodes, 72 node hours; at most 40 sessions at a time without room." in text
    assert "capacity" not in shown(second)
    assert "At most 2 nodes, unknown node hours." in shown(second)


def test_a_forecast_of_one_variant_and_a_licence_limit_of_the_report() -> None:
    alone = {key: value for key, value in forecast().items() if key != "variants"}
    (curves,) = forecast_curves(alone, 9)
    assert "licences 9" in shown(curves)
    assert forecast_curves(None) == []


def test_a_month_of_minutes_makes_a_small_drawing() -> None:
    times = [
        f"2026-01-{1 + day:02}T{hour:02}:{minute:02}:00Z"
        for day in range(30)
        for hour in range(24)
        for minute in range(60)
    ]
    rows = [{"time": time, "sessions": number % 100, "nodes": 2} for number, time in enumerate(times)]
    curves = history_curves({"points": rows, "by_node": {}}, [])
    assert curves is not None
    text = shown(curves)
    assert len(text) < 60_000
    assert "…" not in text, "a line that is cut off"
    assert max(float(x) for x in re.findall(r"[ML](\d+) ", text)) >= 950


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path, *(leaf for key, part in value.items() for leaf in leaves(part, (*path, key)))]
    if isinstance(value, list):
        return [path, *(leaf for key, part in enumerate(value[:2]) for leaf in leaves(part, (*path, key)))]
    return [path]


def put(value: Any, path: tuple[Any, ...], what: Any) -> Any:
    if not path:
        return what
    copied = value.copy()
    copied[path[0]] = put(value[path[0]], path[1:], what)
    return copied


def places() -> list[Any]:
    """Every place in a forecast; the second variant is drawn as the first."""
    again = [pytest.mark.long]
    return [pytest.param(path, marks=again if path[:2] == ("variants", 1) else []) for path in leaves(forecast())]


@pytest.mark.parametrize("path", places(), ids=str)
def test_nothing_in_a_forecast_becomes_part_of_the_page(path: tuple[Any, ...]) -> None:
    for what in NONSENSE:
        sound(stack(member(1)), forecast=put(forecast(), path, what))
