# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused of a fleet: what AWS would refuse, what would take somebody else's, what would cut sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._core import tags as _tags
from .._core.errors import CORRECT, Refusal
from .._core.step import LATER
from .._group import value as _group
from .._group.value import Group, Settings
from .._launch import data as _launch_data
from .._launch import rules as _launch_rules
from .._launch import sources as _sources
from .._scaling import hooks as _hooks
from .._scaling import rules as _scaling_rules
from .._scaling import schedules as _schedules
from .licences import unlicensed
from .value import Fleet, FleetWant, LaunchWant, complete, kept_in, launched_from

Reason = tuple[str, str]
UNMANAGED = f"not tagged {_tags.STACK}, so it is not managed by this collection"
CHOOSE = "Choose another O(name)"
RECREATE = "Create it first (wcs_classic_elb), or remove it from O(load_balancers)"
TEMPLATE_NAME = "its launch template has the same name, which takes 3 to 128 letters, digits and -()./_"
TAGS = 47  # of AWS's 50: our mark, the journal of a rollout, and the version before it
LISTS = {
    "termination_policies": (_group.TERMINATION_POLICIES, f"none of {', '.join(_group.TERMINATION_POLICIES)}"),
    "suspended_processes": (_group.PROCESSES, f"none of {', '.join(_group.PROCESSES)}"),
    "metrics_collection": (_group.METRICS, "not a metric of a group, such as GroupDesiredCapacity"),
}


def problem(name: str, want: FleetWant) -> Refusal | None:
    """What is wrong with the options, whatever there is: found before the first call."""
    for reason in _option_problems(name, want):
        return Refusal("use", "the options of group", name, *reason)
    return None


def _option_problems(name: str, want: FleetWant) -> Iterator[Reason]:
    if not re.fullmatch(r"[\x21-\x39\x3b-\x7e]{1,255}", name):
        yield "a group's name has 1 to 255 printable ASCII characters without space and colon", CHOOSE
    if want.launch and want.launch.kind == "template" and not _sources.TEMPLATE_NAME.match(name):
        yield TEMPLATE_NAME, CHOOSE
    for text in _setting_problems(want.settings):
        yield text, CORRECT
    yield from _sizes(want.settings)
    if (limit := want.licences.limit) is not None and limit < 0:
        yield f"O(licence_limit) is {limit}, and 0 is the least", CORRECT
    if want.launch:
        if want.launch.keep < 1:
            yield f"O(launch.keep) is {want.launch.keep}, and at least 1 version is kept", CORRECT
        if found := _launch_rules.problem(want.launch.content):
            yield found
    tags, hooks = _tags.problem(want.tags, TAGS), _hooks.problem(want.hooks or ())
    others = (tags, hooks, _schedules.problem(want.schedules or ()))
    yield from ((text, CORRECT) for text in others if text)
    yield from ((text, CORRECT) for text in _scaling_rules.problems(want.policies or ()))


def _setting_problems(want: Settings) -> Iterator[str]:
    numbers = ("min_size", "max_size", "desired_capacity", "health_check_grace_period", "default_cooldown")
    for option in numbers:
        if (value := getattr(want, option)) is not None and value < 0:
            yield f"O({option}) is {value}; AWS allows 0 and more"
    if want.default_instance_warmup is not None and want.default_instance_warmup < -1:
        warmup = want.default_instance_warmup
        yield f"O(default_instance_warmup) is {warmup}; AWS allows 0 and more, and -1 to remove it"
    if want.subnets is not None and not want.subnets:
        yield "O(subnets) is empty, and a group needs at least one"
    if not all(subnet == LATER or subnet.startswith("subnet-") for subnet in want.subnets or ()):
        yield "O(subnets) needs IDs (subnet-…), not names"
    if len(want.load_balancers or ()) > 50:
        yield f"O(load_balancers) has {len(want.load_balancers or ())} names; AWS allows at most 50 per group"
    kinds = set((want.health_check_type or "EC2").split(",")) - {"EC2", "ELB", "EBS", "VPC_LATTICE"}
    if kinds:
        yield (
            f"O(health_check_type) '{want.health_check_type}' is invalid: use EC2, ELB, EBS, VPC_LATTICE, "
            "separated by commas"
        )
    for option, (known, rule) in LISTS.items():
        lambdas = option == "termination_policies"
        strange = [v for v in getattr(want, option) or () if v not in known and not (lambdas and v.startswith("arn:"))]
        if strange:
            yield f"O({option}) has '{strange[0]}', which is {rule}"


