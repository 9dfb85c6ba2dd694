# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the variables of several roles at once, as Ansible does for each when it runs; then runs the module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict, check_type_list

from ..module_utils._parts.known import TAGS, selected
from .waiting import ActionModule as Waiting

UNKNOWN = ("image_id", "instance_profile", "region")
COLLECTION = Path(__file__).resolve().parents[2]
ROLES = COLLECTION / "roles"
CLOSE = 0.9
"""How alike two names are of which one is taken for a slip of the other: a letter or two."""


def specification(role: str) -> dict[str, Any]:
    """The argument specification of a role of this collection, of its main entry."""
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, Any] = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return options


def slips(names: Iterable[str]) -> Iterator[str]:
    """A sentence for each of the variables that no role or playbook reads, and whose name is almost that of one."""
    files = [path for folder in ("roles", "playbooks") for path in (COLLECTION / folder).rglob("*.yml")]
    read = {path: path.read_text(encoding="utf-8") for path in files}
    known = {name for text in read.values() for name in re.findall(r"\bwcs_\w+", text)}
    unread = sorted({name for name in names if str(name).startswith("wcs_")} - known)
    specs = [text for path, text in read.items() if path.name == "argument_specs.yml"] if unread else []
    options = {name for text in specs for name in re.findall(r"^ +(wcs_\w+):", text, re.M)}
    for name in unread:
        for meant in get_close_matches(name, options, 1, CLOSE):
            if not name.startswith(f"{meant}_"):  # somebody's own, from which ours are made
                yield f"{name} is set, and nothing reads it. Did you mean {meant}?"


class ActionModule(Waiting):
    """The action of wcs_validate."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The module's result, or what is wrong with the variables."""
        for slip in slips(self._names(task_vars or {})):
            self._display.warning(slip)
        wrong = list(self._wrong(task_vars or {}))
        if wrong:
            return {"failed": True, "msg": "\n".join(wrong), "refused": wrong}
        if not set(TAGS) & set(self._task.args):
            return {"changed": False, "parts": {}, "done": [], **dict.fromkeys(UNKNOWN)}
        return super().run(tmp, task_vars)

    def _names(self, variables: Mapping[str, Any]) -> Iterator[str]:
        """The variables that are set where those of the roles are looked for; none where no roles are to be checked."""
        if self._task.args.get("roles"):
            yield from variables
            for host in set(check_type_dict(self._task.args.get("hosts") or {}).values()):
                yield from variables["hostvars"][host]

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
