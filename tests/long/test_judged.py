"""A live stack, one thing wrong: `site` refuses it, and makes no write call. The number of wrong things is printed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.playbooks import Stage

VARIABLES = {"wcs_autoscaling_min_size": 2, "wcs_verify_hold": 1, "wcs_verify_rate": 100}
LAUNCHED = {"key_name": "nobody", "instance_type": "q9.huge", "security_group_ids": ["sg-00000000000000000"]}
WRONG: tuple[tuple[str, Any], ...] = (
    ("wcs_controller_cidrs", []),
    ("wcs_controller_cidrs", ["0.0.0.0/0"]),
    ("wcs_security_groups_client_cidrs", ["everybody"]),
    ("wcs_security_groups_optional_ports", [70000]),
    ("wcs_security_groups_tags", {"aws:x": "y"}),
    ("wcs_balancer_idle_timeout", 9999),
    ("wcs_balancer_connection_draining", 3601),
    ("wcs_balancer_scheme", "internal"),
    ("wcs_balancer_subnets", ["subnet-00000000000000000"]),
    ("wcs_balancer_listeners", []),
    ("wcs_balancer_listeners", [{"protocol": "ssl", "load_balancer_port": 8443}]),
    ("wcs_balancer_health_check", {"protocol": "http", "path": "no slash"}),
    ("wcs_balancer_tags", {f"k{number}": "v" for number in range(10)}),
    ("wcs_autoscaling_max_size", 1),
    ("wcs_autoscaling_subnets", ["subnet-00000000000000000"]),
    ("wcs_autoscaling_load_balancers", ["nobody"]),
    ("wcs_autoscaling_health_check_grace_period", -1),
    ("wcs_autoscaling_policies", [{"name": "x", "type": "target_tracking", "metric": "cpu", "target": -1}]),
    *((f"wcs_autoscaling_{option}", value) for option, value in LAUNCHED.items()),
)


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    print(f"{len(WRONG)} wrong things")
    return site_stage


@pytest.mark.parametrize(("variable", "value"), WRONG, ids=[f"{name}-{n}" for n, (name, _) in enumerate(WRONG)])
def test_nothing_is_written_for_what_is_wrong(lab: Stage, variable: str, value: Any) -> None:
    before = len(lab.calls())
    refused = lab.play("site", **VARIABLES | {variable: value})
    assert refused.code == 2, refused.text
    assert lab.calls()[before:] == []
