# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the nodes of a fleet say of themselves: statistics pages, what one page says, what all say together.

A node reads its own page with this very file (wcs-metrics), on its Python 3.9.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Dialect = Literal["auto", "text", "json"]
Groups = dict[str, dict[str, Any]]

SESSIONS = "connections_websocket"
SPELLINGS = (SESSIONS, "connection_websocket")
UNGROUPED = "ungrouped"
"""The group of counters that stand in none."""

DEEPEST = 8
LARGEST = 2**63 - 1
LONGEST = 4096
MOST = 10_000
"""What no honest page exceeds: levels, number, characters of a value, values."""

SURROGATE = re.compile("[\ud800-\udfff]")
HEADER = re.compile(r"-+\s*(\w+)")
WHOLE = re.compile(r"-?[0-9]+")
DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Problem:
    """Why a page is of no use; one clause for the user."""

    reason: str


@dataclass(frozen=True)
class Node:
    """One node, and what its page said. An unknown count is None, never 0."""

    host: str | None
    instance_id: str | None = None
    ok: bool = False
    error: str | None = None
    latency_ms: float | None = None
    stats: Groups = field(default_factory=dict)
    connections_websocket: int | None = None

    def show(self) -> dict[str, Any]:
        """The node as a module returns it."""
        return dict(vars(self))


def with_page(
    node: Node,
    body: bytes,
    latency_ms: float,
    dialect: Dialect = "auto",
    counters: Sequence[str] = (),
    ended: bool = True,
) -> Node:
    """The node with what its page says. `counters`: those that are kept and must be there; else only SESSIONS must.

    `ended`: whether the answer said where the page ends.
    """
    node = replace(node, latency_ms=round(latency_ms, 1))
    groups = parse(body, dialect, ended)
    if isinstance(groups, Problem):
        return replace(node, error=groups.reason)
    wanted = tuple(counters) or (SESSIONS,)
    values = {name: find(groups, name) for name in (*wanted, SESSIONS)}
    missing = next((name for name in wanted if values[name] is None), None)
    problem = next((value for value in values.values() if isinstance(value, Problem)), None)
    problem = problem or (Problem(f"the page has no {missing}") if missing else None)
    sessions = values[SESSIONS]
    return replace(
        node,
        ok=problem is None,
        error=problem.reason if problem else None,
        stats=kept(groups, counters),
        connections_websocket=sessions if isinstance(sessions, int) else None,
    )


