# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet as it is and as it is wanted: a group, what it launches, and what makes it scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from .._core import tags as _tags
from .._core.licences import UNCOUNTED, Licences
from .._core.step import LATER
from .._group import journal as _journal
from .._group import value as _group
from .._group.bearers import Bearer, TagChange
from .._group.value import Group, Settings
from .._launch import sources as _sources
from .._launch import value as _launch
from .._launch.sources import Configuration, LaunchSource, Template
from .._launch.value import Launch
from .._scaling import hooks as _hooks
from .._scaling import policies as _policies
from .._scaling import schedules as _schedules
from .._scaling.alarms import Alarm
from .._scaling.hooks import Hook
from .._scaling.policies import Policy
from .._scaling.schedules import Schedule


@dataclass(frozen=True)
class Fleet:
    """What there is of that name. What the want is not about was not read: None, or no template and configurations.

    `template` and `configurations` are those with the fleet's name; `elsewhere` is what the group launches when
    that is kept under another name. `adopt`: what does not have our tag may be taken over or removed. `bearers`: what
    else has the group's tags; None where no tag changes, so that it was not read. `stack`: whose tag all of it has,
    where that is not its own name. `others` are the stack's groups of other names, read where one is to be made;
    `users` other groups that launch from what is its own, read where that should go; `shared` what other groups and
    their members launch from, read where versions or configurations may be retired. `forgetful`: balancers that the
    group names and that know none of its members, as one that was deleted and made anew; `lost`: one that it names and
    that is not there. `began`: what the group launched from when the run began. `date`: today, as AWS says it, where
    actions are to begin at a time. For licences, read only where limited: `beside`, the running machines of the stack
    outside the group; `scheduled`, all scheduled actions; `marketplace`, whether the launch is of AWS Marketplace.
    """

    name: str
    adopt: bool = False
    group: Group | None = None
    template: Template | None = None
    configurations: tuple[Configuration, ...] = ()
    elsewhere: Launch | None = None
    policies: tuple[Policy, ...] | None = None
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    hooks: tuple[Hook, ...] | None = None
    schedules: tuple[Schedule, ...] | None = None
    bearers: tuple[Bearer, ...] | None = None
    stack: str | None = None
    others: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    shared: tuple[LaunchSource, ...] = ()
    forgetful: tuple[str, ...] = ()
    lost: str | None = None
    began: LaunchSource | None = None
    date: str | None = None
    beside: int = 0
    scheduled: tuple[Schedule, ...] | None = None
    marketplace: bool = False

    @property
    def owner(self) -> str:
        """The stack whose tag all of it has."""
        return self.stack or self.name

    @property
    def standing(self) -> Group | None:
        """The group, unless it is being deleted: then it is as good as gone."""
        return self.group if self.group and not self.group.deleting else None

    @property
    def source(self) -> LaunchSource | None:
        """What the group names; of its own template by number, also where it says `$Latest` or `$Default`."""
        source = self.standing.source if self.standing else None
        if source is None or self.template is None or source.kind != "template":
            return source
        if not self.template.named_by(source):  # another template, perhaps one that had the name before
            return replace(source, name=source.template_id or "") if source.name == self.template.name else source
        version = self.template.find(source.version)
        return replace(source, version=version.number) if version else source

    @property
    def launch(self) -> Launch | None:
        """What the group launches now."""
        source = self.source
        if source is None:
            return None
        if self.template and self.template.named_by(source):
            version = self.template.find(source.version)
            return version.launch if version else None
        own = next((one.launch for one in self.configurations if one.name == source.name), None)
        return own or self.elsewhere

    @property
    def pending(self) -> bool:
        """Whether the newest version of the template is not the group's: a rollout is to bring it."""
        source, template = self.source, self.template
        return bool(template and template.named_by(source) and source and source.version != template.latest.number)


@dataclass(frozen=True)
class LaunchWant:
    """What should be launched, and how the group comes to it."""

    content: Launch
    kind: str = "auto"
    keep: int = 2
    apply: Literal["now", "rollout"] = "now"


@dataclass(frozen=True)
class FleetWant:
    """A fleet that should be. None: not managed. `tag_volumes`: the volumes of its nodes get its tags, too.

    `seed`: whether the image is made of a seed while the run works, or one is kept running. `seed_image_id`: what that
    one is launched from, which says whether an image that is known later needs licences. `surge`: how many nodes more
    the rollout to come has for a while.
    """

    settings: Settings
    launch: LaunchWant | None = None
    policies: tuple[Policy, ...] | None = None
    purge_policies: bool = True
    hooks: tuple[Hook, ...] | None = None
    purge_hooks: bool = True
    schedules: tuple[Schedule, ...] | None = None
    purge_schedules: bool = True
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    tag_volumes: bool = False
    allow_scale_in: bool = False
    licences: Licences = UNCOUNTED
    seed: Literal["none", "baking", "kept"] = "none"
    seed_image_id: str | None = None
    surge: int = 0


