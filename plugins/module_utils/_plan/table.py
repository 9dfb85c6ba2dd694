# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of a plan, for a terminal of 80 columns: one line a thing, its options beneath it, the calls, totals."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._core.plain import plural

SIGNS = {"add": "+", "change": "~", "remove": "-", "replace": "±"}
COLOURS = {"add": "ok", "change": "changed", "remove": "failed", "replace": "changed"}
"""Ansible's own colours: those of a task that is ok, changed or failed."""

WIDTH = 80
THINGS = 12
"""So many things of one part are shown, unless all are asked for."""
OPTIONS = 6
"""So many options of one part are shown, unless all are asked for."""
VALUE = 24
"""So many characters of a value are shown, unless all are asked for."""


@dataclass(frozen=True)
class Line:
    """One line, and what colours it: a kind of change, or nothing."""

    text: str
    change: str | None = None


@dataclass(frozen=True)
class Part:
    """What one module would do: its name for the reader, its `plan` and `actions`.

    `more`: further calls follow, which depend on how long sessions last.
    """

    title: str
    things: tuple[Mapping[str, Any], ...]
    options: tuple[Mapping[str, Any], ...]
    actions: tuple[str, ...]
    more: bool = False


def part(title: str, result: Mapping[str, Any]) -> Part:
    """A part from a module's result, or from those of a loop; what was skipped, or has no plan, has nothing to do.

    Of drains and rollouts the nodes that leave (`victims`) are what counts.
    """
    parts = [part(title, one or {}) for one in result.get("results") or ()]
    plan = result.get("plan") or {}
    found = Part(
        title,
        _leaving(result) or tuple(plan.get("things") or ()),
        tuple(plan.get("options") or ()),
        tuple(result.get("actions") or ()),
        "cut" in result and bool(result.get("victims")),
    )
    return Part(
        title,
        tuple(thing for one in (*parts, found) for thing in one.things),
        tuple(option for one in (*parts, found) for option in one.options),
        tuple(action for one in (*parts, found) for action in one.actions),
        any(one.more for one in (*parts, found)),
    )


def parts_of(results: Mapping[str, Any]) -> list[Part]:
    """The parts of a run in their order. What one makes and a later one removes is shown once, as temporary."""
    parts = [part(title, result or {}) for title, result in results.items()]
    made = {_key(thing): at for at, one in enumerate(parts) for thing in one.things if thing["change"] == "add"}
    gone = {
        _key(thing): thing["calls"]
        for at, one in enumerate(parts)
        for thing in one.things
        if thing["change"] == "remove" and made.get(_key(thing), at) < at
    }
    return [replace(one, things=tuple(_temporary(one.things, gone))) for one in parts]


def _key(thing: Mapping[str, Any]) -> tuple[str, str]:
    return thing["thing"], thing["name"]


def _temporary(things: Sequence[Mapping[str, Any]], gone: Mapping[tuple[str, str], int]) -> Iterator[Mapping[str, Any]]:
    for thing in things:
        if _key(thing) not in gone:
            yield thing
        elif thing["change"] != "remove":
            calls = thing["calls"] + gone[_key(thing)]
            yield {**thing, "name": f"{thing['name']} (temporary)", "calls": calls}