def refuse(have: Fleet, want: FleetWant | None) -> Refusal | None:
    """Why this cannot or must not be done from here, or None."""
    if want is None:
        return _refuse_removal(have)
    verb = "create" if have.standing is None else "change"
    for reason in _reasons(have, want):
        return Refusal(verb, "group", have.name, *reason)
    return None


def _refuse_removal(have: Fleet) -> Refusal | None:
    for user in have.users:
        reason = f"Auto Scaling group '{user}' launches from its launch template or configuration"
        return Refusal("remove", "group", have.name, reason, "Point that group elsewhere first")
    group = have.standing
    if group is None:
        return None
    if not _ours(have, group) and not have.adopt:
        reason = f"it is {UNMANAGED}" if _mark(group) is None else f"it {_others(have, group)}"
        return Refusal("remove", "group", have.name, reason, "Set O(adopt): true to remove it nevertheless")
    if group.settings.deletion_protection not in (None, "none"):
        protection = _group.to_aws("deletion_protection", group.settings.deletion_protection)
        reason = f"its deletion protection is {protection}"
        return Refusal("remove", "group", have.name, reason, "Turn the protection off first, if it may be removed")
    return None


def _reasons(have: Fleet, want: FleetWant) -> Iterator[Reason]:
    yield from _adoption(have, want)
    goal = complete(have, want)
    assert goal is not None  # noqa: S101 - only the completion of None is None
    if have.standing is None:
        yield from _second(have)
        yield from _incomplete(want)
    yield from _sizes(goal.settings)
    if have.lost and have.lost in (want.settings.load_balancers or ()):
        yield f"it is in load balancer '{have.lost}', which no longer exists", RECREATE
    yield from _launching(have, goal)
    yield from _scaling_rules.foreign(have.policies or (), want.policies or ())
    yield from ((text, CORRECT) for text in _scaling_rules.lacking(goal.policies or ()))
    yield from _monitoring(goal)
    yield from ((text, CORRECT) for text in _scaling_rules.clashing(want.policies or (), goal.policies or ()))
    for text in (
        _hooks.lacking(want.hooks or (), goal.hooks or ()),
        _schedules.lacking(goal.schedules or (), have.schedules or ()),
    ):
        if text:
            yield text, CORRECT
    if why := unlicensed(have, goal):
        yield why
    if have.standing is not None and not want.allow_scale_in:
        yield from _victims(have.standing, goal.settings)


def _mark(group: Group) -> str | None:
    return group.plain_tags.get(_tags.STACK)


def _ours(have: Fleet, group: Group) -> bool:
    return _tags.is_marked(group.plain_tags, have.owner)


def _others(have: Fleet, group: Group) -> str:
    return f"is tagged {_tags.STACK}={_mark(group)}, so it is not of stack '{have.owner}'"


def _adoption(have: Fleet, want: FleetWant) -> Iterator[Reason]:
    if have.adopt:
        return
    way_out = "Set O(adopt): true to take it over, or choose another O(name)"
    if have.standing is not None and not _ours(have, have.standing):
        there = _mark(have.standing)
        why = f"is {UNMANAGED}" if there is None else _others(have, have.standing)
        yield f"a group of that name exists and {why}", way_out
    if want.launch is not None and have.template is not None and not have.template.ours:
        text = f"a launch template of that name exists ({have.template.template_id}) and is {UNMANAGED}"
        yield text, way_out


def _second(have: Fleet) -> Iterator[Reason]:
    """A stack has one group: one of another name would take its place, and the old one be forgotten."""
    for other in have.others:
        reason = f"group '{other}' is tagged {_tags.STACK}={have.owner}, and a stack has one group"
        yield reason, _tags.instead(other)


def _incomplete(want: FleetWant) -> Iterator[Reason]:
    content = want.launch.content if want.launch else None
    needed = {
        "min_size": want.settings.min_size,
        "max_size": want.settings.max_size,
        "subnets": want.settings.subnets,
        "launch.image_id": content and content.image_id,
        "launch.instance_type": content and content.instance_type,
    }
    if missing := [f"O({option})" for option, value in needed.items() if value is None]:
        yield f"it does not exist yet, and {', '.join(missing)} {_are(missing)} missing", "Set what is missing"


def _are(items: list[str]) -> str:
    return "is" if len(items) == 1 else "are"


def _sizes(goal: Settings) -> Iterator[Reason]:
    low, high, aim = goal.min_size, goal.max_size, goal.desired_capacity
    if low is not None and high is not None and low > high:
        yield f"O(min_size) {low} is above O(max_size) {high}", "Lower O(min_size), or raise O(max_size)"
    for bound, name, wrong in ((low, "below O(min_size)", -1), (high, "above O(max_size)", 1)):
        if aim is not None and bound is not None and (aim - bound) * wrong > 0:
            yield f"O(desired_capacity) {aim} is {name} {bound}", "Choose one between O(min_size) and O(max_size)"