def complete(have: Fleet, want: FleetWant | None) -> FleetWant | None:
    """The want without gaps: what was left out is what is there, else the creation default."""
    if want is None:
        return None
    launch = want.launch
    if launch is not None:
        source = have.source
        kind = launch.kind if launch.kind != "auto" else source.kind if source else "template"
        given = replace(launch.content, volume_tags=_volume_tags(have, want, kind))
        launch = replace(launch, kind=kind, content=_launch.completed(have.launch, given))
    return replace(
        want,
        settings=_group.complete(have.standing, want.settings),
        launch=launch,
        policies=None
        if want.policies is None
        else _policies.complete(have.name, have.policies or (), have.alarms, want.policies),
        hooks=None if want.hooks is None else _hooks.complete(have.hooks or (), want.hooks),
        schedules=None
        if want.schedules is None
        else _schedules.complete(have.schedules or (), want.schedules, have.date),
    )


def _volume_tags(have: Fleet, want: FleetWant, kind: str) -> Mapping[str, str] | None:
    """The tags of the volumes of new nodes, None where that is left out; a launch configuration cannot say it."""
    given = want.launch.content.volume_tags if want.launch else None
    if given is not None or not want.tag_volumes or want.tags is None or kind == "configuration":
        return given
    there = have.launch.volume_tags if have.launch else None
    return _tags.aimed(there or {}, want.tags, want.purge_tags, {})


def tag_changes(have: Fleet, goal: FleetWant) -> dict[str, TagChange]:
    """By kind of bearer, how tags change; {} where the group and what it launches say that none does.

    Once bearers were read, the tags of all of them are returned in any case: members may have come meanwhile.
    """
    group = have.standing
    if group is None:
        return {}
    own, there = _tags.marks(have.owner), group.plain_tags
    aim = _tags.aimed(there, goal.tags, goal.purge_tags, own)
    wanted, unwanted = {**(goal.tags or {}), **own}, _tags.removed(there, aim)
    tagged = goal.tags is not None and (aim != there or have.bearers is not None)
    found: dict[str, TagChange] = {}
    if tagged:
        kept = {key for key, tag in group.tags.items() if not tag.propagate}
        new = {key: value for key, value in wanted.items() if key not in kept}
        found["instance"] = TagChange(new, [key for key in unwanted if key not in kept])
        found["launch-template"] = TagChange(wanted, unwanted)
    if goal.launch is not None and goal.launch.kind == "template":
        before, after = (dict((one and one.volume_tags) or {}) for one in (have.launch, goal.launch.content))
        if before != after or (after and have.bearers is not None):
            found["volume"] = TagChange({**after, **own}, _tags.removed(before, after))
    elif tagged and goal.tag_volumes:
        found["volume"] = TagChange(wanted, unwanted)
    return found


def beneath(have: Fleet, want: FleetWant | None) -> tuple[str, str] | None:
    """The rollout or drain that a change of the want would be beneath, and the way on or back; None where none is.

    A want that leaves new versions to a rollout is that rollout's own.
    """
    group = have.standing
    if want is None or group is None or (group.rolling and want.launch and want.launch.apply == "rollout"):
        return None
    return _journal.under_way(group.name, group.plain_tags)


def launched_from(have: Fleet, goal: LaunchWant) -> LaunchSource | None:
    """What the group should name; None while that does not exist. A rollout moves it later, not this run."""
    return have.source if have.standing is not None and goal.apply == "rollout" else kept_in(have, goal)


def kept_in(have: Fleet, goal: LaunchWant) -> LaunchSource | None:
    """The template's version, or the configuration, that has the wanted content; None where nothing has it yet.

    What the group launches from now comes first. A version that was kept is used again, and its members are current.
    """
    source, template = have.source, have.template
    taken = template is None or template.ours or not template.named_by(source)
    if source is not None and taken and source.kind == goal.kind and _launch.matches(have.launch, goal.content):
        return source
    if goal.kind == "configuration":
        name = _sources.configuration_name(have.name, goal.content)
        return LaunchSource("configuration", name) if any(one.name == name for one in have.configurations) else None
    if template is None:
        return None
    if template.latest.ours and _launch.matches(template.latest.launch, goal.content):
        return template.source(template.latest)
    again = [one for one in reversed(template.versions) if one.ours and _launch.alike(one.launch, goal.content)]
    return template.source(again[0]) if again else None


def retiring(have: Fleet, goal: FleetWant) -> bool:
    """Whether on the way to the goal there may be more versions or configurations than are kept."""
    launch = goal.launch
    if launch is None:
        return False
    new = 0 if kept_in(have, launch) else 1
    versions = sum(one.ours for one in have.template.versions) if have.template else 0
    of_configurations = launch.kind == "configuration"
    most = launch.keep if of_configurations or launch.apply == "rollout" else 0
    configurations = len(have.configurations) + (new if of_configurations else 0)
    return versions + (0 if of_configurations else new) > launch.keep or configurations > most


def naming(source: LaunchSource) -> dict[str, Any]:
    """The arguments by which a group is made to launch from the source."""
    if source.kind == "configuration":
        return {"LaunchConfigurationName": source.name}
    version: Any = _sources.version_ref(source.name) if source.version == LATER else source.version
    return {"LaunchTemplate": {"LaunchTemplateName": source.name, "Version": version}}
