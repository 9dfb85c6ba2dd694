"""The main job: `site` builds a stack, finds nothing left to do, changes what is asked, and `teardown` leaves nothing.

One lab; the stories are told in order.
"""

from __future__ import annotations

import re
import urllib.request
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.decoys import Decoys
from tests.support.playbooks import Played, Stage

MARK = "webcallserver.aws:stack"
TAGS = {"Team": "video", "Cost": "7"}
VARIABLES = {"wcs_autoscaling_min_size": 2, "wcs_verify_hold": 1, "wcs_verify_rate": 100, "wcs_tags": TAGS}
NEW_VERSION = ["ec2:CreateLaunchTemplateVersion", "autoscaling:UpdateAutoScalingGroup", "ec2:ModifyLaunchTemplate"]
REPORT: dict[str, Played] = {}
DECOYS: dict[str, Decoys] = {}


SCREENS = Path(__file__).parent / "screens"
LIKE = {
    r"\bami-[0-9a-f]{17}\b": "<ami>",
    r"\bi-[0-9a-f]{17}\b": "<instance>",
    r"\b127(\.\d+){3}\b": "<address>",
    r"\bwcs-[0-9a-f]{12}\b": "<image>",
    r"\bus-east-1[a-c]\b": "<zone>",
}


def screen(answer: Played) -> str:
    """What a person sees at the end, at most 40 lines of 80 columns; what differs from run to run is a word."""
    ends = [task.result["lines"] for task in answer.tasks if "lines" in task.result]
    assert len(ends) == 1
    assert (len(ends[0]) <= 40, max(map(len, ends[0])) <= 80) == (True, True)
    return alike("\n".join(ends[0]) + "\n")


def alike(text: str) -> str:
    """The text with a word for what differs from run to run, and for the blanks after it."""
    for pattern, word in LIKE.items():
        text = re.sub(pattern, word, text)
    return text


def plan(answer: Played) -> dict[str, list[dict[str, object]]]:
    """The plan as data, as it stands in the JSON output."""
    return next(task.result["plan"] for task in answer.tasks if "lines" in task.result)


