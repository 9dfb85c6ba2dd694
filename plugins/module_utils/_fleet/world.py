# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a fleet lives: reads what the want is about, looks at a wait narrowly, writes one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._balancer.instance_health import InstanceHealth, instance_health
from .._core.aws import Aws
from .._core.errors import Failure
from .._core.step import LATER, Ref, Step, Wait, WaitState, means
from .._group.readiness_world import Watch
from .._group.value import Group, Member, Settings, Tag
from .._launch import data as _launch_data
from .._launch import sources as _sources
from .._launch.sources import Configuration, Source, Template, Version
from .._launch.value import Launch
from .._scaling import alarms as _alarms
from .._scaling import hooks as _hooks
from .._scaling import policies as _policies
from .._scaling import schedules as _schedules
from .effects import GONE
from .value import Fleet, Want

NO_TEMPLATE = ("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound")
NO_CONFIGURATIONS = (
    "UnsupportedOperation~launch configuration creation operation is not available",
    "UnsupportedOperationException~launch configuration creation operation is not available",
)
"""AWS takes no new launch configurations from most accounts; the code differs by how one looks."""
NO_GROUP = ("ValidationError~not found",)
"""A group that was there a moment ago may be gone, and one just made may not be known everywhere."""


class GroupWorld:
    """The fleet of one name, as far as a want (None: that it be absent) is about it."""

    def __init__(self, aws: Aws, name: str, want: Want | None, *, adopt: bool, wait: bool) -> None:
        """`wait`: the balancers' verdict on the members is asked for, too."""
        self.aws, self.name, self.want, self.adopt, self.wait = aws, name, want, adopt, wait
        self._watch = Watch(aws, name)
        self._asked: int | None = None
        self._seen: list[Group | None] = []

    # Reading

    def read(self) -> Fleet:
        """What there is; what the last look of a wait saw is not read again."""
        group = self._seen.pop() if self._seen else self._group()
        self._seen.clear()
        have = self._launching(Fleet(self.name, self.adopt, group))
        standing, want = group is not None and not group.deleting, self.want
        if want is None:
            return replace(have, policies=self._policies() if standing else (), alarms=self._alarms())
        policed, hooked, scheduled = want.policies is not None, want.hooks is not None, want.schedules is not None
        return replace(
            have,
            policies=None if not policed else self._policies() if standing else (),
            alarms=self._alarms() if policed and standing else {},
            hooks=None if not hooked else self._hooks() if standing else (),
            schedules=None if not scheduled else self._schedules() if standing else (),
        )

    def look(self, wait: Wait) -> WaitState:
        """Whether the group is gone, or all its members serve."""
        group = self._group()
        self._seen = [group]
        if wait.subject[0] == GONE:
            left = len(group.members) if group else 0
            return WaitState(group is None, f"{wait.what} is being deleted, {left} members left")
        return self._watch.state(group)

    def write(self, step: Step, known: Mapping[Ref, Any]) -> Mapping[Ref, Any]:
        """The values the step learned."""
        self._seen.clear()
        self._watch.begun = True
        if step.args.get("DesiredCapacity") is not None and step.operation.endswith("AutoScalingGroup"):
            self._asked = step.args["DesiredCapacity"]
        try:
            learned = self.aws.write(step, known)
        except Failure as failure:
            raise _refused(failure, step) from failure
        return {ref: str(value) if ref.field == "version" else value for ref, value in learned.items()}

    def _group(self) -> Group | None:
        found = self.aws.pages(
            "autoscaling", "DescribeAutoScalingGroups", "AutoScalingGroups", AutoScalingGroupNames=[self.name]
        )
        self._watch.clock(self.aws.date)  # activities bear AWS's times
        if not found:
            return None
        group = replace(shaped(found[0]), asked=self._asked)
        if self.want is None or group.deleting:
            return group
        group = self._placed(group, self.want.settings)
        staying = group.staying(self.want.settings)
        leaves = len(staying) < len(group.balancers)
        return replace(group, health=self._health(staying)) if self.wait or leaves else group

    def _placed(self, group: Group, want: Settings) -> Group:
        """The group with its members' subnets, where the want leaves out a subnet: a group tells only their zones."""
        staying = set(want.subnets or group.settings.subnets or ())
        if not group.members or LATER in staying or set(group.settings.subnets or ()) <= staying:
            return group
        ids = [member.instance_id for member in group.members]
        found = self.aws.filtered("DescribeInstances", "Reservations", "instance-id", ids)
        subnets = {one["InstanceId"]: one.get("SubnetId") for item in found for one in item["Instances"]}
        placed = tuple(replace(member, subnet=subnets.get(member.instance_id)) for member in group.members)
        return replace(group, members=placed)

    def _health(self, balancers: Sequence[str]) -> dict[str, dict[str, InstanceHealth]]:
        found = {}
        self._watch.missing = None
        for name in balancers:
            reply = self.aws.read(
                "elb", "DescribeInstanceHealth", missing=("LoadBalancerNotFound",), LoadBalancerName=name
            )
            if reply is None:
                self._watch.missing = name
            found[name] = instance_health(reply)
        return found

    def _launching(self, have: Fleet) -> Fleet:
        """The fleet with what it launches, where that is managed: own templates and configurations, or another's."""
        launch = self.want.launch if self.want else None
        if self.want is not None and launch is None:
            return have
        source = have.group.source if have.group else None
        kind = launch.kind if launch and launch.kind != "auto" else source.kind if source else "template"
        members = have.group.members if have.group else ()
        sources = {one.kind for one in (source, *(member.source for member in members)) if one}
        if launch is None or "template" in (kind, source and source.kind):
            have = replace(have, template=self._template())
        moved = have.template is not None and any(version.moved for version in have.template.versions)
        if launch is None or moved or "configuration" in {kind, *sources}:
            have = self._configurations(have, source)
        if launch and source and source.kind == "template" and source.name != self.name:
            have = replace(have, elsewhere=self._foreign_version(source))
        return have

    def _template(self) -> Template | None:
        if not _sources.TEMPLATE_NAME.match(self.name):
            return None
        found = self.aws.pages(
            "ec2",
            "DescribeLaunchTemplateVersions",
            "LaunchTemplateVersions",
            missing=NO_TEMPLATE,
            LaunchTemplateName=self.name,
        )
        if not found:
            return None
        ordered = sorted(found, key=lambda version: int(version["VersionNumber"]))
        versions = tuple(_version(one, self.name) for one in ordered)
        return Template(self.name, ordered[0]["LaunchTemplateId"], versions)

    def _foreign_version(self, source: Source) -> Launch | None:
        key = "LaunchTemplateId" if source.name.startswith("lt-") else "LaunchTemplateName"
        reply = self.aws.read(
            "ec2",
            "DescribeLaunchTemplateVersions",
            missing=(*NO_TEMPLATE, "InvalidLaunchTemplateId.VersionNotFound"),
            Versions=[source.version or "$Default"],
            **{key: source.name},
        )
        found = (reply or {}).get("LaunchTemplateVersions") or ()
        return _launch_data.from_template(found[0]["LaunchTemplateData"]) if found else None

    def _configurations(self, have: Fleet, source: Source | None) -> Fleet:
        found = self.aws.pages("autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations")
        found.sort(key=lambda raw: (raw["CreatedTime"], raw["LaunchConfigurationName"]))
        shapes = [Configuration(raw["LaunchConfigurationName"], _launch_data.from_configuration(raw)) for raw in found]
        own = tuple(one for one in shapes if _sources.owns_configuration(self.name, one.name))
        named = source.name if source and source.kind == "configuration" else None
        elsewhere = next((one.launch for one in shapes if one.name == named and one not in own), None)
        return replace(have, configurations=own, elsewhere=elsewhere)

    def _policies(self) -> tuple[_policies.Policy, ...]:
        found = self._of_group("DescribePolicies", "ScalingPolicies")
        return tuple(sorted(map(_policies.from_aws, found), key=lambda policy: policy.name))

    def _alarms(self) -> dict[str, _alarms.Alarm]:
        prefix = f"{self.name}:"
        found = self.aws.pages(
            "cloudwatch", "DescribeAlarms", "MetricAlarms", AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm"]
        )
        shapes = map(_alarms.from_aws, found)
        return {alarm.name: alarm for alarm in shapes if _alarms.policy_of(self.name, alarm.name)}

    def _hooks(self) -> tuple[_hooks.Hook, ...]:
        found = self._of_group("DescribeLifecycleHooks", "LifecycleHooks")
        return tuple(sorted(map(_hooks.from_aws, found), key=lambda hook: hook.name))

    def _schedules(self) -> tuple[_schedules.Schedule, ...]:
        found = self._of_group("DescribeScheduledActions", "ScheduledUpdateGroupActions")
        return tuple(sorted(map(_schedules.from_aws, found), key=lambda one: one.name))

    def _of_group(self, operation: str, key: str) -> list[Any]:
        return self.aws.pages("autoscaling", operation, key, missing=NO_GROUP, AutoScalingGroupName=self.name)


