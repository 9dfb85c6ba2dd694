"""The IAM policies in docs/iam, made from calls that were recorded on the lab.

python -m tests.support.permissions record    plays everything on a lab of its own, then writes permissions.json
python -m tests.support.permissions           writes docs/iam from permissions.json
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from plugins.module_utils._core.aws_errors import IAM
from tests.support.playbooks import ROOT, Stage, stage

RECORDED = Path(__file__).with_suffix(".json")
POLICIES = ROOT / "docs" / "iam"
READS = ("Describe", "Get", "List")
Recorded = dict[str, dict[str, str]]
"""By job, each call as `service:Operation`, and the first run that made it."""

JOBS: dict[str, tuple[str, ...]] = {
    "seed": ("seed", "seed_module"),
    "deploy": ("site", "present", "check", "verify"),
    "verify": ("verify",),
    "day-two": ("steering", "steward", "verify"),
    "steward": ("steward",),
    "load": ("load",),
    "teardown": ("teardown", "absent"),
    "node-profile": ("node_profile",),
}
"""Which recordings each policy allows. What `seed` alone needs is left out of `deploy`."""

IMPLIED: dict[str, tuple[str, ...]] = {
    "ec2:CreateImage": ("ec2:CreateTags",),
    "ec2:CreateSecurityGroup": ("ec2:CreateTags",),
    "ec2:CreateLaunchTemplate": ("ec2:CreateTags",),
    "ec2:RunInstances": ("ec2:CreateTags",),
    "ec2:CopyImage": ("ec2:CreateTags",),
    "elasticloadbalancing:CreateLoadBalancer": ("elasticloadbalancing:AddTags", "iam:CreateServiceLinkedRole"),
    "autoscaling:CreateAutoScalingGroup": (
        "autoscaling:CreateOrUpdateTags",
        "ec2:CreateTags",
        "ec2:RunInstances",
        "iam:CreateServiceLinkedRole",
    ),
    "autoscaling:UpdateAutoScalingGroup": ("ec2:RunInstances", "ec2:CreateTags"),
    "iam:AddRoleToInstanceProfile": ("iam:PassRole",),
    "iam:CreateRole": ("iam:TagRole",),
    "iam:CreateInstanceProfile": ("iam:TagInstanceProfile",),
}
"""What AWS asks besides a call, by its documentation: no lab can tell."""

PUBLISHED = ("cloudwatch:GetMetricData",)
"""Of verify, where nodes publish their sessions; with `ListMetrics` it is what a history is read by."""

PRICED = ("pricing:GetProducts",)
"""Where prices are asked for from AWS's list."""

SELDOM: dict[str, tuple[str, ...]] = {
    "verify": (*PUBLISHED, *PRICED, "cloudwatch:ListMetrics"),
    "seed": ("ec2:RevokeSecurityGroupIngress",),
    "deploy": (
        "ec2:DescribeKeyPairs",
        "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
        "elb:DisableAvailabilityZonesForLoadBalancer",
        "elb:EnableAvailabilityZonesForLoadBalancer",
        "autoscaling:DescribeScalingActivities",
        *PUBLISHED,
        *PRICED,
    ),
    "day-two": (
        *PUBLISHED,
        *PRICED,
        "autoscaling:EnterStandby",
        "autoscaling:ExitStandby",
        "ec2:TerminateInstances",
    ),
    "teardown": ("ec2:TerminateInstances", *PRICED),
}
"""Calls of cases that the recorded runs do not come to: changed rules, a seed that was left, the key pair
of nodes without a seed, zones in place of subnets, standby, nodes that a time limit cuts, prices from AWS.
"""


def action(call: str) -> str:
    """The action of IAM for a call `service:Operation`, with or without a Region behind."""
    service, _, operation = call.partition("@")[0].partition(":")
    return f"{IAM.get(service, service)}:{operation}"


def actions(recorded: Recorded, job: str) -> set[str]:
    """What the job asks by its calls."""
    calls = {call for part in JOBS[job] for call in recorded[part]}
    if job == "deploy":
        calls -= set(recorded["seed"]).difference(*(recorded[part] for part in ("present", "check", "verify")))
    return set(map(action, calls | set(SELDOM.get(job, ()))))


def policy(recorded: Recorded, job: str) -> dict[str, Any]:
    """The policy of a job: reads, writes, and what AWS asks besides."""
    asked = actions(recorded, job)
    besides = {more for one in asked for more in IMPLIED.get(one, ())} - asked
    reads = {one for one in asked if one.partition(":")[2].startswith(READS)}
    parts = {"Read": reads, "Write": asked - reads, "AskedBesides": besides}
    statements = [
        {"Sid": name, "Effect": "Allow", "Action": sorted(part), "Resource": "*"}
        for name, part in parts.items()
        if part
    ]
    return {"Version": "2012-10-17", "Statement": statements}


