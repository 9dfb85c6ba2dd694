# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a group launches, and whether it is there."""

from __future__ import annotations

from .._core.aws import Aws
from .._core.plain import Item
from .._launch import api as _launches
from .notices import source


def launched(aws: Aws, group: Item | None) -> Item | None:
    """What the group launches, as AWS answers: its template's data, or its configuration; None where that is gone.

    {} where there is no group, or it names none.
    """
    template = source(group or {})
    if template:
        given = (template.get("launch_template_name"), template.get("launch_template_id"))
        versions = _launches.describe_versions(aws, *given, [template.get("version") or "$Default"])
        return next((one.get("LaunchTemplateData") or {} for one in versions), None)
    name = (group or {}).get("launch_configuration_name")
    known = _launches.describe_configurations(aws) if name else []
    return next((one for one in known if one["LaunchConfigurationName"] == name), None if name else {})
