# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verbs of `bin/webcallserver`: start, stop, restart, status; and `run`, which is the server itself.

The server holds a lock on its PID file as long as it lives. A PID file without that lock is a remnant, of a killed
server or of the disk this one was cloned from, and hinders nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import java, tls
from .properties import BrokenSetting
from .settings import Machine, read_machine, read_settings, read_standin

HOME = Path(__file__).resolve().parents[2]
LOGS = HOME / "logs"
PID_FILE = HOME / "bin" / "FlashphonerMainWebCallServer.pid"
START_SECONDS = 80.0  # a busy machine takes long for a keystore; systemd has 90
STOP_SECONDS = 15.0
USER = "flashphoner"
OWN_KEYS = ("cli-hostkey.pem", "dtls-main-cert.pem", "dtls-main-key.pem")
READY_FD = "WCS_READY_FD"
NOT_RUNNING = 3


def main(arguments: list[str]) -> int:
    """The exit code: 0 when done, 3 for the status of a server that is not running, 1 with the reason otherwise."""
    verbs: dict[str, Callable[[], int]] = {
        "start": start,
        "stop": stop,
        "restart": lambda: stop() or start(),
        "status": status,
        "run": run,
    }
    if len(arguments) != 1 or arguments[0] not in verbs:
        print("usage: webcallserver start|stop|restart|status", file=sys.stderr)
        return 1
    return verbs[arguments[0]]()


def start() -> int:
    """0 when the server has bound its ports (or runs already), 1 when it could not."""
    pid = running()
    if pid:
        print(f"Web Call Server is already running, pid {pid}")
        return 0
    result, tells = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(result)
        become_server(tells)
    os.close(tells)
    answer = hear(result)
    if answer == "ready":
        print(f"Web Call Server started, pid {pid}")
        return 0
    print(f"Web Call Server did not start: {answer or 'it ended; see logs/startup.log'}", file=sys.stderr)
    return 1


def become_server(tells: int) -> None:
    """Turns this process into the server, which says on the pipe `tells` how its start went."""
    os.setsid()
    drop_root()
    log = os.open(LOGS / "startup.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o664)
    for target, source in enumerate((os.open(os.devnull, os.O_RDONLY), log, log, tells)):
        os.dup2(source, target)
    os.closerange(4, 4096)
    os.environ[READY_FD] = "3"
    os.execv(sys.executable, [sys.executable, "-S", "-E", str(HOME / "lib" / "webcallserver.py"), "run"])  # noqa: S606


def drop_root() -> None:
    """Goes on as the server's own user, where this is root and the server was installed with one."""
    owner = HOME.stat().st_gid
    with contextlib.suppress(KeyError):
        user = pwd.getpwnam(USER)
        if os.geteuid() == 0 and user.pw_gid == owner:
            os.initgroups(USER, owner)
            os.setgid(owner)
            os.setuid(user.pw_uid)


def hear(result: int) -> str:
    """What the new server says of its start; "" when it ends without a word."""
    if not select.select([result], [], [], START_SECONDS)[0]:
        return f"no word from it in {START_SECONDS:g} s"
    with os.fdopen(result) as pipe:
        return pipe.readline().strip()


def stop() -> int:
    """0 when no server runs (any more); its PID file is gone, too."""
    pid = running()
    if not pid:
        PID_FILE.unlink(missing_ok=True)
        print("Web Call Server is not running")
        return 0
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while running():
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    PID_FILE.unlink(missing_ok=True)
    print("Web Call Server stopped")
    return 0


def status() -> int:
    """0 when it runs."""
    pid = running()
    print(f"Web Call Server is running, pid {pid}" if pid else "Web Call Server is not running")
    return 0 if pid else NOT_RUNNING


def run() -> int:
    """The server itself; returns when it was told to stop, or could not start."""
    log = Log(LOGS / "server_logs" / "flashphoner.log")
    try:
        with pid_file():
            serve(log)
    except BrokenSetting as broken:
        log(f"cannot start: {broken}", "ERROR")
        print(f"cannot start: {broken}", flush=True)
        announce(str(broken))
        return 1
    log("stopped")
    return 0


def serve(log: Log) -> None:
    """Runs the server until it is told to stop."""
    settings, machine, standin = read_settings(HOME), read_machine(HOME), read_standin(HOME)
    if machine == Machine():  # a host of its own, not one of many on this computer
        java.check(HOME)
    make_keys(HOME / "conf")
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if not tls.served(HOME / "conf"):
        sys.modules["ssl"] = None  # type: ignore[assignment]  # asyncio does without, and 5 MB less
    import asyncio

    from .server import Server

    def ready() -> None:
        log(f"started, pid {os.getpid()}, ip={settings.ip}, ip_local={settings.ip_local}")
        announce("ready")

    asyncio.run(Server(HOME, settings, machine, standin, log).serve(ready))


def make_keys(conf: Path) -> None:
    """Keys of this server's own where it has none; nothing here uses them, but clones must not share them."""
    for name in OWN_KEYS:
        with contextlib.suppress(FileExistsError), (conf / name).open("x", encoding="ascii") as file:
            file.write(f"{os.urandom(32).hex()}\n")


def announce(word: str) -> None:
    """Tells whoever started this server how the start went."""
    result = os.environ.pop(READY_FD, "")
    if result:
        with os.fdopen(int(result), "w") as pipe:
            pipe.write(word + "\n")


def running() -> int | None:
    """The process id of this home's server; None when there is none, whatever its PID file says."""
    with contextlib.suppress(FileNotFoundError), PID_FILE.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None  # not by its name: the server may remove it now
    return None


@contextlib.contextmanager
def pid_file() -> Iterator[None]:
    """Holds the lock of the PID file, which goes at the end; BrokenSetting when another server of this home has it."""
    take_pid_file()
    try:
        yield
    finally:
        PID_FILE.unlink(missing_ok=True)


def take_pid_file() -> None:
    """Writes this process into the PID file, under a lock that lasts as long as it lives."""
    held = os.open(PID_FILE, os.O_RDWR | os.O_CREAT, 0o664)
    deadline = time.monotonic() + 0.5  # whoever asks `running` holds the lock for an instant
    while not locked(held):
        if time.monotonic() > deadline:
            raise BrokenSetting(f"{PID_FILE}: a server of this home is running")
        time.sleep(0.01)
    os.ftruncate(held, 0)
    os.write(held, f"{os.getpid()}\n".encode())


def locked(held: int) -> bool:
    """Whether the lock could be taken."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Log:
    """The server's log, in the shape of log4j's lines."""

    def __init__(self, path: Path) -> None:
        """Lines are appended to `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("a", encoding="utf-8", buffering=1)

    def __call__(self, text: str, level: str = "INFO") -> None:
        """Writes one line."""
        now = time.time()
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        self.file.write(f"{moment},{int(now * 1000) % 1000:03d} {level:<5} Server - {text}\n")