OF_NODES = {"cloudwatch:PutMetricData": {"cloudwatch:namespace": "WCS"}}
"""What a node calls (bin/wcs-metrics), and on which condition it may."""


def policy_of_nodes() -> dict[str, Any]:
    """The policy of the nodes' role: each action on its condition."""
    statements = [
        {"Sid": "Publish", "Effect": "Allow", "Action": name, "Resource": "*", "Condition": {"StringEquals": condition}}
        for name, condition in OF_NODES.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def written(recorded: Recorded) -> dict[Path, str]:
    """The files, by their paths."""
    of_nodes = {POLICIES / "node.json": json.dumps(policy_of_nodes(), indent=2) + "\n"}
    return of_nodes | {POLICIES / f"{job}.json": json.dumps(policy(recorded, job), indent=2) + "\n" for job in JOBS}


def read() -> Recorded:
    """What was recorded."""
    return dict(json.loads(RECORDED.read_text()))


def unforeseen(calls: Iterable[str]) -> set[str]:
    """The calls that none of the policies allows."""
    recorded = read()
    allowed = {one for job in JOBS for one in actions(recorded, job)}
    return {call for call in calls if action(call) not in allowed}


def of_modules() -> Recorded:
    """What the modules ask in each case of the faults, and what drains and rollouts ask; in process."""
    from tests.faults.of_profiles import PROFILES
    from tests.faults.of_seeds import SEEDS
    from tests.faults.of_steering import RUNS, TIMER, asked_by_timer, fleet
    from tests.faults.scenarios import SCENARIOS
    from tests.faults.sites import prepared, sites

    apart = {"node_profile": PROFILES, "seed_module": SEEDS}  # which not everybody needs
    names = ("present", "absent", "check", "steering", "steward", *apart)
    found: Recorded = {part: {} for part in names}
    for scenario in SCENARIOS:
        own = next((part for part, scenarios in apart.items() if scenario in scenarios), None)
        part = found[own or ("absent" if scenario.given.get("state") == "absent" else "present")]
        for site in sites(scenario)[0]:
            part.setdefault(site.name, scenario.name)
        with prepared(scenario) as (world, _, options):
            for call in world.asked(functools.partial(world.bench(scenario.module).check, **options)):
                found[own or "check"].setdefault(call.name, scenario.name)
    for name, (module, given) in RUNS.items():
        with fleet() as (world, _):
            for call in world.asked(functools.partial(world.bench(module).run, **given)):
                found["steering"].setdefault(call.name, name)
    for name in TIMER:
        for asked in asked_by_timer(name):
            found["steward"].setdefault(asked, name)
    return found


def of_playbooks(lab: Stage) -> Recorded:
    """What the playbooks ask on a lab that is up."""
    quick: Mapping[str, Any] = {"wcs_verify_hold": 1, "wcs_verify_rate": 100}
    stopped = {"wcs_seed_after": "stopped"}
    few = {"wcs_load_sessions": 5, "wcs_load_mixers": 0, "wcs_load_duration": 10, "wcs_licence_limit": 99}
    runs: dict[str, list[tuple[str, list[str], dict[str, Any]]]] = {
        "seed": [
            ("site", ["--tags", "wcs_security_groups,wcs_seed"], {}),
            ("site", ["--tags", "wcs_security_groups,wcs_seed"], stopped),
        ],
        "site": [("teardown", [], {}), ("site", [], {}), ("site", [], {})],
        "verify": [("verify", [], {}), ("report", [], {"wcs_report_dest": str(lab.folder / "report.html")})],
        "load": [("load", [], {"wcs_load_confirm": True, **few})],
        "teardown": [("teardown", [], {"wcs_teardown_cut_sessions": True})],
    }
    found: Recorded = {}
    for part, plays in runs.items():
        found[part] = {}
        for playbook, options, variables in plays:
            before = len(lab.calls(write=False))
            went = lab.play(playbook, *options, **{**quick, **variables})
            grown = playbook != "load" or "has not grown" not in went.failure  # nor should it by so few sessions
            assert went.code == 0 or not grown, went.failure or went.text
            if playbook != "teardown" or part == "teardown":
                for call in lab.calls(write=False)[before:]:
                    if not call.startswith("iam:"):  # denied, it is not known whether there is a profile of the nodes
                        found[part].setdefault(call, playbook)
    return found


def main(asked: list[str]) -> None:
    """Writes what was asked for."""
    if asked == ["record"]:
        with ExitStack() as open_now:
            folder = Path(open_now.enter_context(tempfile.TemporaryDirectory()))
            played = of_playbooks(open_now.enter_context(stage(folder / "lab")))
        whole = {part: dict(sorted(calls.items())) for part, calls in {**played, **of_modules()}.items()}
        RECORDED.write_text(json.dumps(whole, indent=2) + "\n")
    POLICIES.mkdir(exist_ok=True)
    for path, text in written(read()).items():
        path.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
