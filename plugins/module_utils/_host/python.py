# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Python of a host is used, is installed first, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .systems import BOTO3, System, Unsupported, digits, system_of, unsupported_of

OLDEST = (3, 9)
NEEDED = "Python 3.9 or later"


@dataclass(frozen=True)
class Python:
    """An interpreter of a host; no version: it is not there, or does not run."""

    path: str
    version: tuple[int, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether modules run on it."""
        return self.version >= OLDEST

    def __str__(self) -> str:
        return f"{self.path} is {'.'.join(map(str, self.version))}" if self.version else f"{self.path} does not run"


@dataclass(frozen=True)
class HostSystem:
    """What the script `wcs-system` said of a host."""

    name: str = ""
    system: System | None = None
    unsupported: Unsupported | None = None
    pythons: tuple[Python, ...] = ()  # in the order in which Ansible looks for one

    @classmethod
    def parse(cls, text: str) -> HostSystem:
        """The host of the script's output."""
        lines = [line.strip().split(" ", 2) for line in text.splitlines() if line.startswith("wcs-")]
        said = {words[1]: words[2] if len(words) > 2 else "" for words in lines if words[0] == "wcs-os"}
        host_id, version = said.get("ID", ""), digits(said.get("VERSION_ID", ""))
        return cls(
            said.get("PRETTY_NAME") or host_id or "unknown",
            system_of(host_id, tuple(said.get("ID_LIKE", "").split()), version),
            unsupported_of(host_id, version),
            tuple(dict.fromkeys(Python(words[2], digits(words[1])) for words in lines if words[0] == "wcs-python")),
        )


@dataclass(frozen=True)
class Choice:
    """What becomes of it: an interpreter to set, a command to run first, or a refusal; nothing where all is well."""

    interpreter: str = ""
    install: str = ""
    refusal: str = ""


def choose(host: HostSystem, given: str, install: bool) -> Choice:
    """What is done for a usable Python. `given`: what Ansible is set to use; `install`: may one be installed."""
    usable = [python.path for python in host.pythons if python.usable]
    if given:
        there = next((python for python in host.pythons if python.path == given), Python(given))
        if there.usable:
            return Choice()
        if usable:
            wrong = f"its ansible_python_interpreter {there}, and {NEEDED} is needed"
            return Choice(refusal=". ".join((wrong, f"Set it to {usable[0]}")))
    elif usable:
        return Choice("" if host.pythons[0].usable else usable[0])
    if install and host.system and given in ("", host.system.interpreter):
        return Choice(host.system.interpreter, host.system.install_python)
    return Choice(refusal=missing(host))


def missing(host: HostSystem) -> str:
    """That a host has no usable Python, and what to do about it."""
    there = ", ".join(map(str, host.pythons)) or "none"
    return ". ".join((f"it has no {NEEDED} ({there})", way_out(host)))


def way_out(host: HostSystem) -> str:
    """How the host comes to a usable Python, with the commands."""
    if host.unsupported:
        return str(host.unsupported)
    if not host.system:
        return f"{host.name} is not in this role's table: install one, and name it in ansible_python_interpreter"
    command = host.system.install_python
    return (
        f"Run there as root: {command}; then set ansible_python_interpreter to {host.system.interpreter}. "
        "Or let this role do so: wcs_server_install_python: true"
    )


def show(host: HostSystem, choice: Choice) -> dict[str, Any]:
    """The host as the role reads it."""
    row = host.system
    return {
        "name": host.name,
        "known": bool(row and not host.unsupported),
        "unsupported": str(host.unsupported or ""),
        "jdk": row.jdk if row else "",
        "headless": row.headless if row else "",
        "boto3": BOTO3 if row and row.boto3 else "",
        "packages": dict(row.packages) if row else {},
        "install": (row.install if row else "").split(),
        "by_module": row.by_module if row else True,
        "selinux": row.selinux if row else False,
        "python3": any(python.usable and python.path.endswith("/python3") for python in host.pythons),
        "python": {
            "interpreter": choice.interpreter,
            "install": choice.install,
            "refusal": choice.refusal,
        },
    }
