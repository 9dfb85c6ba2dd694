"""How a run ends: the fact wcs_outputs, and what of it is shown."""

from __future__ import annotations

from typing import Any

from plugins.module_utils._plan.outputs import ended, shown
from plugins.module_utils._plan.table import part
from tests.unit.plan.test_table import CHANGE


def node(number: int, host: str | None = "203.0.113.7") -> dict[str, Any]:
    return {
        "instance_id": f"i-{number}",
        "address": host,
        "statistics_url": host and f"http://{host}:8081/?action=stat",
        "demo_url": host and f"http://{host}:8081/client2/demo.html",
    }


BALANCER = {"dns_name": "wcs.example", "websocket_urls": ["ws://wcs.example:8080"], "statistics_url": None}


def ending(**more: Any) -> dict[str, Any]:
    params = {"stack": "wcs", "addresses": {"load_balancer": BALANCER, "nodes": [node(1), node(2, None)]}} | more
    found = ended(params, [part("balancer", CHANGE)], 250.0)
    assert found is not None
    return found


def test_where_to_connect_how_long_it_took_and_the_report() -> None:
    assert shown(ending(report="/tmp/wcs-report.html")) == [
        "",
        "Connect to:",
        "  ws://wcs.example:8080",
        "",
        "Statistics page and demo page:",
        "  i-1",
        "    http://203.0.113.7:8081/?action=stat",
        "    http://203.0.113.7:8081/client2/demo.html",
        "  i-2: no address that can be reached from here",
        "",
        "Took 4 min 10 s. Report: /tmp/wcs-report.html",
    ]


def test_the_fact() -> None:
    found = ending()
    assert (found["stack"], found["changed"], found["seconds"], found["report"]) == ("wcs", True, 250.0, None)
    assert found["changes"] == {"add": 0, "change": 1, "remove": 0, "replace": 0}
    assert [one["instance_id"] for one in found["nodes"]] == ["i-1", "i-2"]


def test_of_many_nodes_some_are_shown_and_with_v_all() -> None:
    many = ending(addresses={"load_balancer": BALANCER, "nodes": [node(number) for number in range(100)]})
    assert "  and 93 more (-v shows all)" in shown(many)
    assert len(shown(many, complete=True)) > 300


def test_where_nothing_was_looked_at_nothing_is_said() -> None:
    nothing = ended({"stack": "wcs", "addresses": None}, [], None)
    assert nothing is not None
    assert (shown(nothing), nothing["websocket_urls"], nothing["nodes"]) == ([], [], [])
    assert ended({"stack": None}, [], None) is None
