# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes over the wire: a question to AWS and its reply."""

from __future__ import annotations

import re
from dataclasses import dataclass

DRY_RUN = re.compile(rb"(?:^|&)DryRun=true(?:&|$)")


@dataclass(frozen=True)
class Question:
    """What a request asks, as far as that shows without understanding it."""

    service: str
    operation: str
    region: str
    body: bytes = b""
    access_key: str = ""

    @property
    def write(self) -> bool:
        """Whether it may change something."""
        return not self.operation.startswith(("Describe", "Get", "List")) and not self.is_dry_run

    @property
    def is_dry_run(self) -> bool:
        """Whether EC2 should only say whether it may be done."""
        return self.service == "ec2" and bool(DRY_RUN.search(self.body))


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    headers: dict[str, str]
    body: bytes


class ReplyLost(Exception):
    """The connection is cut: whatever happened, no reply comes."""
