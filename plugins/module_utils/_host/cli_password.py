# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The password of the command line of Web Call Server, which is reached by ssh."""

from __future__ import annotations

import contextlib
import os
import re
import select
import tempfile
from collections.abc import Mapping
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, TimeoutExpired
from typing import Any

from .._core.errors import Failure, Refusal
from .module import Change, Host

ARGUMENTS: dict[str, Any] = {
    "password": {"type": "str", "required": True, "no_log": True},
    "old_password": {"type": "str", "default": "admin", "no_log": True},
    "user": {"type": "str", "default": "admin"},
    "address": {"type": "str", "default": "127.0.0.1"},
    "port": {"type": "int", "default": 2001},
    "timeout": {"type": "int", "default": 15},
}
OPTIONS = (
    *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null"),
    *("PreferredAuthentications=password,keyboard-interactive", "PubkeyAuthentication=no", "NumberOfPasswordPrompts=1"),
    *("HostKeyAlgorithms=+ssh-rsa", "LogLevel=ERROR", "ForwardX11=no"),
)
ONCE_MORE = re.compile(rb"again|repeat|confirm|re-?type|re-?enter", re.I)
PROMPT = re.compile(rb"[:>#$][ ]?$")
REFUSED = 255


class CommandLine:
    """The command line of one server."""

    def __init__(self, params: Mapping[str, Any], scratch: Path) -> None:
        """`scratch` is a folder that only this user sees."""
        self.params, self.scratch = params, scratch
        where = f"{params['user']}@{params['address']}"
        options = [word for option in (*OPTIONS, f"ConnectTimeout={params['timeout']}") for word in ("-o", option)]
        self.command = ["ssh", "-tt", "-p", str(params["port"]), *options, where]

    def lets_in(self, password: str) -> bool:
        """Whether it does. Failure when nobody is there to ask."""
        with self.session(password) as process:
            said = self.read_answer(process)
            self.say(process, b"exit\n")
            if self.left(process) != REFUSED:
                return True
        if re.search(rb"permission denied|auth", said, re.I):
            return False
        raise self.failed(f"ssh to port {self.params['port']} says: {_words(said)}", "See that WCS runs on this host")

    def change(self, old: str, new: str) -> None:
        """Has the password changed, and sees that it is."""
        with self.session(old) as process:
            self.read_answer(process)
            self.say(process, f"passwd {self.params['user']}\n".encode())
            said = self.read_answer(process)
            for _ in range(2):
                self.say(process, f"{new}\n".encode())
                said = self.read_answer(process)
                if not ONCE_MORE.search(said):
                    break
            self.say(process, b"exit\n")
            self.left(process)
        if not self.lets_in(new):
            words = _words(said.replace(new.encode(), b"********"))
            raise self.failed(f"the new password is not accepted; the server said: {words}", "Change it by hand")

    def session(self, password: str) -> Popen[bytes]:
        """A session that has begun. The password goes through a file that is this user's own."""
        secret, ask = self.scratch / "secret", self.scratch / "ask"
        secret.write_text(f"{password}\n", encoding="utf-8")
        ask.write_text(f'#!/bin/sh\nexec cat "{secret}"\n', encoding="utf-8")
        ask.chmod(0o700)
        environment = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "LC_ALL": "C"}
        environment.setdefault("DISPLAY", ":0")  # OpenSSH before 8.4, as in RHEL 8, asks only where there is one
        pipe = PIPE
        return Popen(  # noqa: S603
            self.command, env=environment, stdin=pipe, stdout=pipe, stderr=STDOUT, start_new_session=True
        )

    def read_answer(self, process: Popen[bytes]) -> bytes:
        """What the server says until it waits for an answer, falls silent or ends."""
        heard = b""
        stdout = process.stdout.fileno() if process.stdout else -1
        while select.select([stdout], [], [], 1.0 if PROMPT.search(heard) else self.params["timeout"])[0]:
            piece = os.read(stdout, 4096)
            if not piece:
                break
            heard += piece
        return heard

    def say(self, process: Popen[bytes], line: bytes) -> None:
        """Sends a line, unless the session is over."""
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(line)
                process.stdin.flush()

    def left(self, process: Popen[bytes]) -> int:
        """The exit code of a session that was asked to end."""
        try:
            process.communicate(timeout=self.params["timeout"])
        except TimeoutExpired:
            process.kill()
        return process.wait()

    def failed(self, reason: str, way_out: str) -> Failure:
        """The failure of this run."""
        return Failure(Refusal("change the password of", "command line user", self.params["user"], reason, way_out))


def plan(params: Mapping[str, Any], host: Host) -> Change:
    """The change, unless the password is what it should be."""
    old, new = params["old_password"], params["password"]
    if host.find("ssh") is None:
        raise Failure(Refusal("reach", "the command line of WCS", "", "there is no ssh", "Install openssh-client"))
    with tempfile.TemporaryDirectory(dir=host.scratch) as scratch:
        line = CommandLine(params, Path(scratch))
        done = line.lets_in(new)
        if not done and not line.lets_in(old):
            way_out = "Set O(old_password) to the one that is in use"
            raise line.failed("neither the new password nor the old one is accepted", way_out)

    def act() -> None:
        with tempfile.TemporaryDirectory(dir=host.scratch) as scratch:
            CommandLine(params, Path(scratch)).change(old, new)

    return Change(act=None if done else act, returns={"user": params["user"]})


def _words(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())[-300:] or "nothing"
