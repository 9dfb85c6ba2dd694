# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter wcs_system: a host's system, what is called how there, and its Python."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wcs_system
short_description: The system of a host, and what to do for a usable Python
version_added: 0.1.0
description:
  - Reads what the script C(wcs-system) of the role P(webcallserver.aws.wcs_server#role) said on a host that may have no Python,
    and answers with the row of the one table of systems.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  _input:
    description: The output of that script.
    type: str
    required: true
  interpreter:
    description: The interpreter that Ansible was told to use. Empty, or V(auto) and its kin, where it looks for one itself.
    type: str
    default: ""
  install:
    description: Whether a Python may be installed.
    type: bool
    default: false
positional: interpreter, install
"""

EXAMPLES = r"""
- name: The package of the JDK
  ansible.builtin.debug:
    msg: "{{ ('wcs-os ID rocky\nwcs-os VERSION_ID 9.4' | webcallserver.aws.wcs_system).jdk }}"
"""

RETURN = r"""
_value:
  description:
    - C(name), and C(known), whether the table has the system; C(unsupported), a sentence where it turns it down.
    - C(jdk) and C(headless), packages of Java; C(boto3), that of boto3 for the Python of the row, or empty; C(packages), by
      command where the package has another name; C(install), the words of the command that installs some; C(by_module), whether Ansible's module can.
    - C(selinux), whether that may be on; C(python3), whether a command of that name is a usable Python.
    - C(python), with C(interpreter) to set, C(install), what to run for it before, and C(refusal). All are empty where Ansible finds a
      usable one.
  type: dict
  sample:
    name: Rocky Linux 9.4
    known: true
    jdk: java-17-openjdk-devel
"""

from collections.abc import Callable
from typing import Any

from ..module_utils._host.python import HostSystem, choose, show


def wcs_system(text: str, interpreter: str = "", install: bool = False) -> dict[str, Any]:
    """The system of the host that the script said this of."""
    host = HostSystem.parse(text)
    given = "" if interpreter.startswith("auto") else interpreter
    return show(host, choose(host, given, install))


class FilterModule:
    """Hands the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file, by name."""
        return {"wcs_system": wcs_system}
