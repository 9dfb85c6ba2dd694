"""A seed that is kept, stopped, after its image was made: the next image is made from it."""

from __future__ import annotations

from tests.playbooks import Stage

VARIABLES = {"wcs_autoscaling_min_size": 1, "wcs_seed_after": "stopped", "wcs_site_verify": False}


def test_a_stopped_seed_is_started_again_and_imaged(site_stage: Stage) -> None:
    first = site_stage.play("site", **VARIABLES)
    assert first.code == 0, first.failure or first.text
    launched = site_stage.calls().count("ec2:RunInstances")
    again = site_stage.play("site", **VARIABLES, wcs_server_settings={"keep_alive.probes": 20})
    assert again.code == 0, again.failure or again.text
    calls = site_stage.calls()
    assert calls.count("ec2:CreateImage") == 2
    assert calls.count("ec2:RunInstances") == launched
    assert calls.count("ec2:StartInstances") == 1
