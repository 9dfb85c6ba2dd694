# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fingerprints: twelve hexadecimal digits computed from everything an image is made of."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

LENGTH = 12


def fingerprint(inputs: Mapping[str, Any], files: Mapping[str, bytes], secrets: Mapping[str, str], salt: str) -> str:
    """Twelve hexadecimal digits: equal for equal inputs, file contents and secrets, whatever their order.

    Numbers and truth values count as the text YAML writes for them, so that 8081 and "8081" are one. A file counts by
    its content, not its name. A secret counts by its digest keyed with `salt`; it cannot be read back.
    """
    material = {
        "inputs": _plain(inputs),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "secrets": {name: _keyed(value, salt) for name, value in secrets.items() if value},
    }
    text = json.dumps(material, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def _keyed(secret: str, salt: str) -> str:
    return hmac.new(f"webcallserver.aws:{salt}".encode(), secret.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
