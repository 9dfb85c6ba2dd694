# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the server: by its configuration, by the machine it runs on, and by the stand-in's own settings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .properties import BrokenSetting, Properties

ALL_ADDRESSES = ("0.0.0.0",)
HEAP = re.compile(r"-Xm([sx])([0-9]+)([kKmMgG]?)")
FACTOR = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


@dataclass(frozen=True)
class Settings:
    """flashphoner.properties and the users of database.yml, as far as the stand-in acts on them."""

    ip: str
    ip_local: str
    ws_port: int
    wss_port: int
    http_port: int
    https_port: int
    ping_interval: float
    """Seconds between two pings of a session."""
    probes: int
    """Pings that may stay unanswered."""
    users: Mapping[str, str] | None
    """Passwords by user of the REST API; None: it asks for none."""


@dataclass(frozen=True)
class Machine:
    """The hardware: where the server listens, and what a session costs."""

    addresses: tuple[str, ...] = ALL_ADDRESSES
    cpu_per_session: float | None = None
    memory: int = 4 * 2**30
    """Bytes."""


@dataclass(frozen=True)
class Standin:
    """What is not known of the real server, or what a test wants otherwise."""

    count_bare_handshakes: bool = False
    auth_covers_statistics: bool = False
    cpu_idle: float = 2.0
    cpu_per_session: float = 0.5
    cpu_per_stream: float = 1.0
    cpu_per_mixer: float = 10.0
    empty_mixer_publishes: bool = True
    published: tuple[str, ...] = ()


def read_settings(home: Path) -> Settings:
    """The settings under `home`; BrokenSetting for the first one that the server cannot start with."""
    given = Properties.read(home / "conf" / "flashphoner.properties")
    ports = {
        key: given.whole(key, default, 1, 65535)
        for key, default in (("ws.port", 8080), ("wss.port", 8443), ("http.port", 8081), ("https.port", 8444))
    }
    numbers = list(ports.values())
    for index, key in enumerate(ports):
        if numbers[index] in numbers[:index]:
            raise given.broken(key, "is the number of another port, too")
    lowest = given.whole("media_port_from", 31001, 1, 65535)
    if given.whole("media_port_to", 32000, 1, 65535) < lowest:
        raise given.broken("media_port_to", f"is lower than media_port_from={lowest}")
    check_jvm_options(home / "conf" / "wcs-core.properties")
    return Settings(
        ip=given.address("ip"),
        ip_local=given.address("ip_local"),
        ws_port=ports["ws.port"],
        wss_port=ports["wss.port"],
        http_port=ports["http.port"],
        https_port=ports["https.port"],
        ping_interval=given.whole("keep_alive.server_interval", 5000, 1, 86_400_000) / 1000,
        probes=given.whole("keep_alive.probes", 10, 1, 1000),
        users=None if given.flag("disable_rest_auth", True) else read_users(home / "conf" / "database.yml"),
    )


def check_jvm_options(path: Path) -> None:
    """BrokenSetting where the markers are missing or the heap is not one that a JVM would start with."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise BrokenSetting(f"{path.name}: cannot be read: {error}") from error
    for marker in ("### SERVER OPTIONS ###", "### JVM OPTIONS ###"):
        if marker not in lines:
            raise BrokenSetting(f"{path.name}: the marker '{marker}' is missing")
    heap = {"s": 0, "x": 0}
    for option in (line for line in lines if line.startswith(("-Xmx", "-Xms"))):
        parts = HEAP.fullmatch(option)
        if parts is None:
            raise BrokenSetting(f"{path.name}: Invalid heap size: {option}")
        heap[parts[1]] = int(parts[2]) * FACTOR[parts[3].lower()]
    if heap["x"] and heap["s"] > heap["x"]:
        raise BrokenSetting(f"{path.name}: Initial heap size set to a larger value than the maximum heap size")


def read_users(path: Path) -> dict[str, str]:
    """Passwords by user: the `users` of database.yml."""
    users: dict[str, str] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if line[:1].strip():
            section = key
        elif section == "users" and value.strip():
            users[key.strip()] = value.strip().strip("'\"")
    return users


def read_machine(home: Path) -> Machine:
    """The machine whose disk holds `home`: its `machine.json` lies above it. Without one: a host of its own.

    A machine of a lab listens on its own addresses and nowhere else.
    """
    files = (folder / "machine.json" for folder in home.parents)
    path = next((file for file in files if file.is_file()), None)
    if path is None:
        return Machine()
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        addresses = tuple(given[key] for key in ("private_ip", "public_ip") if given.get(key))
        cost = given.get("cpu_per_session")
        machine = Machine(addresses, None if cost is None else float(cost), int(given.get("memory") or Machine.memory))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenSetting(f"{path}: not a machine's description: {error}") from error
    if not addresses:
        raise BrokenSetting(f"{path}: has neither private_ip nor public_ip")
    return machine


def read_standin(home: Path) -> Standin:
    """The stand-in's own settings; the defaults where its file is missing."""
    path = home / "conf" / "stand-in.properties"
    if not path.is_file():
        return Standin()
    given = Properties.read(path)
    return Standin(
        count_bare_handshakes=given.flag("count_bare_handshakes", False),
        auth_covers_statistics=given.flag("auth_covers_statistics", False),
        cpu_idle=given.number("cpu_idle", 2.0),
        cpu_per_session=given.number("cpu_per_session", 0.5),
        cpu_per_stream=given.number("cpu_per_stream", 1.0),
        cpu_per_mixer=given.number("cpu_per_mixer", 10.0),
        empty_mixer_publishes=given.flag("empty_mixer_publishes", True),
        published=tuple(name.strip() for name in given.values.get("published", "").split(",") if name.strip()),
    )
