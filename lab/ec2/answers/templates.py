# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launch templates: versions that keep all their data and their numbers, deletion, paging, client tokens."""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.responses import EC2Response
from moto.ec2.utils import parse_user_data

from ...core import backends as state
from ...core.ask import Ask, answers, page
from ...core.corrections import correction
from ...core.errors import Refused
from ...core.filters import Filters

NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")
NAME_RULE = (
    "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following "
    "characters: - ( ) . / _."
)
PAGE = 200  # templates or versions in one answer


@correction("A version's number is never used again.", LaunchTemplate, "create_version")
def create_version(_make: Any, template: Any, data: Any, description: str) -> Any:
    """The new version, one above the highest there ever was."""
    template.highest = getattr(template, "highest", 0) + 1
    version = LaunchTemplateVersion(template, template.highest, data, description)
    template.versions.append(version)
    return version


@correction("A version is found by its number, also after others were deleted.", LaunchTemplate, "get_version")
def get_version(_find: Any, template: Any, number: Any) -> Any:
    """The version; "$Latest" and "$Default" are numbers, too."""
    wanted = {"$latest": template.versions[-1].number, "$default": template.default_version_number}
    sought = str(wanted.get(str(number).lower(), number))
    for version in template.versions:
        if str(version.number) == sought:
            return version
    raise Refused(
        "InvalidLaunchTemplateId.VersionNotFound",
        f"Could not find the specified version {number} for the launch template with ID {template.id}.",
    )


@correction("The default version is found by its number.", LaunchTemplate, "default_version")
def default_version(_find: Any, template: Any) -> Any:
    """The default version."""
    return template.get_version("$Default")


@answers(
    "CreateLaunchTemplate refuses a name that is taken or malformed and keeps the template's tags out of its data; "
    "a client token makes one template.",
    EC2Response,
)
def create_launch_template(ask: Ask) -> dict[str, Any]:
    """{LaunchTemplate}."""
    template, _ = ask.lab.tokens.once("CreateLaunchTemplate", ask.region, ask.given, lambda: _create(ask))
    return {"LaunchTemplate": _show(template)}


def _create(ask: Ask) -> Any:
    ec2, name = state.backend("ec2", ask.region), ask["LaunchTemplateName"]
    if not NAME.fullmatch(name):
        raise Refused("InvalidLaunchTemplateName.MalformedException", NAME_RULE)
    if name in ec2.launch_template_name_to_ids:
        raise Refused("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
    tags: dict[str, dict[str, str]] = {}
    for spec in ask.get("TagSpecifications", []):
        tags.setdefault(spec["ResourceType"], {}).update({t["Key"]: t.get("Value", "") for t in spec.get("Tags", [])})
    return ec2.create_launch_template(name, ask.get("VersionDescription"), _data(ask), tags)


@answers(
    "CreateLaunchTemplateVersion puts the given data over the source version's where one is named; a client token "
    "makes one version.",
    EC2Response,
)
def create_launch_template_version(ask: Ask) -> dict[str, Any]:
    """{LaunchTemplateVersion}."""
    version, _ = ask.lab.tokens.once("CreateLaunchTemplateVersion", ask.region, ask.given, lambda: _version(ask))
    return {"LaunchTemplateVersion": _show_version(version)}


def _version(ask: Ask) -> Any:
    template = _find(ask)
    source = template.get_version(ask["SourceVersion"]).data if ask.get("SourceVersion") else {}
    return template.create_version({**source, **_data(ask)}, ask.get("VersionDescription"))


@answers("ModifyLaunchTemplate sets the default version to one that exists.", EC2Response)
def modify_launch_template(ask: Ask) -> dict[str, Any]:
    """{LaunchTemplate}."""
    template = _find(ask)
    template.default_version_number = template.get_version(ask["DefaultVersion"]).number
    return {"LaunchTemplate": _show(template)}


@answers("DeleteLaunchTemplate answers with the template that is gone.", EC2Response)
def delete_launch_template(ask: Ask) -> dict[str, Any]:
    """{LaunchTemplate}."""
    template = _find(ask)
    shown = _show(template)
    state.backend("ec2", ask.region).delete_launch_template(template.name, template.id)
    return {"LaunchTemplate": shown}


@answers(
    "DeleteLaunchTemplateVersions deletes each version by itself, never the default one, and tells which it did not.",
    EC2Response,
)
def delete_launch_template_versions(ask: Ask) -> dict[str, Any]:
    """{SuccessfullyDeletedLaunchTemplateVersions, UnsuccessfullyDeletedLaunchTemplateVersions}."""
    template = _find(ask)
    done, failed = [], []
    for number in ask["Versions"]:
        item = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(number)}
        why = _delete_version(template, int(number))
        if why is None:
            done.append(item)
        else:
            failed.append({**item, "ResponseError": {"Code": why[0], "Message": why[1]}})
    return {"SuccessfullyDeletedLaunchTemplateVersions": done, "UnsuccessfullyDeletedLaunchTemplateVersions": failed}


