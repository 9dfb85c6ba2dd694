# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules answered, believed in nothing: what is not of the expected type counts as unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def number(value: Any) -> float | None:
    """The number, whole where it is one; None for anything that is none, also for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return value


def count(value: Any) -> int | None:
    """The whole number; None for anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: Any) -> str | None:
    """The text; None for anything that is none, and for what is empty."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "" else None


def table(value: Any) -> Mapping[str, Any]:
    """The dictionary; an empty one for anything that is none."""
    return value if isinstance(value, Mapping) else {}


def tables(value: Any) -> Sequence[Mapping[str, Any]]:
    """The dictionaries of a list; whatever else is there is left out."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []


def texts(value: Any) -> Sequence[str]:
    """The texts of a list; whatever else is there is left out."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, (list, tuple)) else []