def _refused(failure: Failure, step: Step) -> Failure:
    if not means(failure, NO_CONFIGURATIONS):
        return failure
    way_out = "Set launch.kind: template; a group that has a configuration is moved to a template in one change"
    return failure.about("create", *step.subject, way_out)


def _version(raw: Mapping[str, Any], stack: str) -> Version:
    data = raw["LaunchTemplateData"]
    return Version(
        str(raw["VersionNumber"]),
        _launch_data.from_template(data),
        bool(raw.get("DefaultVersion")),
        ours=_launch_data.bears_mark(data, stack),
        moved=str(raw.get("VersionDescription") or "").startswith(_sources.MOVED),
    )


def shaped(raw: Mapping[str, Any]) -> Group:
    """The group of DescribeAutoScalingGroups."""
    mixed = raw.get("MixedInstancesPolicy") or {}
    spec = (mixed.get("LaunchTemplate") or {}).get("LaunchTemplateSpecification")
    foreign = {name: raw[key] for name, key in FOREIGN.items() if raw.get(key)}
    return Group(
        raw["AutoScalingGroupName"],
        raw.get("AutoScalingGroupARN") or "",
        _settings(raw),
        source=_sources.source_of({"LaunchTemplate": spec} if spec else raw),
        members=tuple(sorted(map(_member, raw.get("Instances") or ()), key=lambda member: member.instance_id)),
        tags={
            tag["Key"]: Tag(tag.get("Value") or "", bool(tag.get("PropagateAtLaunch"))) for tag in raw.get("Tags") or ()
        },
        deleting=bool(raw.get("Status")),
        mixed=bool(mixed),
        deletion_protection=raw.get("DeletionProtection"),
        foreign=foreign,
    )


