# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module of this collection, and while it waits says every few seconds what it is waiting for.

The module appends lines to a file in the task's temporary directory; this plugin tails it and shows the newest one on
stderr. Standard output is left alone, so callbacks that print JSON stay valid.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

PROGRESS = "wcs-progress"
SECONDS = 3.0
LONG = 12.0
SAFE = "to stop is safe: the same run again goes on from here"


class Tail:
    """Shows the newest line of a file every few seconds while it is entered."""

    def __init__(self, path: Path, label: str) -> None:
        """`label` stands before each line."""
        self.path, self.label, self.shown = path, label, ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Tail:
        """Begins."""
        self.path.touch()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends; nothing is shown afterwards."""
        self._over.set()
        self._thread.join()

    def _follow(self) -> None:
        waited = 0.0
        while not self._over.wait(SECONDS):
            waited += SECONDS
            line = self.newest()
            if line and line != self.shown:
                self._show(line)
                self.shown = line
            if self.shown and LONG <= waited < LONG + SECONDS:
                self._show(SAFE)

    def _show(self, line: str) -> None:
        Display().display(f"{self.label}: {line}", stderr=True)

    def newest(self) -> str:
        """The last whole line, or nothing."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((line for line in reversed(lines[:-1]) if line.strip()), "")


class ActionModule(ActionBase):
    """The action of every module that may wait."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        name = self._task.action.rsplit(".", 1)[-1]
        wrapped = self._task.async_val
        if wrapped or self._connection.transport != "local":
            result.update(self._execute_module(task_vars=task_vars, wrap_async=wrapped))
            return result
        if self._connection._shell.tmpdir is None:
            self._make_tmp_path()
        with Tail(Path(self._connection._shell.tmpdir) / PROGRESS, name):
            result.update(self._execute_module(task_vars=task_vars))
        self._remove_tmp_path(self._connection._shell.tmpdir)
        return result
