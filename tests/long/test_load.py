"""`load`: transcoding makes the group grow by its CPU policy, as the vendor's guide says, and nothing of it is left."""

from __future__ import annotations

import json
import signal
import subprocess
from urllib.request import urlopen

import pytest

from tests.support.capacity import serving, status
from tests.support.playbooks import Played, Stage
from tests.support.processes import alive, family
from tests.support.waiting import until

VARIABLES = {
    "wcs_verify_hold": 1,
    "wcs_verify_rate": 100,
    "wcs_demo_cidrs": ["127.0.0.0/8"],
    "wcs_balancer_demo_port": 8090,
}
BUILT: dict[str, Played] = {}
LOAD = {"wcs_load_sessions": 20, "wcs_load_mixers": 6, "wcs_load_interval": 1, "wcs_load_duration": 240}
SURPLUS = {"wcs_scale_in_count": "surplus", "wcs_scale_in_sessions_per_node": 20, "wcs_scale_in_stable_for": 0}


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    built = BUILT["site"] = site_stage.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    return site_stage


def carried(lab: Stage) -> tuple[int, int]:
    """Sessions and streams of all nodes, as their statistics pages say."""
    sessions = streams = 0
    for address in serving(status(lab)).values():
        with urlopen(f"http://{address}:8081/?action=stat&format=json", timeout=10) as page:
            groups = json.load(page)
        sessions += groups["connections_stats"]["connections_websocket"]
        streams += sum(groups["streams_stats"][name] for name in ("streams_rtmp_in", "streams_rtmp_out"))
    return sessions, streams


def test_the_demo_page_is_reached_on_each_node_and_through_the_balancer(lab: Stage) -> None:
    summary = next(task for task in BUILT["site"].tasks if task.name == "Set wcs_outputs")
    outputs = summary.result["ansible_facts"]["wcs_outputs"]
    assert ":8090/client2/" in outputs["load_balancer"]["demo_url"]
    for url in (outputs["load_balancer"]["demo_url"], *(node["demo_url"] for node in outputs["nodes"])):
        with urlopen(url, timeout=10) as page:
            assert b"<" in page.read()
    refused = lab.play("site", **{**VARIABLES, "wcs_demo_cidrs": ["0.0.0.0/0"]})
    assert "their port is also the control interface" in refused.failure


def test_it_wants_to_be_confirmed_and_a_dry_run_starts_nothing(lab: Stage) -> None:
    refused = lab.play("load", **LOAD)
    assert "Set wcs_load_confirm: true if that is meant" in refused.failure
    foreseen = lab.play("load", "--check", **LOAD)
    assert foreseen.code == 0, foreseen.failure
    assert "Would start 20 sessions and 6 mixers of 2 streams on each node (1)" in foreseen.said("Show what was seen")
    limited = lab.play("load", **LOAD, wcs_load_confirm=True, wcs_licence_limit=1)
    assert "wcs_licence_limit is 1" in limited.failure
    assert carried(lab) == (0, 0)


def test_a_load_that_is_interrupted_leaves_nothing(lab: Stage) -> None:
    command, how = lab.command("load", **LOAD, wcs_load_confirm=True, wcs_load_stop_when_grown=False)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how)
    until(lambda: carried(lab)[0] >= 20 and carried(lab)[1] >= 24, 60, 0.2)
    pids = family(process.pid)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    until(lambda: not alive(pids), 20.0)
    until(lambda: carried(lab) == (0, 0), 20.0, 0.2)


def test_the_group_grows_by_the_load_and_nothing_of_it_is_left(lab: Stage) -> None:
    before = set(serving(status(lab)))
    grown = lab.play("load", **LOAD, wcs_load_confirm=True)
    assert grown.code == 0, grown.failure or grown.text
    found = next(task.result for task in grown.tasks if "verdict" in task.result)
    assert found["verdict"] == "grown"
    assert set(found["new_nodes"]) <= set(serving(status(lab))) - before
    assert found["sessions"]["failed"] == 0
    assert any(look["alarms"] for look in found["looks"])
    assert any("Launching" in one["description"] for one in found["activities"])
    assert max(map(len, found["lines"])) <= 80
    until(lambda: carried(lab) == (0, 0), 10.0, 0.2)


def test_what_the_sessions_do_not_need_leaves_again(lab: Stage) -> None:
    small = lab.play("scale_in", **SURPLUS)
    assert small.code == 0, small.failure or small.text
    assert "No session was cut." in small.said("Show the result")
    assert len(serving(status(lab))) == 1
    again = lab.play("scale_in", **SURPLUS)
    assert (
        again.said("Show the result") == "No node left the group: 0 sessions need 1 node, as many as there are or more."
    )