def _leaving(result: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    change = _becomes(result)
    return tuple(
        {"thing": "node", "name": f"{one['instance_id']} ({_sessions(one)})", "change": change, "calls": 0}
        for one in result.get("victims") or ()
    )


def _becomes(result: Mapping[str, Any]) -> str:
    """What becomes of the nodes of a drain or rollout."""
    goal = {"state": "drained", "then": "terminate", "decrement_desired": True, **(result.get("goal") or {})}
    if goal["state"] == "in_service" or goal["then"] == "standby":
        return "change"
    return "remove" if goal["decrement_desired"] and not result.get("rollout") else "replace"


def _sessions(node: Mapping[str, Any]) -> str:
    if node.get("outcome"):
        return str(node["outcome"])
    count = node.get("sessions", node.get("connections_websocket"))
    return "sessions unknown" if count is None else plural(count, "session")


def data(parts: Sequence[Part]) -> dict[str, Any]:
    """The plan as data: `things` and `options` with their part, `actions` in order, `totals` by kind of change."""
    kinds = Counter(thing["change"] for one in parts for thing in one.things)
    return {
        "things": [{"part": one.title, **thing} for one in parts for thing in one.things],
        "options": [{"part": one.title, **option} for one in parts for option in one.options],
        "actions": [action for one in parts for action in one.actions],
        "totals": {kind: kinds.get(kind, 0) for kind in SIGNS},
    }


def table(parts: Sequence[Part], *, done: bool = False, complete: bool = False, width: int = WIDTH) -> list[Line]:
    """The lines, none longer than `width` unless complete. `done`: what was changed, in place of what would be."""
    found = data(parts)
    if not found["things"]:
        return [Line("No changes." if done else "No changes: everything is up to date.")]
    lines = [Line(_totals(found["totals"], done)), Line("")]
    wide = max(len(thing["thing"]) for thing in found["things"])
    for one in parts:
        if one.things:
            lines += _part(one, complete, width, wide)
    more = not done and any(one.more for one in parts)
    lines += [Line(""), *(Line(text) for text in _calls(found["actions"], complete, width, more))]
    return lines


def _totals(totals: Mapping[str, int], done: bool) -> str:
    words = {
        "add": ("to add", "added"),
        "change": ("to change", "changed"),
        "replace": ("to replace", "replaced"),
        "remove": ("to remove", "removed"),
    }
    counts = [f"{totals[kind]} {words[kind][done]}" for kind in words if totals[kind] or kind != "replace"]
    return f"{'Done' if done else 'Plan'}: {', '.join(counts)}"


def _part(one: Part, complete: bool, width: int, wide: int) -> Iterator[Line]:
    things = one.things if complete or len(one.things) <= THINGS else one.things[: THINGS - 1]
    owned = _owned(one, complete)
    many = sum(map(len, owned.values()))
    left = many if complete or many <= OPTIONS else OPTIONS - 1
    for at, thing in enumerate(things):
        text = f"{SIGNS[thing['change']]} {thing['thing']:{wide}}  {thing['name']}"
        yield Line(_cut(text, width, complete), thing["change"])
        for text in owned.get(at, [])[:left]:
            yield Line(_cut(f"    {text}", width, complete))
            left, many = left - 1, many - 1
    if rest := many + len(one.things) - len(things):
        yield Line(f"    and {rest} more (-v shows all)")


def _owned(one: Part, complete: bool) -> dict[int, list[str]]:
    """The lines about options by the place of their thing. One that comes or goes has all its options with it."""
    found: dict[int, list[str]] = {}
    for option in one.options if one.things else ():
        at, name = _owner(option["option"], one.things)
        if complete or (one.things[at]["change"] in ("change", "replace") and _worth(option)):
            name = option["option"] if complete else name
            found.setdefault(at, []).append(f"{name}: {_change(option, complete)}")
    return found


PARTS = {
    "group": ("group",),
    "launch": ("launch template", "launch configuration"),
    "role": ("role",),
    "instance_profile": ("instance profile",),
}
"""What an option belongs to by the first part of its path, where a module has several things."""


def _owner(path: str, things: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """The place of the thing that the option belongs to, and the option's name there; else the last, and the path."""
    for at, thing in enumerate(things):
        _, found, rest = path.partition(f"[{thing['name']}].")
        if found:
            return at, rest
    head, _, rest = path.partition(".")
    for at, thing in enumerate(things):
        if rest and thing["thing"] in PARTS.get(head, ()):
            return at, rest.removeprefix("pending.")
    return len(things) - 1, path


def _worth(option: Mapping[str, Any]) -> bool:
    """Whether an option says something: not a number that AWS gives, and not what comes from nothing to nothing."""
    before, after = option["before"], option["after"]
    if "(known after apply)" in (before, after):
        return before is not None and not option["option"].endswith("version")
    return (before or None) != (after or None)


def _change(option: Mapping[str, Any], complete: bool) -> str:
    before, after = option["before"], option["after"]
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        gone = [f"-{_value(one, complete)}" for one in before if one not in after]
        come = [f"+{_value(one, complete)}" for one in after if one not in before]
        return ", ".join([*gone, *come]) or "another order"
    return f"{_value(before, complete)} -> {_value(after, complete)}"


def _value(value: Any, complete: bool) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return text if complete or len(text) <= VALUE else f"{text[: VALUE - 1]}…"


def _calls(actions: Sequence[str], complete: bool, width: int, more: bool) -> Iterator[str]:
    """How many calls, and which: each once with its count, or all in order. `more`: others follow."""
    yield f"{plural(len(actions), 'call')}{', and more as nodes leave' if more else ''}:"
    named = list(actions) if complete else [f"{name} x{n}" if n > 1 else name for name, n in Counter(actions).items()]
    line = " "
    for index, name in enumerate(named):
        piece = f" {name}{',' if index < len(named) - 1 else ''}"
        if len(line) + len(piece) > width and line.strip():
            yield line
            line = " "
        line += piece
    yield line


def _cut(text: str, width: int, complete: bool) -> str:
    return text if complete or len(text) <= width else f"{text[: width - 1]}…"
