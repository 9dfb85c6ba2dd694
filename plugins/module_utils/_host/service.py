# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The process of Web Call Server: whether it lives, how it starts and stops."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import Failure, Refusal
from .module import Change, Host

ARGUMENTS: dict[str, Any] = {
    "home": {"type": "path", "default": "/usr/local/FlashphonerWebCallServer"},
    "state": {"type": "str", "choices": ["started", "stopped", "restarted"], "default": "started"},
    "environment": {"type": "dict", "default": {}},
    "timeout": {"type": "int", "default": 60},
}
PID_FILE = "FlashphonerMainWebCallServer.pid"


class Server:
    """The server installed in one home, and its process."""

    def __init__(self, host: Host, params: Mapping[str, Any]) -> None:
        """Nothing is looked at yet."""
        self.host, self.home, self.timeout = host, Path(params["home"]), float(params["timeout"])
        self.environment = {str(key): str(value) for key, value in params["environment"].items()}
        self.pid_files = (self.home / "bin" / PID_FILE, Path("/var/run") / PID_FILE)

    def pid(self) -> int | None:
        """The process that the PID file names, if it lives and is a WCS: the number may be somebody else's by now."""
        for file in self.pid_files:
            try:
                number = int(file.read_text().strip())
                command = Path(f"/proc/{number}/cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if b"flashphoner" in command.lower():
                return number
        return None

    def start(self) -> None:
        """Returns when the process lives. Failure when it does not come."""
        if (self.home / "bin" / "wcs-identity").exists():
            self._run("wcs-identity", "find the addresses of", "Check that the host reaches its metadata service")
        self._run("webcallserver start", "start", "Look at logs/startup.log")
        if not self.host.until(lambda: self.pid() is not None, self.timeout):
            raise self._failed("start", f"no process came within {self.timeout:g} s", "Look at logs/startup.log")

    def stop(self) -> None:
        """Returns when the process is gone. Failure when it stays."""
        if (pid := self.pid()) is not None:
            self._run("webcallserver stop", "stop", "Look at the server's log")
            if not self.host.until(lambda: self.pid() is None, self.timeout):
                raise self._failed(
                    "stop", f"process {pid} still runs after {self.timeout:g} s", "Look at the server's log"
                )
        (self.home / "bin" / PID_FILE).unlink(missing_ok=True)

    def _run(self, command: str, verb: str, way_out: str) -> None:
        program, *arguments = command.split()
        folder = self.home / "bin"
        code, text = self.host.run([str(folder / program), *arguments], self.environment, folder)
        if code != 0:
            raise self._failed(
                verb, f"bin/{command} ended with exit code {code}: {text.strip() or 'no message'}", way_out
            )

    def _failed(self, verb: str, reason: str, way_out: str) -> Failure:
        return Failure(Refusal(verb, "WCS in", str(self.home), reason, way_out))


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """What has to be started or stopped."""
    server, state = Server(host, params), params["state"]
    installed = (server.home / "bin" / "webcallserver").exists()
    if not installed and not host.check:
        way_out = "Install WCS first, or correct O(home)"
        raise Failure(Refusal("control", "WCS in", str(server.home), "there is no bin/webcallserver", way_out))
    pid = server.pid()
    stale = (server.home / "bin" / PID_FILE).exists() and pid is None
    stops = state == "restarted" or (state == "stopped" and (pid is not None or stale))
    starts = state == "restarted" or (state == "started" and pid is None)
    returns: dict[str, Any] = {"pid": None if stops or starts else pid}

    def act() -> None:
        if stops:
            server.stop()
        if starts:
            server.start()
        returns["pid"] = server.pid()

    return Change(
        act=act if stops or starts else None,
        before="stopped\n" if pid is None else "started\n",
        after="stopped\n" if state == "stopped" else "started\n",
        thing=f"WCS in {server.home}",
        returns=returns,
    )
