"""The playbook as a user runs it: with a file, without AWS."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.support.curves import START, day
from tests.support.playbooks import Stage, stage
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def played(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [f"{BIN}/ansible-playbook", "-i", "localhost,", f"{ROOT}/playbooks/forecast.yml", *options]
    environment = {**os.environ, "ANSIBLE_LOCAL_TEMP": str(folder), "ANSIBLE_NOCOLOR": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_the_playbook_replays_a_file_and_prints_its_table(tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    rows = [f"{START + 60 * at:.0f},{one}" for at, one in enumerate(day(20, 380))]
    file.write_text("\n".join(["time,sessions", *rows, "oops,3"]) + "\n")
    given = ["wcs_forecast_cpu_per_session=1", "wcs_forecast_sessions_per_node=80", "wcs_licence_limit=3"]
    done = played(tmp_path, "-e", f"wcs_forecast_csv={file}", *(word for one in given for word in ("-e", one)))
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    head = next(line for line in lines if "peak nodes" in line)
    shown = lines[lines.index(head) - 3 :]
    assert shown[0].startswith("Forecast of 2026-01-01T00:00:00Z")
    assert lines[lines.index(head) + 1].startswith("given ")
    text = " ".join(" ".join(shown).split())
    assert "line 1442: the time 'oops' is none, left out" in text
    assert "wcs_licence_limit is 3" in text
    assert "No suggestion: 380 sessions need 5 nodes, and wcs_autoscaling_max_size is 4." in text
    assert max(len(line) for line in lines[lines.index(head) : lines.index(head) + 12]) <= 80


@pytest.mark.long
def test_a_file_that_is_none_is_one_sentence_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "day.csv"
    file.write_text("a,b\n1,2\n")
    done = played(tmp_path, "-e", f"wcs_forecast_csv={file}", "-e", "wcs_forecast_cpu_per_session=1")
    assert done.returncode == 2
    text = " ".join(done.stdout.split()) + " ".join(done.stderr.split())
    assert "the header 'a,b' has no column 'time'" in text
    assert "Traceback" not in text


@pytest.mark.long
def test_without_a_file_the_history_of_the_group_is_replayed(tmp_path: Path) -> None:
    """The lab's group, whose nodes have published their sessions for two hours."""
    with stage(tmp_path / "lab", "--machines", "imaginary", "--speed", "1") as on:
        nothing = on.play("forecast", wcs_region=on.env["AWS_REGION"])
        assert "the stack has no group in use" in nothing.failure
        _group(on)
        given = {"wcs_region": on.env["AWS_REGION"], "wcs_forecast_cpu_per_session": 0.5, "wcs_forecast_hours": 2}
        done = on.play("forecast", **given)
        assert done.code == 0, done.failure
        found = next(task.result for task in done.tasks if "timeline" in task.result)
        assert found["load"]["peak"] == 45
        assert found["timeline"][0]["nodes"] == 1


def _members(on: Stage, name: str) -> list[str]:
    (found,) = on.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return [one["InstanceId"] for one in found["Instances"]]


def _group(on: Stage) -> None:
    about, name = on.about(), "wcs"
    data = {"ImageId": about["wcs_image_id"], "InstanceType": "c5.large"}
    on.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    on.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=1,
        MaxSize=4,
        VPCZoneIdentifier=next(iter(about["subnets"].values())),
        LaunchTemplate={"LaunchTemplateName": name, "Version": "1"},
        Tags=[{"Key": "webcallserver.aws:stack", "Value": name, "PropagateAtLaunch": True}],
    )
    (node,) = until(lambda: _members(on, name))
    dimensions = [{"Name": "AutoScalingGroupName", "Value": name}]
    metric = {"MetricName": "connections_websocket"}
    now = time.time() // 60 * 60
    for at in range(120):
        when = datetime.fromtimestamp(now - 60 * at, timezone.utc)
        data = [
            {**metric, "Timestamp": when, "Value": 45 - at % 30, "Dimensions": more}
            for more in (dimensions, [*dimensions, {"Name": "InstanceId", "Value": node}])
        ]
        on.client("cloudwatch").put_metric_data(Namespace="WCS", MetricData=data)
