# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian that has the names and facts of a system with rpm packages: a stand-in for those, not that system.

Real are dnf, rpm, Python, systemd and sshd, all of them Debian's. In a repository on the host itself lie small packages
under the names that the system has, and no others; they bring the commands as links to where Debian's were put away.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("likeness.sh")
PACKAGES = ("dnf", "python3-dnf", "rpm", "createrepo-c", "openjdk-17-jre-headless")
NOT_THERE = ("python3-apt", "default-jre-headless")
JAVA, COMPILER = ("java", "keytool"), ("javac", "jcmd")


@dataclass(frozen=True)
class Likeness:
    """What a host shows of its system, and the packages that can be installed there: commands by name."""

    suite: str  # of Debian; bullseye has Python 3.9
    os_release: Mapping[str, str]
    release_files: Mapping[str, str]
    repository: str
    packages: Mapping[str, tuple[str, ...]]
    requires: Mapping[str, str]
    user: str = "ec2-user"
    platform_python: str = ""  # where the system's Python lies when no command python3 leads to it
    needed: str = ""  # the packages with which the installer runs, of an image that has WCS

    def script(self) -> str:
        """What makes a Debian this, run by a shell in it."""
        settings = {
            "os_release": "".join(f'{key}="{value}"\n' for key, value in self.os_release.items()),
            "release_files": "".join(f"{path} {text}\n" for path, text in self.release_files.items()),
            "repository": self.repository,
            "releasever": self.os_release["VERSION_ID"].partition(".")[0],
            "packages": "".join(f"{name} {' '.join(commands)}\n" for name, commands in self.packages.items()),
            "requires": "".join(f"{name} {other}\n" for name, other in self.requires.items()),
            "platform_python": self.platform_python,
        }
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        return f"export {words}\n{SCRIPT.read_text()}"


def _rhel(version: str, code: str, plain: str) -> tuple[dict[str, str], dict[str, str]]:
    """os-release and release files of Red Hat Enterprise Linux."""
    name = f"Red Hat Enterprise Linux {version} ({code})"
    about = {"NAME": "Red Hat Enterprise Linux", "VERSION": f"{version} ({code})", "ID": "rhel", "ID_LIKE": "fedora"}
    about |= {"VERSION_ID": version, "PLATFORM_ID": f"platform:el{plain}", "PRETTY_NAME": name}
    text = f"Red Hat Enterprise Linux release {version} ({code})"
    return about, {"/etc/redhat-release": text, "/etc/system-release": text}


TOOLS: Mapping[str, tuple[str, ...]] = {"wget": ("wget",), "diffutils": ("diff", "cmp")}
OPENJDK = {"java-17-openjdk-headless": JAVA, "java-17-openjdk-devel": COMPILER}
OPENJDK_NEEDS = {"java-17-openjdk-devel": "java-17-openjdk-headless"}
AMAZON = "Amazon Linux release 2023.9.20251208 (Amazon Linux)"

LIKENESSES: Mapping[str, Likeness] = {
    "amazon2023": Likeness(
        "bullseye",
        {
            "NAME": "Amazon Linux",
            "VERSION": "2023",
            "ID": "amzn",
            "ID_LIKE": "fedora",
            "VERSION_ID": "2023",
            "PLATFORM_ID": "platform:al2023",
            "PRETTY_NAME": "Amazon Linux 2023.9.20251208",
        },
        {"/etc/system-release": AMAZON, "/etc/amazon-linux-release": AMAZON},
        "amazonlinux",
        {**TOOLS, "java-17-amazon-corretto-headless": JAVA, "java-17-amazon-corretto-devel": COMPILER},
        {"java-17-amazon-corretto-devel": "java-17-amazon-corretto-headless"},
        needed="java-17-amazon-corretto-devel wget diffutils",
    ),
    "rhel9": Likeness(
        "bullseye",
        *_rhel("9.6", "Plow", "9"),
        "appstream",
        {**TOOLS, **OPENJDK},
        OPENJDK_NEEDS,
        needed="java-17-openjdk-devel wget diffutils",
    ),
    "rhel8": Likeness(
        "bookworm",
        *_rhel("8.10", "Ootpa", "8"),
        "appstream",
        {**TOOLS, **OPENJDK, "python3.11": ("python3.11",)},
        OPENJDK_NEEDS,
        platform_python="/usr/libexec/platform-python",
        needed="python3.11 java-17-openjdk-devel wget diffutils",
    ),
}