def _delete_version(template: Any, number: int) -> tuple[str, str] | None:
    if number == template.default_version_number:
        return "unexpectedError", "The default version of a launch template cannot be deleted."
    for version in template.versions:
        if version.number == number:
            template.versions.remove(version)
            return None
    return "launchTemplateVersionDoesNotExist", f"The launch template version {number} does not exist."


@answers("DescribeLaunchTemplates shows the tags of now, and all templates, page by page.", EC2Response)
def describe_launch_templates(ask: Ask) -> dict[str, Any]:
    """{LaunchTemplates, NextToken}."""
    ec2 = state.backend("ec2", ask.region)
    found = list(ec2.launch_templates.values())
    for key, attribute in (("LaunchTemplateNames", "name"), ("LaunchTemplateIds", "id")):
        asked = ask.get(key, [])
        if asked:
            found = [template for template in found if getattr(template, attribute) in asked]
            _all_found(key, asked, [getattr(template, attribute) for template in found])
    filters = Filters("DescribeLaunchTemplates", ask.get("Filters", []))
    passing = [row for row in map(_show, found) if filters.pass_row(row)]
    shown, token = page(ask, passing, PAGE)
    return {"LaunchTemplates": shown, "NextToken": token}


def _all_found(key: str, asked: list[str], found: list[str]) -> None:
    for missing in [value for value in asked if value not in found]:
        if key == "LaunchTemplateIds":
            raise Refused("InvalidLaunchTemplateId.NotFound", _no_id(missing))
        raise Refused(
            "InvalidLaunchTemplateName.NotFoundException",
            "At least one of the launch templates specified in the request does not exist.",
        )


@answers("DescribeLaunchTemplateVersions shows all versions, newest first, page by page.", EC2Response)
def describe_launch_template_versions(ask: Ask) -> dict[str, Any]:
    """{LaunchTemplateVersions, NextToken}."""
    asked = ask.get("Versions", [])
    if ask.get("LaunchTemplateId") or ask.get("LaunchTemplateName"):
        template = _find(ask)
        found = [template.get_version(number) for number in asked] or sorted(
            (v for v in template.versions if _between(v, ask)), key=lambda v: v.number, reverse=True
        )
    elif asked and all(str(number).lower() in ("$latest", "$default") for number in asked):
        templates = state.backend("ec2", ask.region).launch_templates.values()
        found = [template.get_version(number) for template in templates for number in asked]
    else:
        raise Refused(
            "MissingParameter",
            "The request must contain a launch template ID or name, or versions $Latest and $Default only",
        )
    filters = Filters("DescribeLaunchTemplateVersions", ask.get("Filters", []))
    passing = [row for row in map(_show_version, found) if filters.pass_row(row)]
    shown, token = page(ask, passing, PAGE)
    return {"LaunchTemplateVersions": shown, "NextToken": token}


def _between(version: Any, ask: Ask) -> bool:
    return int(ask.get("MinVersion", 1)) <= version.number <= int(ask.get("MaxVersion", version.number))


def _no_id(template_id: str) -> str:
    return f"The specified launch template, with template ID {template_id}, does not exist."


def _find(ask: Ask) -> Any:
    ec2 = state.backend("ec2", ask.region)
    name, template_id = ask.get("LaunchTemplateName"), ask.get("LaunchTemplateId")
    if name:
        return ec2.get_launch_template_by_name(name)
    if template_id not in ec2.launch_templates:
        raise Refused("InvalidLaunchTemplateId.NotFound", _no_id(str(template_id)))
    return ec2.launch_templates[template_id]


def _data(ask: Ask) -> dict[str, Any]:
    data = {key: value for key, value in ask.get("LaunchTemplateData", {}).items() if value is not None}
    if "UserData" in data:
        data["UserData"] = parse_user_data(data["UserData"])
    return data


def _show(template: Any) -> dict[str, Any]:
    tags = [{"Key": tag["key"], "Value": tag["value"]} for tag in template.get_tags()]
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "CreateTime": template.create_time,
        "CreatedBy": f"arn:aws:iam::{state.ACCOUNT_ID}:root",
        "DefaultVersionNumber": template.default_version_number,
        "LatestVersionNumber": template.latest_version_number,
        **({"Tags": tags} if tags else {}),
    }


def _show_version(version: Any) -> dict[str, Any]:
    return {
        "LaunchTemplateId": version.template.id,
        "LaunchTemplateName": version.template.name,
        "VersionNumber": version.number,
        "VersionDescription": version.description,
        "CreateTime": version.create_time,
        "CreatedBy": f"arn:aws:iam::{state.ACCOUNT_ID}:root",
        "DefaultVersion": version.template.default_version_number == version.number,
        "LaunchTemplateData": version.data,
    }
