"""A load on the lab, minute by minute, as a forecast replays it: the group's nodes over time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lab.api.inprocess import clients
from lab.autoscaling.groups import groups
from lab.cloudwatch.alarms import metric_key, metrics
from lab.core.clock import MANUAL_START
from lab.core.delays import Delays
from lab.core.lab import Lab
from lab.open import open_lab
from plugins.module_utils._core.local import typed
from plugins.module_utils._forecast.alarms import single
from plugins.module_utils._scaling import alarms as _alarms
from plugins.module_utils._scaling import options as _options
from plugins.module_utils._scaling import policies as _policies
from plugins.module_utils._scaling.metrics import SESSIONS

MINUTE, TICK = 60, 20
LAUNCH = 120.0
UP = 420.0
BEGIN = MANUAL_START + UP
"""When the group stands and is warm, and the load begins."""
NAME = "wcs"


@dataclass(frozen=True)
class Trace:
    """A load, a sessions count a minute, and the policies and sizes it meets."""

    name: str
    sessions: Sequence[float]
    policies: Sequence[Mapping[str, Any]]
    group: Mapping[str, Any]
    cpu_per_session: float = 1.0
    seconds: float | None = None  # that sessions last on average, on the node that they began on

    def options(self) -> dict[str, Any]:
        """As wcs_forecast takes it."""
        return {
            "load": [{"time": BEGIN + MINUTE * at, "sessions": one} for at, one in enumerate(self.sessions)],
            "group": dict(self.group),
            "scaling_policies": [dict(one) for one in self.policies],
            "cpu_per_session": self.cpu_per_session,
            "launch_seconds": LAUNCH,
            "session_seconds": self.seconds,
            "suggest": False,
            "timeline_points": 100_000,
        }


def on_the_lab(trace: Trace) -> list[int]:
    """How many servers the group has in each minute."""
    lab = open_lab(delays=replace(Delays(), instance_pending=LAUNCH - TICK))
    try:
        _build(lab, clients(lab), trace)
        lab.run(UP, TICK)
        _put_policies(clients(lab), trace)
        found = [_minute(lab, trace, sessions) for sessions in trace.sessions]
        assert lab.errors == []
        return found
    finally:
        lab.close()


def _build(lab: Lab, aws: Callable[..., Any], trace: Trace) -> None:
    data = {"ImageId": lab.account.wcs_image_id, "InstanceType": "c5.large", "Monitoring": {"Enabled": True}}
    aws("ec2").create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
    given = trace.group
    more = {"DefaultInstanceWarmup": given["default_instance_warmup"]} if "default_instance_warmup" in given else {}
    aws("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=NAME,
        MinSize=given["min_size"],
        MaxSize=given["max_size"],
        DesiredCapacity=given.get("desired_capacity", given["min_size"]),
        VPCZoneIdentifier=",".join(lab.account.subnet_ids),
        LaunchTemplate={"LaunchTemplateName": NAME, "Version": "1"},
        **more,
    )


def _put_policies(aws: Callable[..., Any], trace: Trace) -> None:
    for policy in _policies.complete(NAME, (), {}, _options.policies(NAME, _typed(trace.policies))):
        answer = aws("autoscaling").put_scaling_policy(
            AutoScalingGroupName=NAME,
            PolicyName=policy.name,
            PolicyType=_policies.AWS_TYPES[policy.type],
            **_policies.to_aws(policy),
        )
        if policy.alarm is not None:
            actions = {"AlarmName": policy.alarm.name, "AlarmActions": [answer["PolicyARN"]]}
            aws("cloudwatch").put_metric_alarm(**actions, **_alarms.to_aws(policy.alarm))


def _typed(policies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = typed({"policies": _options.POLICIES}, {"policies": list(policies)})["policies"]
    return found


def _minute(lab: Lab, trace: Trace, sessions: float) -> int:
    """A minute passes with so many sessions, spread over the nodes in service; the servers at its middle."""
    group = groups(lab.region)[NAME]
    count = 0
    for tick in range(MINUTE // TICK):
        have = _spread(lab, trace, sessions)
        if tick == MINUTE // TICK - 1:
            _publish(lab, have)
        lab.run(TICK, TICK)
        if tick == 0:
            count = len(group.members)
    return count


def _serving(lab: Lab) -> list[str]:
    members = groups(lab.region)[NAME].members.values()
    return [one.instance_id for one in members if one.lifecycle == "InService"]


def _spread(lab: Lab, trace: Trace, sessions: float, seconds: float = TICK) -> dict[str, float]:
    """How many sessions each node in service has, and the CPU that they cost it."""
    serving, held = _serving(lab), HELD.setdefault(id(lab), {})
    if trace.seconds is None:
        held.clear()
    keep = math.exp(-seconds / trace.seconds) if trace.seconds else 0.0
    have = {name: held.get(name, 0.0) * keep for name in serving}
    total = sum(have.values())
    for name in serving:
        have[name] = (
            have[name] * sessions / total if total > sessions else have[name] + (sessions - total) / len(serving)
        )
        lab.machines[name].cpu = min(100.0, have[name] * trace.cpu_per_session)  # type: ignore[index]
    HELD[id(lab)] = have
    return have


HELD: dict[int, dict[str, float]] = {}
"""The sessions of each node of a lab."""


def _publish(lab: Lab, have: Mapping[str, float]) -> None:
    key = metric_key(*SESSIONS, [{"Name": "AutoScalingGroupName", "Value": NAME}])
    for value in have.values():
        metrics(lab.region).add(key, single(lab.clock.now(), value))


# Twelve loads

CPU = {"name": "cpu", "type": "target_tracking", "metric": "cpu", "target": 50, "disable_scale_in": False}
FULL = {"name": "sessions", "type": "target_tracking", "metric": "sessions", "target": 40, "disable_scale_in": False}
ONLY_OUT = {**CPU, "disable_scale_in": True}
OUT = {
    "name": "out",
    "type": "step",
    "steps": [{"lower_bound": 0, "upper_bound": 20, "adjustment": 1}, {"lower_bound": 20, "adjustment": 3}],
    "alarm": {"metric": "cpu", "comparison": ">=", "threshold": 60, "evaluation_periods": 2},
}
IN = {
    "name": "in",
    "type": "step",
    "steps": [{"upper_bound": 0, "adjustment": -1}],
    "alarm": {"metric": "cpu", "comparison": "<=", "threshold": 25, "evaluation_periods": 5},
}
TWO_OF_THREE = {"evaluation_periods": 3, "datapoints_to_alarm": 2}
SIMPLE = {
    "name": "simple",
    "type": "simple",
    "adjustment": 1,
    "cooldown": 240,
    "alarm": {"metric": "sessions", "comparison": ">", "threshold": 50, **TWO_OF_THREE},
}
SIZES = {"min_size": 1, "max_size": 12}
WARM = {**SIZES, "default_instance_warmup": 180}


def wave(minutes: int, least: float, most: float, period: int) -> list[float]:
    middle, swing = (least + most) / 2, (most - least) / 2
    return [round(middle - swing * math.cos(at / period * 2 * math.pi)) for at in range(minutes)]


def noise(minutes: int, seed: int) -> list[float]:
    pick, level, found = random.Random(seed), 120.0, []
    for _ in range(minutes):
        level = min(450.0, max(0.0, level + pick.gauss(0, 18)))
        found.append(float(round(level)))
    return found


def short() -> list[Trace]:
    """Those that take a second or two each."""
    return [
        Trace("step", [30] * 20 + [260] * 60 + [40] * 60, [CPU], SIZES),
        Trace("flash crowd", [40] * 15 + [400] * 12 + [60] * 90, [OUT, IN], WARM),
        Trace("sawtooth", [20 + at % 60 * 5 for at in range(240)], [SIMPLE, IN], SIZES),
    ]


def long() -> list[Trace]:
    """The others."""
    week_end = wave(1440, 20, 380, 1440) + [25.0] * 1440
    return [
        Trace("day", wave(1440, 20, 420, 1440), [CPU], WARM),
        Trace("quiet week end", week_end, [FULL], SIZES),
        Trace("two policies", wave(720, 20, 400, 240), [CPU, {**FULL, "target": 60}], WARM),
        Trace("only out", wave(720, 20, 400, 360), [ONLY_OUT], SIZES),
        Trace("long sessions", wave(720, 20, 400, 240), [{**FULL, "disable_scale_in": True}], WARM, seconds=900),
        Trace("long sessions, steps", wave(720, 60, 400, 360), [OUT], WARM, seconds=1800),
        Trace("noise", noise(720, 3), [OUT, IN], SIZES),
        Trace("spikes of a minute", [300 if at % 30 < 2 else 40 for at in range(360)], [CPU, OUT], WARM),
        Trace("noise, tracked", noise(720, 8), [FULL], WARM),
    ]


# What both say


def apart(forecast: Sequence[int], lab: Sequence[int]) -> int:
    """The largest difference of any minute from the nearest of the lab's minute and its two neighbours."""
    around = [lab[max(0, at - 1) : at + 2] for at in range(len(lab))]
    return max(min(abs(mine - one) for one in near) for mine, near in zip(forecast, around, strict=True))


def compare(trace: Trace, look: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> tuple[int, int, float]:
    """Nodes apart within a period, peaks apart, and the share by which the cost differs."""
    found = look(trace.options())
    forecast = [one["nodes"] for one in found["timeline"]]
    lab = on_the_lab(trace)
    return apart(forecast, lab), found["peak"]["nodes"] - max(lab), abs(sum(forecast) / sum(lab) - 1)
