# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of `key=value` lines as WCS reads them, and typed values with errors that name file, key and value."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path


class BrokenSetting(Exception):
    """A setting that the server cannot work with; the text names file, key, value and reason."""


class Properties:
    """The settings of one file; what it leaves out has the default that the reader names."""

    def __init__(self, name: str, values: Mapping[str, str]) -> None:
        """`name` is what errors call the file."""
        self.name, self.values = name, values

    @classmethod
    def read(cls, path: Path) -> Properties:
        """The properties of a file; comments begin with # or !, spaces round = are dropped, the last of a key wins."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BrokenSetting(f"{path.name}: the file is missing") from None
        except (OSError, ValueError) as error:
            raise BrokenSetting(f"{path.name}: cannot be read: {error}") from error
        pairs = (line.partition("=") for line in text.splitlines() if line.strip()[:1] not in ("", "#", "!"))
        return cls(path.name, {key.strip(): value.strip() for key, _, value in pairs})

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.values.get(key, str(default))
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise self.broken(key, f"is not a whole number from {low} to {high}")
        return int(value)

    def number(self, key: str, default: float) -> float:
        """A number, not negative."""
        value = self.values.get(key, str(default))
        try:
            number = float(value)
        except ValueError:
            raise self.broken(key, "is not a number") from None
        if not 0 <= number < float("inf"):
            raise self.broken(key, "is not a number from 0 on")
        return number

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key, str(default).lower())
        if value not in ("true", "false"):
            raise self.broken(key, "is neither true nor false")
        return value == "true"

    def address(self, key: str) -> str:
        """An IP address, or "" where none is set."""
        value = self.values.get(key, "")
        try:
            return str(ipaddress.ip_address(value)) if value else ""
        except ValueError:
            raise self.broken(key, "is not an IP address") from None

    def broken(self, key: str, reason: str) -> BrokenSetting:
        """The error of a key."""
        return BrokenSetting(f"{self.name}: {key}={self.values.get(key, '')} {reason}")
