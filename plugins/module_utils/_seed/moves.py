# Copyright (c) 2026, The webcallserver.aws maintainers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a seed is launched, started, stopped, tagged and terminated: a domain for `_core.converge`.

What a killed run left, pending or stopped, is found by its tags and taken up.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._core import tags as _tags
from .._core.step import Move, Step, Wait
from . import calls as _calls
from .effects import foresee, settle
from .rules import refuse
from .value import GONE, ON_ITS_WAY, RUNNING, SEED, STOPPED, Seed, Seeds, SeedWant, complete, show, tags_aimed

__all__ = ["complete", "foresee", "moves", "refuse", "settle", "show"]


def moves(have: Seeds, want: SeedWant | None) -> Sequence[Move]:
    """All that can be done from here, in order; () at the end."""
    if want is None:
        return _leave(have)
    if have.only is None:
        if want.launch is None or want.running is False:
            return []
        return [_calls.launch(have, want.launch, tags_aimed(have, {}, want))]
    return [*_tagged(have, have.only, want), *_started(have, have.only, want)]


def _leave(have: Seeds) -> Sequence[Move]:
    if have.found:
        return [_calls.terminate(have, [one.instance.instance_id for one in have.found])]
    return [_wait(have, GONE)] if have.ending else []


def _started(have: Seeds, seed: Seed, want: SeedWant) -> Sequence[Move]:
    """What brings it to run or to be stopped: AWS starts what is stopped, and stops what runs."""
    there, aim = seed.instance, RUNNING if want.running else STOPPED
    if want.running is None or there.state == aim:
        return []
    if there.state in ON_ITS_WAY:
        return [_wait(have, ON_ITS_WAY[there.state])]
    return [(_calls.start if want.running else _calls.stop)(have, [there.instance_id])]


def _wait(have: Seeds, until: str) -> Wait:
    return Wait(f"{SEED} '{have.name}'", until, (SEED, have.name))


def _tagged(have: Seeds, seed: Seed, want: SeedWant) -> Sequence[Step]:
    """The calls that change tags of the instance and its volumes; those that lack the same tags are in one."""
    new, old = dict[tuple[tuple[str, str], ...], list[str]](), dict[tuple[str, ...], list[str]]()
    for bearer, tags in seed.bearers.items():
        aim = tags_aimed(have, tags, want)
        new.setdefault(tuple(_tags.added(tags, aim).items()), []).append(bearer)
        old.setdefault(tuple(_tags.removed(tags, aim)), []).append(bearer)
    return [
        *(_calls.tag(have, bearers, dict(tags)) for tags, bearers in new.items() if tags),
        *(_calls.untag(have, bearers, keys) for keys, bearers in old.items() if keys),
    ]
