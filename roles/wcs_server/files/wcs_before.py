#!/usr/bin/env python3
# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what keeps Web Call Server from being installed or run on this host, before anything on it is changed.

Prints one JSON object: `java`, the major version (null: there is none), `missing`, the commands that are not there,
`problems`, a sentence each, `unfinished`, whether an earlier run did not come to its end, and `restart`, whether the
server has therefore not read what that run wrote.
Python 3.9 and the standard library.
"""

# ruff: noqa: T201
from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

PRODUCT = b"flashphoner"
PID_FILE = "FlashphonerMainWebCallServer.pid"
LISTEN = "0A"
STARTED = 19  # of the fields of /proc/PID/stat that follow the name
OLDEST_JAVA = 8
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
EVERYWHERE = {"00000000", "0" * 32}


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0, whatever was found."""
    options = parsed(arguments)
    java = java_of(options.java)
    server = server_of(options.home)
    problems = held(options.ports, options.address, server is not None)
    unfinished = options.unfinished.exists()
    missing = [tool for tool in options.tools if shutil.which(tool, path=PATH) is None]
    if options.install:
        problems += [*too_full(options.home.parent, options.free), *unfit(java, options)]
        if missing and not options.packages:
            problems.append(f"the installer needs {', '.join(missing)}: install what has them")
    restart = unfinished and server is not None and any_younger(options.reads, server)
    found = {"java": java, "missing": missing, "problems": problems, "unfinished": unfinished, "restart": restart}
    print(json.dumps(found))
    return 0


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="wcs_before", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True, help="where WCS is, or shall be, installed")
    parser.add_argument("--address", default="127.0.0.1", help="where the server listens on this host")
    parser.add_argument("--ports", type=int, nargs="*", default=[], help="that the server is to listen on")
    parser.add_argument("--install", action="store_true", help="WCS is to be installed or updated")
    parser.add_argument("--free", type=int, default=1025, help="MiB that have to be free for that [%(default)s]")
    parser.add_argument("--java", default="java", help="the Java command that WCS uses")
    parser.add_argument("--tools", nargs="*", default=[], help="commands that the installer needs")
    parser.add_argument("--packages", action="store_true", help="packages may be installed: Java and tools come")
    parser.add_argument("--unfinished", type=Path, required=True, help="left by a run that did not come to its end")
    parser.add_argument("--reads", type=Path, nargs="*", default=[], help="files that the server reads when it starts")
    return parser.parse_args(arguments)


def server_of(home: Path) -> int | None:
    """The process of this home's server, if it runs."""
    named = map(named_by, (home / "bin" / PID_FILE, Path("/var/run") / PID_FILE))
    return next((pid for pid in named if pid is not None), None)


def named_by(pid_file: Path) -> int | None:
    """The process in a PID file, if it lives and is a WCS: the number may be somebody else's by now."""
    try:
        pid = int(pid_file.read_text())
        return pid if PRODUCT in Path(f"/proc/{pid}/cmdline").read_bytes().lower() else None
    except (OSError, ValueError):
        return None


def any_younger(files: list[Path], pid: int) -> bool:
    """Whether one of the files was written after the process started; no when it has ended."""
    try:
        since_boot = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[STARTED]
    except OSError:
        return False
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(since_boot) / os.sysconf("SC_CLK_TCK")
    return any(file.stat().st_mtime > time.time() - age for file in files if file.exists())


def held(ports: list[int], address: str, runs: bool) -> list[str]:
    """The ports that other programs than a WCS listen on; one that cannot be seen is taken for the WCS that `runs`."""
    problems = []
    for port in sorted(set(ports)):
        for pid, name in {holder_of(inode) for inode in listening(port, address)}:
            if PRODUCT.decode() in name or (runs and not pid):
                continue
            who = f"process {pid} ({name})" if pid else "a process that this user cannot see"
            problems.append(f"port {port} is held by {who}: end it, or give the server another port")
    return problems


def listening(port: int, address: str) -> list[str]:
    """The sockets that listen on the port at this address; for the loopback address, at any of the host."""
    octets = "".join(f"{int(octet):02X}" for octet in reversed(address.split("."))) if "." in address else ""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        except OSError:
            continue
        for row in rows:
            where, _, number = row[1].partition(":")
            here = address == "127.0.0.1" or where in EVERYWHERE or where == octets
            if row[3] == LISTEN and int(number, 16) == port and here:
                found.append(row[9])
    return found


def holder_of(inode: str) -> tuple[int, str]:
    """Process id and name of whoever has the socket, (0, "") when it is not to be seen; a WCS is named after itself."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if not any(str(link.readlink()) == f"socket:[{inode}]" for link in (folder / "fd").iterdir()):
                continue
            if PRODUCT in (folder / "cmdline").read_bytes().lower():
                return int(folder.name), PRODUCT.decode()
            return int(folder.name), (folder / "comm").read_text().strip()
        except OSError:
            continue
    return 0, ""


def too_full(folder: Path, needed: int) -> list[str]:
    """What is wrong with the space in the folder to install in; nothing where there is enough."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 2**20
    if free >= needed:
        return []
    return [f"{folder} has {free} MiB free, and the installer wants {needed}: make room there"]


def unfit(java: int | None, options: argparse.Namespace) -> list[str]:
    """What is wrong with Java; nothing where it will do."""
    if java is None and not options.packages:
        return [
            f"there is no Java ('{options.java}' does not run): install a JDK, or name its command in wcs_server_java"
        ]
    if java is not None and java < OLDEST_JAVA:
        wanted = f"WCS wants {OLDEST_JAVA} or later: install a later JDK, or name the command of one in wcs_server_java"
        return [f"its Java is version {java}, and {wanted}"]
    return []


def java_of(command: str) -> int | None:
    """The major version of the Java command: 8 for `1.8.0_392`, 17 for `17.0.9`; None when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603
            [command, "-version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(rb'version "(?:1\.)?(\d+)', done.stdout)
    return int(found[1]) if found and done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
