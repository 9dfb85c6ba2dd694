"""Faults at every call site: what is done, what goes wrong, and what must hold afterwards.

A scenario is a run of one module after some preparation. Its call sites are found by recording a clean run, so a new
call is covered by itself; a wait is one site, however often it looks. At each site one fault strikes, once; then the
same run is made again, plainly, and the world must be as after the clean run, object by object.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from lab.api.inprocess import clients
from lab.core import backends as state
from lab.core.lab import Lab
from lab.open import open_lab
from plugins.module_utils._core.errors import Failure
from tests.support.harness import Bench, managed

FAULTS: dict[str, dict[str, Any]] = {
    "error before the effect": {"kind": "error-before"},
    "effect, then an error": {"kind": "error-after"},
    "effect, then a lost reply": {"kind": "cut-reply"},
    "throttled": {"kind": "throttle"},
    "HTML 500": {"kind": "error-before", "code": ""},
    "empty body": {"kind": "error-before", "code": "-"},
    "stale read": {"kind": "stale"},
}
DEATHS = ("dies before the call", "dies after the call")


class Death(BaseException):
    """The process is gone: nothing may catch this."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """`given` are the options of the run; `prepare` returns names for use in them, as `{seed}`."""

    name: str
    module: Any
    given: Mapping[str, Any]
    prepare: Callable[[World], Mapping[str, str]]
    clean_up: Callable[[World, Mapping[str, str]], None]


@dataclass
class World:
    """A fresh lab, and benches on it."""

    lab: Lab = field(default_factory=open_lab)
    die_at: tuple[int, str] | None = None
    died: bool = False
    made: int = 0
    meanwhile: tuple[int, Callable[[], None]] | None = None

    def bench(self, module: Any) -> Bench:
        """A bench for a module; its calls count, and one of them may be the last."""
        return self.bench_by(module, self._mortal(clients(self.lab)))

    def bench_by(self, module: Any, make: Callable[..., Any]) -> Bench:
        """A bench for a module whose clients come from elsewhere."""
        return Bench(self.lab, make, module.ARGUMENTS, managed(module, self.lab))

    def aws(self, service: str) -> Any:
        """A client for preparations and looks."""
        return clients(self.lab)(service)

    def asked(self, run: Callable[[], object]) -> list[Any]:
        """The calls that the lab answered while this ran."""
        start = len(list(self.lab.calls))
        run()
        return list(self.lab.calls)[start:]

    def _mortal(self, make: Callable[..., Any]) -> Callable[..., Any]:
        return lambda service, region: _Mortal(make(service, region), self)

    def close(self) -> None:
        """Ends the lab; a defect of its own fails the test."""
        errors = self.lab.errors
        self.lab.close()
        assert errors == [], "the lab itself failed"


@dataclass
class _Mortal:
    client: Any
    world: World

    def _make_api_call(self, operation: str, args: Mapping[str, Any]) -> Any:
        number, self.world.made = self.world.made, self.world.made + 1
        before, after = (self.world.die_at == (number, death) for death in DEATHS)
        self.world.died |= before or after
        if before:
            raise Death
        if self.world.meanwhile and self.world.meanwhile[0] == number:
            self.world.meanwhile[1]()
        try:
            return self.client._make_api_call(operation, args)
        finally:
            if after:
                raise Death


@dataclass(frozen=True)
class Site:
    """A call of a clean run: which one it is, which of the reads (None: a write), and its name."""

    number: int
    read: int | None
    name: str

    @property
    def faults(self) -> tuple[str, ...]:
        """What can go wrong here: a write is not answered from the past."""
        return (*(fault for fault in FAULTS if fault != "stale read" or self.read is not None), *DEATHS)


@functools.cache
def sites(scenario: Scenario) -> tuple[list[Site], Any]:
    """The call sites of a clean run, and how the world is afterwards."""
    with prepared(scenario) as (world, _, options):
        found: list[Site] = []
        reads, seen = 0, set()
        for number, call in enumerate(world.asked(lambda: world.bench(scenario.module).run(**options))):
            if call.write:
                seen.clear()
            if call.name not in seen:
                found.append(Site(number, None if call.write else reads, call.name))
            reads, seen = reads + (not call.write), seen | {call.name}
        return found, portrait(world)


def strike(scenario: Scenario, site: Site, fault: str, clean: Any) -> None:
    """Runs with the fault at the site, then plainly; AssertionError unless the end is that of the clean run."""
    with prepared(scenario) as (world, names, options):
        if fault in DEATHS:
            world.die_at = (site.number, fault)
        else:
            skip = site.read if fault == "stale read" else site.number
            world.lab.faults.add(skip=skip, count=1, **FAULTS[fault])
        with suppress(Failure, Death):
            world.bench(scenario.module).run(**options)
        assert world.died or [rule.struck for rule in world.lab.faults.rules] == [1], "it never struck"
        world.die_at = None
        made_whole(scenario, world, names, options, clean)


@contextmanager
def prepared(scenario: Scenario) -> Iterator[tuple[World, Mapping[str, str], dict[str, Any]]]:
    """A fresh world where the scenario's run can be made, the names in it, and the options of the run."""
    world = World()
    try:
        names = scenario.prepare(world)
        world.made = 0
        yield world, names, filled(scenario.given, names)
    finally:
        world.close()


