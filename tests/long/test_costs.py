"""What a dry run says of money at its end, playbook by playbook, and the licences beside a bake; it writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import Played, Stage

VARIABLES: dict[str, Any] = {
    "wcs_autoscaling_min_size": 1,
    "wcs_autoscaling_desired_capacity": 2,
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
}
OTHER: dict[str, Any] = {"wcs_server_settings": {"keep_alive.probes": 20}}
"""A setting for which a new image is made."""


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    return site_stage


def dry(lab: Stage, playbook: str, *options: str, **variables: Any) -> Played:
    """A dry run that goes through and writes nothing."""
    before = len(lab.calls())
    answer = lab.play(playbook, "--check", *options, **VARIABLES | variables)
    assert answer.code == 0, answer.failure or answer.text
    assert lab.calls()[before:] == []
    return answer


def costs(answer: Played) -> dict[str, Any]:
    """What wcs_outputs says of costs, which are the plan's, and shown at the end."""
    (shown,) = [task.result for task in answer.tasks if "lines" in task.result and "plan" in task.result]
    (fact,) = [task.result["ansible_facts"]["wcs_outputs"] for task in answer.tasks if task.name == "Set wcs_outputs"]
    assert fact["costs"] == shown["plan"]["costs"]
    lines = shown["lines"]
    assert any(line.startswith("Costs in USD, by ") for line in lines)
    assert (len(lines) <= 40, max(map(len, lines)) <= 80) == (True, True)
    print("\n".join(lines))
    found: dict[str, Any] = fact["costs"]
    return found


def test_scale_in_costs_a_node_less(lab: Stage) -> None:
    found = costs(dry(lab, "scale_in"))
    assert found["hour_now"] - found["hour_after"] == pytest.approx(0.085, abs=0.001)
    assert (found["region"], found["nodes_at_maximum"], found["licences_peak"]) == ("us-east-1", 4, 4)


def test_a_replacement_is_what_the_run_costs(lab: Stage) -> None:
    found = costs(dry(lab, "scale_in", wcs_scale_in_decrement_desired=False))
    assert (found["this_run_servers"], found["hour_after"]) == (["1 replacement"], found["hour_now"])


def test_load_may_bring_nodes(lab: Stage) -> None:
    found = costs(dry(lab, "load", wcs_load_sessions=1, wcs_load_mixers=0))
    assert found["this_run_servers"] == ["2 new nodes at most"]
    assert found["this_run"] == pytest.approx(0.17, abs=0.001)


def test_ones_own_prices_count_and_awss_list_is_asked_for_only_on_request(lab: Stage) -> None:
    before = len(lab.calls(write=False))
    own = {"instance_hour": {"c5.large": 1.0}, "licence_month": "100"}
    found = costs(dry(lab, "site", wcs_prices=own))
    assert found["hour_now"] > 2
    assert (found["month_licences_peak"], found["source"]) == (400.0, "your own, then the table of 2025-06")
    assert [call for call in lab.calls(write=False)[before:] if call.startswith("pricing:")] == []


def test_a_price_list_that_cannot_be_read_leaves_the_table_and_the_plan_says_so(lab: Stage) -> None:
    before = len(lab.calls(write=False))
    found = costs(dry(lab, "site", wcs_prices_from_aws=True))
    assert found["hour_now"] > 0.19
    assert "the table of 2025-06 (AWS's price list: " in found["source"]
    assert "pricing:GetProducts" in lab.calls(write=False)[before:]


def test_a_type_without_a_price_is_said_and_left_out(lab: Stage) -> None:
    found = costs(dry(lab, "site", wcs_region="us-east-1", wcs_autoscaling_instance_type="m5.large"))
    assert "nodes (no price" not in " ".join(found["left_out"])
    found = costs(dry(lab, "site", wcs_autoscaling_instance_type="c5a.large"))
    assert "nodes (no price of c5a.large in us-east-1)" in found["left_out"]
    assert 0 < found["hour_at_maximum"] < found["hour_now"]


def test_prices_that_are_none_are_refused_before_anything(lab: Stage) -> None:
    before = len(lab.calls())
    refused = lab.play("site", **VARIABLES, wcs_prices={"instance_hour": {"c5.large": "cheap"}})
    assert "Cannot use option 'wcs_prices.instance_hour[c5.large]': 'cheap' is no price." in refused.failure
    assert lab.calls()[before:] == []


def test_a_bake_beside_the_nodes_is_judged_whatever_the_tags_are(lab: Stage) -> None:
    before = len(lab.calls())
    tags = ("--tags", "wcs_security_groups,wcs_seed,wcs_server,wcs_image")
    refused = lab.play("site", *tags, **VARIABLES, **OTHER, wcs_licence_limit=2)
    assert "2 nodes now + 1 seed = 3 licences, wcs_licence_limit is 2." in refused.failure
    assert lab.calls()[before:] == []
    dry(lab, "site", *tags, **OTHER, wcs_licence_limit=3)


def test_the_report_has_the_costs(lab: Stage, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    written = lab.play("report", **VARIABLES, wcs_report_dest=str(page), wcs_prices={"instance_hour": {"c5.large": 7}})
    assert written.code == 0, written.failure
    text = page.read_text(encoding="utf-8")
    assert "<h2>Costs</h2>" in text
    assert "Prices: your own, then the table of 2025-06. Not counted: " in text
