# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the options say is to be replayed: a group and its policies, or several of them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from .._core.cron import Undecided, parse
from .._core.errors import Failure, Refusal
from .._core.options import FLAG, FLOAT, NUMBER, choice, each
from .._core.options import NAME as REQUIRED
from .._core.plain import seconds_of
from .._core.surplus import Surplus
from .._scaling import alarms as _alarms
from .._scaling import options as _scaling
from .._scaling import policies as _policies
from .._scaling import rules as _rules
from .._scaling import schedules as _schedules
from .._scaling.metrics import CPU_TRACKED, SESSIONS, STATISTICS, Metric
from .._scaling.policies import Policy
from . import alarms as _judged
from . import decide as _decide
from .load import ReadLoad, of_csv, of_history, of_points
from .value import (
    GroupModel,
    Lengths,
    MetricKind,
    NodeModel,
    ReplayedPolicy,
    ScaleIn,
    TimedSizes,
    of_mean,
    of_quantiles,
)

GROUP: dict[str, Any] = {
    "min_size": NUMBER,
    "max_size": NUMBER,
    "desired_capacity": NUMBER,
    "default_instance_warmup": NUMBER,
    "default_cooldown": NUMBER,
    "new_instances_protected_from_scale_in": FLAG,
    "scheduled_actions": _scaling.SCHEDULES,
}
SCALE_IN = choice("manual", "aws", "steward")
VARIANTS = each(
    name=REQUIRED,
    group={"type": "dict", "options": GROUP},
    scaling_policies=_scaling.POLICIES,
    scale_in=SCALE_IN,
)
TYPED: dict[str, Any] = {
    "group": {"type": "dict", "options": GROUP},
    "scaling_policies": _scaling.POLICIES,
    "variants": VARIANTS,
}
"""The options that have options of their own, as far as a forecast goes by them."""

ARGUMENTS: dict[str, Any] = {
    "load": {"type": "raw", "required": True},
    "group": {"type": "dict", "required": True},
    "scaling_policies": {"type": "list", "elements": "dict"},
    "variants": {"type": "list", "elements": "dict"},
    "scale_in": SCALE_IN,
    "sessions_per_node": FLOAT,
    "cpu_per_session": FLOAT,
    "cpu_idle": {"type": "float", "default": 0},
    "session_seconds": {"type": "raw"},
    "launch_seconds": {"type": "float", "default": 180},
    "headroom": {"type": "float", "default": 0.2},
    "stable_for": {"type": "float", "default": 900},
    "interval": {"type": "float", "default": 300},
    "licence_limit": {"type": "int"},
    "instance_type": {"type": "str"},
    "prices": {"type": "dict"},
    "region": {"type": "str"},
    "suggest": {"type": "bool", "default": True},
    "band": {"type": "bool"},
    "timeline_points": {"type": "int", "default": 1500},
    "variables": {"type": "dict", "default": {}},
}

CPU_NAMES = (CPU_TRACKED, "ASGAverageCPUUtilizationHighResolution")
NAME = "forecast"
MOST_NODES = 100_000
LEAST, MOST = 1e-6, 1e9
FIGURES = {
    **dict.fromkeys(("sessions_per_node", "cpu_per_session", "interval"), 1e-9),
    **dict.fromkeys(("launch_seconds", "cpu_idle", "stable_for", "headroom", "licence_limit"), 0.0),
}
"""The options that are numbers, and the least that each may be."""


@dataclass(frozen=True)
class Case:
    """One group with its policies, under its name; `notices` say what of it does not count."""

    name: str
    group: GroupModel
    notices: tuple[str, ...] = ()


