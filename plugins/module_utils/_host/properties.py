# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`flashphoner.properties`: `key=value` lines, changed in place so that order, comments and unknown keys stay.

Runs on a WCS host, with Python 3.9. Java's rules for such files: a key may be given more than once, and the last one
counts; a line that ends with a backslash goes on in the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

SETTING = re.compile(
    r"^(?P<head>[ \t]*(?P<key>[^#!=:\s][^=:\s]*)[ \t]*[=:][ \t]*)(?P<value>.*?)(?P<tail>\r?\n?)$", re.S
)
SECRET = re.compile(r"password|passwd|secret|credential|token", re.I)
HIDDEN = "********"


def spelled(value: Any) -> str | None:
    """The text that stands for a value of YAML; None, which means absence, stays None.

    Raises ValueError for what no line of such a file can hold.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(spelled(item) or "" for item in value)
    if isinstance(value, Mapping):
        raise ValueError("it is a mapping, and a setting is one value")
    text = str(value)
    if "\n" in text or "\r" in text:
        raise ValueError("it has a line break, and a setting is one line")
    return text


def settings_of(text: str) -> dict[str, str]:
    """Every setting of the file by its key."""
    found = (SETTING.match(line) for line in _logical_lines(text))
    return {match["key"]: match["value"].strip() for match in found if match}


def edited(text: str, wanted: Mapping[str, str | None]) -> str:
    """The file with these settings; a key whose value is None is removed, a new one is put at the end."""
    lines: list[str] = []
    seen: set[str] = set()
    for line in _logical_lines(text):
        match = SETTING.match(line)
        if match is None or match["key"] not in wanted:
            lines.append(line)
            continue
        seen.add(match["key"])
        value = wanted[match["key"]]
        if value is not None:
            lines.append(line if match["value"].strip() == value else f"{match['head']}{value}{match['tail']}")
    added = [f"{key}={value}\n" for key, value in wanted.items() if key not in seen and value is not None]
    if added and lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return "".join(lines + added)


def changed_keys(before: str, after: str) -> list[str]:
    """The keys whose value differs, sorted."""
    old, new = settings_of(before), settings_of(after)
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def masked(text: str, secrets: Iterable[str], changed: Iterable[str] = ()) -> str:
    """The file as it may be shown: the values of these keys, and of those that sound like a secret, are hidden.

    A hidden value that changed is shown as such, so that a diff still says that something happens.
    """
    hidden, new = set(secrets), set(changed)
    shown = []
    for line in _logical_lines(text):
        match = SETTING.match(line)
        if match and (match["key"] in hidden or SECRET.search(match["key"])):
            line = f"{match['head']}{HIDDEN}{' (new)' if match['key'] in new else ''}{match['tail']}"
        shown.append(line)
    return "".join(shown)


def _logical_lines(text: str) -> list[str]:
    """The lines, a continued one joined with what continues it; line breaks kept."""
    lines: list[str] = []
    unfinished = False
    for line in text.splitlines(keepends=True):
        if unfinished:
            lines[-1] += line
        else:
            lines.append(line)
        body = line.rstrip("\r\n")
        comment = lines[-1].lstrip().startswith(("#", "!"))
        unfinished = not comment and (len(body) - len(body.rstrip("\\"))) % 2 == 1
    return lines