def parse(body: bytes, dialect: Dialect = "auto", ended: bool = True) -> Groups | Problem:
    """Counters by group as the page has them: whole and decimal numbers as such, everything else as text.

    A text that is not known to have `ended` must end with a whole line.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Problem(f"the page is not text: byte {error.start} is no UTF-8")
    if "\0" in text:
        return Problem(f"the page is not text: character {text.index(chr(0))} is NUL")
    in_a_line = not text.endswith("\n")
    text = text.strip()
    if not text:
        return Problem("the page is empty")
    if text.startswith("<"):
        return Problem("the page is HTML or XML, no statistics: another server may answer at this port")
    is_json = text[0] in "{[" if dialect == "auto" else dialect == "json"
    if in_a_line and not (is_json or ended):
        return Problem("the page has no length, and its last line no end: it may be cut off")
    return from_json(text) if is_json else from_text(text)


class _Unusable(Exception):
    """Ends the reading of a page; the text is the reason."""


def from_text(text: str) -> Groups | Problem:
    """Groups of the text dialect: a header is a line of dashes and a word, every other one is name=value."""
    groups: Groups = {}
    group = UNGROUPED
    checked = _Checks()
    try:
        for line in filter(None, map(str.strip, text.split("\n"))):
            if header := HEADER.match(line):
                group = header[1].lower()
            elif not line.startswith("-"):
                name, value = _counter(line)
                _add(groups.setdefault(group, {}), name, checked(name, value))
    except _Unusable as unusable:
        return Problem(str(unusable))
    return groups or Problem("the page has no counters")


def from_json(text: str) -> Groups | Problem:
    """Groups of the JSON dialect: an object of objects; what is no object stands in no group."""
    checked = _Checks()
    try:
        page = json.loads(text, object_pairs_hook=_object, parse_constant=str)
        if not isinstance(page, dict):
            return Problem("the page is JSON, but no object of groups")
        groups: Groups = {}
        for name, value in page.items():
            inside = isinstance(value, dict)
            found = groups.setdefault(name if inside else UNGROUPED, {})
            found.update(checked(name, value) if inside else {name: checked(name, value)})
    except _Unusable as unusable:
        return Problem(str(unusable))
    except RecursionError:
        return Problem("the page is nested too deeply")
    except ValueError as error:
        return Problem(f"the page is not valid JSON: {error}")
    return groups if any(groups.values()) else Problem("the page has no counters")


def _counter(line: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not name:
        raise _Unusable(f"the line '{_short(line)}' is neither a header nor name=value: the page may be cut off")
    return name, value


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        _add(found, name, value)
    return found


def _add(counters: dict[str, Any], name: str, value: Any) -> None:
    if name in counters and counters[name] != value:
        raise _Unusable(f"{_short(name)} stands twice on the page, with different values")
    counters[name] = value


class _Checks:
    """Gives the values of one page with numbers as numbers; raises for what no honest page has."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, name: str, value: Any, depth: int = 1) -> Any:
        self.seen += 1
        if self.seen > MOST:
            raise _Unusable(f"the page has more than {MOST} values")
        if depth > DEEPEST:
            raise _Unusable("the page is nested too deeply")
        if isinstance(value, dict):
            return {key: self(key, item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self(name, item, depth + 1) for item in value]
        return _scalar(name, value)


def _scalar(name: str, value: Any) -> Any:
    if any(not text.isascii() and SURROGATE.search(text) for text in (name, value) if isinstance(text, str)):
        raise _Unusable(f"{_short(name)} has half a character in it")
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise _Unusable(f"{_short(name)} is longer than {LONGEST} characters")
        value = _number(value)
    if isinstance(value, (int, float)) and not -LARGEST <= value <= LARGEST:
        raise _Unusable(f"{_short(name)} is too large to be true")
    return value


def _number(text: str) -> Any:
    if len(text) <= 400 and WHOLE.fullmatch(text):
        return int(text)
    return float(text) if len(text) <= 400 and DECIMAL.fullmatch(text) else text


def _short(text: str) -> str:
    clean = "".join(sign if sign.isprintable() else "?" for sign in text[:60])
    return clean + ("…" if len(text) > 60 else "")


def find(groups: Mapping[str, Mapping[str, Any]], name: str) -> int | float | Problem | None:
    """A counter's value, in whichever group it is; None where it is not. A count of connections is whole, from 0 on."""
    names = SPELLINGS if name in SPELLINGS else (name,)
    values = list(_everywhere(groups, names))
    if not values:
        return None
    if any(value != values[0] for value in values):
        return Problem(f"{name} stands twice on the page, with different values")
    value = values[0]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Problem(f"{name} is '{_short(str(value))}', which is no number")
    if name in SPELLINGS and not (isinstance(value, int) and value >= 0):
        return Problem(f"{name} is {value}, which cannot be a count")
    return value


def number(groups: Mapping[str, Mapping[str, Any]], name: str) -> int | float | None:
    """A counter's value; None where it is not on the page, or cannot be a number."""
    value = find(groups, name)
    return None if isinstance(value, Problem) else value


def _everywhere(counters: Mapping[str, Any], names: Sequence[str]) -> Iterable[Any]:
    for key, value in counters.items():
        if key in names:
            yield value
        elif isinstance(value, Mapping):
            yield from _everywhere(value, names)


def kept(groups: Groups, counters: Sequence[str]) -> Groups:
    """The groups with these counters only; all of them when none is named."""
    if not counters:
        return groups
    names = {*counters, *(SPELLINGS if set(SPELLINGS) & set(counters) else ())}
    chosen = {group: {key: value for key, value in found.items() if key in names} for group, found in groups.items()}
    return {group: found for group, found in chosen.items() if found}


def totals(nodes: Sequence[Node], counters: Sequence[str] = ()) -> dict[str, Any]:
    """How many nodes there are, answered and did not, and each counter's sum over those that answered.

    A sum is None when it is unknown of every node.
    """
    fine = [node for node in nodes if node.ok]
    sums: dict[str, Any] = {"nodes": len(nodes), "ok": len(fine), "failed": len(nodes) - len(fine)}
    for name in dict.fromkeys((SESSIONS, *counters)):
        values = [value for node in fine if isinstance(value := find(node.stats, name), (int, float))]
        if name == SESSIONS:
            values = [node.connections_websocket for node in fine if node.connections_websocket is not None]
        sums[name] = round(sum(values), 6) if values else None
    return sums


def distribution(counts: Iterable[int | None]) -> dict[str, float | None]:
    """Least, most, mean and most over mean of the known counts; None where no count is known."""
    known = [count for count in counts if count is not None]
    if not known:
        return {"min": None, "max": None, "mean": None, "max_over_mean": None}
    mean = sum(known) / len(known)
    ratio = round(max(known) / mean, 3) if mean else None
    return {"min": min(known), "max": max(known), "mean": round(mean, 3), "max_over_mean": ratio}