def pruned(value: Any, spec: Mapping[str, Any], path: str = "") -> tuple[Any, list[str]]:
    """The value with only what a forecast goes by, and the paths of what was left out."""
    options = spec.get("options")
    if options is None or value is None:
        return value, []
    if spec["type"] == "list":
        pairs = [pruned(one, {**spec, "type": "dict"}, path) for one in value] if isinstance(value, Sequence) else []
        return ([one for one, _ in pairs], [name for _, names in pairs for name in names]) if pairs else (value, [])
    if not isinstance(value, Mapping):
        return value, []
    kept, left = {}, []
    for key, item in value.items():
        if key in options:
            kept[key], more = pruned(item, options[key], f"{path}.{key}")
            left += more
        elif item is not None:
            left.append(f"{path}.{key}")
    return kept, left


def read_load(given: Any, text: str | None) -> ReadLoad:
    """The load of the option; `text`: the content of the file, where it is one."""
    kind, value = load_kind(given)
    if kind == "csv":
        return of_csv(text or "", str(value))
    if kind == "history":
        return of_history(value)
    return of_points(value)


def load_kind(given: Any) -> tuple[str, Any]:
    """`csv` with a path, `points` or `history`. Failure for what is none of them."""
    if isinstance(given, str) and given.strip():
        return "csv", given
    if isinstance(given, Sequence) and not isinstance(given, str):
        return "points", given
    if isinstance(given, Mapping) and "history" in given and given["history"] is None:
        raise _refused("O(load) is a history of nothing: the stack has no group in use", "Give the path of a CSV file")
    named = {key: value for key, value in given.items() if value is not None} if isinstance(given, Mapping) else {}
    if "points" in named and "period" in named:
        return "history", named
    asked = [key for key in ("csv", "points", "history") if key in named]
    right = {"csv": str, "points": Sequence, "history": Mapping}
    if len(asked) != 1 or not isinstance(named[asked[0]], cast(Any, right[asked[0]])):
        reason = "O(load) is neither a path, nor a list of points, nor one of csv, points and history"
        raise _refused(reason, "Give the path of a CSV file, a list of {time, sessions}, or a history")
    return asked[0], named[asked[0]]


def cases(params: Mapping[str, Any], load: ReadLoad) -> list[Case]:
    """What is to be replayed: each of the variants, or what the options say where there are none."""
    variants = params.get("variants") or [{"name": "given"}]
    names = [str(one["name"]) for one in variants]
    if len(set(names)) < len(names):
        raise _refused("O(variants) names a variant twice", "Give each a name of its own")
    return [_case(params, one, load) for one in variants]


def _case(params: Mapping[str, Any], variant: Mapping[str, Any], load: ReadLoad) -> Case:
    own = {key: value for key, value in (variant.get("group") or {}).items() if value is not None}
    group = {**(params.get("group") or {}), **own}
    given = variant.get("scaling_policies")
    policies = _checked(params.get("scaling_policies") if given is None else given)
    notices: list[str] = []
    replayed = tuple(_replayed(policies, params.get("cpu_per_session") is not None, notices))
    model = _sized(group, load)
    protected = group.get("new_instances_protected_from_scale_in")
    asked = variant.get("scale_in") or params.get("scale_in")
    holding = [policy.name for policy in policies if asked == "steward" and _holds(policy)]
    notices += [f"policy '{name}' goes by metric math, so the steward lets no node leave" for name in holding]
    model = replace(
        model,
        policies=replayed,
        scale_in=cast(ScaleIn, asked or ("aws" if not protected and any(map(_shrinks, replayed)) else "manual")),
        surplus=_surplus(params),
        held=bool(holding),
        interval=float(params.get("interval") or 300),
        node=node_model(params),
    )
    if model.scale_in == "steward" and model.surplus is None:
        raise _refused(
            "O(sessions_per_node) is not given, which the steward needs", "Give how many sessions fit on a node"
        )
    if model.node.capacity is None:
        notices.append("O(sessions_per_node) is not given: a node takes any number of sessions, and none is refused")
    return Case(str(variant["name"]), model, tuple(notices))


