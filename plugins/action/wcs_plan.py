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

from ..module_utils._plan.outputs import ended, shown
from ..module_utils._plan.table import COLOURS, Line, data, part, table

COLOUR = {"ok": "COLOR_OK", "changed": "COLOR_CHANGED", "failed": "COLOR_ERROR"}
"""Ansible's settings for the colours of its own output."""
ARGUMENTS: dict[str, Any] = {
    "results": {"type": "dict", "required": True},
    "stack": {"type": "str"},
    "addresses": {"type": "dict"},
    "report": {"type": "str"},
}


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
        parts = [part(title, answer or {}) for title, answer in given["results"].items()]
        done, display = not self._task.check_mode, Display()
        ending = ended(given, parts, seconds_of_run() if done else None)
        complete = display.verbosity > 0
        lines = table(parts, done=done, complete=complete)
        lines += map(Line, shown(ending, complete) if ending and done else ())
        if not str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2].startswith("json"):
            for line in lines:
                colour = getattr(constants, COLOUR[COLOURS[line.change]]) if line.change else None
                display.display(line.text, color=colour)
        texts = [line.text for line in lines]
        return result | {"changed": False, "plan": data(parts), "lines": texts, "outputs": ending}


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