def borne(lab: Stage) -> list[tuple[str, dict[str, str]]]:
    """Kind and tags of each thing of the stack."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for one in lab.client("ec2").describe_tags()["Tags"]:
        rows.setdefault((one["ResourceType"], one["ResourceId"]), {})[one["Key"]] = one["Value"]
    found = [(kind, tags) for (kind, _), tags in rows.items() if tags.get(MARK) == "wcs"]
    groups = lab.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["wcs"])["AutoScalingGroups"]
    balancers = lab.client("elb").describe_tags(LoadBalancerNames=["wcs"])["TagDescriptions"]
    for kind, tags in (("group", groups[0]["Tags"]), ("load balancer", balancers[0]["Tags"])):
        found.append((kind, {tag["Key"]: tag["Value"] for tag in tags}))
    return found


@pytest.fixture(scope="module")
def lab(site_stage: Stage) -> Stage:
    """A lab where somebody else has things whose names look like ours."""
    ready, DECOYS["beside"] = site_stage.beside(10)
    return ready


def test_a_dry_run_on_an_empty_account_goes_through_and_writes_nothing(lab):
    answer = REPORT["check"] = lab.play("site", "--check", "--diff", **VARIABLES)
    assert answer.code == 0, answer.failure or answer.text
    assert lab.calls() == []
    assert [call for call in answer.actions if "Instances" in call] == ["ec2:RunInstances", "ec2:TerminateInstances"]
    groups = next(task.result["security_groups"] for task in answer.tasks if task.result.get("security_groups"))
    rules = {group["name"]: len(group["rules"]) for group in groups}
    assert rules == {"wcs-balancer": 2, "wcs-node": 10, "wcs-seed": 11}
    assert screen(answer) == (SCREENS / "empty_account.txt").read_text()


def test_what_the_end_would_refuse_is_refused_before_a_seed_is_launched(lab):
    refused = lab.play("site", **VARIABLES, wcs_autoscaling_max_size=1)
    assert "min_size" in refused.failure
    assert lab.calls() == []


def test_h12_a_limit_that_leaves_the_seed_out_is_refused_in_a_sentence(lab):
    refused = lab.play("site", "--limit", "localhost", **VARIABLES)
    assert "the play of host 'wcs-seed' was left out (--limit localhost). Run without --limit" in refused.failure
    assert lab.calls() == []


@pytest.mark.long
def test_h12_a_limit_that_names_the_seed_and_any_strategy_go_through(lab):
    free = replace(lab, env={**lab.env, "ANSIBLE_STRATEGY": "free"})
    answer = free.play("site", "--check", "--limit", "localhost,wcs-seed", **VARIABLES)
    assert answer.code == 0, answer.failure or answer.text


def test_it_builds_the_stack_and_proves_it(lab):
    built = REPORT["site"] = lab.play("site", **VARIABLES)
    assert built.code == 0, built.failure or built.text
    proof = built.said("Group, balancer and nodes agree, and sessions reach every node")
    assert proof.startswith("40 of 40 sessions")
    assert "spread over 2 nodes" in proof


def test_it_ends_with_where_to_connect_as_facts_and_as_text(lab):
    summary = next(task for task in REPORT["site"].tasks if task.name == "Set wcs_outputs")
    found = summary.result["ansible_facts"]["wcs_outputs"]
    address = found["load_balancer"]["dns_name"]
    assert found["websocket_urls"] == [f"ws://{address}:8080"]
    assert (found["stack"], found["changed"], found["changes"]["add"]) == ("wcs", True, 9)
    assert found["seconds"] > 0
    for node in found["nodes"]:
        for url, word in ((node["statistics_url"], b"connections_websocket"), (node["demo_url"], b"<")):
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert word in answer.read()
    lines = next(task.result["lines"] for task in REPORT["site"].tasks if "lines" in task.result)
    assert lines[0] == "Done: 9 added, 0 changed, 0 removed"
    assert {f"  ws://{address}:8080", *(f"    {node['demo_url']}" for node in found["nodes"])} <= set(lines)
    with connect(found["websocket_urls"][0]):
        pass


def test_the_users_tags_a_name_and_our_mark_are_on_each_thing_that_bears_tags(lab):
    found = borne(lab)
    assert [one for one in found if not {**TAGS, MARK: "wcs"}.items() <= one[1].items()] == []
    named = Counter((kind, tags["Name"]) for kind, tags in found if tags["Name"] != "wcs-seed")
    image = next(tags["Name"] for kind, tags in found if kind == "image")
    assert named == {
        ("security-group", "wcs-balancer"): 1,
        ("security-group", "wcs-node"): 1,
        ("image", image): 1,
        ("snapshot", image): 1,
        ("launch-template", "wcs-node"): 1,
        ("instance", "wcs-node"): 2,
        ("volume", "wcs-node"): 2,
        ("group", "wcs-node"): 1,
        ("load balancer", "wcs"): 1,
    }
    assert {kind for kind, tags in found if tags["Name"] == "wcs-seed"} >= {"instance", "security-group"}


def test_progress_is_told_beside_output_that_stays_valid_json(lab):
    proven = lab.play("verify", **VARIABLES | {"wcs_verify_hold": 5})
    assert proven.text.startswith("{"), "of the JSON callback, from its first byte"
    assert "wcs_verify: 40 sessions to ws://" in proven.stderr


def test_the_dry_run_had_told_every_write_in_order(lab):
    assert REPORT["check"].actions == REPORT["site"].actions == lab.calls()


def test_the_call_budget_of_a_new_stack_is_kept(lab):
    assert len([call for call in lab.calls() if "SecurityGroup" not in call]) <= 25


def test_a_second_run_changes_nothing_although_the_seed_is_gone(lab):
    before = len(lab.calls())
    again = lab.play("site", **VARIABLES)
    assert again.code == 0, again.failure
    assert again.changed == []
    assert lab.calls()[before:] == []


def test_h3_all_that_is_wrong_is_said_at_once_before_the_first_write(lab):
    before = len(lab.calls())
    refused = lab.play(
        "site", **VARIABLES, wcs_security_groups_optional_ports=[70000], wcs_balancer_idle_timeout=600,
        wcs_balancer_connection_draining=9999, wcs_autoscaling_max_size=1,
    )  # fmt: skip
    assert refused.code == 2
    for part in (
        "not between 0 and 65535",
        "wcs_balancer_connection_draining 9999",
        "wcs_autoscaling_min_size 2 is above wcs_autoscaling_max_size 1",
    ):
        assert part in refused.text
    assert lab.calls()[before:] == []


def test_verify_says_what_does_not_hold(lab):
    silent = lab.play("verify", wcs_verify_stat_port=9999, **VARIABLES)
    assert "Stack 'wcs' failed verification: the statistics page of i-" in silent.failure
    assert "connection refused" in silent.failure
    nothing = lab.play("verify", wcs_stack_name="other")
    assert "there is no Auto Scaling group 'other' of this stack. Run the playbook site first." in nothing.text


def test_a_dry_run_on_a_finished_account_finds_nothing(lab):
    before = len(lab.calls())
    again = lab.play("site", "--check", **VARIABLES)
    assert (again.code, again.changed, again.actions) == (0, [], []), again.failure
    assert lab.calls()[before:] == []
    assert screen(again) == (SCREENS / "nothing_to_do.txt").read_text()


def test_what_changes_hangs_on_the_variables_that_changed(lab):
    before = len(lab.calls())
    answer = lab.play(
        "site",
        "--check",
        **VARIABLES,
        wcs_balancer_health_check={"protocol": "http", "port": 8081, "path": "/?action=stat&format=json"},
        wcs_autoscaling_instance_type="c5.xlarge",
        wcs_autoscaling_policies=[{"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 70}],
    )
    assert answer.code == 0, answer.failure
    assert {task.name: sorted(task.result["actions"]) for task in answer.tasks if task.changed} == {
        "Make or change the balancer": ["elb:ConfigureHealthCheck"],
        "Make or change the group": sorted([*NEW_VERSION, "autoscaling:PutScalingPolicy"]),
    }
    assert lab.calls()[before:] == []


def test_a_setting_of_the_server_makes_a_new_image_and_version(lab):
    answer = lab.play("site", "--check", **VARIABLES, wcs_server_settings={"keep_alive.probes": 20})
    assert answer.code == 0, answer.failure
    assert answer.actions == ["ec2:RunInstances", "ec2:CreateImage", "ec2:TerminateInstances", *NEW_VERSION]
    assert screen(answer) == (SCREENS / "one_changed_variable.txt").read_text()


def test_h6_a_dry_run_of_update_shows_who_would_be_replaced(lab):
    before = len(lab.calls())
    answer = lab.play("update", "--check", **VARIABLES, wcs_server_settings={"keep_alive.probes": 20})
    assert answer.code == 0, answer.failure
    assert lab.calls()[before:] == []
    assert screen(answer) == (SCREENS / "update.txt").read_text()
    assert {one["thing"] for one in plan(answer)["things"]} >= {"seed", "image", "launch template", "node"}


def test_a_dry_run_of_teardown_shows_what_would_go(lab):
    before = len(lab.calls())
    answer = lab.play("teardown", "--check")
    assert answer.code == 0, answer.failure
    assert lab.calls()[before:] == []
    assert screen(answer) == (SCREENS / "teardown.txt").read_text()
    assert {one["change"] for one in plan(answer)["things"]} == {"remove"}


def test_the_table_of_verify_fits_a_terminal(lab):
    proven = lab.play("verify", **VARIABLES)
    shown = next(task.result["msg"] for task in proven.tasks if task.name == "Show the nodes")
    assert max(map(len, shown)) <= 80
    assert alike("\n".join(shown)) + "\n" == (SCREENS / "verify.txt").read_text()


def test_the_world_is_not_let_in(lab):
    before = len(lab.calls())
    refused = lab.play("site", wcs_controller_cidrs=["0.0.0.0/1", "128.0.0.0/1"], **VARIABLES)
    assert "wcs_allow_public_admin" in refused.failure
    assert len(lab.calls()) == before


def test_teardown_cuts_no_session_unasked_and_leaves_nothing(lab):
    results = [task.result for task in REPORT["site"].tasks if task.changed and "load_balancer" in task.result]
    name = results[-1]["load_balancer"]["dns_name"]
    with connect(f"ws://{name}:8080/") as session:
        session.send('{"message": "connection", "data": [{"appKey": "defaultApp", "mediaProviders": []}]}')
        session.recv(timeout=5)
        refused = lab.play("teardown")
        assert "1 WebSocket sessions are open" in refused.failure
        assert "wcs_teardown_cut_sessions" in refused.failure
        assert refused.changed == []
        gone = lab.play("teardown", wcs_teardown_cut_sessions=True)
    assert gone.code == 0, gone.failure
    assert gone.said("Nothing is left") == "Nothing of the stack is left."
    again = lab.play("teardown")
    assert (again.code, again.changed) == (0, []), again.failure
    DECOYS["beside"].alone()