def _holds(policy: Policy) -> bool:
    """Whether it adds nodes by what does not say how many are needed, as the steward finds."""
    alarm = policy.alarm
    metric = alarm.metric if alarm else policy.metric
    return policy.enabled is not False and bool(metric and metric.math) and _policies.adds(policy, alarm)


def _shrinks(policy: ReplayedPolicy) -> bool:
    """Whether a policy may lower the capacity."""
    rule = policy.rule
    changes = [rule.adjustment, *(step.adjustment for step in rule.steps)]
    return rule.agrees_on_scale_in or any(change < 0 for change in changes)


def _sized(group: Mapping[str, Any], load: ReadLoad) -> GroupModel:
    least = 1 if group.get("min_size") is None else int(group["min_size"])
    most = group.get("max_size")
    if most is None:
        raise _refused("O(max_size) is not given", "Give it")
    desired = load.nodes if group.get("desired_capacity") is None else int(group["desired_capacity"])
    if not 0 <= least <= int(most):
        raise _refused(f"O(min_size) {least} and O(max_size) {most} are not in order", "Fix them")
    waits = (group.get("default_instance_warmup"), group.get("default_cooldown"), desired)
    if any(one is not None and not 0 <= one < MOST for one in waits):
        raise _refused("a number of O(group) is negative or too large", "Fix it")
    if int(most) > MOST_NODES:
        raise _refused(f"O(max_size) is {most}, which is too large", f"Give at most {MOST_NODES}")
    return GroupModel(
        least,
        int(most),
        desired,
        group.get("default_instance_warmup"),
        300 if group.get("default_cooldown") is None else int(group["default_cooldown"]),
        schedules=tuple(_scheduled(group.get("scheduled_actions") or ())),
    )


def _scheduled(given: Sequence[Mapping[str, Any]]) -> Iterator[TimedSizes]:
    actions = _scaling.schedules(given)
    if problem := _schedules.problem(actions) or _schedules.lacking(actions):
        raise _refused(problem, "Fix the action")
    for one in actions:
        times = [seconds_of(at) if at else None for at in (one.start_time, one.end_time)]
        try:
            parse(one.recurrence or "* * * * *")
        except Undecided as error:
            reason = f"recurrence '{one.recurrence}' of action '{one.name}' in O(scheduled_actions) {error}"
            raise _refused(reason, "Write it in numbers and names") from None
        sizes = (one.min_size, one.max_size, one.desired_capacity)
        yield TimedSizes(one.name, one.recurrence, _zone(one), times[0], times[1], *sizes)


def _zone(action: _schedules.Schedule) -> str | None:
    try:
        return zoneinfo.ZoneInfo(action.time_zone).key if action.time_zone else None
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        of = f"time_zone '{action.time_zone}' of action '{action.name}' in O(scheduled_actions)"
        raise _refused(f"{of} is not known here", "Give a name of the IANA database, such as Europe/Berlin") from None


def _checked(given: Sequence[Mapping[str, Any]] | None) -> tuple[Policy, ...]:
    """The policies with what AWS would take for what is left out. Failure for what it would refuse."""
    policies = _scaling.policies(NAME, given or ())
    complete = _policies.complete(NAME, (), {}, policies)
    if problem := next((*_rules.problems(policies), *_rules.lacking(complete)).__iter__(), None):
        raise _refused(problem, "Fix the policy")
    return complete


