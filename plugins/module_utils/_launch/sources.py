# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where AWS keeps what a group launches: versions of a launch template, launch configurations named by content.

Neither can be edited: another content is another version, or another configuration, to which the group is pointed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._core import tags as _tags
from .._core.step import LATER, Ref, Step
from . import data as _launch_data
from . import value as _launch
from .value import Launch

TEMPLATE_NAME = re.compile(r"^[a-zA-Z0-9().\-/_]{3,128}$")
VERSIONS_A_CALL = 200  # EC2 DeleteLaunchTemplateVersions
MOVED = "In place of launch configuration "
"""How the description of such a version begins: it tells later runs that there are configurations to retire."""


@dataclass(frozen=True)
class LaunchSource:
    """What a group or a member names: a template's version, or a configuration.

    `template_id` distinguishes a template from an earlier one of that name.
    """

    kind: str  # "template" or "configuration"
    name: str
    version: str | None = None
    template_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Version:
    """One version of a template. `ours`: its data has our tag. `moved`: made to take a configuration's place."""

    number: str
    launch: Launch
    default: bool = False
    ours: bool = True
    moved: bool = False


@dataclass(frozen=True)
class Template:
    """A launch template with its versions, oldest first."""

    name: str
    template_id: str
    versions: tuple[Version, ...]

    @property
    def ours(self) -> bool:
        """Whether any version has our tag."""
        return any(version.ours for version in self.versions)

    @property
    def latest(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    @property
    def default(self) -> Version:
        """The version that is used where none is named."""
        return next((version for version in self.versions if version.default), self.versions[0])

    def named_by(self, source: LaunchSource | None) -> bool:
        """Whether the source is of this template, and not of one that had its name before."""
        if source is None or source.kind != "template":
            return False
        return source.name == self.name if source.template_id is None else source.template_id == self.template_id

    def find(self, number: str | None) -> Version | None:
        """The version of that number, or of `$Latest` or `$Default`; the default one where there is no number."""
        if number in (None, "$Default"):
            return self.default
        if number == "$Latest":
            return self.latest
        return next((version for version in self.versions if version.number == number), None)

    def source(self, version: Version) -> LaunchSource:
        """The source that a group names to launch this version."""
        return LaunchSource("template", self.name, version.number)

    def number(self, word: str | None) -> str:
        """The number of the version that `$Latest`, `$Default` or a number means; without one the word itself."""
        version = self.find(word)
        return version.number if version else word or ""


@dataclass(frozen=True)
class Configuration:
    """A launch configuration."""

    name: str
    launch: Launch


def owns_configuration(group: str, name: str) -> bool:
    """Whether a launch configuration of that name is the group's: configurations have no tags."""
    return re.fullmatch(re.escape(group) + r"-[0-9a-f]{12}", name) is not None


def configuration_name(group: str, goal: Launch) -> str:
    """`<group>-<12 hex of its content>`; LATER while the content is not fully known."""
    return LATER if _launch_data.open_ended(goal) else f"{group}-{_launch_data.digest(goal)[:12]}"


def version_ref(template: str) -> Ref:
    """The number of the version that this run makes."""
    return Ref("launch template", template, "version")


def source_of(raw: Mapping[str, Any]) -> LaunchSource | None:
    """What a group or a member names, in a request as in an answer."""
    if raw.get("LaunchConfigurationName"):
        return LaunchSource("configuration", raw["LaunchConfigurationName"])
    if spec := raw.get("LaunchTemplate"):
        version = spec.get("Version")
        template_id = spec.get("LaunchTemplateId")
        name = spec.get("LaunchTemplateName") or template_id or ""
        return LaunchSource("template", name, LATER if isinstance(version, Ref) else version, template_id)
    return None


# Steps


def create_template(name: str, goal: Launch, before: LaunchSource | None, tags: Mapping[str, str], stack: str) -> Step:
    """Makes the template and its version 1. No client token: the name is the token, and a token might outlive it."""
    return Step(
        "ec2",
        "CreateLaunchTemplate",
        ("launch template", name),
        {
            "LaunchTemplateName": name,
            "LaunchTemplateData": _launch_data.to_template(goal, stack),
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": _tags.to_aws(tags)}],
            **_describing(before),
        },
        exists=("InvalidLaunchTemplateName.AlreadyExistsException",),
    )


def _describing(before: LaunchSource | None) -> dict[str, str]:
    return {"VersionDescription": MOVED + before.name} if before and before.kind == "configuration" else {}


def create_version(
    template: Template, goal: Launch, before: LaunchSource | None, began: LaunchSource | None, stack: str
) -> Step:
    """Makes the next version, all data in it. `began`: what the group launched from when the run began.

    The client token mixes that in, the template and its latest number: of content alone, A -> B -> A would return the
    first, and one that was deleted by hand would come back as it was. One that this run made, and that is not shown
    yet, does come back.
    """
    data = _launch_data.to_template(goal, stack)
    source = f" {began.name} {began.version}" if began else ""
    content = f"{template.template_id} {template.latest.number} {_launch_data.digest(goal)}{source}"
    return Step(
        "ec2",
        "CreateLaunchTemplateVersion",
        ("launch template", template.name),
        {
            "LaunchTemplateName": template.name,
            "LaunchTemplateData": data,
            "ClientToken": hashlib.sha256(content.encode()).hexdigest(),
            **_describing(before),
        },
        lost="repeat",
        learns={version_ref(template.name): "LaunchTemplateVersion.VersionNumber"},
    )


def take_over(template: Template, tags: Mapping[str, str]) -> Step:
    """Takes the template over: it gets the tags of the group, and our mark among them."""
    args = {"Resources": [template.template_id], "Tags": _tags.to_aws(tags)}
    return Step("ec2", "CreateTags", ("launch template", template.name), args, lost="repeat")


def set_default(template: Template, number: str) -> Step:
    """Makes the version the one that is used where none is named."""
    args = {
        "LaunchTemplateName": template.name,
        "DefaultVersion": version_ref(template.name) if number == LATER else number,
    }
    return Step("ec2", "ModifyLaunchTemplate", ("launch template", template.name), args, lost="repeat")


def delete_versions(template: Template, numbers: Sequence[str]) -> list[Step]:
    """Removes versions, 200 a call."""
    return [
        Step(
            "ec2",
            "DeleteLaunchTemplateVersions",
            ("launch template", template.name),
            {"LaunchTemplateName": template.name, "Versions": list(numbers[at : at + VERSIONS_A_CALL])},
            lost="repeat",
        )
        for at in range(0, len(numbers), VERSIONS_A_CALL)
    ]


def delete_template(template: Template) -> Step:
    """Removes the template with its versions."""
    return Step(
        "ec2",
        "DeleteLaunchTemplate",
        ("launch template", template.name),
        {"LaunchTemplateName": template.name},
        lost="repeat",
        gone=("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"),
    )


def create_configuration(group: str, goal: Launch) -> Step:
    """Makes the configuration. Its name shows its content, so one that is there already is the same."""
    name = configuration_name(group, goal)
    return Step(
        "autoscaling",
        "CreateLaunchConfiguration",
        ("launch configuration", name),
        {"LaunchConfigurationName": name, **_launch_data.to_configuration(goal)},
        exists=("AlreadyExists",),
    )


def delete_configuration(name: str) -> Step:
    """Removes the configuration; AWS refuses while a group names it."""
    return Step(
        "autoscaling",
        "DeleteLaunchConfiguration",
        ("launch configuration", name),
        {"LaunchConfigurationName": name},
        lost="repeat",
        gone=("ValidationError~not found",),
        not_yet=("ResourceInUse",),
    )


# What a step leads to


def with_template(name: str, args: Mapping[str, Any]) -> Template:
    """The template that CreateLaunchTemplate makes."""
    launch = _launch_data.from_template(args["LaunchTemplateData"])
    version = Version("1", launch, default=True, moved="VersionDescription" in args)
    return Template(name, LATER, (version,))


def with_version(template: Template, args: Mapping[str, Any]) -> Template:
    """The template with one version more."""
    launch = _launch_data.from_template(args["LaunchTemplateData"])
    version = Version(LATER, launch, moved="VersionDescription" in args)
    return replace(template, versions=(*template.versions, version))


def with_default(template: Template, number: str) -> Template:
    """The template with that version as its default."""
    marked = tuple(replace(version, default=version.number == number) for version in template.versions)
    return replace(template, versions=marked)


def without_versions(template: Template, numbers: Collection[str]) -> Template:
    """The template less those versions."""
    return replace(template, versions=tuple(one for one in template.versions if one.number not in numbers))


def with_configuration(args: Mapping[str, Any]) -> Configuration:
    """The configuration that CreateLaunchConfiguration makes."""
    raw = {**args, "UserData": _launch.encoded(args.get("UserData"))}
    return Configuration(args["LaunchConfigurationName"], _launch_data.from_configuration(raw))


def superfluous(template: Template, keep: int, needed: Collection[str]) -> list[str]:
    """The numbers of our versions beyond the newest `keep` that are neither needed nor the default."""
    ours = [version for version in template.versions if version.ours]
    older = ours[: max(len(ours) - keep, 0)]
    return [one.number for one in older if one.number not in needed and not one.default]
