# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The systems that WCS may run on: what is called how there, and which are not supported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

DNF, APT = "dnf install -y", "apt-get install -y"
OF_DNF = MappingProxyType(
    {"diff": "diffutils", "awk": "gawk", "df": "coreutils", "useradd": "shadow-utils", "cp": "coreutils"}
)
OF_APT = MappingProxyType({**OF_DNF, "useradd": "passwd"})
MINIMAL = MappingProxyType({**OF_DNF, "curl": "curl-minimal"})  # curl itself conflicts with what these images have


BOTO3 = "python3-boto3"
"""The package of boto3, in all systems that have one."""


@dataclass(frozen=True)
class System:
    """A system in the table: its names in /etc/os-release, and what the role installs and lays down there."""

    name: str
    ids: tuple[str, ...]
    since: tuple[int, ...]  # the first version that this row is for; up to the next row of the same ids
    jdk: str
    headless: str  # runs Java, without a compiler and jcmd
    packages: Mapping[str, str]  # of commands whose package has another name
    install: str = DNF
    python: str = "python3"
    interpreter: str = "/usr/bin/python3"
    by_module: bool = True  # whether Ansible's module can use the package manager
    service: str = "systemd"
    limits: str = "/etc/systemd/system/webcallserver.service.d/limits.conf"
    logs: str = "/etc/tmpfiles.d/webcallserver.conf"
    selinux: bool = True  # whether it may be on
    boto3: bool = False  # whether its package of that is for the Python of the row

    @property
    def manager(self) -> str:
        """The package manager's command."""
        return self.install.split()[0].removesuffix("-get")

    @property
    def install_python(self) -> str:
        """What a shell of root runs to have the Python that the table names."""
        fresh = "apt-get update -q && DEBIAN_FRONTEND=noninteractive " if self.manager == "apt" else ""
        return f"{fresh}{self.install} {self.python}"

    def package(self, command: str) -> str:
        """The package that has a command."""
        return self.packages.get(command, command)


@dataclass(frozen=True)
class Unsupported:
    """A system that is not supported: why, and what to do instead."""

    name: str
    ids: tuple[str, ...]
    version: tuple[int, ...]
    reason: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.name} is not supported: {self.reason}. {self.way_out}"


EL = ("rhel", "rocky", "almalinux", "centos", "ol")
JAVA_17, JAVA_17_ONLY = "java-17-openjdk-devel", "java-17-openjdk-headless"
DEFAULT_JDK, DEFAULT_JRE = "default-jdk-headless", "default-jre-headless"

SYSTEMS = (
    System(
        "Amazon Linux 2023",
        ("amzn",),
        (2023,),
        "java-17-amazon-corretto-devel",
        "java-17-amazon-corretto-headless",
        MINIMAL,
        boto3=True,
    ),
    # dnf's own library is for its Python 3.6 only, which Ansible no longer runs on.
    System(
        "RHEL, Rocky, AlmaLinux 8",
        EL,
        (8,),
        JAVA_17,
        JAVA_17_ONLY,
        OF_DNF,
        python="python3.11",
        interpreter="/usr/bin/python3.11",
        by_module=False,
    ),
    System("RHEL, Rocky, AlmaLinux 9", EL, (9,), JAVA_17, JAVA_17_ONLY, MINIMAL),
    System("RHEL, Rocky, AlmaLinux 10", EL, (10,), "java-21-openjdk-devel", "java-21-openjdk-headless", OF_DNF),
    System("Debian 12", ("debian",), (11,), DEFAULT_JDK, DEFAULT_JRE, OF_APT, APT, selinux=False, boto3=True),
    System("Debian 13", ("debian",), (13,), DEFAULT_JDK, DEFAULT_JRE, OF_APT, APT, selinux=False, boto3=True),
    System("Ubuntu 22.04", ("ubuntu",), (20, 4), DEFAULT_JDK, DEFAULT_JRE, OF_APT, APT, selinux=False, boto3=True),
    System("Ubuntu 24.04", ("ubuntu",), (24, 4), DEFAULT_JDK, DEFAULT_JRE, OF_APT, APT, selinux=False, boto3=True),
)

WAY_OUT = (
    "Begin with an image of Amazon Linux 2023, Debian 13, or of RHEL, Rocky or AlmaLinux 9. To go on with this one, "
    "build Python 3.9 or later there, and name it in ansible_python_interpreter"
)
NOT_SUPPORTED = (
    Unsupported(
        "Amazon Linux 2",
        ("amzn",),
        (2,),
        "it is out of support since 2026-06-30, its python3 is 3.7, and amazon-linux-extras has none later than 3.8 "
        "(sudo amazon-linux-extras install -y python3.8), which is too old",
        WAY_OUT,
    ),
    Unsupported(
        "CentOS 7",
        ("centos",),
        (7,),
        "it is out of support since 2024-06-30, and yum has no Python later than 3.6",
        WAY_OUT,
    ),
)


def system_of(host_id: str, like: tuple[str, ...], version: tuple[int, ...]) -> System | None:
    """The row for a host: of its own id, else of one that it is like; None where the table has none."""
    for one in (host_id, *like):
        rows = [row for row in SYSTEMS if one in row.ids]
        fitting = [row for row in rows if row.since <= version]
        if rows and (fitting or one == host_id):
            return max(fitting, key=lambda row: row.since, default=None)
    return None


def unsupported_of(host_id: str, version: tuple[int, ...]) -> Unsupported | None:
    """What is said of a host that the table turns down; None where it does not."""
    return next(
        (one for one in NOT_SUPPORTED if host_id in one.ids and version[: len(one.version)] == one.version), None
    )


def digits(version: str) -> tuple[int, ...]:
    """A version as numbers: (22, 4) for `22.04`; of what is no number, nothing."""

    def numbers() -> Iterator[int]:
        for part in version.split("."):
            if not part.isdigit():
                return
            yield int(part)

    return tuple(numbers())