def _replayed(policies: Sequence[Policy], has_cpu: bool, notices: list[str]) -> Iterator[ReplayedPolicy]:
    for policy in policies:
        tracked = policy.type == "target_tracking"
        if not policy.managed or (policy.alarm is None and not tracked):
            notices.append(f"policy '{policy.name}' is left out: nothing here calls it")
            continue
        metric = (policy.metric if tracked else policy.alarm and policy.alarm.metric) or Metric()
        kind, statistic = _kind(metric), metric.statistic or "Average"
        if kind is None or statistic not in STATISTICS:
            notices.append(f"policy '{policy.name}' is left out: the load says nothing of its metric")
            continue
        if kind == "cpu" and not has_cpu:
            reason = (
                f"policy '{policy.name}' of O(scaling_policies) goes by the CPU, and O(cpu_per_session) is not given"
            )
            raise _refused(reason, "Give how much CPU (percent of a node) a session costs")
        rule = _decide.from_aws({"PolicyType": _policies.AWS_TYPES[policy.type], **_policies.to_aws(policy)})
        if any(abs(one or 0) >= MOST for one in (rule.warmup, rule.cooldown, rule.adjustment, rule.magnitude)):
            raise _refused(f"a number of policy '{policy.name}' of O(scaling_policies) is too large", "Fix it")
        alarm = None if policy.alarm is None else _judged.from_aws(_alarms.to_aws(policy.alarm))
        yield ReplayedPolicy(policy.name, rule, kind, alarm, metric.period or 60, statistic)


def _kind(metric: Metric) -> MetricKind | None:
    """What of a node the metric measures; None for what a load does not say."""
    if metric.predefined in CPU_NAMES or (metric.namespace, metric.name) == ("AWS/EC2", "CPUUtilization"):
        return "cpu"
    return "sessions" if (metric.namespace, metric.name) == SESSIONS else None


def node_model(params: Mapping[str, Any]) -> NodeModel:
    """What sessions do to a node."""
    for name, lowest in FIGURES.items():
        value = params.get(name)
        if value is not None and not lowest <= float(value) < MOST:
            raise _refused(f"O({name}) is {value:g}, which is too small or too large", "Give a number above 0")
    return NodeModel(
        capacity=params.get("sessions_per_node"),
        cpu_per_session=params.get("cpu_per_session"),
        cpu_idle=float(params.get("cpu_idle") or 0),
        launch_seconds=180.0 if params.get("launch_seconds") is None else float(params["launch_seconds"]),
        lengths=_lengths(params.get("session_seconds")),
    )


def _lengths(given: Any) -> Lengths | None:
    """How long sessions last: on average, or quantiles such as {p50: 300, p95: 3600}."""
    if given is None or given == "":
        return None
    way_out = "Give a number of seconds, or quantiles such as {p50: 300, p95: 3600}"
    try:
        if not isinstance(given, Mapping):
            seconds = float(given)
            if not 0 < seconds < MOST:
                raise ValueError
            return of_mean(seconds)
        pairs = sorted((_share(key), float(value)) for key, value in given.items())
        seconds_of_them = [seconds for _, seconds in pairs]
        if not pairs or seconds_of_them != sorted(seconds_of_them) or not LEAST < seconds_of_them[-1] < MOST:
            raise ValueError
    except (TypeError, ValueError):
        raise _refused(f"O(session_seconds) is '{given}'", way_out) from None
    return of_quantiles(pairs)


def _share(key: Any) -> float:
    share = float(str(key).strip().lower().removeprefix("p").removesuffix("%"))
    share = share / 100 if share > 1 else share
    if not 0 < share <= 1:
        raise ValueError
    return share


def _surplus(params: Mapping[str, Any]) -> Surplus | None:
    if params.get("sessions_per_node") is None:
        return None
    headroom, stable = params.get("headroom"), params.get("stable_for")
    return Surplus(
        float(params["sessions_per_node"]), 0.2 if headroom is None else headroom, 900.0 if stable is None else stable
    )


def step_of(found: Sequence[Case]) -> int:
    """Seconds of a step of the replay: so short that each alarm has its periods."""
    periods = [p.alarm.period if p.alarm else p.period for case in found for p in case.group.policies]
    return 10 if any(period < 60 for period in periods) else 60


def _refused(reason: str, way_out: str) -> Failure:
    return Failure(Refusal("forecast", "the group", "", reason, way_out))
