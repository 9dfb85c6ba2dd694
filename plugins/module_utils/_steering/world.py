# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group as steering sees it, in AWS: group, instances, balancers at every look; the rest once a run, or rarely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._balancer import api as _balancers
from .._balancer.health import InstanceHealth
from .._core import api as _ec2
from .._core import tags as _tags
from .._core.aws import Aws
from .._core.errors import Failure, Refusal
from .._core.instances import ENDED, Instance, Instances
from .._core.step import LATER, Step
from .._group import api as _groups
from .._group import journal as _journal
from .._group.value import Group, Member
from .._launch import api as _launches
from .memory import Memory
from .sessions_world import Sessions
from .view import IN_SERVICE, JOINING, OUT, LiveBalancer, LiveNode, LiveTemplate, View

GROUP_TAG = _tags.GROUP


class LiveGroupWorld:
    """One group, for one run."""

    def __init__(
        self,
        aws: Aws,
        name: str,
        sessions: Sessions,
        ids: Sequence[str] = (),
        launches: bool = False,
        beside: bool = False,
        published: Callable[[View], View] = lambda view: view,
    ) -> None:
        """`ids`: instances that are asked for by id; `launches`: what the group launches matters, and how that goes.

        `beside`: what licences are counted by is read, too. `published`: adds to each look what CloudWatch has of it.
        """
        self.aws, self.name, self.sessions, self.launches, self.beside = aws, name, sessions, launches, beside
        self.ids = [one for one in ids if one != LATER]
        self.memory = Memory()
        self.first = self.view = View(name)
        self._looked, self._published = False, published
        self._once: dict[str, Any] = {}
        self._known: set[str] | None = None
        self._members: set[str] = set()

    def read(self) -> View:
        """One look. Raises Failure where there is no such group."""
        group = _groups.existing(self.aws, self.name)
        instances = self._instances(group)
        view = self._published(self.sessions.counted(self._view(group, instances), instances))
        done = self._done(view, instances) if not self.memory.taken else ()
        view = self.memory.seen(view, self.aws.clock.now(), done)
        self.first = self.first if self._looked else view
        self.view, self._looked = view, True
        return view

    def write(self, step: Step) -> None:
        """Makes the call."""
        self.aws.write(step, {})
        self.memory.wrote(step)
        if step.operation == "ModifyLaunchTemplate":
            self._once["default"] = step.args["DefaultVersion"]

    # The group

    def _view(self, group: Group, instances: Instances) -> View:
        tags = group.plain_tags
        balancers = tuple(self._balancer(name) for name in group.balancers)
        standing = {balancer.name: self._standing(balancer.name) for balancer in balancers}
        with _readable("group", self.name):
            journal = _journal.journal(tags)
        view = View(
            name=self.name,
            desired=group.desired,
            min_size=group.settings.min_size or 0,
            max_size=group.settings.max_size or 0,
            nodes=tuple(_node(one, instances.get(one.instance_id), standing) for one in group.members),
            zones=group.zones,
            balancers=balancers,
            suspended=frozenset(group.settings.suspended_processes or ()),
            journal=journal,
            previous=tags.get(_journal.PREVIOUS),
            grace=group.settings.health_check_grace_period or 0,
            deleting=group.deleting,
            foreign="target groups" if group.foreign.get("target_group_arns") else "",
            weighted=group.weighted,
            strangers=self._strangers({one.instance_id for one in group.members}, instances),
            template=self._template(group) if self.launches else None,
            at=self.aws.clock.date(),
            sighting=_journal.sighting(tags),
        )
        if self.beside:
            view = replace(view, beside=self._beside(tags, view), marketplace=self._marketplace(group, instances))
        return self._with_launches(view)

    def _balancer(self, name: str) -> LiveBalancer:
        def read() -> LiveBalancer:
            attributes = _balancers.read_attributes(self.aws, name)
            return LiveBalancer(name, (attributes.connection_draining if attributes else None) or None)

        found: LiveBalancer = self._cached(f"balancer {name}", read)
        return found

    def _standing(self, name: str) -> dict[str, str]:
        """What the balancer says of each instance that is registered with it."""
        return {one: _word(health) for one, health in (_balancers.read_health(self.aws, name) or {}).items()}

    def _template(self, group: Group) -> LiveTemplate | None:
        """The group's template; its versions are read once, so that a run keeps to its aim."""
        source = group.source
        if source is None or source.kind != "template":
            return None

        def read() -> list[Any]:
            return _launches.describe_versions(self.aws, source.name, source.template_id)

        rows = self._cached(f"template {source.name}", read)
        if not rows:
            reason = f"its launch template '{source.name}' ({source.template_id}) no longer exists"
            way_out = "Run the playbook site, or wcs_asg with launch: the group gets a template again"
            raise Failure(Refusal("roll out to", "group", self.name, reason, way_out))
        numbers = sorted(int(one["VersionNumber"]) for one in rows)
        default = next((str(one["VersionNumber"]) for one in rows if one.get("DefaultVersion")), str(numbers[0]))
        latest, version = str(numbers[-1]), str(source.version or "$Default")
        version = {"$Latest": latest, "$Default": default}.get(version, version)
        return LiveTemplate(
            source.name,
            version,
            latest,
            self._once.get("default", default),
            frozenset(map(str, numbers)),
            _launches.likeness(rows),
        )

    def _with_launches(self, view: View) -> View:
        """The view with why launches failed since this run began; asked for only while members are missing."""
        if not self.launches:
            return view
        missing = sum(node.active for node in view.nodes) < view.desired
        if self._known is not None and not missing:
            return view
        found = _groups.read_activities(self.aws, self.name)
        if self._known is None:
            self._known = {one.activity_id for one in found}
        fresh = [one for one in found if one.activity_id not in self._known]
        failed = [one.why for one in fresh if one.status == "Failed" and one.description.startswith("Launching")]
        return replace(view, failures=tuple(failed))

    # Instances

    def _instances(self, group: Group) -> Instances:
        """EC2's instances by id: the group's, those that ended a while ago among them, and those asked for by id."""
        found = _ec2.instances(self.aws, [{"Name": f"tag:{GROUP_TAG}", "Values": [self.name]}])
        members = [one.instance_id for one in group.members]
        missing = [one for one in dict.fromkeys((*members, *self.ids)) if one not in found]
        return found | _ec2.instances_by_id(self.aws, missing)

    def _strangers(self, members: set[str], instances: Instances) -> dict[str, str]:
        self._members |= members
        others = [one for one in self.ids if one not in members]
        return {one: self._stranger(one, instances.get(one)) for one in others}

    def _stranger(self, one: str, instance: Instance | None) -> str:
        """The state of one that is no member; of one that has ended "" unless it was a member."""
        state = instance.state if instance else ""
        if state not in ("", *ENDED):
            return state
        tags = instance.tags if instance else {}
        was = one in self._members or tags.get(GROUP_TAG) == self.name or self._in_activities(one)
        return (state or "terminated") if was else ""

    def _in_activities(self, one: str) -> bool:
        """Whether the group's activities name it, which AWS keeps for six weeks."""
        found = self._cached("activities", lambda: _groups.read_activities(self.aws, self.name))
        return any(one in activity.description for activity in found)

    def _beside(self, tags: Mapping[str, str], view: View) -> int:
        """Running machines of the stack that are no members: the seed."""
        stack = tags.get(_tags.STACK, self.name)
        found: dict[str, Any] = self._cached("beside", lambda: _ec2.running(self.aws, stack))
        return len(set(found) - {node.instance_id for node in view.nodes})

    def _marketplace(self, group: Group, instances: Instances) -> bool:
        """Whether the nodes, and what the group's template launches, are all of AWS Marketplace."""
        images = {one.image_id for one in instances.values() if one.alive}
        if self.launches and (template := self._template(group)):
            rows = self._cached(f"template {template.name}", list)
            images |= {(one.get("LaunchTemplateData") or {}).get("ImageId") for one in rows[-1:]}
        named = sorted(one or "" for one in images)
        return bool(self._cached(f"images {named}", lambda: _ec2.need_no_licence(self.aws, named)))

    def _done(self, view: View, instances: Instances) -> list[LiveNode]:
        """Whom the run that left the journal has ended: their marks outlive them by up to an hour."""
        if view.journal is None:
            return []
        gone = [one for one in instances.values() if one.ended and view.find(one.instance_id) is None]
        ended = [_node(Member(one.instance_id, "", "Terminated"), one, {}) for one in gone]
        return [node for node in ended if node.mark and node.mark.run == view.journal.started]

    def _cached(self, key: str, read: Callable[[], Any]) -> Any:
        if key not in self._once:
            self._once[key] = read()
        return self._once[key]


class _readable:  # noqa: N801 - reads as a word of the sentence
    """Within it a tag of ours whose text is not ours ends the run in a sentence."""

    def __init__(self, thing: str, name: str) -> None:
        self.thing, self.name = thing, name

    def __enter__(self) -> None:
        """Begins."""

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        """Translates."""
        if isinstance(error, _journal.Unreadable):
            key = _journal.ROLLOUT if self.thing == "group" else _journal.DRAINING
            reason = f"its tag {key} cannot be read: {error}"
            raise Failure(Refusal("steer", self.thing, self.name, reason, "Remove the tag, and run again"))


def _node(member: Member, instance: Instance | None, standing: Mapping[str, Mapping[str, str]]) -> LiveNode:
    one = member.instance_id
    with _readable("instance", one):
        mark = _journal.mark(instance.tags if instance else {})
    return LiveNode(
        **{**vars(member), "zone": member.zone or (instance.zone if instance else "")},
        running=instance is None or instance.alive,
        standing={name: words[one] for name, words in standing.items() if one in words},
        mark=mark,
    )


def _word(health: InstanceHealth) -> str:
    """What a balancer says, in a word of ours."""
    if health.in_service:
        return IN_SERVICE
    return JOINING if health.registering else OUT
