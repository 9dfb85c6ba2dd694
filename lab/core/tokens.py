# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client tokens: the same request with the same token has one effect, however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .errors import Refused


class Tokens:
    """The tokens seen, with what was asked and what came of it."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], tuple[str, Any]] = {}

    def once(self, operation: str, region: str, given: Mapping[str, Any], make: Callable[[], Any]) -> tuple[Any, bool]:
        """(what `make` returned for this token, whether that was an earlier call); other parameters are refused."""
        token = given.get("ClientToken")
        if not token:
            return make(), False
        key = (operation, region, str(token))
        asked = json.dumps({k: v for k, v in given.items() if k != "ClientToken"}, sort_keys=True, default=str)
        if key in self._seen:
            before, result = self._seen[key]
            if before != asked:
                raise Refused(
                    "IdempotentParameterMismatch",
                    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
                )
            return result, True
        result = make()
        self._seen[key] = (asked, result)
        return result, False

    def reset(self) -> None:
        """Forgets every token."""
        self._seen.clear()
