# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moto computes for each value of each answer again, and what is the same every time, is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from moto.core import responses
from moto.core.serialize import XFormedAttributePicker

Keys = Callable[[Any, Any], Iterable[str]]


def install() -> None:
    """Has moto remember the names by which it looks for a member, and the methods of its classes."""
    XFormedAttributePicker.get_possible_keys = _remembered(XFormedAttributePicker.get_possible_keys)
    responses.method_names_from_class = cache(responses.method_names_from_class)


def _remembered(worked_out: Keys) -> Keys:
    found: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def possible_keys(picker: Any, context: Any) -> tuple[str, ...]:
        """The names, each once: they follow from the member's shape and the kind of object that has it."""
        place = (context.key, context.shape, type(context.obj))
        keys = found.get(place)
        if keys is None:
            keys = found[place] = tuple(dict.fromkeys(worked_out(picker, context)))
        return keys

    return possible_keys
