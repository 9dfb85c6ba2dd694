# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a fleet lives: reads what the want is about, looks at a wait narrowly, writes one step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._balancer import api as _balancers
from .._balancer.health import Asks, InstanceHealth
from .._core import api as _ec2
from .._core import tags as _tags
from .._core.api import instances_by_id
from .._core.aws import Aws
from .._core.errors import Failure
from .._core.plain import iso
from .._core.step import LATER, Ref, Step, Wait, WaitState, means
from .._group import api as _group_api
from .._group.bearers import Bearer
from .._group.readiness_world import ReadinessWatch, nobody
from .._group.value import Group, Settings
from .._launch import api as _launch_api
from .._launch import sources as _sources
from .._launch.sources import LaunchSource
from .._scaling import api as _scaling_api
from .effects import GONE
from .licences import images, unlicensed
from .value import Fleet, FleetWant, complete, retiring, tag_changes

NO_CONFIGURATIONS = (
    "UnsupportedOperation~launch configuration creation operation is not available",
    "UnsupportedOperationException~launch configuration creation operation is not available",
)
"""AWS takes no new launch configurations from most accounts; the code differs by how one looks."""


JOINING = ("CreateAutoScalingGroup", "AttachLoadBalancers")


class GroupWorld:
    """The fleet of one name, as far as a want (None: that it be absent) is about it."""

    def __init__(
        self,
        aws: Aws,
        name: str,
        want: FleetWant | None,
        *,
        adopt: bool,
        wait: bool,
        asks: Asks = nobody,
        stack: str | None = None,
        planned: Collection[str] = (),
    ) -> None:
        """`wait`: the balancers' verdict on the members is asked for, too. `asks`: who asks sick nodes.

        `stack`: whose tag the fleet has, where that is not its own name. `planned`: balancers that are yet to be made.
        """
        self.aws, self.name, self.want, self.adopt, self.wait = aws, name, want, adopt, wait
        self.stack, self.planned = stack, planned
        self._watch = ReadinessWatch(aws, name, asks)
        self._asked: int | None = None
        self._seen: list[Group | None] = []
        self._began: tuple[LaunchSource | None] | None = None
        self._tagging = self._templateless = False
        self._forgetful: tuple[str, ...] | None = None
        self._beside: int | None = None
        self._marketplace: bool | None = None

    # Reading

    def read(self) -> Fleet:
        """What there is; what the last look of a wait saw is not read again."""
        group = self._seen.pop() if self._seen else self._group()
        self._seen.clear()
        have, want = Fleet(self.name, self.adopt, group, stack=self.stack), self.want
        standing = have.standing is not None
        have = have if standing or want is None else replace(have, others=self._others(have.owner))
        have = self._forgotten(self._sharing(self._bearing(self._begun(self._launching(have)))))
        if want is None:
            have = replace(have, users=self._users(have))
            policies = _scaling_api.read_policies(self.aws, self.name) if standing else ()
            return replace(have, policies=policies, alarms=_scaling_api.read_alarms(self.aws, self.name))
        alarmed = want.policies is not None and standing
        have = replace(
            have,
            policies=self._of_group(want.policies, standing, _scaling_api.read_policies),
            alarms=_scaling_api.read_alarms(self.aws, self.name) if alarmed else {},
            hooks=self._of_group(want.hooks, standing, _scaling_api.read_hooks),
            schedules=self._of_group(want.schedules, standing, _scaling_api.read_schedules),
        )
        if any(one.start_time for one in want.schedules or ()):
            have = replace(have, date=iso(self.aws.date or self.aws.clock.date()))
        return self._licensed(have, standing) if want.licences.bind else have

    def _begun(self, have: Fleet) -> Fleet:
        """The fleet with what it launched from at the first look."""
        self._began = self._began or (have.source,)
        return replace(have, began=self._began[0])

    def _licensed(self, have: Fleet, standing: bool) -> Fleet:
        """The fleet with what says how many licences it needs. The image is asked for only where they are too few."""
        assert self.want is not None  # noqa: S101 - nothing needs no licence
        scheduled = have.schedules
        if scheduled is None:
            scheduled = _scaling_api.read_schedules(self.aws, self.name) if standing else ()
        if self._beside is None:
            running = _ec2.running(self.aws, have.owner).values()
            self._beside = sum(one.tags.get(_tags.GROUP) != self.name for one in running)
        have = replace(have, beside=self._beside, scheduled=tuple(scheduled))
        goal = complete(have, self.want)
        if goal is None or unlicensed(have, goal) is None:
            return have
        if self._marketplace is None:
            self._marketplace = _ec2.need_no_licence(self.aws, images(have, goal))
        return replace(have, marketplace=self._marketplace)

    def _others(self, stack: str) -> tuple[str, ...]:
        """The groups of other names that have the stack's tag, those that are being deleted aside."""
        groups = _group_api.read_marked(self.aws, stack)
        return tuple(one.name for one in groups if one.name != self.name and not one.deleting)

    def _users(self, have: Fleet) -> tuple[str, ...]:
        """Groups of others that launch from a template or configuration that a removal takes; read before it begins."""
        if self._watch.begun:
            return ()
        template = have.template if have.template and have.template.ours else None
        own = {one.name for one in have.configurations}
        if template is None and not own:
            return ()
        found = _group_api.read_others(self.aws, self.name, have.owner)

        def launched(source: LaunchSource | None) -> bool:
            if source is None or source.kind == "template":
                return template is not None and template.named_by(source)
            return source.name in own

        return tuple(one.name for one in found if launched(one.source))

    def _of_group(self, wanted: Any, standing: bool, read: Callable[[Aws, str], Any]) -> Any:
        """What belongs to the group; None where it is not managed, () where there is no group."""
        return None if wanted is None else read(self.aws, self.name) if standing else ()

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
        found = _group_api.read(self.aws, self.name)
        self._watch.clock(self.aws.date)  # activities bear AWS's times
        if found is None:
            return None
        group = replace(found, asked=self._asked)
        if self.want is None or group.deleting:
            return group
        group = self._placed(group, self.want.settings)
        staying = group.staying(self.want.settings)
        leaves = len(staying) < len(group.balancers)
        return replace(group, health=self._health(staying)) if self.wait or leaves else group

    def _placed(self, group: Group, want: Settings) -> Group:
        """The group with its members' subnets, where the want leaves out a subnet: AWS returns only their zones.

        A group that was made by zones names no subnets, and its members are in some all the same.
        """
        there, staying = group.settings.subnets, set(want.subnets or ())
        if not group.members or not staying or LATER in staying or (there and set(there) <= staying):
            return group
        found = instances_by_id(self.aws, [member.instance_id for member in group.members])
        subnets = {one: instance.subnet for one, instance in found.items()}
        placed = tuple(replace(member, subnet=subnets.get(member.instance_id)) for member in group.members)
        return replace(group, members=placed)

    def _health(self, balancers: Sequence[str]) -> dict[str, dict[str, InstanceHealth]]:
        found = {}
        self._watch.missing = None
        for name in balancers:
            health = _balancers.read_health(self.aws, name)
            if health is None:
                self._watch.missing = name
            found[name] = health or {}
        return found

    def missing_balancers(self, steps: Sequence[Step], planned: Collection[str]) -> str | None:
        """The first balancer that a step joins the group to, and that is neither there nor planned."""
        joins = [step.args.get("LoadBalancerNames", ()) for step in steps if step.operation in JOINING]
        for name in sorted({name for names in joins for name in names} - {*planned, LATER}):
            self._health([name])
            if self._watch.missing:
                return name
        return None

    def _launching(self, have: Fleet) -> Fleet:
        """The fleet with what it launches, where that is managed: own templates and configurations, or another's."""
        launch = self.want.launch if self.want else None
        if self.want is not None and launch is None:
            return have
        source = have.group.source if have.group else None
        kind = launch.kind if launch and launch.kind != "auto" else source.kind if source else "template"
        members = have.group.members if have.group else ()
        sources = {one.kind for one in (source, *(member.source for member in members)) if one}
        named = _sources.TEMPLATE_NAME.match(self.name) and not self._templateless
        if named and (launch is None or "template" in (kind, source and source.kind)):
            have = replace(have, template=_launch_api.read_template(self.aws, self.name, have.owner))
            self._templateless = launch is None and have.template is None  # nobody makes one while all of it goes
        moved = have.template is not None and any(version.moved for version in have.template.versions)
        if launch is None or moved or "configuration" in {kind, *sources}:
            have = self._configurations(have, source)
        own = source is not None and have.template is not None and have.template.named_by(source)
        if launch and source and source.kind == "template" and not own:
            have = replace(have, elsewhere=_launch_api.read_version(self.aws, source))
        return have

    def _sharing(self, have: Fleet) -> Fleet:
        """The fleet with what others launch from, where versions or configurations of its own may be retired."""
        goal = complete(have, self.want)
        if goal is None or goal.launch is None or not retiring(have, goal):
            return have
        others = [one for one in _group_api.read_all(self.aws) if one.name != self.name and not one.deleting]
        sources = (source for one in others for source in (one.source, *(member.source for member in one.members)))
        return replace(have, shared=tuple(dict.fromkeys(source for source in sources if source)))

    def _forgotten(self, have: Fleet) -> Fleet:
        """The fleet with the balancers that are not there, or know none of its members, at the first look and now.

        What a drain or rollout took out is its own to bring back. With AddToLoadBalancer suspended nobody is added.
        """
        group = have.standing
        if group is None or group.health is None:
            return have
        if (gone := self._watch.missing) and gone not in self.planned:
            return have if self._watch.begun else replace(have, lost=gone)
        if group.steered or not group.serving():
            return have
        if "AddToLoadBalancer" in (group.settings.suspended_processes or ()):
            return have
        members = {member.instance_id for member in group.members}
        names = group.balancers if self._forgetful is None else self._forgetful
        self._forgetful = tuple(
            name for name in names if name in group.health and not members & group.health[name].keys()
        )
        return replace(have, forgetful=self._forgetful)

    def _bearing(self, have: Fleet) -> Fleet:
        """The fleet with what else has the group's tags: read where tags change, and once more after that."""
        if self.want is None or have.standing is None:
            return have
        goal = complete(have, self.want)
        self._tagging = self._tagging or bool(goal and tag_changes(have, goal))
        if not self._tagging:
            return have
        ids = [member.instance_id for member in have.standing.members]
        bearers = _group_api.read_bearers(self.aws, ids)
        if have.template and have.template.ours:
            found = _launch_api.template_tags(self.aws, have.template.name)
            bearers = (*bearers, *(Bearer(one, "launch-template", tags) for one, tags in found.items()))
        return replace(have, bearers=bearers)

    def _configurations(self, have: Fleet, source: LaunchSource | None) -> Fleet:
        found = _launch_api.read_configurations(self.aws)
        own = tuple(one for one in found if _sources.owns_configuration(self.name, one.name))
        named = source.name if source and source.kind == "configuration" else None
        elsewhere = next((one.launch for one in found if one.name == named and one not in own), None)
        return replace(have, configurations=own, elsewhere=elsewhere)


def _refused(failure: Failure, step: Step) -> Failure:
    if not means(failure, NO_CONFIGURATIONS):
        return failure
    way_out = "Set O(launch.kind): template; a group that has a configuration is moved to a template in one change"
    return failure.about("create", *step.subject, way_out)