FOREIGN = {
    "mixed_instances_policy": "MixedInstancesPolicy",
    "target_group_arns": "TargetGroupARNs",
    "warm_pool": "WarmPoolConfiguration",
    "placement_group": "PlacementGroup",
    "capacity_rebalance": "CapacityRebalance",
    "max_instance_lifetime": "MaxInstanceLifetime",
    "instance_maintenance_policy": "InstanceMaintenancePolicy",
}
"""What is shown and left alone."""


def _settings(raw: Mapping[str, Any]) -> Settings:
    subnets = filter(None, (raw.get("VPCZoneIdentifier") or "").split(","))
    return Settings(
        min_size=raw["MinSize"],
        max_size=raw["MaxSize"],
        desired_capacity=raw["DesiredCapacity"],
        subnets=tuple(sorted(subnets)),
        load_balancers=tuple(sorted(raw.get("LoadBalancerNames") or ())),
        health_check_type=raw.get("HealthCheckType"),
        health_check_grace_period=raw.get("HealthCheckGracePeriod"),
        default_instance_warmup=raw.get("DefaultInstanceWarmup"),
        default_cooldown=raw.get("DefaultCooldown"),
        termination_policies=tuple(raw.get("TerminationPolicies") or ()),
        new_instances_protected_from_scale_in=raw.get("NewInstancesProtectedFromScaleIn"),
        metrics_collection=tuple(sorted(one["Metric"] for one in raw.get("EnabledMetrics") or ())),
        suspended_processes=tuple(sorted(one["ProcessName"] for one in raw.get("SuspendedProcesses") or ())),
    )


def _member(raw: Mapping[str, Any]) -> Member:
    return Member(
        raw["InstanceId"],
        raw["AvailabilityZone"],
        raw["LifecycleState"],
        raw["HealthStatus"],
        bool(raw.get("ProtectedFromScaleIn")),
        _sources.source_of(raw),
    )
