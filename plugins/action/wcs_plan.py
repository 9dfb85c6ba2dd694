# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows a plan on the terminal, in Ansible's colours; where standard output is JSON it is data only."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._core.errors import Failure
from ..module_utils._plan.options import ARGUMENTS, answer
from ..module_utils._plan.table import COLOURS

COLOUR = {"ok": "COLOR_OK", "changed": "COLOR_CHANGED", "failed": "COLOR_ERROR"}
"""Ansible's settings for the colours of its own output."""


class ActionModule(ActionBase):
    """The action of wcs_plan: everything happens on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _VALID_ARGS = frozenset(ARGUMENTS)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; the table is shown."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec=ARGUMENTS)
        done, display = not self._task.check_mode, Display()
        complete, seconds = display.verbosity > 0, seconds_of_run() if done else None
        try:
            lines, found = answer(given, done=done, connect=done, complete=complete, seconds=seconds)
        except Failure as failure:
            return result | {"failed": True, "msg": failure.refusal.sentence(given["variables"])}
        if not output_is_json():
            for line in lines:
                colour = getattr(constants, COLOUR[COLOURS[line.change]]) if line.change else None
                display.display(line.text, color=colour)
        return result | {"changed": False, **found}


def output_is_json() -> bool:
    """Whether standard output is data, between which no lines for people may stand."""
    return str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2].startswith("json")


def seconds_of_run() -> float | None:
    """How long ansible-playbook runs already: it is the parent of the process that runs an action."""
    try:
        command = ["ps", "-o", "etime=", "-p", str(os.getppid())]
        text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout  # noqa: S603
        return elapsed(text)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def elapsed(text: str) -> float:
    """The seconds of ps's `[[days-]hours:]minutes:seconds`."""
    days, _, rest = text.strip().rpartition("-")
    parts = [int(part) for part in rest.split(":")]
    hours, minutes, seconds = [0] * (3 - len(parts)) + parts
    return float(int(days or 0) * 86_400 + hours * 3600 + minutes * 60 + seconds)
