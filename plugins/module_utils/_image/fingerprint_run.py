# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fingerprint computed by one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._core.errors import Failure, Refusal
from .._core.local import content
from .._core.step import LATER
from .fingerprint import fingerprint


def look(params: Mapping[str, Any]) -> dict[str, Any]:
    """The answer: `fingerprint`. Failure for a file that cannot be read or an input not yet known."""
    if LATER in str(params["inputs"]):
        reason = f"an input is '{LATER}', so the name would change once it is known"
        raise Failure(Refusal("compute", "the fingerprint", "", reason, "Use inputs that are known before the run"))
    files = {str(name): content(str(path), "file") for name, path in params["files"].items()}
    secrets = {str(name): str(value or "") for name, value in params["secrets"].items()}
    return {"fingerprint": fingerprint(params["inputs"], files, secrets, params["salt"])}
