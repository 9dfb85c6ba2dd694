# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows a plan on the terminal, in Ansible's colours; where standard output is JSON it is data only."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._plan.table import COLOURS, data, part, table

COLOUR = {"ok": "COLOR_OK", "changed": "COLOR_CHANGED", "failed": "COLOR_ERROR"}
"""Ansible's settings for the colours of its own output."""


class ActionModule(ActionBase):
    """The action of wcs_plan: everything happens on the controller."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _VALID_ARGS = frozenset({"results"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result; the table is shown."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec={"results": {"type": "dict", "required": True}})
        parts = [part(title, answer or {}) for title, answer in given["results"].items()]
        done, display = not self._task.check_mode, Display()
        if not str(constants.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2].startswith("json"):
            for line in table(parts, done=done, complete=display.verbosity > 0):
                colour = getattr(constants, COLOUR[COLOURS[line.change]]) if line.change else None
                display.display(line.text, color=colour)
        whole = [line.text for line in table(parts, done=done, complete=True)]
        return result | {"changed": False, "plan": data(parts), "lines": whole}
