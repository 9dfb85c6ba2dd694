"""A live stack, one thing wrong: `site` refuses it, and makes no write call. The number of wrong things is printed.

These go the whole way through ansible-playbook; every refusal in the catalogue goes through its module in
tests/contract/all/test_refusals.py.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.capacity import address, group, recorded
from tests.support.crowd import crowd
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
    ("wcs_licence_limit", 3),  # V10
    ("wcs_server_settings", {"media_port_from": 40000}),  # above the last
    ("wcs_security_groups_media_port_from", 31500),
    ("wcs_seed_after", "burnt"),
    ("wcs_autoscaling_min_size", "many"),
    ("wcs_image_keep", 0),
    ("wcs_server_gc", "burnt"),
    ("wcs_server_open_files", "many"),
    ("wcs_server_archive", "wcs.tar.gz"),
    ("wcs_server_certificate", "/nowhere/node.pem"),  # and no key
    ("wcs_server_rest_auth", True),  # and no password
)
NO_IMAGE = "ami-00000000000000000"
"""A base image that nobody has. The stack's image was made of another one, so that a seed would be launched."""


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


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["run", "check"])
def test_all_that_is_wrong_is_said_at_once(lab: Stage, options: tuple[str, ...]) -> None:
    """One thing wrong with each part, and what the variables alone say; the seed's image is H4."""
    before = len(lab.calls())
    wrong_everywhere = {
        "wcs_controller_cidrs": ["0.0.0.0/0"],
        "wcs_autoscaling_sessions_per_node": 200,
        "wcs_security_groups_client_cidrs": ["everybody"],
        "wcs_image_keep": 0,
        "wcs_balancer_idle_timeout": 9999,
        "wcs_autoscaling_max_size": 1,
        "wcs_seed_image_id": NO_IMAGE,
        "wcs_server_rest_auth": True,
        "wcs_server_certificate": "/nowhere/node.pem",
    }
    refused = lab.play("site", *options, **VARIABLES | wrong_everywhere)
    assert refused.code == 2, refused.text
    for word in (
        "wcs_allow_public_admin",
        "wcs_server_metrics",
        "tcp 8080 everybody",
        "wcs_image_keep",
        f"base image '{NO_IMAGE}'",
        "wcs_balancer_idle_timeout",
        "wcs_autoscaling_max_size",
        "wcs_server_cli_password",
        "wcs_server_certificate_key",
        "certificate '/nowhere/node.pem': the controller has no such file",
    ):
        assert word in refused.failure
    assert len(refused.failure.splitlines()) == 10
    assert lab.calls()[before:] == []


def test_variables_of_a_wrong_type_are_said_at_once_whatever_role_they_are_of(lab: Stage) -> None:
    before = len(lab.calls(write=False))
    given = {
        "wcs_balancer_idle_timeout": "long",
        "wcs_autoscaling_min_size": "many",
        "wcs_seed_after": "burnt",
        "wcs_server_gc": "burnt",
    }
    refused = lab.play("site", **VARIABLES | given)
    assert refused.code == 2, refused.text
    assert all(name in refused.failure for name in given)
    assert lab.calls(write=False)[before:] == []


# Under sessions that clients hold

HELD, COMING = 40, 3
JUDGED = 10.0
"""Seconds of processor time of the whole run; those by the clock are measured by tests/bench/test_judged.py."""
UNKNOWN = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"


def without_a_serving_subnet(lab: Stage) -> list[str]:
    """The subnets of the stack but one in which a node runs."""
    (one, *_) = group(lab)["Instances"]
    subnets: dict[str, str] = lab.about()["subnets"]
    return [subnet for zone, subnet in subnets.items() if zone != one["AvailabilityZone"]]


def wrong(case: str, lab: Stage) -> dict[str, Any]:
    """The variables that are wrong."""
    plain = {"protocol": "tcp", "load_balancer_port": 8080}
    encrypted = {"protocol": "ssl", "load_balancer_port": 8443, "instance_port": 8443, "certificate_arn": UNKNOWN}
    given: dict[str, dict[str, Any]] = {
        "h1_a_certificate_that_is_not_there": {"wcs_balancer_listeners": [plain, encrypted]},
        "h1_in_place_of_the_port_that_serves": {"wcs_balancer_listeners": [encrypted]},
        "h2_a_subnet_less_in_which_a_node_runs": {"wcs_subnets": without_a_serving_subnet(lab)},
        "h5_a_health_check_that_no_node_passes": {"wcs_balancer_health_check": {"path": "/nothing"}},
    }
    return given[case]


REASONS = {
    "h1_a_certificate_that_is_not_there": f"there is no certificate '{UNKNOWN}'",
    "h1_in_place_of_the_port_that_serves": f"there is no certificate '{UNKNOWN}'",
    "h2_a_subnet_less_in_which_a_node_runs": "leaves out subnet-",
    "h5_a_health_check_that_no_node_passes": "would fail the new health check",
}


def used() -> float:
    """Seconds of processor time of the processes that ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def activities(lab: Stage) -> int:
    """How many there ever were of the group."""
    return len(lab.client("autoscaling").describe_scaling_activities(AutoScalingGroupName="wcs")["Activities"])


@pytest.mark.parametrize("case", REASONS)
def test_what_is_wrong_is_refused_under_sessions_and_none_is_cut(lab: Stage, tmp_path: Path, case: str) -> None:
    """H1, H2, H5: sessions are held, and a new one is opened every fraction of a second."""
    given = VARIABLES | wrong(case, lab)
    nodes, before, done = {one["InstanceId"] for one in group(lab)["Instances"]}, len(lab.calls()), activities(lab)
    size = HELD + COMING
    with (
        crowd(address(lab), tmp_path / "log", sessions=size, endless=HELD, shortest=0.1, longest=0.4) as log,
        recorded(lab) as record,
    ):
        began, before_it = time.monotonic(), used()
        refused = lab.play("site", **given)
        lasted, spent = time.monotonic() - began, used() - before_it
        opened = len(log.of("opened"))
    print(f"\n{case}: refused after {lasted:.1f} s, {spent:.1f} s of processor time")
    print(f"{opened} sessions opened meanwhile, {HELD} held")
    assert (refused.code, REASONS[case] in refused.failure) == (2, True), refused.failure
    assert lab.calls()[before:] == []
    assert {one["InstanceId"] for one in group(lab)["Instances"]} == nodes
    assert (activities(lab), record.least) == (done, len(nodes))
    assert [line for line in log.lines if line.what in ("cut", "refused")] == []
    assert opened > HELD + 20, "new sessions came all the while"
    assert spent <= JUDGED
