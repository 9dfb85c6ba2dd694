# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire: a question to AWS and its reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """What a request asks, as far as it can be told without understanding it."""

    service: str
    operation: str
    region: str
    body: bytes = b""

    @property
    def write(self) -> bool:
        """Whether it may change something."""
        return not self.operation.startswith(("Describe", "Get", "List"))


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    headers: dict[str, str]
    body: bytes


class ReplyLost(Exception):
    """The connection is cut: whatever happened, no reply comes."""
