# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the variables of several roles at once, as Ansible does for each when it runs; then runs the module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict, check_type_list

from ..module_utils._parts.known import TAGS, selected
from .waiting import ActionModule as Waiting

UNKNOWN = ("image_id", "instance_profile", "region")
ROLES = Path(__file__).resolve().parents[2] / "roles"


def specification(role: str) -> dict[str, Any]:
    """The argument specification of a role of this collection, of its main entry."""
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, Any] = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return options


class ActionModule(Waiting):
    """The action of wcs_validate."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, or what is wrong with the variables."""
        wrong = list(self._wrong(task_vars or {}))
        if wrong:
            return {"failed": True, "msg": "\n".join(wrong), "refused": wrong}
        if not set(TAGS) & set(self._task.args):
            return {"changed": False, "parts": {}, "done": [], **dict.fromkeys(UNKNOWN)}
        return super().run(tmp, task_vars)

    def _wrong(self, variables: Mapping[str, Any]) -> Iterator[str]:
        args = self._task.args
        tags = [check_type_list(args.get(name) or given) for name, given in (("run_tags", ["all"]), ("skip_tags", []))]
        hosts = check_type_dict(args.get("hosts") or {})
        for role in (one for one in check_type_list(args.get("roles") or []) if selected(one, *tags)):
            options = specification(role)
            given = dict(self._known(variables["hostvars"][hosts[role]] if role in hosts else variables, options))
            checked = ArgumentSpecValidator(options).validate(given, validate_role_argument_spec=True)
            for message in checked.error_messages:
                yield f"Cannot use the variables of role {role}: {message}"

    def _known(self, variables: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Those of the variables that are set, but for what follows from facts that the run has yet to learn."""
        for name in names:
            if name in variables:
                with suppress(AnsibleError):
                    yield name, self._templar.template(variables[name])
