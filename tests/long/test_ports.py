"""V3: a port of the server is said once, in its settings; every playbook follows it.

One lab; the stories are told in order.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.capacity import serving, status
from tests.support.playbooks import Stage
from tests.support.waiting import until

VARIABLES = {
    "wcs_server_settings": {"http.port": 8091, "ws.port": 8090},
    "wcs_autoscaling_min_size": 2,
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    return site_stage


def test_health_check_and_listener_follow(lab: Stage) -> None:
    (balancer,) = lab.client("elb").describe_load_balancers()["LoadBalancerDescriptions"]
    assert balancer["HealthCheck"]["Target"] == "HTTP:8091/?action=stat"
    listener = balancer["ListenerDescriptions"][0]["Listener"]
    assert (listener["LoadBalancerPort"], listener["InstancePort"]) == (8090, 8090)


def test_security_groups_follow(lab: Stage) -> None:
    groups = {one["GroupName"]: one for one in lab.client("ec2").describe_security_groups()["SecurityGroups"]}
    opened = {rule.get("FromPort") for rule in groups["wcs-node"]["IpPermissions"]}
    assert {8090, 8443, 8091, 8444} <= opened
    assert not {8080, 8081} & opened


@pytest.mark.parametrize("playbook", ["verify", "site"])
def test_sessions_reach_every_node(lab: Stage, playbook: str) -> None:
    done = lab.play(playbook, **VARIABLES)
    assert done.code == 0, done.failure or done.text


def test_report_reads_every_page(lab: Stage, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = lab.play("report", wcs_report_dest=str(page), wcs_report_probe=True, **VARIABLES)
    assert done.code == 0, done.failure or done.text
    assert ":8091/" in page.read_text()


def test_update_reads_the_sessions(lab: Stage) -> None:
    before = set(serving(status(lab)))
    settings = VARIABLES["wcs_server_settings"] | {"keep_alive.probes": 20}  # type: ignore[operator]
    done = lab.play("update", **VARIABLES | {"wcs_server_settings": settings})
    assert done.code == 0, done.failure or done.text
    assert not before & set(serving(status(lab)))


def test_scale_in_reads_the_sessions(lab: Stage) -> None:
    lab.client("autoscaling").set_desired_capacity(AutoScalingGroupName="wcs", DesiredCapacity=3)
    until(lambda: len(serving(status(lab))) == 3, 60, 0.2)
    done = lab.play("scale_in", **VARIABLES)
    assert done.code == 0, done.failure or done.text


def test_teardown_reads_the_sessions(lab: Stage) -> None:
    done = lab.play("teardown", **VARIABLES)
    assert done.code == 0, done.failure or done.text
