# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launch templates and launch configurations in AWS: the one place that asks for them, and reads the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._core import tags as _tags
from .._core.aws import Aws
from .._core.plain import without
from . import data as _data
from .sources import MOVED, Configuration, LaunchSource, Template, Version
from .value import Launch

NO_TEMPLATE = (
    "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateName.NotFound",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.VersionNotFound",
)
MAKES_VERSION = "CreateLaunchTemplateVersion"


def describe_templates(aws: Aws, filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The launch templates that pass the filters, as AWS answers."""
    return aws.pages("ec2", "DescribeLaunchTemplates", "LaunchTemplates", Filters=list(filters))


def template_tags(aws: Aws, name: str) -> dict[str, dict[str, str]]:
    """The tags of the template of that name, by its id; {} where it is not there."""
    found = describe_templates(aws, [{"Name": "launch-template-name", "Values": [name]}])
    return {str(one["LaunchTemplateId"]): _tags.from_aws(one.get("Tags")) for one in found}


def describe_versions(
    aws: Aws,
    name: str | None = None,
    template_id: str | None = None,
    numbers: Sequence[str] = (),
    *,
    region: str | None = None,
) -> list[dict[str, Any]]:
    """The versions of a template as AWS answers, of all templates where none is named; [] where it is not there.

    The id counts where both are given: a name may have been given to another template since.
    """
    named = {"LaunchTemplateId": template_id} if template_id else {"LaunchTemplateName": name} if name else {}
    args: dict[str, Any] = {**named, **({"Versions": list(numbers)} if numbers else {})}
    operation, key = "DescribeLaunchTemplateVersions", "LaunchTemplateVersions"
    return aws.pages("ec2", operation, key, region=region, missing=NO_TEMPLATE, **args)


def read_template(aws: Aws, name: str, stack: str | None = None) -> Template | None:
    """The template with its versions, ours by the tag of the stack, else of its own name; None where there is none."""
    found = describe_versions(aws, name)
    if not found:
        return None
    ordered = sorted(found, key=lambda version: int(version["VersionNumber"]))
    versions = tuple(version_from_aws(_writable(aws, one), stack or name) for one in ordered)
    return Template(name, ordered[0]["LaunchTemplateId"], versions)


def read_version(aws: Aws, source: LaunchSource) -> Launch | None:
    """What the version says that a group or member names; None where it is not there."""
    found = describe_versions(aws, source.name, source.template_id, [source.version or "$Default"])
    return _data.from_template(_writable(aws, found[0])["LaunchTemplateData"]) if found else None


def likeness(versions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """By number of a version, the lowest number of one whose nodes are the same: tags make no difference."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for one in sorted(versions, key=lambda version: int(version["VersionNumber"])):
        number, content = (
            str(one["VersionNumber"]),
            without(one.get("LaunchTemplateData") or {}, ("TagSpecifications",)),
        )
        found[number] = first.setdefault(json.dumps(content, sort_keys=True, default=str), number)
    return found


def _writable(aws: Aws, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The version with that of its data which a new version can say."""
    data = {"LaunchTemplateData": raw.get("LaunchTemplateData") or {}}
    return {**raw, "LaunchTemplateData": {}, **aws.writable("ec2", MAKES_VERSION, data)}


def version_from_aws(raw: Mapping[str, Any], stack: str) -> Version:
    """The version of DescribeLaunchTemplateVersions."""
    data = raw["LaunchTemplateData"]
    return Version(
        str(raw["VersionNumber"]),
        _data.from_template(data),
        bool(raw.get("DefaultVersion")),
        ours=_data.bears_mark(data, stack),
        moved=str(raw.get("VersionDescription") or "").startswith(MOVED),
    )


def describe_configurations(aws: Aws, *, region: str | None = None) -> list[dict[str, Any]]:
    """All launch configurations as AWS answers."""
    return aws.pages("autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurations", region=region)


def read_configurations(aws: Aws) -> list[Configuration]:
    """All launch configurations, oldest first."""
    found = describe_configurations(aws)
    found.sort(key=lambda raw: (raw["CreatedTime"], raw["LaunchConfigurationName"]))
    return [_configuration(aws, raw) for raw in found]


def _configuration(aws: Aws, raw: Mapping[str, Any]) -> Configuration:
    kept = aws.writable("autoscaling", "CreateLaunchConfiguration", raw)
    return Configuration(raw["LaunchConfigurationName"], _data.from_configuration(kept))


def names_image(aws: Aws, image_id: str, region: str | None) -> bool:
    """Whether any version of any template, or any launch configuration, names the image."""
    return any(_templates_naming(aws, image_id, region)) or any(
        one.get("ImageId") == image_id for one in describe_configurations(aws, region=region)
    )


def foreign_templates(aws: Aws, image_id: str, region: str | None, stack: str | None) -> list[str]:
    """The names of the templates that name the image and have no version with the stack's tag."""
    return [
        str(versions[0]["LaunchTemplateName"])
        for versions in _templates_naming(aws, image_id, region)
        if stack is None or not any(_data.bears_mark(one["LaunchTemplateData"], stack) for one in versions)
    ]


def _templates_naming(aws: Aws, image_id: str, region: str | None) -> Iterator[list[dict[str, Any]]]:
    """All versions of each template of which one names the image."""
    named = describe_versions(aws, numbers=["$Latest", "$Default"], region=region)
    for template in sorted({version["LaunchTemplateId"] for version in named}):
        versions = describe_versions(aws, template_id=template, region=region)
        if any((one.get("LaunchTemplateData") or {}).get("ImageId") == image_id for one in versions):
            yield versions
