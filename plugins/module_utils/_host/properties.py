# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

r"""`flashphoner.properties`: `key=value` lines, changed in place so that order, comments and unknown keys stay.

Runs on a WCS host, with Python 3.9. The rules are those of java.util.Properties, which reads the file: a key ends at
the first blank, `=` or `:` without a backslash before it; a backslash escapes what follows; a line that ends with one
goes on in the next; the bytes are ISO 8859-1, so that other characters are written as `\uXXXX`; of a key given twice
the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

SECRET = re.compile(r"password|passwd|secret|credential|token", re.I)
HIDDEN = "********"
BLANKS = " \t\f"
NATURAL = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
FOLD = re.compile(r"\\(?:\r\n|\r|\n)[ \t\f]*")
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class FileLine:
    """A logical line as it stands: `head` up to the value, the value, `tail` its line break. `key` None: no setting.

    `key` and `value` are what Java makes of them.
    """

    raw: str
    key: Optional[str] = None  # noqa: UP045 - Python 3.9
    head: str = ""
    value: str = ""
    tail: str = ""


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
    """Every setting of the file by its key, as Java reads it."""
    return {line.key: line.value for line in _lines(text) if line.key is not None}


def edited(text: str, wanted: Mapping[str, str | None]) -> str:
    """The file with these settings; a key whose value is None is removed, a new one is put at the end."""
    lines: list[str] = []
    seen: set[str] = set()
    for line in _lines(text):
        if line.key is None or line.key not in wanted:
            lines.append(line.raw)
            continue
        seen.add(line.key)
        value = wanted[line.key]
        if value is not None:
            lines.append(line.raw if line.value == value else f"{line.head}{_written(value)}{line.tail}")
    new = [(key, value) for key, value in wanted.items() if key not in seen and value is not None]
    if new and lines:
        lines[-1] += "" if lines[-1].endswith(("\n", "\r")) else "\n"
        while _goes_on(lines[-1]):  # in an empty line, lest it take the new setting
            lines[-1] += "\n"
    return "".join(lines) + "".join(f"{_written(key, of_key=True)}={_written(value)}\n" for key, value in new)


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
    for line in _lines(text):
        if line.key is not None and (line.key in hidden or SECRET.search(line.key)):
            shown.append(f"{line.head}{HIDDEN}{' (new)' if line.key in new else ''}{line.tail}")
        else:
            shown.append(_remark(line.raw, hidden) if line.key is None else line.raw)
    return "".join(shown)


def _remark(raw: str, hidden: set[str]) -> str:
    """A remark as it may be shown: a setting that was put out of use may be a secret, too."""
    mark = re.match(r"[ \t\f]*[#!][#! \t\f]*", raw)
    line = _parsed(raw[mark.end() :]) if mark else FileLine(raw)
    if mark is None or line.key is None or not re.search("[=:]", line.head):
        return raw
    secret = line.key in hidden or SECRET.search(line.key)
    return f"{mark[0]}{line.head}{HIDDEN}{line.tail}" if secret else raw


def _lines(text: str) -> list[FileLine]:
    """The logical lines, a continued one with what continues it; line breaks kept."""
    raw: list[str] = []
    for line in NATURAL.findall(text):
        if raw and _goes_on(raw[-1]):
            raw[-1] += line
        else:
            raw.append(line)
    return [_parsed(line) for line in raw]


def _goes_on(raw: str) -> bool:
    """Whether the next line continues this one: its last backslash escapes the line break."""
    body = re.sub(r"(?:\r\n|\r|\n)\Z", "", raw)
    return not raw.lstrip(BLANKS).startswith(("#", "!")) and (len(body) - len(body.rstrip("\\"))) % 2 == 1


def _parsed(raw: str) -> FileLine:
    body = re.sub(r"(?:\r\n|\r|\n)\Z", "", raw)
    if (len(body) - len(body.rstrip("\\"))) % 2:  # continued by nothing
        body = raw if raw != body else body[:-1]
    at = _past_blanks(body, 0)
    if at == len(body) or body[at] in "#!":
        return FileLine(raw)
    end = _end_of_key(body, at)
    value = _past_blanks(body, end)
    if value < len(body) and body[value] in "=:":
        value = _past_blanks(body, value + 1)
    return FileLine(raw, _read(body[at:end]), body[:value], _read(body[value:]), raw[len(body) :])


def _past_blanks(text: str, at: int) -> int:
    while at < len(text):
        fold = FOLD.match(text, at)
        if fold:
            at = fold.end()
        elif text[at] in BLANKS:
            at += 1
        else:
            break
    return at


def _end_of_key(text: str, at: int) -> int:
    while at < len(text) and text[at] not in "=:" and text[at] not in BLANKS:
        fold = FOLD.match(text, at)
        at = fold.end() if fold else at + (2 if text[at] == "\\" else 1)
    return min(at, len(text))


def _read(raw: str) -> str:
    """What Java reads: bytes as ISO 8859-1, folds and escapes resolved."""
    text = FOLD.sub("", raw.encode("utf-8", "surrogateescape").decode("latin-1"))
    text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _resolved, text, flags=re.S)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _resolved(match: re.Match[str]) -> str:
    escape = match[1]
    return chr(int(escape[1:], 16)) if len(escape) == 5 else ESCAPES.get(escape, escape)


def _written(text: str, of_key: bool = False) -> str:
    """The text as Java reads it back."""
    special = "\\=:#! " if of_key else "\\"
    found = []
    for place, letter in enumerate(text):
        if letter in special or (letter == " " and place == 0):
            found.append(f"\\{letter}")
        elif letter == "\t":
            found.append("\\t")
        elif letter == "\f":
            found.append("\\f")
        elif " " <= letter <= "~":
            found.append(letter)
        else:
            units = letter.encode("utf-16-be", "surrogatepass")
            found += [f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2)]
    return "".join(found)
