# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What steering writes down before it acts, in tags, so that any later run can finish or undo what one began.

The journal is a tag on the group, a mark is one on each instance that leaves. Their text has only signs that every AWS
service takes in a tag: `started=2026-11-23T10:00:00Z suspended=AZRebalance+HealthCheck`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .._core import tags as _tags
from .._core.plain import iso, seconds_of

ROLLOUT = f"{_tags.PREFIX}rollout"
"""On the group: the journal of what is under way."""
DRAINING = f"{_tags.PREFIX}draining"
"""On an instance: its mark."""
PREVIOUS = f"{_tags.PREFIX}previous"
"""On the group: the template version to roll back to."""
SURPLUS = f"{_tags.PREFIX}surplus"
"""On the group: since when it has had more nodes than its sessions need."""

LONGEST = 256  # characters of a tag's value
UNFIT = re.compile(r"[^A-Za-z0-9 +\-=._:/@]+")
Phase = Literal["surge", "drain", "back"]


class Unreadable(ValueError):
    """A tag of ours whose text is not ours."""


@dataclass(frozen=True)
class Journal:
    """What is under way on a group: since when, and the processes that we suspended.

    For a rollout also: the versions it leads `source` -> `target`, the sizes before it, how many nodes it adds for a
    while, how far it is, and, when it goes back, why.
    """

    started: float
    suspended: frozenset[str] = frozenset()
    source: str | None = None
    target: str | None = None
    desired: int = 0
    max_size: int = 0
    surge: int = 0
    phase: Phase = "surge"
    why: str = ""

    @property
    def rollout(self) -> bool:
        """Whether a rollout is under way, and not only a drain."""
        return self.target is not None

    def text(self) -> str:
        """The tag's value."""
        fields = {"started": iso(self.started), "suspended": "+".join(sorted(self.suspended))}
        if self.rollout:
            fields |= {
                "from": self.source or "",
                "to": self.target or "",
                "desired": str(self.desired),
                "max": str(self.max_size),
                "surge": str(self.surge),
                "phase": self.phase,
                "why": UNFIT.sub(" ", self.why).strip(),
            }
        return _written(fields)


@dataclass(frozen=True)
class Mark:
    """That an instance leaves, or comes `back` (`needed`: for the others are too few): since when, and its seconds.

    `lowers`: by its end the desired capacity goes down; else AWS makes up for it. `run` is when the journal was begun
    that it belongs to; `suspended` repeats the journal's, should that get lost. `surplus`: it was one too many.
    """

    started: float
    run: float
    timeout: float = 0.0
    back: bool = False
    lowers: bool = False
    needed: bool = False
    suspended: frozenset[str] = frozenset()
    surplus: bool = False

    def text(self) -> str:
        """The tag's value."""
        fields = {
            "started": iso(self.started),
            "timeout": str(int(self.timeout)),
            "run": iso(self.run),
            "back": ("needed" if self.needed else "yes") if self.back else "",
            "lowers": "yes" if self.lowers else "",
            "surplus": "yes" if self.surplus else "",
            "suspended": "+".join(sorted(self.suspended)),
        }
        return _written(fields)


@dataclass(frozen=True)
class Sighting:
    """That a group has had `count` nodes too many or more since then, as was last `seen` then (seconds since 1970)."""

    since: float
    seen: float
    count: int

    def text(self) -> str:
        """The tag's value."""
        return _written({"since": iso(self.since), "seen": iso(self.seen), "count": str(self.count)})


def journal(tags: Mapping[str, str]) -> Journal | None:
    """The journal in a group's tags. Raises Unreadable."""
    if ROLLOUT not in tags:
        return None
    fields = _read(tags[ROLLOUT])
    phase = fields.get("phase", "surge")
    if phase not in ("surge", "drain", "back"):
        raise Unreadable(f"its phase is '{phase}'")
    return Journal(
        started=_date(fields, "started"),
        suspended=_set(fields),
        source=fields.get("from"),
        target=fields.get("to"),
        desired=_number(fields, "desired"),
        max_size=_number(fields, "max"),
        surge=_number(fields, "surge"),
        phase="back" if phase == "back" else "drain" if phase == "drain" else "surge",
        why=fields.get("why", ""),
    )


def under_way(group: str, tags: Mapping[str, str]) -> tuple[str, str] | None:
    """(what a run has begun on the group of these tags and not ended, how to go on or take it back); None: nothing."""
    try:
        begun = journal(tags)
    except Unreadable as unreadable:
        what = f"a rollout or drain of group '{group}' is open, and its tag cannot be read ({unreadable})"
        return what, f"remove the tag {ROLLOUT} when no run is under way"
    if begun is None:
        return None
    since = iso(begun.started)
    if not begun.rollout:
        way = "run scale_in again to go on, or with wcs_scale_in_state=in_service to take it back"
        return f"a drain of group '{group}' is open since {since}", way
    versions = f"from version {begun.source} to {begun.target}"
    if begun.phase == "back":
        why = f" ({begun.why})" if begun.why else ""
        return f"a rollout of group '{group}' {versions} is being taken back since {since}{why}", "run update to go on"
    way = "run update again to go on, or with wcs_update_state=rolled_back to take it back"
    return f"a rollout of group '{group}' {versions} is open since {since}", way


def mark(tags: Mapping[str, str]) -> Mark | None:
    """The mark in an instance's tags. Raises Unreadable."""
    if DRAINING not in tags:
        return None
    fields = _read(tags[DRAINING])
    return Mark(
        started=_date(fields, "started"),
        run=_date(fields, "run"),
        timeout=float(_number(fields, "timeout")),
        back="back" in fields,
        needed=fields.get("back") == "needed",
        lowers=fields.get("lowers") == "yes",
        surplus=fields.get("surplus") == "yes",
        suspended=_set(fields),
    )


def sighting(tags: Mapping[str, str]) -> Sighting | None:
    """Since when the group of these tags has had too many nodes; None also where the tag cannot be read."""
    try:
        fields = _read(tags.get(SURPLUS, ""))
        return Sighting(_date(fields, "since"), _date(fields, "seen"), _number(fields, "count")) if fields else None
    except Unreadable:
        return None


def versions(tags: Mapping[str, str]) -> set[str]:
    """The template versions that a group's tags name: what a rollout leads from and to, and would go back to."""
    try:
        under_way = journal(tags)
    except Unreadable:
        under_way = None
    named = {under_way.source, under_way.target} if under_way else set()
    return {version for version in named | {tags.get(PREVIOUS)} if version}


def _written(fields: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in fields.items() if value)[:LONGEST]


def _read(text: str) -> dict[str, str]:
    """Fields by name; `why` is the last one and takes the rest, blanks and all."""
    head, _, why = text.partition(" why=")
    fields = dict(_pairs(head.split()))
    return fields | ({"why": why} if why else {})


def _pairs(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise Unreadable(f"'{word}' in it is no key=value")
        yield key, value


def _date(fields: Mapping[str, str], key: str) -> float:
    try:
        return seconds_of(fields.get(key, ""))
    except ValueError as error:
        raise Unreadable(f"it does not say when it was {key}") from error


def _number(fields: Mapping[str, str], key: str) -> int:
    try:
        return int(fields.get(key, "0"))
    except ValueError as error:
        raise Unreadable(f"its {key} is '{fields[key]}'") from error


def _set(fields: Mapping[str, str]) -> frozenset[str]:
    return frozenset(filter(None, fields.get("suspended", "").split("+")))
