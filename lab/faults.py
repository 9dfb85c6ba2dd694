# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults asked for by operation: what the network and AWS do on a bad day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import Question, Reply
    from .world import Lab


class Faults:
    """The faults in force."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def around(self, asked: Question, answer: Callable[[], Reply]) -> Reply:  # noqa: ARG002
        """The reply to `asked`, spoiled where a rule says so."""
        return answer()

    def reset(self) -> None:
        """No faults any more."""