def no_balancer(name: str, balancer: str) -> Refusal:
    """The refusal of a plan that names a balancer which is not there."""
    reason = f"there is no load balancer '{balancer}'"
    return Refusal("plan", "group", name, reason, "Correct O(load_balancers), or create it first (wcs_classic_elb)")


def _launching(have: Fleet, goal: FleetWant) -> Iterator[Reason]:
    if goal.launch is None:
        return
    missing = kept_in(have, goal.launch) is None
    if missing and goal.launch.kind == "template" and not _sources.TEMPLATE_NAME.match(have.name):
        yield TEMPLATE_NAME, CHOOSE
    if missing and (lacks := _launch_rules.lacking(goal.launch.content)):
        yield lacks, CORRECT
    beyond = _launch_data.beyond_configurations(goal.launch.content)
    if missing and goal.launch.kind == "configuration" and beyond:
        reason = f"a launch configuration has no {', '.join(beyond)}"
        yield reason, "Set O(launch.kind): template, or remove that by hand first"
    yield from _unreadable(have, goal, goal.launch)
    yield from _unread(have, goal.launch)
    yield from _mixed(have, goal)


def _unreadable(have: Fleet, goal: FleetWant, launch: LaunchWant) -> Iterator[Reason]:
    """Tags that nodes would have and their metadata service cannot show: AWS would launch none."""
    there = have.standing.plain_tags if have.standing and (goal.tags is None or not goal.purge_tags) else {}
    if key := _launch_rules.unreadable_tag(launch.content, {*there, *(goal.tags or {})}):
        reason = f"a node with tag '{key}' cannot be launched: the key of a tag that it can read itself"
        yield (
            f"{reason} has letters, digits and +-=._:,@ only",
            "Choose another key for that tag, or set O(launch.metadata.instance_metadata_tags): disabled",
        )


def _unread(have: Fleet, goal: LaunchWant) -> Iterator[Reason]:
    """What is there cannot be read, so that what the options leave out is not known."""
    source, content = have.source, goal.content
    lacking = [name for name in ("image_id", "instance_type") if getattr(content, name) is None]
    if source is None or have.launch is not None or have.standing is None or not lacking:
        return
    thing = "launch template" if source.kind == "template" else "launch configuration"
    version = f" version {source.version}" if source.version else ""
    reason = f"it launches from {thing} '{source.name}'{version}, which no longer exists"
    given = " and ".join(f"O(launch.{name})" for name in lacking)
    yield f"{reason}, so what O(launch) leaves out is not known", f"Set {given}, and all else that nodes shall have"


def _mixed(have: Fleet, goal: FleetWant) -> Iterator[Reason]:
    if goal.launch is None or have.standing is None or not have.standing.mixed:
        return
    if goal.launch.kind != "template" or launched_from(have, goal.launch) != have.source:
        yield (
            "it has a mixed instances policy, whose overrides would not follow a change of O(launch)",
            "Change the policy by hand, or leave O(launch) out",
        )


def _monitoring(goal: FleetWant) -> Iterator[Reason]:
    if goal.launch is None or goal.launch.content.detailed_monitoring is not False:
        return
    for policy in goal.policies or ():
        alarm = policy.alarm
        if alarm and alarm.metric and alarm.metric.namespace == "AWS/EC2" and (alarm.period or 300) < 300:
            reason = f"the alarm of policy '{policy.name}' has a period of {alarm.period} s"
            yield (
                f"{reason}, and without detailed monitoring EC2 reports every 300 s",
                "Set its period to 300, or O(launch.detailed_monitoring): true",
            )


def _victims(group: Group, goal: Settings) -> Iterator[Reason]:
    """Changes by which AWS would choose members to terminate."""
    way_out = "Drain nodes first (wcs_drain waits for their sessions), or set O(allow_scale_in): true"
    asked_before = goal.desired_capacity is not None and goal.desired_capacity == group.asked
    after = _group.desired_after(group.settings, goal)
    if after < group.desired and not asked_before:
        cause = "O(desired_capacity)" if goal.desired_capacity is not None else f"O(max_size) {goal.max_size}"
        lowered = f"{cause} would lower the desired capacity from {group.desired} to {after}"
        yield f"{lowered}, and AWS would choose whose sessions are cut", way_out
    kept = set(goal.subnets or ())
    lost = sorted({m.subnet for m in group.members if m.subnet and m.subnet not in kept and not m.retained})
    if lost and goal.subnets is not None and LATER not in goal.subnets:
        yield f"O(subnets) leaves out {', '.join(lost)}, where nodes are, and AWS would terminate them", way_out
