# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter wcs_typed: a variable's value in the type that argument_specs say."""

from __future__ import annotations

DOCUMENTATION = r"""
name: wcs_typed
short_description: A value in the type that the argument specs of roles say
version_added: 0.1.0
description:
  - Ansible checks the variables of a role by its argument specs, and does not convert them. What is given as
    C(-e key=value) or in an INI inventory is text, and the text V(false) counts as true.
  - This filter converts as Ansible's modules do. Roles and playbooks of this collection read through it each variable
    that is not a text and that they do not just hand on to a module.
author:
  - The webcallserver.aws maintainers (@webcallserver)
options:
  _input:
    description: The value.
    type: raw
    required: true
  type:
    description: The type to give it.
    type: str
    required: true
    choices: [bool, int, float, list, dict]
positional: type
"""

EXAMPLES = r"""
- name: Only where it is asked for
  ansible.builtin.debug:
    msg: It is asked for
  when: wcs_report_probe | webcallserver.aws.wcs_typed('bool')
"""

RETURN = r"""
_value:
  description: The value in that type. A list or dictionary that is null is an empty one.
  type: raw
  sample: false
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common import validation

CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "bool": validation.check_type_bool,
    "int": validation.check_type_int,
    "float": validation.check_type_float,
    "list": validation.check_type_list,
    "dict": validation.check_type_dict,
}
EMPTY: dict[str, type[Any]] = {"list": list, "dict": dict}


def wcs_typed(value: Any, kind: str) -> Any:
    """The value in that type, as Ansible's modules convert their options."""
    if value is None and kind in EMPTY:
        return EMPTY[kind]()
    try:
        return CONVERTERS[kind](value)
    except (TypeError, ValueError) as error:
        shown = "a value" if kind in EMPTY else f"'{value}'"  # which may be secret
        raise AnsibleFilterError(f"Cannot use {shown}: it is no {kind}. Correct the variable that has it.") from error


class FilterModule:
    """Hands the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file, by name."""
        return {"wcs_typed": wcs_typed}
