# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module of this collection, and while it waits says every few seconds what it is waiting for.

The module appends lines to a file in the task's temporary directory; this plugin tails it and shows the newest one on
stderr. Standard output is left alone, so callbacks that print JSON stay valid.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import textwrap
import threading
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._core.signals import leave_signals
from . import in_place

PROGRESS = "wcs-progress"
SECONDS = 3.0
WIDTH = 80
LONG = 12.0
SAFE = "Safe to interrupt: run it again to resume."
READERS = frozenset({"wcs_stack_info", "wcs_stat_info", "wcs_validate", "wcs_verify", "wcs_websocket_probe"})
"""Modules that only look: there is nothing to resume."""


def wrapped(line: str) -> list[str]:
    """The line in lines of a terminal of 80 columns, broken between words; what follows is indented."""
    kept = re.sub(r"(\d) (s|min|h|d)\b", "\\1\u00a0\\2", line)  # a number stays with its unit
    parts = textwrap.wrap(kept, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [part.replace("\u00a0", " ") for part in parts]


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
        leave_signals()
        waited = 0.0
        while not self._over.wait(SECONDS):
            waited += SECONDS
            line = self.newest()
            if line and line != self.shown:
                self._show(line)
                self.shown = line
            if self.shown and LONG <= waited < LONG + SECONDS and self.label not in READERS:
                self._show(SAFE)

    def _show(self, line: str) -> None:
        Display().display("\n".join(wrapped(f"{self.label}: {line}")), stderr=True)

    def newest(self) -> str:
        """The last whole line, or nothing."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((line for line in reversed(lines[:-1]) if line.strip()), "")


class ActionModule(ActionBase):
    """The action of every module that speaks to AWS."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True
    _here = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        name = self._task.action.rsplit(".", 1)[-1]
        wrapped = self._task.async_val
        if wrapped or self._connection.transport != "local":
            result.update(self._execute_module(task_vars=task_vars, wrap_async=wrapped))
            return result
        self._here = self._is_here(task_vars or {})
        shell = self._connection._shell
        if self._here:
            shell.tmpdir = tempfile.mkdtemp(dir=constants.DEFAULT_LOCAL_TMP)
        elif shell.tmpdir is None:
            self._make_tmp_path()
        with Tail(Path(shell.tmpdir) / PROGRESS, name):
            result.update(self._execute_module(task_vars=task_vars))
        if self._here:
            shutil.rmtree(shell.tmpdir, ignore_errors=True)
            shell.tmpdir = None
        else:
            self._remove_tmp_path(shell.tmpdir)
        return result

    def _is_here(self, task_vars: dict[str, Any]) -> bool:
        """Whether the module would run as this user, with this Python, on this machine, in a way that is known."""
        if not in_place.wanted(self._templar.template(task_vars.get(in_place.VARIABLE)), os.environ):
            return False
        asked = self._templar.template(task_vars.get("ansible_python_interpreter"))
        delegated = self._task.delegate_to not in (None, *constants.LOCALHOST)
        return bool(asked == sys.executable and not self._connection.become and not delegated)

    def _configure_module(self, module_name: str, module_args: Any, task_vars: Any) -> Any:
        """What Ansible is to run, and the name of its file."""
        if self._here and module_name == self._task.action and module_name.count(".") == 2:
            return in_place.program(module_name, module_args), module_name
        return super()._configure_module(module_name, module_args, task_vars)
