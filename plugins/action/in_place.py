# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts a module of this collection from where it is installed, in place of packing it.

A module that runs on the controller with the controller's own Python finds all its code there already. Packing it with
everything it imports, sending, unpacking and compiling it takes half the time of a task that finds nothing to do. This
rests on inner workings of Ansible: with a version that was not looked at, and where C(WCS_IN_PLACE=0) or the variable
C(wcs_in_place) says so, modules are packed as usual, which costs time and nothing else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.release import __version__ as ansible_version
from ansible.utils.collection_loader import AnsibleCollectionConfig

SETTING, VARIABLE = "WCS_IN_PLACE", "wcs_in_place"
KNOWN = ("2.19.", "2.20.", "2.21.")  # of Ansible: the versions whose way to start a module is the one below
SPACES = ("amazon", "webcallserver")  # whose code the modules import
PROFILE = "legacy"  # of the JSON between Ansible and its modules
PROGRAM = """\
import gc, importlib, sys
gc.set_threshold(100_000)
sys.path[:1] = {paths!r}
from ansible.module_utils import basic
basic._ANSIBLE_ARGS, basic._ANSIBLE_PROFILE = {params!r}, {profile!r}
importlib.import_module({module!r}).main()
"""


def program(module: str, params: dict[str, Any]) -> Any:
    """What runs the module of that full name with these parameters from where it is installed, as Ansible takes it."""
    from ansible.executor.module_common import _BuiltModule
    from ansible.module_utils.common.json import Direction, get_module_encoder

    encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    encoded = json.dumps({"ANSIBLE_MODULE_ARGS": params}, cls=encoder).encode()
    collection, _, name = module.rpartition(".")
    roots = map(str, AnsibleCollectionConfig.collection_paths)
    text = PROGRAM.format(
        paths=[root for root in roots if any(Path(root, "ansible_collections", space).is_dir() for space in SPACES)],
        params=encoded,
        profile=PROFILE,
        module=f"ansible_collections.{collection}.plugins.modules.{name}",
    )
    return _BuiltModule(
        b_module_data=text.encode(),
        module_style="new",
        shebang=f"#!{sys.executable}",
        serialization_profile=PROFILE,
    )


def wanted(value: Any, environment: Mapping[str, str]) -> bool:
    """Whether modules may be started in place: with an Ansible that is known, unless that is turned off.

    `value` is that of the variable, None where it is not set.
    """
    if not ansible_version.startswith(KNOWN):
        return False
    said = [one for one in (environment.get(SETTING), value) if one not in (None, "")]
    return all(boolean(one, strict=False) for one in said)