def made_whole(
    scenario: Scenario, world: World, names: Mapping[str, str], options: Mapping[str, Any], clean: Any
) -> None:
    """A plain run makes the world as the clean one did, a second has nothing to do, what is removed leaves nothing."""
    world.lab.faults.reset()
    world.lab.run(120)
    world.bench(scenario.module).run(**options)
    assert portrait(world) == clean
    assert world.bench(scenario.module).run(**options).outcome.actions == []
    scenario.clean_up(world, names)


def filled(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return value.format_map(names) if "{" in value else value
        if isinstance(value, Mapping):
            return {key: fill(item) for key, item in value.items()}
        return [fill(item) for item in value] if isinstance(value, list) else value

    return {key: fill(value) for key, value in given.items()}


LOOKS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("ec2", "describe_images", {"Owners": ["self"]}, "Images"),
    ("ec2", "describe_snapshots", {"OwnerIds": ["self"]}, "Snapshots"),
    ("ec2", "describe_launch_templates", {}, "LaunchTemplates"),
    ("elb", "describe_load_balancers", {}, "LoadBalancerDescriptions"),
    ("autoscaling", "describe_auto_scaling_groups", {}, "AutoScalingGroups"),
    ("autoscaling", "describe_launch_configurations", {}, "LaunchConfigurations"),
    ("autoscaling", "describe_policies", {}, "ScalingPolicies"),
    ("cloudwatch", "describe_alarms", {}, "MetricAlarms"),
)
OF_A_GROUP = {"describe_lifecycle_hooks": "LifecycleHooks", "describe_scheduled_actions": "ScheduledUpdateGroupActions"}
IDS = re.compile(r"\b(ami|snap|i|sg|eni|vol|lt|subnet|vpc|r)-[0-9a-f]{8,17}\b")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PASSING = re.compile(
    r"(Time|Date|Timestamp|StateReasonData|StateReason|StateValue|SuspensionReason|Progress|Activities|RequestId|RoleId|InstanceProfileId)$"
)


def portrait(world: World) -> dict[str, Any]:
    """Everything there is, with ids and times made equal: two worlds that differ in nothing else have one portrait."""
    found: dict[str, Any] = {}
    for service, operation, args, key in LOOKS:
        found[key] = _plain(getattr(world.aws(service), operation)(**args)[key])
    elb = world.aws("elb")
    names = sorted(item["LoadBalancerName"] for item in elb.describe_load_balancers()["LoadBalancerDescriptions"])
    for name in names:
        found[f"attributes of {name}"] = _plain(elb.describe_load_balancer_attributes(LoadBalancerName=name))
        found[f"tags of {name}"] = _plain(elb.describe_tags(LoadBalancerNames=[name])["TagDescriptions"])
    found["LoadBalancers"] = names
    for template in world.aws("ec2").describe_launch_templates()["LaunchTemplates"]:
        name = template["LaunchTemplateName"]
        versions = world.aws("ec2").describe_launch_template_versions(LaunchTemplateName=name)
        found[f"versions of {name}"] = _plain(versions["LaunchTemplateVersions"])
    for group in world.aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]:
        name = group["AutoScalingGroupName"]
        for operation, key in OF_A_GROUP.items():
            answer = getattr(world.aws("autoscaling"), operation)(AutoScalingGroupName=name)
            found[f"{key} of {name}"] = _plain(answer[key])
    if any(state.existing("iam")):
        found["profiles"] = _profiles(world.aws("iam"))
    return found


def _profiles(iam: Any) -> dict[str, Any]:
    """Roles with their inline policies, and instance profiles."""
    found: dict[str, Any] = {}
    for name in sorted(one["RoleName"] for one in iam.list_roles()["Roles"]):
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        documents = [iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in policies]
        found[f"role {name}"] = _plain([iam.get_role(RoleName=name)["Role"], *documents])
    for one in iam.list_instance_profiles()["InstanceProfiles"]:
        name = one["InstanceProfileName"]
        found[name] = _plain(iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"])
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _plain(item)
            for key, item in sorted(value.items())
            if not PASSING.search(key) and key not in ("ResponseMetadata", "AvailabilityZone", "SubnetId")
        }
    if isinstance(value, list):
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, str):
        return UUID.sub("*", IDS.sub(r"\1-*", value))
    return value
