# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The seam to Ansible of the modules that change the machine they run on, mostly a WCS host: Python 3.9, no AWS,
nothing but the standard library.

What such a module would do is a `Change`, found without doing it; check mode stops there.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule

from .._core.errors import Failure, Refusal
from .._core.options import VARIABLES


@dataclass(frozen=True)
class Change:
    """What should be done (None: nothing), what it changes as a diff shows it, and what the module returns."""

    act: Callable[[], None] | None = None
    before: str = ""
    after: str = ""
    thing: str = ""
    returns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Host:
    """The host that a module runs on."""

    module: Any
    check: bool

    def write(self, path: Path, text: str) -> None:
        """Replaces the file at once; owner, mode and security context stay."""
        handle, name = tempfile.mkstemp(dir=self.module.tmpdir)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        self.replace(Path(name), path)

    def replace(self, new: Path, path: Path) -> None:
        """Puts a file in the place of another at once; owner, mode and security context of the old one stay.

        Where that is a link, it stays one, and what it leads to is replaced.
        """
        self.module.atomic_move(str(new), os.path.realpath(path))

    @property
    def scratch(self) -> str:
        """A folder for what only this run needs."""
        return str(self.module.tmpdir)

    def find(self, command: str) -> str | None:
        """Where a command is; None where there is none."""
        found: str | None = self.module.get_bin_path(command)
        return found

    def warn(self, text: str) -> None:
        """Tells the user something that does not stop the run."""
        self.module.warn(text)

    def run(
        self,
        command: list[str],
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        text: str | None = None,
    ) -> tuple[int, str]:
        """The exit code, and all that the command wrote; `text` is what it reads."""
        code, out, err = self.module.run_command(
            command, environ_update=dict(environment or {}), cwd=str(folder) if folder else None, data=text
        )
        return code, f"{out}{err}"

    def until(self, met: Callable[[], bool], seconds: float) -> bool:
        """Whether the condition was met within so many seconds."""
        deadline = time.monotonic() + seconds
        while not met():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)
        return True

    def hide(self, values: Iterable[str]) -> None:
        """Keeps these values out of everything the module says."""
        self.module.no_log_values.update(value for value in values if value)


def on_host(arguments: Mapping[str, Any], plan: Callable[[Mapping[str, Any], Host], Change], **spec: Any) -> NoReturn:
    """Runs `plan` as a module that supports check mode and diff, does its change, and leaves the process."""
    module = AnsibleModule(argument_spec={**arguments, **VARIABLES}, supports_check_mode=True, **spec)
    try:
        change = plan(module.params, Host(module, bool(module.check_mode)))
        if change.act and not module.check_mode:
            change.act()
    except Failure as failure:
        module.fail_json(msg=failure.refusal.sentence(module.params["variables"]), **dict(failure.details or {}))
    except OSError as error:
        way_out = "Run as a user who may change it, and see that its disk has room"
        reason = error.strerror or str(error)
        module.fail_json(
            msg=Refusal("change", "the host's file", str(error.filename or ""), reason, way_out).sentence()
        )
    result: dict[str, Any] = {"changed": change.act is not None, **change.returns}
    if module._diff:
        headers = {"before_header": change.thing, "after_header": change.thing} if change.thing else {}
        result["diff"] = {"before": change.before, "after": change.after, **headers}
    module.exit_json(**result)
    raise SystemExit(0)


def text_of(path: Path, thing: str, check: bool) -> str:
    """The file's text; in check mode "" where it is not there yet. Failure when it cannot be read."""
    text = present(path, thing, "Run as a user who may read it")
    if text is None and not check:
        raise not_there(thing, path)
    return text or ""


def present(path: Path, thing: str, way_out: str) -> str | None:
    """The file's text; None where there is none. Failure when it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure(Refusal("read", thing, str(path), error.strerror or str(error), way_out)) from error


def not_there(thing: str, path: Path) -> Failure:
    """The failure for a file or folder of WCS that is not there."""
    way_out = "Install WCS first, or set O(home) to the folder where it is installed"
    return Failure(Refusal("configure", thing, str(path), "there is no such file", way_out))
