"""The launch template of a live stack is deleted (W6): it is named, `site` mends it, `update` goes through."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.capacity import serving, status
from tests.support.playbooks import Stage

VARIABLES = {"wcs_autoscaling_min_size": 1, "wcs_autoscaling_max_size": 3, "wcs_verify_hold": 1, "wcs_verify_rate": 100}
GONE = "launch template 'wcs' version"
WAY = "of group 'wcs' is gone: no node can be launched. Run site to mend it"


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    site_stage.client("ec2").delete_launch_template(LaunchTemplateName="wcs")
    return site_stage


def launched(lab: Stage) -> str:
    """The id of the template that the group names."""
    found = lab.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["wcs"])
    return str(found["AutoScalingGroups"][0]["LaunchTemplate"]["LaunchTemplateId"])


def test_w6_verify_and_report_name_it(lab: Stage, tmp_path: Path) -> None:
    verified = lab.play("verify", **VARIABLES)
    assert verified.code == 2
    assert GONE in verified.failure
    assert WAY in verified.failure
    page = tmp_path / "report.html"
    reported = lab.play("report", wcs_report_dest=str(page), **VARIABLES)
    assert reported.code == 0, reported.failure or reported.text
    assert "is gone: no node can be launched" in page.read_text()


def test_w6_h6_site_mends_it_and_update_goes_through(lab: Stage) -> None:
    before, nodes = launched(lab), serving(status(lab))
    dry = lab.play("site", "--check", **VARIABLES)
    assert dry.code == 0, dry.failure or dry.text
    mended = lab.play("site", **VARIABLES)
    assert mended.code == 0, mended.failure or mended.text
    assert mended.actions == dry.actions == ["ec2:CreateLaunchTemplate", "autoscaling:UpdateAutoScalingGroup"]
    assert launched(lab) != before
    again = lab.play("site", **VARIABLES)
    assert (again.code, again.actions) == (0, []), again.failure or again.actions
    settings = {"keep_alive.probes": 20}
    updated = lab.play("update", wcs_server_settings=settings, wcs_update_surge=1, **VARIABLES)
    assert updated.code == 0, updated.failure or updated.text
    assert not set(nodes) & set(serving(status(lab)))
