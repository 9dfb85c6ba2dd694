"""What becomes of the seed: one that fails its health check ends the deployment, the next run takes it up, it is kept.

One lab; the stories are told in order.
"""

from __future__ import annotations

import pytest

from tests.support.playbooks import Stage

VARIABLES = {
    "wcs_autoscaling_min_size": 1,
    "wcs_seed_after": "stopped",
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    return site_stage


ASKED = {"protocol": "http", "port": 8081, "path": "/?action=stat"}
"""A health check that was written down and does not follow the settings."""


def test_a_wrong_port_ends_the_deployment_at_the_seed_with_the_way_out(lab):
    settings = {"http.port": 9091}
    wrong = lab.play("site", wcs_server_settings=settings, wcs_balancer_health_check=ASKED, **VARIABLES)
    assert wrong.code != 0
    for words in ("'wcs-seed'", "answers: connection refused", "http.port = 9091", "set http.port to 8081"):
        assert words in wrong.failure
    assert lab.calls().count("ec2:CreateImage") == 0


def test_what_the_failed_run_launched_is_adopted_by_the_next(lab):
    right = lab.play("site", wcs_server_settings={"http.port": 8081}, **VARIABLES)
    assert right.code == 0, right.failure or right.text
    calls = lab.calls()
    assert (calls.count("ec2:RunInstances"), calls.count("ec2:CreateImage")) == (1, 1)


def test_a_stopped_seed_is_started_again_and_imaged(lab):
    again = lab.play("site", wcs_server_settings={"keep_alive.probes": 20}, **VARIABLES)
    assert again.code == 0, again.failure or again.text
    calls = lab.calls()
    assert [calls.count(f"ec2:{name}") for name in ("RunInstances", "StartInstances", "CreateImage")] == [1, 1, 2]
    proof = again.said("Group, balancer and nodes agree, and sessions reach every node")
    assert "runs launch template version 1; the group launches launch template version 2." in proof
