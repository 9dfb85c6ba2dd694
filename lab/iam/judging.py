# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether policies allow an action: what is denied is denied, what nobody allows, too. Pure.

Rules: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ..core.errors import LabCannot

OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda found, wanted: found == wanted,
    "StringNotEquals": lambda found, wanted: found != wanted,
    "StringEqualsIgnoreCase": lambda found, wanted: found.casefold() == wanted.casefold(),
    "StringLike": fnmatchcase,
}
UNKNOWN = ("NotAction", "NotResource", "Principal")


def allows(policies: Iterable[Mapping[str, Any]], action: str, context: Mapping[str, str]) -> bool:
    """Whether the policies allow an action; `context`: what conditions are about. LabCannot for the rest."""
    found = {
        str(statement.get("Effect"))
        for policy in policies
        for statement in _list(policy.get("Statement"))
        if _applies(statement, action, context)
    }
    return "Allow" in found and "Deny" not in found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _applies(statement: Mapping[str, Any], action: str, context: Mapping[str, str]) -> bool:
    if odd := [name for name in UNKNOWN if name in statement]:
        raise LabCannot("Judge", f"judge a policy with {odd[0]}")
    if not any(fnmatchcase(action.casefold(), str(one).casefold()) for one in _list(statement.get("Action"))):
        return False
    if "*" not in _list(statement.get("Resource")):
        raise LabCannot("Judge", f"judge a policy for some resources only, {statement.get('Resource')}")
    return all(
        _holds(operator, key, _list(wanted), context)
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, key: str, wanted: list[Any], context: Mapping[str, str]) -> bool:
    """A key that the request does not have is equal to nothing."""
    if operator not in OPERATORS:
        raise LabCannot("Judge", f"judge a policy with the condition {operator}")
    found = {name.casefold(): value for name, value in context.items()}.get(key.casefold())
    negated = operator == "StringNotEquals"
    if found is None:
        return negated
    held = [OPERATORS[operator](found, str(one)) for one in wanted]
    return all(held) if negated else any(held)
