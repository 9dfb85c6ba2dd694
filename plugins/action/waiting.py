# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module of this collection, and while it waits says every few seconds what it is waiting for.

The module appends lines to a file in the task's temporary directory; this plugin tails it and shows the newest one on
stderr. Standard output is left alone, so callbacks that print JSON stay valid.

A module that runs on the controller with the controller's own Python finds all its code there already: it is started
from where it is installed, in place of being packed with everything it imports, sent, unpacked and compiled. That
halves the time of a task that finds nothing to do. Everywhere else it is packed, as Ansible does with any module; and
so it is with an Ansible whose inner workings, on which this rests, were not looked at.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.release import __version__ as ansible_version
from ansible.utils.collection_loader import AnsibleCollectionConfig
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


KNOWN = ("2.19.", "2.20.", "2.21.")  # of Ansible: the versions whose way to start a module is the one below
SPACES = ("amazon", "webcallserver")  # whose code the modules import
PROFILE = "legacy"  # of the JSON between Ansible and its modules
PROGRAM = """\
import gc, importlib, sys
gc.set_threshold(100_000)
sys.path[:1] = {paths!r}
from ansible.module_utils import basic
basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = {params!r}, {profile!r}
importlib.import_module({module!r}).main()
"""


def program(module: str, params: dict[str, Any]) -> Any:
    """What runs the module of that full name with these parameters from where it is installed, as Ansible takes it."""
    from ansible.executor.module_common import _BuiltModule
    from ansible.module_utils.common.json import Direction, get_module_encoder

    encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    encoded = json.dumps({"ANSIBLE_MODULE_ARGS": params}, cls=encoder).encode()
    collection, _, name = module.rpartition(".")
    roots = map(str, AnsibleCollectionConfig.collection_paths)
    text = PROGRAM.format(
        paths=[root for root in roots if any(Path(root, "ansible_collections", space).is_dir() for space in SPACES)],
        params=encoded,
        profile=PROFILE,
        module=f"ansible_collections.{collection}.plugins.modules.{name}",
    )
    return _BuiltModule(
        b_module_data=text.encode(),
        module_style="new",
        shebang=f"#!{sys.executable}",
        serialization_profile=PROFILE,
    )


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
        if not ansible_version.startswith(KNOWN):
            return False
        asked = self._templar.template(task_vars.get("ansible_python_interpreter"))
        return bool(asked == sys.executable and not self._connection.become and not self._task.delegate_to)

    def _configure_module(self, module_name: str, module_args: Any, task_vars: Any) -> Any:
        """What Ansible is to run, and the name of its file."""
        if self._here and module_name == self._task.action and module_name.count(".") == 2:
            return program(module_name, module_args), module_name
        return super()._configure_module(module_name, module_args, task_vars)
